"""Where in an answer the words stand that rest on a source.

Each wire counts these places in its own way (`turns.cites`); here they are counted anew on the way from one to another.
In between they are characters of one text, and a citation without a place is of all of its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from msgspec.json import decode

from generated import canonical as c

SPOKEN = (c.Text, c.Thinking, c.Refusal)  # the parts that are counted
UNCOUNTED = 16 << 10  # bytes
_ESCAPE = re.compile(rb"\\.")
NO_LINK = "only what has a link is cited here"


def linked(citation: c.Citation) -> bool:
    return (citation.url or "").startswith(("http://", "https://"))


class Said:
    """A text of an answer: how much stands before it in other texts, and how much of it there is."""

    __slots__ = ("_counted", "_heard", "candidate", "citations", "earlier", "part", "pieces")

    def __init__(self, candidate: int, earlier: list[Said], part: int) -> None:
        self.candidate, self.earlier, self.part = candidate, earlier, part
        self._counted = 0  # characters
        self._heard = bytearray()  # what comes behind these, as it stands in JSON
        self.pieces: list[str] = []
        self.citations: list[c.Citation] = []

    @property
    def length(self) -> int:
        """In characters."""
        self._count()
        return self._counted

    def grow(self, text: str) -> None:
        self._counted += len(text)

    def hear(self, text: bytes) -> None:
        """What stands within the quotes of a JSON string: it is counted when somebody asks, which is seldom."""
        self._heard += text
        if len(self._heard) > UNCOUNTED:
            self._count()

    def _count(self) -> None:
        if self._heard:
            text = _ESCAPE.sub(b"-", self._heard)
            self._counted += len(text) if text.isascii() else len(text.decode())
            self._heard.clear()

    @property
    def before(self) -> int:
        return sum(one.length for one in self.earlier)

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def characters(self, count: int) -> int:
        """So many bytes of the answer, in characters of this text."""
        said = ("".join(one.text for one in self.earlier) + self.text).encode()
        return max(len(said[:count].decode(errors="ignore")) + max(count - len(said), 0) - self.before, 0)

    def bytes(self, count: int) -> int:
        """So many characters of this text, in bytes of the answer."""
        said = "".join(one.text for one in self.earlier) + self.text[:count]
        return len(said.encode()) + max(count - self.length, 0)


class Citing:
    """Of one answer, whole or in a stream. Citations wait for the end of their text: only then all of it is known."""

    __slots__ = ("_keeps", "_links", "_parts", "_reads", "_said", "_texts", "_writes")

    def __init__(self, reads: str, writes: str, links: bool) -> None:
        self._reads, self._writes, self._links = reads, writes, links
        self._keeps = writes == "part" or "bytes" in (reads, writes)  # the words themselves
        self._texts: dict[int, Said] = {}  # that are open, by their blocks
        self._said: dict[int, list[Said]] = {}  # all texts of a candidate
        self._parts: dict[int, int] = {}  # of a candidate, so far

    @classmethod
    def between(cls, source: Any, target: Any) -> Citing | None:
        """None where one of them cites nothing."""
        one, other = source.TURNS.get("cites"), target.TURNS.get("cites")
        return cls(one["places"], other["places"], other["links"]) if one and other else None

    def begin(self, index: int, candidate: int, block: Any) -> None:
        if type(block) not in SPOKEN:
            return
        part = self._parts.get(candidate, 0)
        self._parts[candidate] = part + 1
        if type(block) is c.Text:
            texts = self._said.setdefault(candidate, [])
            self._texts[index] = Said(candidate, texts[:], part)
            texts.append(self._texts[index])

    def grow(self, index: int, text: str) -> None:
        said = self._texts[index]
        said.grow(text)
        if self._keeps:
            said.pieces.append(text)

    def heard(self, index: int, text: bytes) -> None:
        """More of a text, as it stands in JSON."""
        if self._keeps:
            self.grow(index, decode(b'"%b"' % text))
        else:
            self._texts[index].hear(text)

    def home(self, index: int, citation: c.Citation) -> int:
        """The text in which a place begins, where it is counted through all of them and all are there; else `index`."""
        if citation.said_start is None or self._reads not in ("texts", "bytes"):
            return index
        firsts = ((one, said.before if self._reads == "texts" else said.bytes(0)) for one, said in self._texts.items())
        return max((one for one, first in firsts if first <= citation.said_start), default=index)

    def cite(self, index: int, citation: c.Citation) -> bool:
        """Whether it can be said on this wire."""
        if self._links and not linked(citation):
            return False
        self._texts[index].citations.append(citation)
        return True

    def end(self, index: int) -> Iterable[c.Citation]:
        """The citations of a text that is over, each with its place."""
        said = self._texts.pop(index, None)
        for citation in said.citations if said is not None else ():
            self._place(citation, said)
            yield citation

    def _place(self, citation: c.Citation, said: Said) -> None:
        start, end = citation.said_start, citation.said_end
        if not start and not end:  # nothing is between 0 and 0: so it is written where the place is not known
            start = end = None
        if self._reads == "texts":
            start, end = (None if one is None else max(one - said.before, 0) for one in (start, end))
        elif self._reads == "bytes":
            start, end = (None if one is None else said.characters(one) for one in (start, end))
        citation.said_part = None
        if self._writes == "whole":
            everything = not start and end in (None, said.length)
            citation.said_start, citation.said_end = (None, None) if everything else (start, end)
            return
        start, end = start or 0, said.length if end is None else end
        if self._writes == "part":
            citation.said_part = said.part
            citation.said = citation.said or said.text[start:end]
        elif self._writes == "texts":
            start, end = start + said.before, end + said.before
        elif self._writes == "bytes":
            start, end = said.bytes(start), said.bytes(end)
        citation.said_start, citation.said_end = start, end
