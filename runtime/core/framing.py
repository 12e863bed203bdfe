"""Bytes to frames and back: server-sent events, JSON lines, JSON arrays, Amazon's messages. Bytes are split first and
decoded after, so a cut is never seen."""

from __future__ import annotations

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import cache
from itertools import accumulate
from struct import Struct
from typing import NamedTuple
from zlib import crc32

import msgspec
from msgspec import json

LONGEST_FRAME = 64 << 20  # bytes; an upstream that never ends a frame is broken


class FrameTooLong(Exception):
    """A frame of more than LONGEST_FRAME bytes."""


def frames_end(data: bytes, ends: Iterable[bytes]) -> int:
    """Where the last whole frame ends; 0 if there is none."""
    return max(place + len(end) if (place := data.rfind(end)) >= 0 else 0 for end in ends)


class EventReader:
    """Cuts a byte stream into server-sent events: (event name, data). LF, CR and CRLF end a line, wherever they are cut."""

    __slots__ = ("held", "after_cr")

    @staticmethod
    def end(data: bytes) -> int:
        """Where the last whole frame ends."""
        return len(data) if data.endswith(b"\n\n") else frames_end(data, (b"\n\n", b"\r\n\r\n", b"\r\r"))

    def __init__(self) -> None:
        self.held = b""
        self.after_cr = False

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        if self.after_cr and data.startswith(b"\n"):
            data = data[1:]
            self.after_cr = False
        if data.find(b"\r") >= 0:  # `in` raises and catches an error first, which costs six times as much
            self.after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        elif data:
            self.after_cr = False
        start = max(0, len(self.held) - 1)
        held = self.held + data
        if held.find(b"\n\n", start) < 0:
            if len(held) > LONGEST_FRAME:
                raise FrameTooLong
            self.held = held
            return []
        *parts, self.held = held.split(b"\n\n")
        return [event for part in parts if (event := _event(part)) is not None]

    def pass_over(self, data: bytes, loud: tuple[bytes, ...]) -> bool:
        """Takes bytes without cutting them, where everything that is held then is quiet; False, and nothing is taken, else."""
        held = self.held + data if self.held else data
        if self.after_cr or held.find(b"\r") >= 0 or len(held) > LONGEST_FRAME or not quiet(held, loud):
            return False
        if held.endswith(b"\n\n"):
            self.held = b""
            return True
        end = held.rfind(b"\n\n")
        self.held = held if end < 0 else held[end + 2 :]
        return True

    def eof(self) -> list[tuple[bytes, bytes]]:
        """What stands in the stream without the empty line that should end it."""
        part, self.held = self.held, b""
        event = _event(part)
        return [event] if event is not None else []


class LineReader:
    """Cuts a byte stream into JSON lines."""

    __slots__ = ("held",)

    @staticmethod
    def end(data: bytes) -> int:
        """Where the last whole frame ends."""
        return data.rfind(b"\n") + 1

    def __init__(self) -> None:
        self.held = b""

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        if b"\n" not in data:
            self.held += data
            if len(self.held) > LONGEST_FRAME:
                raise FrameTooLong
            return []
        *lines, self.held = (self.held + data).split(b"\n")
        return [(b"", line) for line in lines if line.strip()]

    def pass_over(self, data: bytes, loud: Iterable[bytes]) -> bool:
        """Takes bytes without cutting them, where everything that is held then is quiet; False, and nothing is taken, else."""
        held = self.held + data
        if len(held) > LONGEST_FRAME or not quiet(held, loud):
            return False
        self.held = held[held.rfind(b"\n") + 1 :]
        return True

    def eof(self) -> list[tuple[bytes, bytes]]:
        """The last line, where no line end follows it."""
        line, self.held = self.held, b""
        return [(b"", line)] if line.strip() else []


