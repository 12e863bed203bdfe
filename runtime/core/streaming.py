"""An answer's stream on its way to the client: into another dialect, as it is, or gathered into one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw

from generated import canonical as c
from runtime.core import forms
from runtime.core.alike import Alike, Still
from runtime.core.cited import Citing
from runtime.core.error_bodies import kind_of, message_in, status_in
from runtime.core.events import Flow, Fold
from runtime.core.framing import EventReader, last, loud_ones
from runtime.core.primitives import TranslationError
from runtime.core.stops import Stops
from runtime.core.think import ThinkTags

if TYPE_CHECKING:
    from runtime.core.translate import Translation

LONG = 4 << 10  # bytes of a read that holds many events
LOUD_FIRST, LOUD_LAST = 4, 4  # events of a stream's beginning and end, which say more than text
MANY = 4  # events of one read, from which on those that are alike are looked for together
CUT = "the upstream's stream ended before the answer was complete"


class Excepting:
    """Reads frames of a form in which exceptions are said in another dialect's words."""

    def __init__(self, own: Any, theirs: Any) -> None:
        self.own, self.theirs, self.eof = own, theirs, own.eof

    def feed(self, frame: bytes, name: bytes) -> list[Any]:
        return (self.theirs if name == b"exception" else self.own).feed(frame, name)


class Converting:
    """A stream from one dialect to another."""

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        ctx = translation.ctx
        rules = translation.from_.rules
        going = translation.going
        self.reader = (translation.coming if translation.to else going).reader()
        self.write = going.writer()
        self.lifter = translation.lifter() if translation.to else None
        stops = Stops(translation.stops) if translation.stops else None
        tags = ThinkTags() if ctx.capabilities.get("think_tags") else None
        self.menders = [one for one in (stops, tags) if one is not None]
        self.flow = Flow(ctx, rules.STREAM["sequential"], Citing.between(ctx.source, ctx.target))
        self.lowerer = translation.from_.stream.StreamLowerer(ctx)
        self.alike = self._alike()

    def _alike(self) -> Alike | None:
        """None where what becomes of a frame depends on those before it, on either side."""
        if self.lifter is None or self.menders or not hasattr(self.translation.from_.stream, "UNREAD"):
            return None
        going = self.translation.going
        if going.sized or going.whole is not None:  # there every length is another, or the first frame
            return None
        unread = getattr(self.translation.to.stream, "UNREAD", None)
        return None if unread is None else Alike(unread, self.flow.citing)

    @property
    def content(self) -> bool:
        return self.flow.content

    @property
    def ended(self) -> bool:
        return self.flow.ended and self.flow.failure is None

    @property
    def failure(self) -> c.Error | None:
        return self.flow.failure

    @property
    def usage(self) -> c.Usage | None:
        return self.flow.usage

    def arriving(self, kind: str) -> bool:
        """Whether what comes is a stream, though of a media type that this dialect's streams do not have."""
        found = forms.arriving(self.translation.upstream, kind)
        if found is not None:
            self.reader = found.reader()
        return found is not None

    def feed(self, data: bytes) -> bytes:
        reader = self.reader
        if self.alike is None or type(reader) is not EventReader:
            return self._frames(reader.feed(data))
        if not reader.held and not reader.after_cr and (made := self.alike.event(data)) is not None:
            return made
        if data.count(b"\n\n") < MANY:
            return self._frames(reader.feed(data))
        out, at = [], 0
        while at < len(data):
            if self.alike is not None and not reader.held and not reader.after_cr:
                made, at = self.alike.many(data, at)
                out.append(made)
            end = at
            for _ in range(MANY):  # of the others so many at a time
                found = data.find(b"\n\n", end)
                end = len(data) if found < 0 else found + 2
            out.append(self._frames(reader.feed(data[at:end])))
            at = end
        return b"".join(out)

    def eof(self) -> bytes:
        out = self._frames(self.reader.eof())
        if self.flow.ended:
            return out
        cut = [c.StreamError(c.Error("truncated", CUT))]
        return out + self.events(self.lifter.eof() if self.lifter else cut)

    def whole(self, body: bytes) -> bytes:
        """The stream that a whole answer amounts to. Raises BadAnswer if it is no answer."""
        return self.events(self.translation.unfolded(body))

    def _frames(self, frames: list[tuple[bytes, bytes]]) -> bytes:
        out, alike = [], self.alike
        for name, data in frames:
            if alike is not None and (made := alike.written(name, data)) is not None:
                out.append(made)
                continue
            try:
                events = _events(self.lifter, name, data)
            except (msgspec.DecodeError, TranslationError, RecursionError) as problem:
                out.append(self.events([_unread_frame(problem)]))
                self.alike = None
                break
            made = self.events(events)
            out.append(made)
            if alike is not None:
                alike.learn(name, data, events, made)
        return b"".join(out)

    def events(self, events: list[Any]) -> bytes:
        frames: list[tuple[bytes, bytes]] = []
        for mender in self.menders:
            events = mender.feed(events)
        for event in events:
            for made in self.flow.feed([event]):
                frames += self.lowerer.feed(made)
        self.translation.ctx.settle_in_stream()
        return self._written(frames)

    def _written(self, frames: list[tuple[bytes, bytes]]) -> bytes:
        return last(self.write, frames) if self.ended else self.write(frames)

    def fail(self, error: c.Error) -> bytes:
        return self.translation.failing(self.lowerer, self.write, error)


