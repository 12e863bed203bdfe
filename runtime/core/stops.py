"""Stop sequences that a server leaves in the text: cut off, wherever the stream is cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from generated import canonical as c


class Stops:
    """Canonical events in, the same events out; of each candidate nothing is said from its stop sequence on."""

    def __init__(self, stops: Sequence[str]) -> None:
        self.stops = stops
        self.held: dict[int, c.BlockDelta] = {}  # by block: text that may be the beginning of a stop sequence
        self.met: dict[int, str] = {}  # candidate -> the sequence that ended it

    def feed(self, events: list[Any]) -> list[Any]:
        out: list[Any] = []
        for event in events:
            kind = type(event)
            if kind is c.BlockDelta and event.kind in ("text", "thinking"):
                if (event.candidate or 0) in self.met:
                    continue
                self._text(event)
            elif kind is c.BlockStop and (held := self.held.pop(event.index, None)) is not None:
                out.append(held)
            elif kind is c.CandidateStop and (stop := self.met.get(event.candidate or 0)) is not None:
                event.stop_reason, event.stop_sequence = "stop_sequence", stop
            out.append(event)
        return out

    def _text(self, event: c.BlockDelta) -> None:
        """Leaves in a delta what is surely said."""
        if (held := self.held.pop(event.index, None)) is not None:
            event.text = held.text + (event.text or "")
        text = event.text or ""
        event.text, stop = _cut(text, self.stops)
        if stop is not None:
            self.met[event.candidate or 0] = stop
        elif keep := max((n for stop in self.stops for n in range(1, len(stop)) if text.endswith(stop[:n])), default=0):
            event.text = text[:-keep]
            self.held[event.index] = c.BlockDelta(event.index, event.kind, event.candidate, text[-keep:])


def cut_off(response: c.Response, stops: Sequence[str]) -> None:
    """The same for a whole answer."""
    for candidate in response.candidates or ():
        met = None
        for block in candidate.blocks or ():
            if type(block) in (c.Text, c.Thinking):
                block.text, stop = ("", met) if met is not None else _cut(block.text, stops)
                met = met or stop
        if met is not None:
            candidate.stop_reason, candidate.stop_sequence = "stop_sequence", met


def _cut(text: str, stops: Sequence[str]) -> tuple[str, str | None]:
    """What stands before the sequence that is whole first, and that sequence; of two that end alike, the longer."""
    found = [(at + len(stop), at, stop) for stop in stops if (at := text.find(stop)) >= 0]
    if not found:
        return text, None
    _, at, stop = min(found)
    return text[:at], stop
