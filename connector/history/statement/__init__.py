"""The statement of one client and month: facts, figures worked out of them alone, and a page to read.

chain    facts sealed one after the other       facts    what they are, to JSON and back
stored, logged   where they are taken from      figures, answers, waits  every number, pure
gaps     what is not known, in words            page     the one HTML file; charts: its drawings
check    whether a statement is what its facts make
"""