class Passing:
    """A stream that stays in its dialect: the bytes go through, and are read beside.

    A frame goes out when it is whole: a keep-alive or an error may have to stand behind it.
    """

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        coming, going = translation.coming, translation.going
        self.reader = coming.reader()
        self.write = going.writer()
        self._anew = going.whole is not None or coming is not going  # each frame is written
        self.lifter = translation.lifter()
        self.flow = Flow(translation.ctx, False)
        self.loud = translation.to.stream.LOUD
        self.still = Still(self.loud) if type(self.reader) is EventReader else None
        self.part = b""  # of a frame, that has not gone out

    content = Converting.content
    ended = Converting.ended
    failure = Converting.failure
    usage = Converting.usage
    _written = Converting._written

    def arriving(self, kind: str) -> bool:
        found = Converting.arriving(self, kind)
        self._anew |= found
        return found

    def feed(self, data: bytes) -> bytes:
        if len(data) < LONG or self.still is None:
            return self._fed(data)
        out = b""
        for _ in range(LOUD_FIRST):  # of many events in one read the first are looked at, and the last, each by itself
            if self.flow.content or self.failure is not None or (end := data.find(b"\n\n") + 2) < 2:
                break
            out += self._fed(data[:end])
            data = data[end:]
        end = len(data.rsplit(b"\n\n", LOUD_LAST)[0]) + 2
        for part in (data[:end], data[end:]):
            if part and self.failure is None:
                out += self._fed(part)
        return out

    def _fed(self, data: bytes) -> bytes:
        reader, still = self.reader, self.still
        if self.flow.content and not self._anew:
            whole = still is not None and not (self.part or reader.held or reader.after_cr)
            if whole and still.holds(data):
                return data
            if reader.pass_over(data, self.loud):
                if whole and not reader.held:
                    still.learn(data)
                return self._whole_frames(data) if self.part or reader.held else data
        frames = reader.feed(data)
        loud = loud_ones([frame for _, frame in frames], self.loud)
        for number, (name, frame) in enumerate(frames):
            if not self.flow.content or number in loud or name == b"error":
                self._read(name, frame)
            if self.flow.failure is not None:  # what came before it goes out, the error itself is written by `fail`
                return self.write(frames[:number])
        return self._written(frames) if self._anew else self._whole_frames(data)

    def eof(self) -> bytes:
        rest = self.reader.eof()
        for name, frame in rest:
            self._read(name, frame)
        marked = self.flow.ended
        if not marked:
            self.flow.feed(self.lifter.eof())
        if self.flow.failure is not None:
            return b""
        frames = [one for one in rest if _whole(one[1])]
        mark = self.translation.from_.rules.STREAM["done"]
        if mark is not None and not marked:  # some servers leave it out, and some clients wait for it
            return self._written([*frames, (b"", mark.encode())])
        return self._written(frames) if self._anew else self.part

    def _whole_frames(self, data: bytes) -> bytes:
        if self.part:
            data = self.part + data
        end = self.reader.end(data)
        self.part = data[end:]
        return data[:end]

    def _read(self, name: bytes, frame: bytes) -> None:
        try:
            self.flow.feed(_events(self.lifter, name, frame))
        except (msgspec.ValidationError, TranslationError):
            self.flow.content = True  # the client's own reader shall judge it
        except msgspec.DecodeError as problem:
            if not self.flow.content:  # an error page, or what it may be: another account can still answer
                self.flow.feed([_unread_frame(problem)])

    def whole(self, body: bytes) -> bytes:
        """The stream that a whole answer amounts to. Raises BadAnswer if it is no answer."""
        lowerer = self.translation.from_.stream.StreamLowerer(self.translation.ctx)
        events = self.flow.feed(self.translation.unfolded(body))
        return self._written([frame for event in events for frame in lowerer.feed(event)])

    def fail(self, error: c.Error) -> bytes:
        lowerer = self.translation.from_.stream.StreamLowerer(self.translation.ctx)
        return self.translation.failing(lowerer, self.write, error)


