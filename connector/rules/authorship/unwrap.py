"""What the writer typed, cut free of what came along: quotes, signatures, footers, relay frames.

A person who quotes a robot must not be taken for one, so nothing is judged before it is unwrapped. One
pass over the lines; if nothing but wrapping is left, the message said nothing of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connector.rules.authorship import plain, relay, words
from connector.rules.authorship.words import fold

LIMIT = 65_536  # characters looked at: the first three quarters and the last quarter
_HEAD, _TAIL = LIMIT * 3 // 4, LIMIT // 4
_ATTRIBUTION_START = ("on ", "am ", "le ", "el ", "il ", "em ", "op ", "den ", "w dniu", "dne ", "ons", "at ")
_LINE = 2000  # characters of one line that are looked at for marks
_SIGNATURE_LINES = 12
_SHORT, _LONG = 45, 200  # characters: a closing is shorter than the one, an attribution than the other
_OPENERS = frozenset(
    opener.split()[0].strip(":")
    for opener in (
        *_ATTRIBUTION_START,
        *words.MOBILE,
        *words.DISCLAIMER_STARTS,
        *words.FORWARDED,
    )
)
_BANNER_OPENERS = frozenset(opener.split()[0].strip("*_:") for opener in words.BANNER_STARTS)
_UNSEEN = " \t\r\n\f\v\xa0\xad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_PICTURES = re.compile(
    r"(?:\s{0,4}(?:\[(?:cid|image|inline image|logo)\b[^\]\n]{0,300}\]|<image\d{1,4}\.\w{2,4}>))+\s*$", re.I
)
_SMALL = frozenset(("and", "of", "the", "de", "von", "van", "der", "und", "&", "|", "/", "-", "·"))
_SIGNED = 8  # lines of a signature that stands alone


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """`own`: the words of the writer (or of the person a frame relays). `frame`: that frame, if any.

    `quoted`: quotes were cut away. `forwarded`: they were passed on, and are the message.
    """

    own: str
    frame: relay.Frame | None = None
    quoted: bool = False
    forwarded: bool = False


def unwrap(text: str, *, relayed: bool = False) -> Unwrapped:
    """Cut a message free. `relayed`: also look for relay frames (mail from trackers). Linear in length."""
    if len(text) > LIMIT:
        text = text[:_HEAD] + "\n" + text[-_TAIL:]
    if "\0" in text:
        text = text.replace("\0", "")
    if plain.is_html(text):
        text = plain.to_lines(text)
    if not text.isascii():
        text = text.strip(_UNSEEN)
    lines = text.splitlines()
    frame = relay.find(lines) if relayed else None
    cut = _Cut(lines, frame.start if frame else 0)
    cut.run()
    own = "\n".join(cut.kept).strip()
    return Unwrapped(own, frame, cut.quoted, cut.forwarded)


class _Cut:
    """One pass over the lines of a message. `kept` are the writer's own; `at` is the current line."""

    __slots__ = ("at", "forwarded", "kept", "lines", "quoted", "said")

    def __init__(self, lines: list[str], start: int) -> None:
        self.lines, self.at, self.kept = lines, start, list[str]()
        self.quoted = self.forwarded = self.said = False

    def run(self) -> None:
        lines, kept = self.lines, self.kept
        end = len(lines)
        while self.at < end:
            raw = lines[self.at]
            self.at += 1
            line = raw.strip()
            if not line:
                kept.append("")
            elif line[0] == ">":
                self.quoted = True
            elif not self._mark(line[:_LINE]):
                kept.append(raw)
                self.said = True
            elif self.at < 0:
                return

    def _mark(self, line: str) -> bool:
        """Whether the line is wrapping; moves on as far as the wrapping reaches (`_stop`: to the end)."""
        if line[0] in "-—–_*=+#[<" and (_PICTURES.match(line) if line[0] in "[<" else self._rule(line)):
            return True
        head = line[:24]
        if ":" not in line and len(line) > _SHORT and head.isascii():
            word = head.partition(" ")[0].casefold().strip("*_:")  # the cheap question first
            if word not in _OPENERS and (self.said or word not in _BANNER_OPENERS):
                return False
        if len(line) > _LONG:
            return self._disclaimer(fold(line))
        low = fold(line)
        if low.rstrip(",.!;: ") in words.CLOSINGS:
            return self._closing(_SIGNATURE_LINES, 70)
        if low.rstrip(",.!;: ") in words.THANKS_CLOSINGS:
            self.kept.append(line)
            self.said = True
            return self._closing(4, 30)
        if (":" in low or "：" in low or low.startswith(_ATTRIBUTION_START)) and (
            self._attribution(low) or self._header_block(low)
        ):
            return True
        return low.startswith(words.MOBILE) or self._disclaimer(low)

    def _stop(self) -> bool:
        self.at = -1
        return True

    def _rule(self, line: str) -> bool:
        """Lines made of dashes: signature mark, list footer, `--- Original message ---`."""
        bare = line.strip("-—–_*=+# ")
        if not bare:
            if line in ("--", "—", "–") or (line[0] == "_" and len(line) > 30 and self._list_footer()):
                return (self.said or self._only_signed()) and self._stop()
            return line[0] in "_=" and len(line) > 20
        low = fold(bare)
        if any(mark in low for mark in words.REPLY_ABOVE):
            self.quoted = True
            return not self.said or self._stop()
        if low.startswith(words.FORWARDED):
            return self._forward()
        if low.startswith(words.ORIGINAL):
            self.quoted = True
            return self._stop()
        return False

    def _only_signed(self) -> bool:
        """Whether nothing follows a signature's mark but names, numbers and addresses."""
        below = [line.strip() for line in self.lines[self.at :] if line.strip()]
        return len(below) <= _SIGNED and all(map(_like_a_name, below))

    def _list_footer(self) -> bool:
        following = " ".join(self.lines[self.at : self.at + 3]).casefold()
        return "list" in following or "subscribe" in following

    def _forward(self) -> bool:
        self.quoted = True
        if self.said:
            return self._stop()
        self.forwarded = True
        return True

    def _closing(self, most: int, width: int) -> bool:
        """Drop the signature that follows a closing; a sentence after it is the writer's again."""
        end = min(len(self.lines), self.at + most)
        while self.at < end:
            line = self.lines[self.at].strip()
            if line and (line[0] == ">" or len(line) > width or (line[-1] in ".?!" and line.count(" ") > 3)):
                break
            if line in ("--", "—") or line.endswith(":"):
                break
            self.at += 1
        return True

    def _attribution(self, low: str) -> bool:
        """`On … wrote:`, on one line or up to three. Above `>` lines it goes alone, else with all below."""
        if low.startswith(words.FORWARDED):
            return self._forward()
        opens = low.startswith(_ATTRIBUTION_START)
        if not opens and not any(verb in low for verb in words.WROTE):
            return False
        joined, used = low, 0
        while not joined.endswith((":", "：")) and used < 2 and self.at + used < len(self.lines):
            joined += " " + fold(self.lines[self.at + used].strip()[:_LINE])
            used += 1
        if not joined.endswith((":", "：")) or not any(verb in joined for verb in words.WROTE):
            return False
        if not (opens or any(c.isdigit() or c in "@<" for c in joined)):
            return False
        self.quoted = True
        self.at += used
        rest = self.at
        while rest < len(self.lines) and not self.lines[rest].strip():
            rest += 1
        marked = rest < len(self.lines) and self.lines[rest].lstrip()[:1] == ">"
        return True if marked or not self.said else self._stop()

    def _header_block(self, low: str) -> bool:
        """The block of headers Outlook puts above a quoted mail; at the very top, only the block goes."""
        if _name(low) not in words.FROM:
            return False
        following = [fold(line.strip()[:_LINE]) for line in self.lines[self.at : self.at + 6]]
        heads = [number for number, line in enumerate(following) if _name(line) in words.HEADER]
        if not heads:
            return False
        self.quoted = True
        if self.said:
            return self._stop()
        self.at += heads[-1] + 1
        return True

    def _disclaimer(self, low: str) -> bool:
        """A legal footer speaks of itself first, and of confidence; it runs to the end. Above the writer's
        words stands a banner of the mail gateway, or a notice twice as plain: those lines go alone."""
        low = low.lstrip("* _")
        if self.said:
            return (
                low.startswith(words.DISCLAIMER_STARTS)
                and any(word in low for word in words.DISCLAIMER)
                and self._stop()
            )
        first = low.partition(" ")[0].strip("*_:")
        if low[:1] != "[" and first not in _OPENERS and first not in _BANNER_OPENERS:
            return False
        if low.startswith(words.BANNER_STARTS):
            return _is_banner(low)
        return low.startswith(words.DISCLAIMER_STARTS) and sum(map(low.count, words.DISCLAIMER)) > 1


def _is_banner(low: str) -> bool:
    """Whether a line that begins like one is a gateway's banner, and not a tag before the writer's words."""
    if low[0] == "[":
        return low[-1] == "]" and "]" not in low[:-1]
    start = max((one for one in words.BANNER_STARTS if low.startswith(one)), key=len)
    return any(word in low[len(start) :] for word in words.BANNER)


def _like_a_name(line: str) -> bool:
    """Whether a line of a signature: a name, a number, an address, and no sentence."""
    if len(line) > 70 or line[-1] in ".?!":
        return False
    parts = line.split()
    return all(not word[0].islower() or word in _SMALL or "@" in word or "." in word for word in parts)


def _name(low: str) -> str:
    """The name of a header line (`*From:* x` -> `from`), '' if it is none."""
    head, colon, _ = low.replace("：", ":").partition(":")
    return head.strip("* _") if colon and len(head) < 30 else ""
