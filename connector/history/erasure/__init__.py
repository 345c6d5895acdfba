"""Erasing a person's data from the store, on their request.

person   who is meant: ids, names, addresses, tickets      rewrite  what becomes of each kind of row
erase    both over every table, dry or for good
"""
