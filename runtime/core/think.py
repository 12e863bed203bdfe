"""Reasoning that a server leaves in the text between <think> and </think>: taken out, wherever the stream is cut."""

from __future__ import annotations

from typing import Any

from generated import canonical as c

OPEN, CLOSE = "<think>", "</think>"


class ThinkTags:
    """Canonical events in, the same events out with tagged text as thinking blocks. Blocks are numbered anew."""

    def __init__(self) -> None:
        self.index = -1
        self.numbers: dict[int, int] = {}  # upstream's index -> ours, of blocks that are open
        self.held: dict[int, str] = {}  # upstream's index -> text that may still be part of a tag
        self.state: dict[int, str] = {}  # upstream's index of a text block -> start, thinking, after it, or text

    def feed(self, events: list[Any]) -> list[Any]:
        out: list[Any] = []
        for event in events:
            kind = type(event)
            if kind is c.BlockStart and type(event.block) is c.Text:
                self.state[event.index], self.held[event.index] = "start", ""
            elif kind is c.BlockStart:
                event.index = self._number(event.index)
                out.append(event)
            elif kind is c.BlockDelta and event.index in self.state:
                self._text(event, out)
            elif kind is c.BlockStop and event.index in self.state:
                self._stop(event, out)
            elif kind in (c.BlockDelta, c.BlockStop):
                event.index = self.numbers[event.index]
                out.append(event)
            else:
                out.append(event)
        return out

    def _number(self, index: int) -> int:
        self.index += 1
        self.numbers[index] = self.index
        return self.index

    def _text(self, event: c.BlockDelta, out: list[Any]) -> None:
        index, text = event.index, self.held.pop(event.index) + (event.text or "")
        self.held[index] = ""
        if self.state[index] == "start":
            lead = text.lstrip()
            if OPEN.startswith(lead[: len(OPEN)]) and len(lead) < len(OPEN):
                self.held[index] = text
                return
            if lead.startswith(OPEN):
                text = lead[len(OPEN) :]
                self._open(index, c.Thinking(""), "thinking", event, out)
            else:
                self._open(index, c.Text(""), "text", event, out)
        elif self.state[index] == "after":
            text = text.lstrip()
            if text:
                self._open(index, c.Text(""), "text", event, out)
        if self.state[index] == "thinking":
            text = self._thinking(index, text, event, out)
        if text and self.state[index] == "text":
            out.append(c.BlockDelta(self.numbers[index], "text", event.candidate, text, None, event.logprobs))

    def _thinking(self, index: int, text: str, event: c.BlockDelta, out: list[Any]) -> str:
        """Writes what is surely thinking; the text behind the closing tag is left over."""
        said, tag, rest = text.partition(CLOSE)
        if not tag:
            keep = next((n for n in range(len(CLOSE) - 1, 0, -1) if text.endswith(CLOSE[:n])), 0)
            said, self.held[index] = text[: len(text) - keep], text[len(text) - keep :]
        if said:
            out.append(c.BlockDelta(self.numbers[index], "thinking", event.candidate, said))
        if not tag:
            return ""
        out.append(c.BlockStop(self.numbers.pop(index), event.candidate))
        self.state[index] = "after"
        rest = rest.lstrip()
        if rest:
            self._open(index, c.Text(""), "text", event, out)
        return rest

    def _open(self, index: int, block: Any, state: str, event: Any, out: list[Any]) -> None:
        self.state[index] = state
        out.append(c.BlockStart(self._number(index), block, event.candidate))

    def _stop(self, event: c.BlockStop, out: list[Any]) -> None:
        index = event.index
        held, state = self.held.pop(index, ""), self.state.pop(index)
        if held:
            if state == "start":
                out.append(c.BlockStart(self._number(index), c.Text(""), event.candidate))
            out.append(
                c.BlockDelta(self.numbers[index], "thinking" if state == "thinking" else "text", event.candidate, held)
            )
        if index in self.numbers:
            out.append(c.BlockStop(self.numbers.pop(index), event.candidate))


def split(response: c.Response) -> None:
    """The same for a whole answer."""
    for candidate in response.candidates or ():
        blocks: list[Any] = []
        for block in candidate.blocks or ():
            lead = block.text.lstrip() if type(block) is c.Text else ""
            if lead.startswith(OPEN):
                said, _, block.text = lead[len(OPEN) :].partition(CLOSE)
                blocks.append(c.Thinking(said, role=block.role, turn=block.turn, part=block.part))
                block.text = block.text.lstrip()
                if not block.text:
                    continue
            blocks.append(block)
        candidate.blocks = blocks