class ArrayReader:
    """Cuts a JSON array into its objects, each when it is whole. An object without an array around it is one, too."""

    __slots__ = ("at", "depth", "held", "quoted")

    def __init__(self) -> None:
        self.held = b""
        self.at = self.depth = 0  # up to where it has been looked through; brackets that are open there
        self.quoted = False  # whether a string is open there

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        held = self.held + data
        at, depth, begun, frames = self.at, self.depth, 0, []
        while at < len(held):
            if self.quoted:
                at = _QUOTED.match(held, at).end()
                if at == len(held) or held[at] != _QUOTE:  # behind it is half an escape, or nothing yet
                    break
                self.quoted = False
                at += 1
            elif (found := (_BRACKET if depth else _BRACE).search(held, at)) is None:
                at = len(held)
            else:
                if not depth:
                    begun = found.start()
                at, mark = found.end(), found[0]
                self.quoted = mark == b'"'
                depth += (mark in b"{[") - (mark in b"}]")
                if not depth:
                    frames.append((b"", held[begun:at]))
                    begun = at
        if not depth:
            begun = at
        self.held, self.at, self.depth = held[begun:], at - begun, depth
        if len(self.held) > LONGEST_FRAME:
            raise FrameTooLong
        return frames

    def pass_over(self, data: bytes, loud: tuple[bytes, ...]) -> bool:
        """Never: where an object ends is not known without a look."""
        return False

    def eof(self) -> list[tuple[bytes, bytes]]:
        """An object that was cut off is none."""
        return []


_BRACE = re.compile(rb"\{")
_BRACKET = re.compile(rb'[\[\]{}"]')
_QUOTED = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_QUOTE = ord('"')


_PRELUDE = Struct(">III")  # bytes of the message, bytes of its headers, checksum of these two
_SUM = Struct(">I")
_SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # of header values, by type; others say their length
_TEXT = 7  # the type of a header's value
_TYPED = b'{"event":"'
IDLE = b"ping"  # an event that says nothing: readers skip kinds that they do not know
_IDLY = _TYPED + IDLE + b'"}'
_CHUNKED = _TYPED + b'chunk","bytes":"%b"}'


class MessageReader:
    """Cuts a byte stream into messages of Amazon's event streams: (event name, JSON).

    What the headers say of the kind of a message stands in the JSON as its first member, `event`, an exception's
    kind too. An error that has no JSON, and bytes that are no messages, become a frame of the name `error`.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held = b""

    @staticmethod
    def end(data: bytes) -> int:
        """Where the last whole frame ends."""
        at = 0
        while (size := _size(data, at)) and at + size <= len(data):
            at += size
        return at

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        data, at, frames = self.held + data, 0, []
        while (size := _size(data, at)) is not None:
            if size > LONGEST_FRAME:
                raise FrameTooLong
            if (
                not size
                or len(data) >= at + size
                and _SUM.unpack_from(data, at + size - 4)[0] != crc32(data[at : at + size - 4])
            ):
                self.held = b""
                return [*frames, _failure("a frame of the upstream's stream cannot be read: a checksum is wrong")]
            if len(data) < at + size:
                break
            if (frame := _message(data[at : at + size]))[0] != IDLE:
                frames.append(frame)
            at += size
        self.held = data[at:]
        return frames

    def pass_over(self, data: bytes, loud: tuple[bytes, ...]) -> bool:
        """Never: a message is known by its length."""
        return False

    def eof(self) -> list[tuple[bytes, bytes]]:
        """A message that was cut off is none."""
        return []


def _size(data: bytes, at: int) -> int | None:
    """The bytes of the message that begins there: None where too little is known, 0 where it is none."""
    if len(data) < at + _PRELUDE.size:
        return None
    size, headers, checksum = _PRELUDE.unpack_from(data, at)
    sane = size >= headers + 16 and checksum == crc32(data[at : at + 8])
    return size if sane else 0


def _message(message: bytes) -> tuple[bytes, bytes]:
    """A whole message as a frame."""
    said = _PRELUDE.unpack_from(message)[1] + _PRELUDE.size
    try:
        headers, payload = _headers(message[_PRELUDE.size : said]), message[said:-4].strip()
    except IndexError:
        return _failure("a frame of the upstream's stream cannot be read: a header is cut off")
    name = headers.get(b":event-type") or headers.get(b":exception-type")
    if name is None or headers.get(b":message-type") == b"error":
        text = b": ".join(headers[key] for key in (b":error-code", b":error-message") if key in headers)
        return _failure((text or payload).decode("utf-8", "replace"))
    inner = payload[1:].lstrip() or b"}"
    kind = b"exception" if b":exception-type" in headers else name
    return kind, _TYPED + name + (b'"' if inner.startswith(b"}") else b'",') + inner


def _failure(text: str) -> tuple[bytes, bytes]:
    return b"error", json.encode({"message": text})


def _headers(data: bytes) -> dict[bytes, bytes]:
    """The headers of a message, as far as they are texts."""
    found, at = {}, 0
    while at < len(data):
        start = at + 1 + data[at]
        name, kind = data[at + 1 : start], data[start]
        at = start + 1
        if kind not in _SIZES:
            at += 2
        size = _SIZES[kind] if kind in _SIZES else int.from_bytes(data[at - 2 : at])
        if kind == _TEXT:
            found[name] = data[at : at + size]
        at += size
    return found


class ChunkReader(MessageReader):
    """Cuts messages that hold the events of another protocol: (its `type`, the event). Exceptions stay messages."""

    __slots__ = ()

    def feed(self, data: bytes) -> list[tuple[bytes, bytes]]:
        return [_held(frame) if frame[0] == CHUNK else frame for frame in super().feed(data)]


def _held(frame: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """The event that a message holds."""
    try:
        event = _chunk(frame[1]).held
    except msgspec.DecodeError:
        return _failure("a frame of the upstream's stream cannot be read: it holds no bytes")
    try:
        return (_typed(event).type or "").encode(), event
    except msgspec.DecodeError:
        return b"", event  # whoever reads the event says what is wrong with it


class _Chunk(msgspec.Struct):
    held: bytes = msgspec.field(name="bytes")


class _Typed(msgspec.Struct):
    type: str | None = None


CHUNK = b"chunk"
_chunk, _typed = json.Decoder(_Chunk).decode, json.Decoder(_Typed).decode


def _event(part: bytes) -> tuple[bytes, bytes] | None:
    """One event's lines; None if it carries no data, as those do not that keep a connection open."""
    if part.startswith(b"data: ") and part.find(b"\n") < 0 and len(part) > 6:
        return b"", part[6:]
    if part.startswith(b"event: ") and part.count(b"\n") == 1:
        name, _, data = part[7:].partition(b"\ndata: ")
        if data:
            return name, data
    name, data = b"", None
    for line in part.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data = value if data is None else data + b"\n" + value
        elif field == b"event":
            name = value
    return (name, data) if data else None


