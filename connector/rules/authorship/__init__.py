"""Who wrote a message, and what does it say? Everything that answers this lives here.

judge      cause and content, with evidence        counting   whether it counts: the client's word
origin     the cause, layer by layer               envelope   what the headers tell
unwrap     the writer's own words                  relay      who is spoken of by a robot
phrases    what the words say                      templates  what a desk has sent before
absence    who is away, and until when             substance  what says something of the case
rulings    a person's word                         habits     who mostly sends stock texts
The lists of words, by language: words, abroad, patterns, away….
"""

from connector.rules.authorship.counting import counts, decide
from connector.rules.authorship.judge import RULES_VERSION, judge, weigh
from connector.rules.authorship.judgement import Judgement, Learnt
from connector.rules.authorship.thanks import is_thanks

__all__ = ["RULES_VERSION", "Judgement", "Learnt", "counts", "decide", "is_thanks", "judge", "weigh"]
