"""The canary: one test write, watched, before a connection may write at all.

setup   what a canary stands for       gate    whether a connection may write
aim     which field, and a doubt or two  sight   what one look shows, and what has moved since
course  write, watch, put back         undo    putting back, also what a broken-off one left
report  what is said of it             ready   the PSA opened for one
"""
