"""The store as a whole: backed up, restored, copied, written out, thinned.

rows      any table's rows as plain values, in pages, counted and hashed
backup    one SQLite file, whatever kind the store is       restore   from such a file
copy      into an empty store of either kind                export    files that people and programs read
revisions what a database is at, and what is missing        prune     what is older than is wanted
"""
