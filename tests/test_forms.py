"""Forms of a dialect: the same answers in other frames, however they are cut and wherever they break off."""

from __future__ import annotations

import asyncio
import json
import re
from random import Random
from typing import Any

import pytest
from botocore.eventstream import EventStream
from botocore.exceptions import EventStreamError
from botocore.parsers import create_parser
from botocore.session import Session

from runtime.core.forms import forms
from runtime.core.framing import LONGEST_FRAME, ArrayReader, ChunkReader, FrameTooLong, chunks, messages
from runtime.core.translate import Translation
from tests.laws.schemas import CHATS
from tests.laws.streams import FRAMES, frames_of, written
from tests.scripted import Reply
from tests.servers import VENVS, required
from tests.test_app import CHAT_PATH, MESSAGES_PATH, gateway_before
from tests.test_streams import RICH, asking, broken_off, converted, rich

GEMINI, ARRAY = "gemini-generate", forms("gemini-generate")["array"]
JSON = {"content-type": "application/json; charset=UTF-8"}
SSE, AMAZON = {"content-type": "text/event-stream"}, {"content-type": "application/vnd.amazon.eventstream"}


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


# Anthropic's messages by Amazon's InvokeModel

ANTHROPIC, INVOKE = "anthropic-messages", forms("anthropic-messages")["invoke"]
RESPONSES = Session().get_service_model("bedrock-runtime").operation_model("InvokeModelWithResponseStream")
SHAPE = RESPONSES.get_event_stream_output()


class Body:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self) -> list[bytes]:
        return [self.data[at : at + 7] for at in range(0, len(self.data), 7)]


def by_botocore(data: bytes) -> list[dict[str, Any]]:
    """The events that Amazon's own reader finds in a stream; it raises what stands there as an exception."""
    parser = create_parser("rest-json")._event_stream_parser
    return [json.loads(one["chunk"]["bytes"]) for one in EventStream(Body(data), SHAPE, parser, RESPONSES.name) if one]


def invoked(seed: int) -> bytes:
    """The rich answer of Anthropic's as InvokeModel streams it."""
    return chunks([(b"", data.encode()) for _, data in FRAMES[ANTHROPIC](RICH[ANTHROPIC], Random(seed))])


@pytest.mark.parametrize("upstream", CHATS)
def test_what_goes_out_as_chunks_is_what_events_would_say(upstream: str) -> None:
    for seed in range(3):
        data = rich(upstream, seed)
        out = converted(in_form(ANTHROPIC, upstream, form=INVOKE), [data])
        one_by_one = [data[i : i + 1] for i in range(len(data))]
        assert converted(in_form(ANTHROPIC, upstream, form=INVOKE), one_by_one) == out
        if upstream != ANTHROPIC:
            events = frames_of(converted(asking(ANTHROPIC, upstream), [data]), ANTHROPIC)
            assert by_botocore(out) == [json.loads(said) for _, said in events]
        assert by_botocore(out)[-1] == {"type": "message_stop"}


@pytest.mark.parametrize("client", CHATS)
def test_what_arrives_as_chunks_says_the_same(client: str) -> None:
    for seed in range(3):
        frames, data, random = FRAMES[ANTHROPIC](RICH[ANTHROPIC], Random(seed)), invoked(seed), Random(seed)
        whole = converted(asking(client, ANTHROPIC), [written(frames)])
        for _ in range(8):
            cuts = sorted(random.sample(range(1, len(data)), 9))
            parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
            assert converted(in_form(client, ANTHROPIC, their_form=INVOKE), parts) == whole
    both = in_form(ANTHROPIC, ANTHROPIC, form=INVOKE, their_form=INVOKE)
    data = chunks([(b"", said.encode()) for name, said in frames if name != "ping"])
    assert converted(both, [data[i : i + 1] for i in range(len(data))]) == data


@pytest.mark.parametrize("upstream", CHATS)
def test_chunks_that_break_off_end_with_an_exception(upstream: str) -> None:
    data, broken = rich(upstream, 0), 0
    for at in range(0, len(data), 11):
        stream = in_form(ANTHROPIC, upstream, form=INVOKE).stream()
        out = stream.feed(data[:at]) + stream.eof()
        if stream.failure is None:
            assert by_botocore(out)[-1]["type"] in ("message_delta", "message_stop")
            continue
        broken += 1
        by_botocore(out)
        with pytest.raises(EventStreamError, match=re.escape(stream.failure.message)):
            by_botocore(out + stream.fail(stream.failure))
    assert broken > 3


