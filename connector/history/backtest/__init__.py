"""What a policy would have done: history replayed, ticket by ticket, under one policy or two.

replay   one ticket through every instant at which its answer changes
figures  many tickets summed up             changes   where two policies differ
gaps     what history could not give        crew      the work on every core
report   the document and the noise budget  logged, stored   where the tickets come from
"""
