"""Frames of a stream that differ in one text: what becomes of one becomes of the next.

Nearly all frames of a stream are the same but for a piece of text, and so are the frames that they are written as. Once
two in a row were read as one delta each and written alike, the bytes around the text are known on both sides; a frame
that has the same around its text is then written without being decoded. Whatever is not exactly so goes the usual way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec

from generated import canonical as c
from runtime.core.cited import Citing

KINDS = frozenset(("text", "thinking", "refusal", "json", "custom"))
TRIES = 16  # frames that are learned from in vain before it is given up
# The inside of a JSON string, with no escapes but those that are always written so.
_INSIDE = rb'[^"\\\x00-\x1f]*+(?:\\["\\bfnrt][^"\\\x00-\x1f]*+)*+'
_TEXT = re.compile(_INSIDE)
_fully = _TEXT.fullmatch
_LINES = re.compile(rb"%b(?:\n%b)*+" % (_INSIDE, _INSIDE))  # such texts, each on a line of its own
_encode = msgspec.json.Encoder().encode


class Around(NamedTuple):
    """What stands around the text: a frame's name, the bytes before and behind; and the same of what is written.

    `behind` is in two parts where a field that nobody reads stands between them: it has another value every time.
    `opening` and `closing` stand around it in a server-sent event; there is none that has a line end in either.
    """

    name: bytes
    before: bytes
    behind: tuple[bytes, ...]
    head: bytes
    tail: bytes
    opening: bytes | None
    closing: bytes


class Alike:
    """Of one stream. `unread` are the wire names of fields that mean nothing, and that not even their kind tells of.

    `citing` wants to know how much text there is.
    """

    __slots__ = ("_citing", "_known", "_last", "_text", "_tries", "_unread")

    def __init__(self, unread: tuple[str, ...], citing: Citing | None = None) -> None:
        self._unread, self._citing = _strings(unread), citing
        self._text: int | None = None  # the block whose text it is, where that is counted
        self._known: Around | None = None
        self._last: Around | None = None  # of the frame before
        self._tries = 0

    def many(self, data: bytes, start: int) -> tuple[bytes, int]:
        """What server-sent events from `start` on are written as, as many as are known, and where they end."""
        known = self._known
        if known is None or known.opening is None or not data.startswith(known.opening, start):
            return b"", start
        opening, closing = known.opening, known.closing
        first = known.behind[0] if len(known.behind) > 1 else None
        parts = data[start + len(opening) :].split(closing + opening)
        last, ends, _ = parts.pop().partition(closing)
        if ends:
            parts.append(last)
        if (texts := _texts(parts, first)) is None:
            parts = _leading(parts, closing, first)
            texts = _texts(parts, first) or []
        if not texts:
            return b"", start
        end = start + len(parts) * (len(opening) + len(closing)) + sum(map(len, parts))
        if self._text is not None:
            self._citing.heard(self._text, b"".join(texts))
        return known.head + (known.tail + known.head).join(texts) + known.tail, end

    def event(self, data: bytes) -> bytes | None:
        """What a read of one server-sent event is written as; None where that is not known."""
        known = self._known
        if known is None:
            return None
        _, _, behind, head, tail, opening, closing = known
        if opening is None or not (data.startswith(opening) and data.endswith(closing)):
            return None
        text = data[len(opening) : -len(closing)]
        if len(behind) > 1:
            text, found, unread = text.partition(behind[0])
            if not found or _fully(unread) is None:
                return None
        if not text or _fully(text) is None or not (text.isascii() or _utf8(text)):
            return None
        if self._text is not None:
            self._citing.heard(self._text, text)
        return head + text + tail

    def written(self, name: bytes, data: bytes) -> bytes | None:
        """What a frame is written as; None where that is not known."""
        known = self._known
        if known is None or name != known.name or not data.startswith(known.before):
            return None
        text = _TEXT.match(data, len(known.before))
        end = text.end()
        if len(known.behind) == 1:
            if data[end:] != known.behind[0]:
                return None
        else:
            first, last = known.behind
            if not data.startswith(first, end) or data[_TEXT.match(data, end + len(first)).end() :] != last:
                return None
        said = text[0]
        if not said or not (said.isascii() or _utf8(said)):
            return None
        if self._text is not None:
            self._citing.heard(self._text, said)
        return known.head + said + known.tail

    def learn(self, name: bytes, data: bytes, events: list[Any], written: bytes) -> None:
        """A frame was read as those events, and they were written so."""
        around = None
        if len(events) == 1 and self._tries < TRIES and type(event := events[0]) is c.BlockDelta:
            if event.kind in KINDS and event.text and event.citation is None and event.logprobs is None:
                around = self._around(name, data, _encode(event.text), written)
                self._tries = 0 if self._known is not None else self._tries + 1
        self._known = around if around is not None and around == self._last else None
        if self._known is not None and self._citing is not None:
            self._text = events[0].index if events[0].kind == "text" else None
        self._last = around

    def _around(self, name: bytes, data: bytes, text: bytes, written: bytes) -> Around | None:
        """None where the text, with its quotes, does not stand once in both, or another string may mean it by escapes."""
        if data.count(text) != 1 or written.count(text) != 1 or data.count(b"\\") != text.count(b"\\"):
            return None
        at, where, size = data.index(text) + 1, written.index(text) + 1, len(text) - 2
        before, behind = data[:at], data[at + size :]
        found = self._unread.search(behind) if self._unread is not None else None
        parts = (behind,) if found is None else (behind[: found.start(1)], behind[found.end(1) :])
        lines = b"\n" in before or any(b"\n" in part for part in parts)
        opening = None if lines else (b"event: %b\ndata: " % name if name else b"data: ") + before
        return Around(name, before, parts, written[:where], written[where + size :], opening, parts[-1] + b"\n\n")


class Still:
    """Of one stream that is passed on, in reads of one server-sent event each.

    A read that differs from a quiet one in strings and whole numbers alone is quiet, too. `loud` are the words that
    are not.
    """

    __slots__ = ("_alone", "_before", "_behind", "_between", "_last", "_loud", "_tries")

    def __init__(self, loud: tuple[bytes, ...]) -> None:
        self._loud = frozenset(word[1:-1] for word in loud)
        self._last = b""  # the read before
        self._before = self._behind = b""  # what stands around all those strings and numbers; nothing is known yet
        self._between: list[bytes] = []
        self._alone = False  # it is one string
        self._tries = TRIES

    def holds(self, data: bytes) -> bool:
        """Whether it is known that nothing in a read must be looked at."""
        before, behind = self._before, self._behind
        if not before or not (data.startswith(before) and data.endswith(behind)):
            return False
        said = data[len(before) : -len(behind)]
        if self._alone:
            return said not in self._loud and _fully(said) is not None
        for piece in self._between:
            one, found, said = said.partition(piece)
            if not found or not self._quiet(one, before):
                return False
            before = piece
        return self._quiet(said, before)

    def _quiet(self, said: bytes, before: bytes) -> bool:
        if before.endswith(b'"'):
            return said not in self._loud and _fully(said) is not None
        return said.isdigit()

    def learn(self, data: bytes) -> None:
        """Such a read was quiet."""
        if not self._tries or data.find(b"\n\n") != len(data) - 2:  # that is more than one event
            return
        self._tries -= 1
        last, self._last = self._last, data
        if not last:
            return
        if (pieces := _one_apart(last, data) or _apart(last, data)) is not None:
            self._before, *self._between, self._behind = pieces
            self._alone = len(pieces) == 2 and pieces[0].endswith(b'"')
            self._tries = TRIES


def _one_apart(old: bytes, new: bytes) -> list[bytes] | None:
    """What stands around the one string in which two events differ; None where that is not all."""
    most = min(len(old), len(new))
    same = _same(most, lambda low, high: old[low:high] == new[low:high])
    before = new[: new.rfind(b'"', 0, same) + 1]
    if b"\\" in before or before.count(b'"') % 2 == 0:
        return None
    same = _same(most - len(before), lambda low, high: old[-high : -low or None] == new[-high : -low or None])
    end = new.find(b'"', len(new) - same)
    if end < 0 or new.startswith(b'":', end):
        return None
    behind = new[end:]
    said = (one[len(before) : -len(behind)] for one in (old, new))
    return [before, behind] if all(map(_fully, said)) else None


def _same(most: int, equal: Callable[[int, int], bool]) -> int:
    """How many bytes are the same, found by halves."""
    least = 0
    while least < most:
        half = (least + most + 1) // 2
        if equal(least, half):
            least = half
        else:
            most = half - 1
    return least


def _apart(old: bytes, new: bytes) -> list[bytes] | None:
    """What stands around the strings and whole numbers in which two events differ; None where that is not all."""
    if old.count(b'"') != new.count(b'"'):
        return None
    last, found = _TOKENS.findall(old), _TOKENS.findall(new)
    if len(found) != len(last) or sum(map(len, found)) != len(new):
        return None
    pieces = [b""]
    for before, now, behind in zip(last, found, [*found[1:], b""], strict=True):
        if before == now:
            pieces[-1] += now
        elif before[:1] == now[:1] == b'"' and not behind.startswith(b":"):
            pieces[-1] += b'"'
            pieces.append(b'"')
        elif before.isdigit() and now.isdigit():
            pieces.append(b"")
        else:
            return None
    return pieces if len(pieces) > 1 else None


# strings, numbers, and what stands between them
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+"|[0-9]++|[^"0-9]++', re.S)


def _utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _texts(parts: list[bytes], first: bytes | None) -> list[bytes] | None:
    """The texts of events, of which `parts` are all that is not the same in each; None where one is not plain.

    `first` stands between a text and a field that nobody reads, where there is such a field.
    """
    beside: list[bytes] = []
    if first is not None:
        cut = [part.partition(first) for part in parts]
        if not all(found for _, found, _ in cut):
            return None
        parts, beside = [text for text, _, _ in cut], [unread for _, _, unread in cut]
    said, unread = b"\n".join(parts), b"\n".join(beside)
    if b"" in parts or said.count(b"\n") != len(parts) - 1 or _LINES.fullmatch(said) is None:
        return None
    if beside and (unread.count(b"\n") != len(beside) - 1 or _LINES.fullmatch(unread) is None):
        return None
    return parts if said.isascii() or _utf8(said) else None


def _leading(parts: list[bytes], closing: bytes, first: bytes | None) -> list[bytes]:
    """Those parts that come before the first that is not plain, and that one up to where its own event ends."""
    for number, part in enumerate(parts):
        if _texts([part], first) is None:
            own, ends, _ = part.partition(closing)
            return parts[:number] + ([own] if ends and _texts([own], first) is not None else [])
    return parts


@cache
def _strings(names: tuple[str, ...]) -> re.Pattern[bytes] | None:
    """Finds what one of the fields holds, where that is a plain string."""
    return re.compile(rb'"(?:%b)":"([^"\\]*)"' % "|".join(names).encode()) if names else None
