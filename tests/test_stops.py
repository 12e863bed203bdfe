"""A stop sequence that a server leaves in the text is cut off, wherever the stream is cut."""

from __future__ import annotations

import json

import pytest

from generated import canonical as c
from runtime.core.events import Fold
from runtime.core.stops import Stops, cut_off
from runtime.core.translate import Translation

# text, stop sequences -> what is left, and which of them was met
SAID = [
    ("Hello from a small café", ["small"], "Hello from a ", "small"),
    ("Hello", ["lol", "x"], "Hello", None),
    ("aaab!", ["aab"], "a", "aab"),
    ("Hel", ["Hello", "l!"], "Hel", None),
    ("abcd", ["abcd", "c"], "ab", "c"),
    ("one END two END", ["ND", "END"], "one ", "END"),
    ("END", ["END"], "", "END"),
    ("line\n\nline", ["\n\n", "\n"], "line", "\n"),
]
ASKING = {
    "openai-chat": {"stop": "a small"},
    "anthropic-messages": {"stop_sequences": ["a small"], "max_tokens": 9},
}
MET = {"openai-chat": "stop", "anthropic-messages": "stop_sequence"}
PIECES = ["<think>Let", " me</think>", "Hello", " from", " a", " small", " bit"]


def told(pieces: list[str], stops: list[str]) -> tuple[str, str | None]:
    cutting, fold = Stops(stops), Fold()
    events = [c.MessageStart(), c.BlockStart(0, c.Text(""), 0), *(c.BlockDelta(0, "text", 0, p) for p in pieces)]
    for event in [*events, c.BlockStop(0, 0), c.CandidateStop(0, "end_turn"), c.MessageEnd()]:
        fold.feed(cutting.feed([event]))
    return left(fold.response)


def left(response: c.Response) -> tuple[str, str | None]:
    [candidate] = response.candidates
    assert candidate.stop_reason == ("end_turn" if candidate.stop_sequence is None else "stop_sequence")
    return candidate.blocks[0].text, candidate.stop_sequence


@pytest.mark.parametrize("text, stops, expected, met", SAID)
def test_every_cut(text: str, stops: list[str], expected: str, met: str | None) -> None:
    assert told(list(text), stops) == (expected, met)
    for cut in range(len(text) + 1):
        assert told([part for part in (text[:cut], text[cut:]) if part], stops) == (expected, met)


@pytest.mark.parametrize("text, stops, expected, met", SAID)
def test_whole_answer(text: str, stops: list[str], expected: str, met: str | None) -> None:
    candidate = c.Candidate(index=0, blocks=[c.Text(text), c.Text("more")], stop_reason="end_turn")
    cut_off(response := c.Response(candidates=[candidate]), stops)
    assert left(response) == (expected, met)
    assert candidate.blocks[1].text == ("more" if met is None else "")


def asked(client: str, stream: bool = False, **more: object) -> Translation:
    going = Translation(client, "openai-chat", "transformers_serve", "m", now=1, new_id=lambda: "1", stream=stream)
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stream": stream}
    body |= ASKING[client] | more
    sent = json.loads(going.request(json.dumps(body).encode()).body)
    assert sent["stop"] in ("a small", ["a small"])
    return going


@pytest.mark.parametrize("client", ASKING)
def test_an_answer(client: str) -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "".join(PIECES)}}
    answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    said = json.loads(asked(client).answer(json.dumps(answer).encode()))
    if client == "openai-chat":
        [choice] = said["choices"]
        assert (choice["message"]["content"], choice["finish_reason"]) == ("Hello from ", "stop")
    else:
        assert said["content"][-1] == {"type": "text", "text": "Hello from "}
        assert (said["stop_reason"], said["stop_sequence"]) == ("stop_sequence", "a small")


@pytest.mark.parametrize("client", ASKING)
def test_a_stream(client: str) -> None:
    stream = asked(client, stream=True).stream()
    said = b""
    for number, piece in enumerate([*PIECES, None]):
        choice = {"index": 0, "delta": {"content": piece} if piece else {}, "finish_reason": None if piece else "stop"}
        said += stream.feed(b"data: " + json.dumps({"id": "1", "model": "m", "choices": [choice]}).encode() + b"\n\n")
        if number == 4:
            assert b" from" in said and b" a" not in said.rpartition(b" from")[2], "what may be a stop waits"
    said += stream.eof()
    frames = [json.loads(line[6:]) for line in said.decode().splitlines() if line.startswith("data: {")]
    deltas = [one.get("delta") or one["choices"][0]["delta"] for one in frames if "delta" in one or one.get("choices")]
    assert "".join(delta.get("content") or delta.get("text") or "" for delta in deltas) == "Hello from "
    assert f'"{MET[client]}"' in said.decode() and b"bit" not in said


@pytest.mark.parametrize("wanted", [True, False])
def test_usage_is_told_to_who_asks(wanted: bool) -> None:
    stream = asked("openai-chat", stream=True, stream_options={"include_usage": wanted}).stream()
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    choice = {"index": 0, "delta": {"content": "a smaller"}, "finish_reason": "stop"}
    frame = {"id": "1", "model": "m", "choices": [choice], "usage": usage}
    said = stream.feed(f"data: {json.dumps(frame)}\n\ndata: [DONE]\n\n".encode()) + stream.eof()
    assert said.endswith(b"data: [DONE]\n\n") and (b'"completion_tokens":4' in said) is wanted


def test_without_a_stop_bytes_pass_as_they_are() -> None:
    going = Translation("openai-chat", "openai-chat", "transformers_serve", "m", now=1, new_id=lambda: "1")
    going.request(b'{"model": "m", "messages": [{"role": "user", "content": "Hi"}], "stop": null}')
    answer = b'{"choices": [ {"message": {"content": "Hello <think>"}} ] }'
    assert going.answer(answer) == answer
