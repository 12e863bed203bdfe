"""Tagged reasoning is taken out of the text, wherever the stream is cut."""

import pytest

from generated import canonical as c
from runtime.core.events import Fold
from runtime.core.think import ThinkTags, split

SAID = [
    ("<think>Let me see.</think>\n\nHello", [("thinking", "Let me see."), ("text", "Hello")]),
    ("\n<think>a < b </th ink></think>x</think>", [("thinking", "a < b </th ink>"), ("text", "x</think>")]),
    ("Hello <think>no</think>", [("text", "Hello <think>no</think>")]),
    ("<thin", [("text", "<thin")]),
    ("<think>cut of", [("thinking", "cut of")]),
    ("<think>only</think>", [("thinking", "only")]),
]


def told(pieces: list[str]) -> list[tuple[str, str]]:
    tags, fold = ThinkTags(), Fold()
    events = [c.MessageStart(), c.BlockStart(0, c.Text(""), 0), *(c.BlockDelta(0, "text", 0, p) for p in pieces)]
    for event in [*events, c.BlockStop(0, 0), c.CandidateStop(0, "end_turn"), c.MessageEnd()]:
        fold.feed(tags.feed([event]))
    return said(fold.response)


def said(response: c.Response) -> list[tuple[str, str]]:
    return [(type(b).__struct_config__.tag, b.text) for b in response.candidates[0].blocks]


@pytest.mark.parametrize("text, expected", SAID)
def test_every_cut(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(list(text)) == expected
    for cut in range(len(text) + 1):
        assert told([part for part in (text[:cut], text[cut:]) if part]) == expected


@pytest.mark.parametrize("text, expected", SAID)
def test_whole_answer(text: str, expected: list[tuple[str, str]]) -> None:
    response = c.Response(candidates=[c.Candidate(index=0, blocks=[c.Text(text)])])
    split(response)
    assert said(response) == expected