class Collecting:
    """A stream read to its end, for a client that wants the whole answer."""

    def __init__(self, translation: Translation) -> None:
        self.translation = translation
        self.reader = translation.coming.reader()
        self.lifter = translation.lifter()
        self.flow = Flow(translation.ctx, translation.from_.rules.STREAM["sequential"], gathered=True)
        self.fold = Fold(translation.upstream)

    failure = Converting.failure
    usage = Converting.usage
    content = Converting.content

    @property
    def ended(self) -> bool:
        return self.flow.ended

    def feed(self, data: bytes) -> None:
        self._read(self.reader.feed(data))

    def eof(self) -> None:
        self._read(self.reader.eof())
        if not self.flow.ended:
            self.fold.feed(self.flow.feed(self.lifter.eof()))

    def _read(self, frames: list[tuple[bytes, bytes]]) -> None:
        for name, frame in frames:
            try:
                events = _events(self.lifter, name, frame)
            except (msgspec.DecodeError, TranslationError, RecursionError) as problem:
                events = [_unread_frame(problem)]
            self.fold.feed(self.flow.feed(events))

    def answer(self) -> bytes:
        return self.translation._folded(self.fold)


def _whole(frame: bytes) -> bool:
    """Whether JSON was not cut off."""
    try:
        msgspec.json.decode(frame, type=Raw)
    except msgspec.DecodeError:
        return False
    return True


def _unread_frame(problem: Exception) -> c.StreamError:
    return c.StreamError(c.Error("internal", f"a frame of the upstream's stream cannot be read: {problem}"))


def _events(lifter: Any, name: bytes, frame: bytes) -> list[Any]:
    """The events of a frame, and of an error in another form than the dialect's."""
    if _fails(name, frame):
        return [c.StreamError(c.Error(kind_of(status_in(frame)), message_in(frame) or CUT))]
    events = lifter.feed(frame, name)
    if name == b"exception" and not events:  # of a kind that nobody knows
        return [c.StreamError(c.Error("internal", message_in(frame) or CUT))]
    return events


def _fails(name: bytes, frame: bytes) -> bool:
    """Whether a frame is an error in another form than any dialect's."""
    if frame.find(b'"error"') < 0:
        return name == b"error"
    return b'"object":"error"' in frame or b'"object": "error"' in frame