def quiet(frames: bytes, loud: tuple[bytes, ...]) -> bool:
    """Whether JSON holds none of the words `loud`, or nothing but null under it. Where one may hide behind escapes it is not quiet.

    Inside a string a quote has a backslash before it, so a word with its quotes is a name or a value of its own.
    """
    for word, null, spaced in _forms(loud):
        if named := frames.count(word):
            empty = frames.count(null)
            if named != empty and named != empty + frames.count(spaced):
                return False
    return frames.find(b"\\u00") < 0 or _LETTER.search(frames) is None


def loud_ones(frames: list[bytes], loud: tuple[bytes, ...]) -> set[int]:
    """The numbers of those frames that are not quiet: found by a search through all of them, and none through each."""
    text = b"\n".join(frames)
    places = [found.start() for found in _LETTER.finditer(text)] if b"\\u00" in text else []
    for word, null, spaced in _forms(loud):
        at = text.find(word)
        if at >= 0:
            for empty in (null, spaced):
                text = text.replace(empty, b" " * len(empty))
            at = text.find(word, at)
        while at >= 0:
            places.append(at)
            at = text.find(word, at + 1)
    ends = list(accumulate(len(frame) + 1 for frame in frames)) if places else []
    return {bisect_right(ends, place) for place in places}


@cache
def _forms(loud: tuple[bytes, ...]) -> list[tuple[bytes, bytes, bytes]]:
    """Each word, and how it stands before null."""
    return [(word, word + b":null", word + b": null") for word in loud]


_LETTER = re.compile(rb"\\u00[567]")  # a letter or an underscore that need not be escaped


def sse(frames: list[tuple[bytes, bytes]]) -> bytes:
    """Frames as server-sent events; a name is written where there is one."""
    return b"".join(b"event: %b\ndata: %b\n\n" % frame if frame[0] else b"data: %b\n\n" % frame[1] for frame in frames)


