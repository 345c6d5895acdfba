"""The promise keeper: dated promises in what people of the desk write, and what becomes of them.

language, english, englishtimes   how promises and times are worded
moments                           told words to an instant
reading                           the promises of a message
keeping                           kept, late, forgotten, withdrawn or open
"""