@pytest.mark.parametrize("client", ["openai-chat", ANTHROPIC])
def test_an_exception_among_chunks_is_the_error_it_is_called(client: str) -> None:
    for said, kind in (("throttlingException", "rate_limit"), ("modelStreamErrorException", "truncated")):
        broken = messages([(b"", b'{"event":"%b","message":"too many"}' % said.encode())])
        stream = in_form(client, ANTHROPIC, their_form=INVOKE).stream()
        stream.feed(chunks([(b"", FRAMES[ANTHROPIC](RICH[ANTHROPIC], Random(0))[0][1].encode())]) + broken)
        assert (stream.failure.kind, stream.failure.message) == (kind, "too many")


def test_chunks_that_are_none_are_an_error() -> None:
    for held in (b'{"event":"chunk"}', b'{"event":"chunk","bytes":"?"}'):
        [(name, said)] = ChunkReader().feed(messages([(b"", held)]))
        assert name == b"error" and b"cannot be read" in said
    assert ChunkReader().feed(chunks([(b"", b'{"text":"one of another model"}')])) == [
        (b"", b'{"text":"one of another model"}')
    ]


# through the gateway

SAID = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude",
    "content": [{"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 3, "output_tokens": 1},
}
EVENTS = [
    {"type": "message_start", "message": {**SAID, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
    {"type": "content_block_stop", "index": 0},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"output_tokens": 1},
    },
    {"type": "message_stop"},
]
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"
ASKED = {"max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}], "thinking": {"type": "disabled"}}
BETAS = "interleaved-thinking-2025-05-14,context-1m-2025-08-07"
INVOKED = {**ASKED, "anthropic_version": "bedrock-2023-05-31", "anthropic_beta": BETAS.split(",")}
PREDICT = "/v1/projects/p/locations/us-east5/publishers/anthropic/models"


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("path", [f"/model/{MODEL}/invoke", f"/model/{MODEL.replace(':', '%3A')}/invoke"])
async def test_a_message_that_is_invoked_reaches_anthropic_as_its_own(path: str) -> None:
    reply = Reply(body=json.dumps(SAID).encode(), headers={"content-type": "application/json"})
    async with gateway_before(reply, provider="anthropic") as (served, upstream):
        async with served.post(path, INVOKED) as answer:
            assert (answer.status, await answer.json()) == (200, SAID)
            assert "isogloss-loss" not in answer.headers
        [asked] = upstream.asked
        assert asked.json == {**ASKED, "model": MODEL, "stream": False}
        assert (asked.headers["anthropic-beta"], asked.headers["anthropic-version"]) == (BETAS, "2023-06-01")


@pytest.mark.usefixtures("lanes")
async def test_its_stream_is_written_as_messages_of_amazons() -> None:
    events = [f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in EVENTS]
    reply = Reply(body=[*events[:2], b"event: ping\ndata: {}\n\n", *events[2:]], headers=SSE, pause=0.02)
    async with (
        gateway_before(reply, provider="anthropic") as (served, upstream),
        served.post(f"/model/{MODEL}/invoke-with-response-stream", INVOKED) as answer,
    ):
        assert answer.content_type == "application/vnd.amazon.eventstream"
        assert by_botocore(await answer.read()) == EVENTS
        assert upstream.asked[0].json["stream"] is True


@pytest.mark.usefixtures("lanes")
async def test_errors_of_what_is_invoked_are_amazons() -> None:
    said = {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}
    reply = Reply(429, json.dumps(said).encode(), {"content-type": "application/json"})
    async with gateway_before(reply, provider="anthropic", retries=0) as (served, _):
        async with served.post(f"/model/{MODEL}/invoke", INVOKED) as answer:
            assert (answer.status, answer.headers["x-amzn-errortype"]) == (429, "ThrottlingException")
            assert "slow down" in (await answer.json())["message"]
        url = f"{served.url}/model/{MODEL}/invoke"
        async with served.session.post(url, data=b"[]") as answer:
            assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("client", ["anthropic-messages", "openai-chat"])
async def test_amazons_anthropic_is_asked_by_invoke(client: str) -> None:
    path, body = (
        (MESSAGES_PATH, {**ASKED, "model": MODEL})
        if client == ANTHROPIC
        else (CHAT_PATH, {"model": MODEL, "max_completion_tokens": 10, "messages": ASKED["messages"]})
    )
    headers = {"anthropic-beta": BETAS, "anthropic-version": "2023-06-01"}
    replies = [
        Reply(body=json.dumps(SAID).encode(), headers={"content-type": "application/json"}),
        Reply(body=[chunks([(b"", json.dumps(one).encode())]) for one in EVENTS], headers=AMAZON),
    ]
    async with gateway_before(*replies, provider="bedrock_anthropic") as (served, upstream):
        async with served.post(path, body, headers=headers) as answer:
            assert answer.status == 200 and b'"Hello"' in await answer.read()
        async with served.post(path, {**body, "stream": True}, headers=headers) as answer:
            assert answer.content_type == "text/event-stream"
            frames = frames_of(await answer.read(), client)
            if client == ANTHROPIC:
                assert frames == [(one["type"], json.dumps(one)) for one in EVENTS]
            assert sum('"Hello"' in data for _, data in frames) == 1
        first, second = upstream.asked
        assert first.path == f"/model/{MODEL}/invoke" and second.path == f"{first.path}-with-response-stream"
        betas = {"anthropic_beta": BETAS.split(",")} if client == ANTHROPIC else {}
        assert first.json.keys() >= {"anthropic_version", "max_tokens", "messages"}
        assert first.json == second.json and not {"model", "stream"} & first.json.keys()
        assert {name: first.json[name] for name in betas} == betas
        assert first.json["anthropic_version"] == "bedrock-2023-05-31"
        assert first.headers["authorization"] == "Bearer sk-upstream-aaaa" and "anthropic-beta" not in first.headers


# and by Google's rawPredict


@pytest.mark.usefixtures("lanes")
@pytest.mark.parametrize("base", ["", "/v1", "/anthropic/v1"])
async def test_a_message_that_is_predicted_reaches_anthropic_as_its_own(base: str) -> None:
    body = {**ASKED, "anthropic_version": "vertex-2023-10-16"}
    reply = Reply(body=json.dumps(SAID).encode(), headers={"content-type": "application/json"})
    async with gateway_before(reply, provider="anthropic") as (served, upstream):
        path = base + PREDICT.removeprefix("/v1")
        async with served.post(
            f"{path}/claude-x@20260101:rawPredict", body, headers={"anthropic-beta": BETAS}
        ) as answer:
            assert (answer.status, await answer.json()) == (200, SAID)
        assert upstream.asked[0].json == {**ASKED, "model": "claude-x@20260101", "stream": False}
        assert upstream.asked[0].headers["anthropic-beta"] == BETAS


@pytest.mark.usefixtures("lanes")
async def test_its_tokens_are_counted_where_the_sdk_asks() -> None:
    body = {"model": "claude-x", "messages": ASKED["messages"], "anthropic_version": "2026-10-21"}
    reply = Reply(body=b'{"input_tokens": 11}', headers={"content-type": "application/json"})
    async with gateway_before(reply, provider="anthropic") as (served, upstream):
        async with served.post(f"{PREDICT}/count-tokens:rawPredict", body) as answer:
            assert (answer.status, await answer.json()) == (200, {"input_tokens": 11})
        assert (upstream.asked[0].path, upstream.asked[0].json["model"]) == ("/v1/messages/count_tokens", "claude-x")


# an answer that is a list and nothing else

RANKS = [{"index": 2, "score": 0.9}, {"index": 0, "score": 0.5}, {"index": 1, "score": 0.1}]
QUESTION = {"model": "m", "query": "Where?", "texts": ["Here", "There", "Nowhere"]}


@pytest.mark.usefixtures("lanes")
async def test_ranks_of_an_engine_that_knows_no_number_are_cut_to_it() -> None:
    asked = {"model": "m", "query": "Where?", "documents": QUESTION["texts"], "top_n": 2}
    reply = Reply(body=json.dumps(RANKS).encode(), headers={"content-type": "application/json"})
    async with gateway_before(reply, provider="tei") as (served, upstream):
        async with served.post("/v2/rerank", asked) as answer:
            ranks = (await answer.json())["results"]
            assert ranks == [{"index": one["index"], "relevance_score": one["score"]} for one in RANKS[:2]]
        assert (upstream.asked[0].path, upstream.asked[0].json) == ("/rerank", QUESTION)
        async with served.post("/tei/rerank", {**QUESTION, "return_text": True}) as answer:
            assert await answer.json() == RANKS
        assert upstream.asked[1].json == {**QUESTION, "return_text": True}


@pytest.mark.usefixtures("lanes")
async def test_ranks_of_others_are_a_list_for_a_client_of_such_an_engine() -> None:
    results = [{"index": one["index"], "relevance_score": one["score"]} for one in RANKS]
    reply = Reply(body=json.dumps({"results": results}).encode(), headers={"content-type": "application/json"})
    broken = Reply(422, json.dumps({"message": "too many"}).encode(), {"content-type": "application/json"})
    async with gateway_before(reply, broken, provider="cohere", retries=0) as (served, upstream):
        async with served.post("/tei/rerank", QUESTION) as answer:
            assert await answer.json() == RANKS
        assert upstream.asked[0].json["documents"] == QUESTION["texts"]
        async with served.post("/tei/rerank", QUESTION) as answer:
            assert await answer.json() == {"error": "too many", "error_type": "Validation"}


@pytest.mark.usefixtures("lanes")
async def test_an_engine_that_says_no_is_heard() -> None:
    said = {"error": "Model is overloaded", "error_type": "Overloaded"}
    reply = Reply(429, json.dumps(said).encode(), {"content-type": "application/json"})
    async with gateway_before(reply, provider="tei", retries=0) as (served, _):
        for path, body in (("/tei/rerank", QUESTION), ("/v2/rerank", {**QUESTION, "documents": ["Here"]})):
            async with served.post(path, body) as answer:
                assert answer.status >= 400 and "overloaded" in (await answer.text())


@pytest.mark.usefixtures("lanes")
async def test_the_sdk_of_cohere_has_its_documents_ranked() -> None:
    python = required(VENVS / "cohere-7.3.1", "run `make setup`") / "bin/python"
    code = "import cohere, sys; asked = {'model': 'm', 'query': 'Where?', 'documents': ['Here', 'There', 'Nowhere'], 'top_n': 2}\n"
    code += "answer = cohere.ClientV2(api_key='any', base_url=sys.argv[1]).rerank(**asked)\n"
    code += "print([[one.index, one.relevance_score] for one in answer.results])"
    reply = Reply(body=json.dumps(RANKS).encode(), headers={"content-type": "application/json"})
    async with gateway_before(reply, provider="tei") as (served, _):
        run = await asyncio.create_subprocess_exec(python, "-c", code, served.url, stdout=asyncio.subprocess.PIPE)
        out, _ = await asyncio.wait_for(run.communicate(), 60)
    assert json.loads(out) == [[2, 0.9], [0, 0.5]]


# embeddings and ranks by InvokeModel

VECTOR = [0.5, -1.25]


@pytest.mark.usefixtures("lanes")
async def test_amazons_titan_embeds_one_text() -> None:
    said = {"embedding": VECTOR, "embeddingsByType": {"float": VECTOR}, "inputTextTokenCount": 3}
    reply = Reply(body=json.dumps(said).encode(), headers={"content-type": "application/json"})
    asked = {"model": "amazon.titan-embed-text-v2:0", "input": "Hi", "dimensions": 256}
    async with gateway_before(reply, provider="bedrock_titan") as (served, upstream):
        for encoding, values in (("float", VECTOR), ("base64", "AAAAPwAAoL8=")):
            async with served.post("/v1/embeddings", {**asked, "encoding_format": encoding}) as answer:
                heard = await answer.json()
                assert (heard["data"][0]["embedding"], heard["usage"]["prompt_tokens"]) == (values, 3)
        first = upstream.asked[0]
        assert (first.path, first.json) == (f"/model/{asked['model']}/invoke", {"inputText": "Hi", "dimensions": 256})
        async with served.post("/v1/embeddings", {**asked, "input": ["Hi", "there"]}) as answer:
            assert answer.status == 400 and "input" in (await answer.json())["error"]["message"]
        async with served.post(
            f"/titan/model/{asked['model']}/invoke", {"inputText": "Hi", "normalize": True}
        ) as answer:
            assert await answer.json() == said
        assert upstream.asked[-1].json == {"inputText": "Hi", "normalize": True} and len(upstream.asked) == 3


@pytest.mark.usefixtures("lanes")
async def test_coheres_models_are_invoked_in_coheres_own_words() -> None:
    said = {
        "id": "1",
        "embeddings": {"float": [VECTOR, VECTOR]},
        "texts": ["Hi", "there"],
        "response_type": "embeddings_by_type",
    }
    ranked = {"results": [{"index": 1, "relevance_score": 0.9}]}
    replies = [
        Reply(body=json.dumps(one).encode(), headers={"content-type": "application/json"}) for one in (said, ranked)
    ]
    async with gateway_before(*replies, provider="bedrock_cohere") as (served, upstream):
        async with served.post("/v1/embeddings", {"model": "cohere.embed-v4:0", "input": said["texts"]}) as answer:
            assert [one["embedding"] for one in (await answer.json())["data"]] == [VECTOR, VECTOR]
        asked = {"query": "Where?", "documents": ["Here", "There"], "top_n": 1}
        async with served.post("/v2/rerank", {"model": "cohere.rerank-v3-5:0", **asked, "priority": 1}) as answer:
            assert (await answer.json())["results"] == ranked["results"]
        embed, rerank = upstream.asked
        assert (embed.path, rerank.path) == ("/model/cohere.embed-v4:0/invoke", "/model/cohere.rerank-v3-5:0/invoke")
        assert embed.json == {"texts": said["texts"], "input_type": "search_document", "embedding_types": ["float"]}
        assert rerank.json == {**asked, "api_version": 2}
