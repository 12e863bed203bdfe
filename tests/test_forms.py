"""Forms of a dialect: the same answers in other frames, however they are cut and wherever they break off."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from runtime.core.forms import forms
from runtime.core.framing import LONGEST_FRAME, ArrayReader, FrameTooLong
from runtime.core.translate import Translation
from tests.laws.schemas import CHATS
from tests.laws.streams import FRAMES, frames_of, written
from tests.scripted import Reply
from tests.test_app import gateway_before
from tests.test_streams import RICH, asking, broken_off, converted, rich

GEMINI, ARRAY = "gemini-generate", forms("gemini-generate")["array"]
JSON = {"content-type": "application/json; charset=UTF-8"}


def in_form(client: str, upstream: str, **more: Any) -> Translation:
    going = asking(client, upstream)
    for name, value in more.items():
        setattr(going, name, value)
    return going


def array(seed: int, pretty: bool = True) -> bytes:
    """The rich answer of Gemini's as an array, spelled in one of several ways."""
    random = Random(seed)
    between = random.choice([",\r\n", ",\n", " , ", ","])
    frames = [data for _, data in FRAMES[GEMINI](RICH[GEMINI], Random(seed))]
    if pretty:
        frames = [json.dumps(json.loads(data), indent=2, ensure_ascii=False) for data in frames]
    return ("[" + between.join(frames) + random.choice(["\n]", "]"])).encode()


def elements(data: bytes) -> list[dict[str, Any]]:
    found = json.loads(data)
    assert isinstance(found, list)
    return found


# the array that is read


def test_the_objects_of_an_array_are_found_wherever_it_is_cut() -> None:
    objects = [b'{"a": "}]\\"\\\\", "b": [{"c": "[{"}, []]}', b"{}", '{"São": "🎈\\\\"}'.encode()]
    data = b"\n[ " + b" ,\r\n".join(objects) + b"\n]\n"
    for at in range(len(data) + 1):
        reader = ArrayReader()
        assert [frame for _, frame in reader.feed(data[:at]) + reader.feed(data[at:])] == objects
        assert reader.eof() == [] and not reader.held
    reader = ArrayReader()
    assert [frame for at in range(len(data)) for _, frame in reader.feed(data[at : at + 1])] == objects
    assert ArrayReader().feed(objects[0]) == [(b"", objects[0])], "one object alone is a frame, too"
    assert ArrayReader().feed(b"<html>nothing</html>") == []


def test_an_object_that_never_ends_is_refused() -> None:
    reader = ArrayReader()
    reader.feed(b'[{"a":"')
    with pytest.raises(FrameTooLong):
        reader.feed(b"x" * (LONGEST_FRAME + 1))


@pytest.mark.parametrize("client", CHATS)
def test_a_stream_that_arrives_as_an_array_says_the_same(client: str) -> None:
    for seed in range(4):
        whole = converted(asking(client, GEMINI), [written(FRAMES[GEMINI](RICH[GEMINI], Random(seed)), name=GEMINI)])
        data, random = array(seed, client == GEMINI), Random(seed)
        for _ in range(12):
            cuts = sorted(random.sample(range(1, len(data)), 9))
            stream = asking(client, GEMINI).stream()
            assert stream.arriving("application/json")
            parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
            out = b"".join(map(stream.feed, parts)) + stream.eof()
            assert stream.ended and stream.failure is None
            if client == GEMINI:
                events = [part.removeprefix(b"data: ") for part in out.split(b"\n\n")[:-1]]
                assert [json.loads(one) for one in events] == elements(data)
            else:
                assert out == whole


def test_an_array_that_is_cut_off_is_no_answer() -> None:
    data = array(1)
    whole = len(data.rstrip(b"\n]"))
    for client in (GEMINI, "openai-chat", "anthropic-messages"):
        for at in range(0, whole - 1, 7):
            stream = asking(client, GEMINI).stream()
            assert stream.arriving("application/json")
            stream.feed(data[:at]), stream.eof()
            assert stream.failure is not None and stream.failure.kind == "truncated"
            assert not stream.ended or client == GEMINI


# the array that is written


@pytest.mark.parametrize("upstream", CHATS)
def test_a_client_that_wants_an_array_gets_what_events_would_say(upstream: str) -> None:
    for seed in range(3):
        data = rich(upstream, seed)
        events = converted(asking(GEMINI, upstream), [data])
        whole = converted(in_form(GEMINI, upstream, form=ARRAY), [data])
        assert (
            elements(whole) == [json.loads(one) for _, one in frames_of(events, GEMINI)] if upstream != GEMINI else True
        )
        assert converted(in_form(GEMINI, upstream, form=ARRAY), [data[i : i + 1] for i in range(len(data))]) == whole


