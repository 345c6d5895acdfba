"""Notifications: who is told of what outside of the PSA, decided with the turn and sent after it.

decide     what a turn begins and ends        placing   at once, held for a digest, or not told, and why
operators  what those who run us are told     notifier  digests, sending, retries
told       what a message says, whatever its shape
hook teams slack letter   the shapes          sending   which shape goes where
"""
