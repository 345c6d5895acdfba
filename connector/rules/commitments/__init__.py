"""The promise keeper: dated promises in what people of the desk write, and what becomes of them.

language     what a language needs          english, englishtimes, german   how they word it
days         the day that is told           moments     the instant that is told
reading      the promises of a message      keeping     what became of them
reminding    the flags of one about to be broken
"""