def test_an_array_stays_an_array() -> None:
    data = array(2)
    stream = in_form(GEMINI, GEMINI, form=ARRAY).stream()
    assert stream.arriving("application/json")
    out = [stream.feed(data[i : i + 1]) for i in range(len(data))]
    assert elements(b"".join(out) + stream.eof()) == elements(data)
    assert sum(map(bool, out)) == len(elements(data)), "each goes out when it is whole"


@pytest.mark.parametrize("upstream", CHATS)
def test_an_array_is_whole_wherever_it_breaks_off(upstream: str) -> None:
    data, broken = rich(upstream, 0), 0
    for at in range(0, len(data), 3):
        stream = in_form(GEMINI, upstream, form=ARRAY).stream()
        out = stream.feed(data[:at]) + stream.eof()
        if stream.failure is None:
            assert stream.ended and elements(out)[-1]["candidates"]
            continue
        broken += 1
        *before, last = elements(out + stream.fail(stream.failure))
        assert last["error"]["message"] == stream.failure.message
        assert not any("error" in one for one in before)
    assert broken > 3


def test_an_upstream_that_says_it_failed_ends_the_array() -> None:
    frame, message = broken_off("openai-chat")
    frames = FRAMES["openai-chat"](RICH["openai-chat"], Random(1))[:3]
    stream = in_form(GEMINI, "openai-chat", form=ARRAY).stream()
    out = stream.feed(written([*frames, frame], name="openai-chat"))
    assert message in elements(out + stream.fail(stream.failure))[-1]["error"]["message"]


# through the gateway

PATH = "/v1beta/models/m:streamGenerateContent"
ASK = {"contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}


def part(text: str, **more: str) -> bytes:
    return json.dumps({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, **more}]}).encode()


PIECES = [b"[" + part("Hel"), b",\r\n" + part("lo") + b"\r\n,", part("!", finishReason="STOP") + b"]"]


def texts(frames: list[dict[str, Any]]) -> list[str]:
    return [one["candidates"][0]["content"]["parts"][0]["text"] for one in frames]


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("query", ["", "?alt=json", "?key=gw-client-token"])
async def test_without_the_word_for_events_an_array_comes(query: str) -> None:
    reply = Reply(body=PIECES, headers=JSON, pause=0.15)
    async with gateway_before(reply, provider="gemini") as (served, upstream):
        async with served.post(PATH + query, ASK) as answer:
            assert (answer.status, answer.content_type) == (200, "application/json")
            parts = [one async for one in answer.content.iter_any()]
        assert texts(elements(b"".join(parts))) == ["Hel", "lo", "!"]
        assert len(parts) >= 3, "each went out when it was whole"
        assert upstream.asked[0].path.endswith("?alt=sse")


@pytest.mark.usefixtures("lanes")
async def test_with_it_events_come() -> None:
    async with (
        gateway_before(Reply(body=PIECES, headers=JSON), provider="gemini") as (served, _),
        served.post(PATH + "?key=x&alt=sse", ASK) as answer,
    ):
        assert answer.content_type == "text/event-stream"
        assert texts([json.loads(data) for _, data in frames_of(await answer.read())]) == ["Hel", "lo", "!"]


@pytest.mark.usefixtures("lanes")
async def test_what_breaks_off_is_an_array_with_an_error() -> None:
    async with (
        gateway_before(Reply(body=PIECES[:2], headers=JSON), provider="gemini", retries=0) as (served, _),
        served.post(PATH, ASK) as answer,
    ):
        *said, last = elements(await answer.read())
        assert texts(said) == ["Hel", "lo"] and "ended before" in last["error"]["message"]


@pytest.mark.usefixtures("lanes")
async def test_an_error_in_the_clothes_of_an_answer_is_one() -> None:
    said = {"error": {"code": 400, "message": "no such thing", "status": "INVALID_ARGUMENT"}}
    for body in (said, [said]):
        reply = Reply(body=json.dumps(body).encode(), headers=JSON)
        async with gateway_before(reply, provider="gemini", retries=0) as (served, _), served.post(PATH, ASK) as answer:
            [one] = elements(await answer.read())
            assert answer.status >= 400 and "no such thing" in one["error"]["message"]


@pytest.mark.usefixtures("lanes")
async def test_an_array_is_kept_alive_in_silence() -> None:
    reply = Reply(body=PIECES, headers=JSON, wait=0.5)
    async with (
        gateway_before(reply, provider="gemini", keepalive="100ms") as (served, _),
        served.post(PATH, ASK) as answer,
    ):
        body = await answer.read()
        assert body.startswith(b"\n\n") and texts(elements(body)) == ["Hel", "lo", "!"]
