"""Many workers on one database: each turn of a connection is a job, and any worker may take it.

memory   what one turn hands to the next        fenced   a store that only who has the turn may write to
turning  one job: take the turn, hand it on     cast     the connections of this process, made when needed
engine   procrastinate, and nothing else of it  dispatcher  jobs for what is due
presence who is at work                         mirror   everybody's health, as a page or a notice needs it
waker    a turn at once, for who waits for it   permits  requests, counted before they are sent
meter    what the database takes of a turn      lessons  what was learnt about risk, had by all
report   health as JSON                         once     what the whole fleet does once
worker   the process of `px-connector worker`   scale    what a fleet needs

Nothing in the engine is truth: its jobs can be thrown away at any moment, and the dispatcher finds what is
due in our own tables. See docs/fleet.md.
"""