def lines(frames: list[tuple[bytes, bytes]]) -> bytes:
    """Frames as JSON lines."""
    return b"".join(frame[1] + b"\n" for frame in frames)


def elements(frames: list[tuple[bytes, bytes]]) -> bytes:
    """Frames as neighbours in an array."""
    return b",\n".join([frame[1] for frame in frames])


class Array:
    """Writes the frames of one stream as an array: each is whole where it goes out, and the last makes the array whole."""

    __slots__ = ("begun", "closed")

    def __init__(self) -> None:
        self.begun = self.closed = False

    def __call__(self, frames: list[tuple[bytes, bytes]]) -> bytes:
        if not frames:
            return b""
        before, self.begun = b",\n" if self.begun else b"[", True
        return before + elements(frames)

    def close(self) -> bytes:
        """The end, once."""
        if self.closed:
            return b""
        self.closed = True
        return b"]\n" if self.begun else b"[]\n"


def messages(frames: list[tuple[bytes, bytes]]) -> bytes:
    """Frames as Amazon's messages; the JSON of each begins with the name of its event."""
    out = b""
    for _, data in frames:
        at = data.index(b'"', len(_TYPED))
        name, payload = data[len(_TYPED) : at], data[at + 1 :]
        kind = b"exception" if name.endswith(b"Exception") else b"event"
        headers = b"".join(
            b"%c%b\x07%b%b" % (len(key), key, len(value).to_bytes(2), value)
            for key, value in (
                (b":%b-type" % kind, name),
                (b":content-type", b"application/json"),
                (b":message-type", kind),
            )
        )
        out += _framed(headers, b"{" + payload.removeprefix(b","))
    return out


def chunks(frames: list[tuple[bytes, bytes]]) -> bytes:
    """Frames as Amazon's messages that hold them."""
    return messages([(b"", (_IDLY if name == IDLE else _CHUNKED % b64encode(data))) for name, data in frames])


def _framed(headers: bytes, payload: bytes) -> bytes:
    sizes = _PRELUDE.pack(len(headers) + len(payload) + 16, len(headers), 0)[:8]
    message = sizes + _SUM.pack(crc32(sizes)) + headers + payload
    return message + _SUM.pack(crc32(message))


def comment(text: str) -> bytes:
    """A line that readers of server-sent events skip."""
    return b": " + text.encode("ascii", "backslashreplace").replace(b"\n", b" ") + b"\n\n"


class Framing(NamedTuple):
    """How a wire frames its streams."""

    reader: type
    write: Callable[[list[tuple[bytes, bytes]]], bytes]
    content_type: str
    idle: bytes  # what may stand anywhere and means nothing
    comments: bool = True  # whether its readers skip what is no data
    sized: bool = False  # whether a frame says how long it is
    whole: type | None = None  # writes the frames of one stream, where there is something around and between them

    def writer(self) -> Callable[[list[tuple[bytes, bytes]]], bytes]:
        """What writes the frames of one stream."""
        return self.write if self.whole is None else self.whole()


def last(write: Callable[[list[tuple[bytes, bytes]]], bytes], frames: list[tuple[bytes, bytes]]) -> bytes:
    """The frames that end a stream, with what stands behind them."""
    return write(frames) + write.close() if isinstance(write, Array) else write(frames)


EVENTS = "text/event-stream; charset=utf-8"
MESSAGES = "application/vnd.amazon.eventstream"
ARRAY = "application/json; charset=utf-8"
_IDLE = comment("keep-alive")
FRAMINGS = {
    "sse": Framing(EventReader, sse, EVENTS, _IDLE),
    "sse_named": Framing(EventReader, sse, EVENTS, _IDLE),
    "sse_bare": Framing(EventReader, sse, EVENTS, b"\n", comments=False),
    "json_array": Framing(ArrayReader, elements, ARRAY, b"\n", comments=False, whole=Array),
    "json_lines": Framing(LineReader, lines, "application/x-ndjson", b"\n", comments=False),
    "messages": Framing(MessageReader, messages, MESSAGES, messages([(b"", _IDLY)]), False, True),
    "chunks": Framing(ChunkReader, chunks, MESSAGES, messages([(b"", _IDLY)]), False, True),
    "none": Framing(EventReader, sse, EVENTS, _IDLE),
}
