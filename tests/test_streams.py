"""Streams: they say what the whole answer says, however they are cut, and end in one way."""

from __future__ import annotations

import json
import re
from functools import cache
from random import Random
from typing import Any
from zlib import crc32

import msgspec
import pytest

from generated import canonical as c
from runtime.core.catalogue import dialect
from runtime.core.context import Context
from runtime.core.events import SLIPS, Flow, Fold, settle, speaks
from runtime.core.framing import FRAMINGS
from runtime.core.own_answers import keepalive
from runtime.core.primitives import TranslationError
from runtime.core.translate import BadAnswer, Translation
from tests.laws.schemas import CHAT_PAIRS, CHATS, examples, roots, schema
from tests.laws.sending import NOW, encode, translation
from tests.laws.streams import ANSWERS, FRAMES, GRAMMARS, LINES, Frame, frames_of, written
from tests.laws.values import holds_of_drawn

MISTRALS = ("mistral-chat", "mistral-fim")
MINTED = re.compile(r"id\d+$")
PLACING = ("turn", "part", "role", "carried", "native_reason")


@cache
def answers(name: str) -> list[dict[str, Any]]:
    """Every answer of a dialect's examples, as far as a stream can say it."""
    return [ANSWERS[name](value) for value in examples(schema(name), roots(name)["response"]) if said(value)]


def said(value: dict[str, Any]) -> bool:
    return bool(value.get("choices", True))


def chance(value: dict[str, Any]) -> Random:
    """Of an answer its own, and always the same."""
    return Random(crc32(encode(value)))


def context(name: str) -> Context:
    rules = dialect(name).rules
    return Context(rules, rules, now=NOW, new_id=lambda: "new")


def plain(response: c.Response) -> Any:
    """What a response says, without numbers of places and without what says nothing."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            inner = {k: clean(v) for k, v in value.items() if k not in PLACING}
            return {k: v for k, v in inner.items() if v not in (None, [], {})}
        return [clean(one) for one in value] if isinstance(value, list) else value

    return clean(json.loads(msgspec.json.encode(response)))


def lifted(name: str, answer: dict[str, Any]) -> c.Response:
    ctx, module = context(name), dialect(name).response
    ctx.root = module.decode_response(encode(answer))
    response = module.lift_response(ctx.root, ctx)
    settle(response, ctx)
    return response


def events(name: str, parts: list[bytes]) -> list[c.Event]:
    """The canonical events of a stream that arrives in parts."""
    ctx = context(name)
    reader = FRAMINGS[ctx.source.STREAM["framing"]].reader()
    lifter, flow = dialect(name).stream.StreamLifter(ctx), Flow(ctx, False)
    out: list[c.Event] = []
    for part in parts:
        for event, data in reader.feed(part):
            out += flow.feed(lifter.feed(data, event))
    for event, data in reader.eof():
        out += flow.feed(lifter.feed(data, event))
    if not flow.ended:
        out += flow.feed(lifter.eof())
    assert flow.failure is None, flow.failure
    return out


def folded(name: str, data: bytes) -> c.Response:
    fold = Fold(name)
    fold.feed(events(name, [data]))
    return fold.response


# a stream says what the whole answer says


def says_the_same(name: str, answer: dict[str, Any], random: Random) -> bool:
    try:
        whole = lifted(name, answer)
    except TranslationError:
        return False
    if all(one.stop_reason in SLIPS and not speaks(one) for one in whole.candidates):
        return False  # that is no answer
    got, said = plain(folded(name, written(FRAMES[name](answer, random), random, name))), plain(whole)
    for one in (got, said):
        join_neighbours(name in UNBOUNDED, one)
    assert got == said
    return True


@pytest.mark.parametrize("name", CHATS)
def test_a_stream_folds_to_the_whole_answer(name: str) -> None:
    random = Random(1)
    assert sum([says_the_same(name, answer, random) for answer in answers(name)]) > 50
    holds_of_drawn(
        lambda value: said(value) and says_the_same(name, ANSWERS[name](value), chance(value)), name, "response"
    )


# between dialects


def converted(going: Translation, parts: list[bytes]) -> bytes:
    stream = going.stream()
    out = b"".join([stream.feed(part) for part in parts]) + stream.eof()
    assert stream.failure is None, stream.failure
    assert stream.ended
    return out


def asking(client: str, upstream: str, usage: bool = True) -> Translation:
    """A translation whose request asked for counts in the stream, or did not."""
    going = translation(client, upstream)
    going.ctx.stream_usage = usage
    return going


def streams_as_it_answers(client: str, upstream: str, answer: dict[str, Any], random: Random, usage: bool) -> bool:
    """The client's stream is of its own type and grammar, and folds to what the client is told without streaming."""
    try:
        whole = translation(client, upstream).answer(encode(answer))
    except BadAnswer:
        return False
    said = lifted(client, json.loads(whole)).candidates
    if all(one.stop_reason in SLIPS and not speaks(one) for one in said):  # none, for who reads it
        return False
    told = plain(lifted(client, json.loads(whole)))
    drop_unstreamed(client, told)
    if all(one["stop_reason"] in SLIPS and "blocks" not in one for one in told["candidates"]):
        return False  # nor where nothing of it can stand in a stream
    out = converted(asking(client, upstream, usage), [written(FRAMES[upstream](answer, random), random, upstream)])
    frames = frames_of(out, client)
    for _, data in frames:
        if data != "[DONE]":
            dialect(client).stream.decode_frame(data)
    GRAMMARS[client](frames, usage)
    streamed = plain(folded(client, out))
    for one in (told, streamed):
        one.pop("id", None)
        one.pop("usage", None) if not usage else None
        for block in (block for candidate in one.get("candidates", ()) for block in candidate.get("blocks", ())):
            if upstream in WITHOUT_IDS or MADE.fullmatch(block.get("id", "")):
                block.pop("id", None)
    if client in MISTRALS and "usage" not in streamed and told.get("usage") == UNKNOWN_COUNTS:
        del told["usage"]
    for one in (told, streamed):
        if client == "cohere-chat":
            drop_empty_texts(one)
        put_in_order(client, one)
        join_neighbours(client in (*BY_FIELD, *MISTRALS) or upstream in UNBOUNDED or client in UNBOUNDED, one)
    assert streamed == told
    return True


UNKNOWN_COUNTS = {"input": 0, "output": 0}  # demanded of a whole answer, and not of a stream
WITHOUT_IDS = ("ollama-chat", "gemini-generate")  # whose calls get theirs here
MADE = re.compile(r"\w*id\d+")  # an id that was made; a stream makes them in the order in which calls come
BY_FIELD = ("ollama-chat", "ollama-generate", "openai-chat")  # whose messages have a field for each kind of block
UNBOUNDED = ("bedrock-converse", "gemini-generate", "mistral-fim")  # where nothing says that a text ends
ORDER = ("thinking", "text", "refusal", "tool_call")


def put_in_order(client: str, told: dict[str, Any]) -> None:
    """Where a message has a field for each kind of block, or one for calls, nothing says which came first."""
    for candidate in told.get("candidates", ()) if client in (*MISTRALS, "cohere-chat") else ():
        candidate.get("blocks", []).sort(key=lambda one: one["kind"].endswith("_call"))
    for candidate in told.get("candidates", ()) if client == "cohere-chat" else ():
        texts = [one for one in candidate.get("blocks", ()) if one["kind"] == "text"]
        if texts and candidate["blocks"][-1]["kind"] == "tool_call":  # some of them are the plan of the calls
            lines = sorted(line for one in texts for line in one["text"].split("\n") if line)
            citations = [citation for one in texts for citation in one.get("citations", ())]
            others = [one for one in candidate["blocks"] if one not in texts]
            candidate["blocks"] = [{"kind": "text", "text": lines, "citations": citations}, *others]
    for candidate in told.get("candidates", ()) if client == "gemini-generate" else ():  # they stand beside the parts
        texts = [one for one in candidate.get("blocks", ()) if one["kind"] == "text"]
        candidate["citations"] = [citation for one in texts for citation in one.pop("citations", ())]
        candidate["blocks"] = [one for one in candidate.get("blocks", ()) if one != {"kind": "text", "text": ""}]
    for candidate in told.get("candidates", ()) if client in BY_FIELD else ():
        if "blocks" in candidate:
            candidate["blocks"].sort(key=lambda one: ORDER.index(one["kind"]) if one["kind"] in ORDER else len(ORDER))


def join_neighbours(joined: bool, told: dict[str, Any]) -> None:
    """Where frames hold pieces of texts and nothing says where one ends, neighbours are one, and an empty one is none."""
    for candidate in told.get("candidates", ()) if joined else ():
        found: list[dict[str, Any]] = []
        for block in candidate.pop("blocks", ()):
            said = block.keys() <= {"kind", "text", "citations"} and "text" in block
            plain = block.keys() - {"citations"}
            if said and found and found[-1].keys() - {"citations"} == plain and found[-1]["kind"] == block["kind"]:
                found[-1]["text"] += block["text"]
                if "citations" in block:
                    found[-1].setdefault("citations", []).extend(block["citations"])
            elif not (said and block["text"] == ""):
                found.append(block)
        candidate |= {"blocks": found} if found else {}


def drop_empty_texts(told: dict[str, Any]) -> None:
    """Beside calls there is no place for a text in which nothing stands, and in a stream nobody knows yet of calls."""
    for candidate in told.get("candidates", ()):
        blocks = [block for block in candidate.pop("blocks", ()) if block != {"kind": "text", "text": ""}]
        candidate |= {"blocks": blocks} if blocks else {}


def drop_unstreamed(client: str, told: dict[str, Any]) -> None:
    """What this wire has no place for in a stream; there, texts side by side are one."""
    if client == "bedrock-converse":  # its own media stream in a form that no other has
        for candidate in told.get("candidates", ()):
            blocks = candidate.pop("blocks", ())
            kept = [one for one in blocks if "source" not in one and one["kind"] != "search_result"]
            [block.pop("cache", None) for block in kept]
            candidate |= {"blocks": kept} if kept else {}
    for candidate in told.get("candidates", ()) if client in MISTRALS else ():
        texts: list[dict[str, Any]] = []
        for block in candidate.get("blocks", ()):
            if block["kind"] in ("image", "audio", "document"):
                continue
            if texts and block["kind"] == texts[-1]["kind"] == "text":
                texts[-1]["text"] += block["text"]
            else:
                texts.append(block)
        if texts := [block for block in texts if block.get("text") != ""]:
            candidate["blocks"] = texts
        else:
            candidate.pop("blocks", None)
    if client == "openai-chat":
        for candidate in told.get("candidates", ()):
            blocks = candidate.get("blocks", [])
            kept = [block for block in blocks if block != {"kind": "text", "text": ""} and block["kind"] != "audio"]
            candidate |= {"blocks": kept}
            if not kept:
                candidate.pop("blocks")


@pytest.mark.parametrize("client, upstream", CHAT_PAIRS)
def test_a_converted_stream_says_what_the_converted_answer_says(client: str, upstream: str) -> None:
    random = Random(2)
    made = [streams_as_it_answers(client, upstream, answer, random, True) for answer in answers(upstream)]
    assert sum(made) > 50

    def law(value: dict[str, Any]) -> None:
        if said(value):
            random = chance(value)
            streams_as_it_answers(client, upstream, ANSWERS[upstream](value), random, random.random() < 0.5)

    holds_of_drawn(law, upstream, "response")


def test_a_collected_stream_keeps_the_ids_of_calls() -> None:
    """A client that wants the whole answer of an upstream that streams: a call is named once."""
    going = translation("anthropic-messages", "openai-chat")
    collecting = going.collect()
    answer = ANSWERS["openai-chat"](RICH["openai-chat"])
    collecting.feed(written(FRAMES["openai-chat"](answer, Random(1)), name="openai-chat"))
    collecting.eof()
    calls = [one["id"] for one in json.loads(collecting.answer())["content"] if one["type"] == "tool_use"]
    assert calls == ["call_1", "call_2"]


# however it is cut

SAID = 'São Paulo, 東京\u2028 "quoted"\r\n🎈'
RICH: dict[str, dict[str, Any]] = {
    "openai-chat": {
        "id": "chatcmpl-1",
        "created": 1_790_000_000,
        "model": "gpt-5",
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "reasoning_content": "Überlegen 🤔 …",
                    "content": SAID,
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "look", "arguments": '{"city": "Łódź"}'},
                        },
                        {"id": "call_2", "type": "function", "function": {"name": "look", "arguments": ""}},
                    ],
                },
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29},
    },
    "anthropic-messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [
            {"type": "thinking", "thinking": "Überlegen 🤔 …", "signature": "c2ln"},
            {"type": "text", "text": SAID},
            {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"city": "Łódź"}},
            {"type": "tool_use", "id": "toolu_2", "name": "look", "input": {}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 9, "cache_read_input_tokens": 4},
    },
    "cohere-chat": {
        "id": "c14c80c3-18eb-4519-9460-6c92edd8cfb4",
        "message": {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Überlegen 🤔 …"},
                {"type": "text", "text": 'São Paulo, 東京\u2028 "quoted"\r\n🎈'},
            ],
            "tool_calls": [
                {"id": "look_1", "type": "function", "function": {"name": "look", "arguments": '{"city": "Łódź"}'}},
                {"id": "look_2", "type": "function", "function": {"name": "look", "arguments": ""}},
            ],
        },
        "finish_reason": "TOOL_CALL",
        "usage": {
            "billed_units": {"input_tokens": 16, "output_tokens": 9},
            "tokens": {"input_tokens": 20, "output_tokens": 9},
        },
    },
    "openai-responses": {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_790_000_000,
        "model": "gpt-5",
        "status": "completed",
        "output": [
            {
                "type": "reasoning",
                "id": "item_0",
                "summary": [{"type": "summary_text", "text": "Überlegen 🤔 …"}],
                "encrypted_content": "c2VhbA==",
            },
            {
                "type": "message",
                "id": "item_1",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": 'São Paulo, 東京\u2028 "quoted"\r\n🎈', "annotations": []}],
            },
            {
                "type": "function_call",
                "id": "item_2",
                "call_id": "call_1",
                "name": "look",
                "arguments": '{"city": "Łódź"}',
            },
            {"type": "function_call", "id": "item_3", "call_id": "call_2", "name": "look", "arguments": ""},
        ],
        "usage": {
            "input_tokens": 20,
            "input_tokens_details": {"cached_tokens": 4},
            "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 3},
            "total_tokens": 29,
        },
    },
    "ollama-chat": {
        "model": "qwen3:8b",
        "created_at": "2026-01-02T03:04:05.678901Z",
        "message": {
            "role": "assistant",
            "thinking": "Überlegen 🤔 …",
            "content": SAID,
            "tool_calls": [
                {"function": {"name": "look", "arguments": {"city": "Łódź"}}},
                {"function": {"name": "look", "arguments": {}}},
            ],
        },
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 20,
        "eval_count": 9,
    },
    "bedrock-converse": {
        "output": {
            "message": {
                "role": "assistant",
                "content": [
                    {"reasoningContent": {"reasoningText": {"text": "Überlegen 🤔 …", "signature": "c2ln"}}},
                    {"text": 'São Paulo, 東京\u2028 "quoted"\r\n🎈'},
                    {"toolUse": {"toolUseId": "tooluse_1", "name": "look", "input": {"city": "Łódź"}}},
                    {"toolUse": {"toolUseId": "tooluse_2", "name": "look", "input": {}}},
                ],
            }
        },
        "stopReason": "tool_use",
        "usage": {"inputTokens": 20, "outputTokens": 9, "totalTokens": 33, "cacheReadInputTokens": 4},
    },
    "gemini-generate": {
        "candidates": [
            {
                "index": 0,
                "content": {
                    "role": "model",
                    "parts": [
                        {"text": "Überlegen 🤔 …", "thought": True},
                        {"text": SAID},
                        {"functionCall": {"name": "look", "args": {"city": "Łódź"}}, "thoughtSignature": "c2ln"},
                        {"functionCall": {"name": "look", "args": {}}},
                    ],
                },
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 20, "candidatesTokenCount": 9, "totalTokenCount": 29},
        "modelVersion": "gemini-2.5-flash",
        "responseId": "r1",
    },
    "ollama-generate": {
        "model": "qwen3:8b",
        "created_at": "2026-01-02T03:04:05.678901Z",
        "thinking": "Überlegen 🤔 …",
        "response": SAID,
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 20,
        "eval_count": 9,
    },
    "openai-completions": {
        "id": "cmpl-1",
        "created": 1_790_000_000,
        "model": "gpt-3.5-turbo-instruct",
        "choices": [{"index": 0, "text": SAID, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29},
    },
    "mistral-chat": {
        "id": "1",
        "created": 1_790_000_000,
        "model": "magistral-medium-2509",
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": [
                        {"type": "thinking", "thinking": [{"type": "text", "text": "Überlegen 🤔 …"}]},
                        {"type": "text", "text": SAID},
                    ],
                    "tool_calls": [
                        {"id": "callAAAAA", "function": {"name": "look", "arguments": '{"city": "Łódź"}'}},
                        {"id": "callBBBBB", "function": {"name": "look", "arguments": {}}},
                    ],
                },
            }
        ],
        "usage": {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29},
    },
    "mistral-fim": {
        "id": "1",
        "created": 1_790_000_000,
        "model": "codestral-2",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": SAID}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 29},
    },
    "llamacpp-infill": {
        "model": "codestral-22b",
        "content": SAID,
        "stop": True,
        "stop_type": "eos",
        "tokens_evaluated": 20,
        "tokens_predicted": 9,
    },
}


def rich(name: str, seed: int) -> bytes:
    """One spelling of the rich answer; characters stand as they are, so that a cut may split them."""
    frames = [
        (event, json.dumps(json.loads(data), ensure_ascii=False) if data != "[DONE]" else data)
        for event, data in FRAMES[name](RICH[name], Random(seed))
    ]
    return written(frames, Random(seed), name)


def test_every_dialect_has_a_rich_answer() -> None:
    assert RICH.keys() == FRAMES.keys() == GRAMMARS.keys() == ANSWERS.keys() == set(CHATS)


@pytest.mark.parametrize("name", CHATS)
@pytest.mark.parametrize("seed", range(6))
def test_a_cut_at_any_byte_changes_no_event(name: str, seed: int) -> None:
    data = rich(name, seed)
    whole = events(name, [data])
    for at in range(1, len(data), 1 if seed == 0 else 7):
        assert events(name, [data[:at], data[at:]]) == whole, at


@pytest.mark.parametrize("client, upstream", CHAT_PAIRS)
@pytest.mark.parametrize("seed", range(3))
def test_a_cut_anywhere_changes_nothing_that_the_client_gets(client: str, upstream: str, seed: int) -> None:
    data, random = rich(upstream, seed), Random(seed)
    whole = converted(asking(client, upstream), [data])
    assert converted(asking(client, upstream), [data[i : i + 1] for i in range(len(data))]) == whole
    for _ in range(70):
        cuts = sorted(random.sample(range(1, len(data)), random.randrange(1, 12)))
        parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        assert converted(asking(client, upstream), parts) == whole, cuts


@pytest.mark.parametrize("name", CHATS)
def test_a_stream_in_its_own_dialect_is_passed_on_byte_for_byte(name: str) -> None:
    """And then the mark of its end, where the upstream has left it out."""
    for seed in range(6):
        data = rich(name, seed)
        stream = translation(name, name).stream()
        parts = [data[at : at + 50] for at in range(0, len(data), 50)]
        left_out = b"data: [DONE]\n\n" if "[DONE]" in ENDS.get(name, []) and b"[DONE]" not in data else b""
        assert b"".join(map(stream.feed, parts)) + stream.eof() == data + left_out
        assert stream.ended and stream.content and stream.usage == lifted(name, RICH[name]).usage


@pytest.mark.parametrize("name", CHATS)
def test_what_keeps_a_stream_alive_says_nothing(name: str) -> None:
    framing, data = FRAMINGS[dialect(name).rules.STREAM["framing"]], rich(name, 0)
    alive = keepalive(name)
    assert framing.comments or framing.sized or all(line[:1] in (b"", b"d", b"{") for line in alive.splitlines())
    assert folded(name, alive + data).candidates == folded(name, data).candidates


# the end

ENDS = {name: ["[DONE]"] for name in ("openai-chat", "openai-completions", *MISTRALS)}
ENDS |= {"anthropic-messages": ['"type":"message_stop"'], "llamacpp-infill": ['"stop":true']}
ENDS |= {"bedrock-converse": ["messageStop"], "gemini-generate": ['"finishReason"']}
ENDS |= {"cohere-chat": ['"finish_reason":"COMPLETE"', '"finish_reason":"TOOL_CALL"']}
ENDS |= {"openai-responses": ['"type":"response.completed"', '"type":"response.incomplete"']}
ENDS |= {name: ['"done":true'] for name in LINES}


@pytest.mark.parametrize("client, upstream", [(client, upstream) for client in CHATS for upstream in CHATS])
def test_a_stream_that_stops_short_fails_and_never_ends(client: str, upstream: str) -> None:
    """Cut behind each frame: before the reason to stop it is a failure, which is the client's own error when written."""
    failed = 0
    frames = FRAMES[upstream](RICH[upstream], Random(4))
    for count in range(len(frames)):
        stream = asking(client, upstream).stream()
        out = stream.feed(written(frames[:count], name=upstream))
        out += stream.eof()
        assert (stream.failure is None) == stream.ended
        if stream.failure is not None:
            failed += 1
            assert stream.failure.kind == "truncated"
            assert not any(end.encode() in out for end in ENDS[client])
            *_, last = [frame for frame in frames_of(stream.fail(stream.failure), client) if frame[1] != "[DONE]"]
            said = json.loads(last[1])
            inside = next((said[name] for name in ("response", "delta") if name in said), said)
            error = inside.get("error", said)
            if client == "bedrock-converse":
                error["type"] = error["event"]
            if client == "gemini-generate":
                error["type"] = error["status"]
            if client in WORDLESS:  # a message is all that it says
                error = {"message": error, "type": "error"}
            assert error["message"] == stream.failure.message and (error.get("type") or error["code"])
    assert failed >= len(frames) - 3


WORDLESS = (*LINES, "cohere-chat")  # that have no word for what kind of error it is


CALLED = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": '{"city": "Oslo"}'}}
CUT_OFF = {  # what was said when the answer ended, and the items of that
    "a text": ({"content": "Once"}, ["message"]),
    "a call": ({"content": "Well.", "tool_calls": [CALLED]}, ["message", "function_call"]),
    "thoughts": ({"reasoning_content": "Hm", "content": "Well."}, ["reasoning", "message"]),
}


@pytest.mark.parametrize(
    "reason, status", [("stop", "completed"), ("length", "incomplete"), ("content_filter", "incomplete")]
)
@pytest.mark.parametrize("said", CUT_OFF)
def test_an_item_says_that_the_answer_was_cut_off_in_it(said: str, reason: str, status: str) -> None:
    message, kinds = CUT_OFF[said]
    choice = {"index": 0, "finish_reason": reason, "message": {"role": "assistant", **message}}
    answer = {"id": "chatcmpl-1", "created": 1, "model": "m", "choices": [choice]}
    heard = [(kind, "completed") for kind in kinds[:-1]] + [(kinds[-1], status)]
    heard = [(kind, None if kind == "reasoning" else word) for kind, word in heard]  # which has none at its vendor

    whole = json.loads(translation("openai-responses", "openai-chat").answer(encode(answer)))
    assert [(item["type"], item.get("status")) for item in whole["output"]] == heard
    stream = asking("openai-responses", "openai-chat").stream()
    out = stream.feed(written(FRAMES["openai-chat"](answer, Random(4)), name="openai-chat")) + stream.eof()
    frames = [json.loads(data) for _, data in frames_of(out, "openai-responses")]
    closed = [frame["item"] for frame in frames if frame["type"] == "response.output_item.done"]
    assert [(item["type"], item.get("status")) for item in closed] == heard
    assert frames[-1]["type"] == f"response.{status}" and frames[-1]["response"]["output"] == closed


def test_an_item_in_which_an_answer_broke_off_is_said_and_not_done() -> None:
    """Whoever reads that a call is done makes it."""
    choice = {"index": 0, "finish_reason": "tool_calls", "message": CUT_OFF["a call"][0]}
    answer = {"id": "chatcmpl-1", "created": 1, "model": "m", "choices": [choice]}
    stream = asking("openai-responses", "openai-chat").stream()
    frames = FRAMES["openai-chat"](answer, Random(4))
    end = next(number for number, (_, data) in enumerate(frames) if json.loads(data)["choices"][0].get("finish_reason"))
    out = stream.feed(written(frames[:end], name="openai-chat")) + stream.eof()
    out += stream.fail(stream.failure)
    told = [json.loads(data) for _, data in frames_of(out, "openai-responses")]
    closed = [frame["item"]["type"] for frame in told if frame["type"] == "response.output_item.done"]
    output = [(item["type"], item["status"]) for item in told[-1]["response"]["output"]]
    assert told[-1]["type"] == "response.failed" and closed == ["message"]
    assert output == [("message", "completed"), ("function_call", "incomplete")]


def broken_off(name: str) -> tuple[Frame, str]:
    """A frame in which an upstream says that it failed, and what it says."""
    if name == "cohere-chat":
        said = {"type": "message-end", "delta": {"finish_reason": "ERROR", "error": "Overloaded"}}
        return ("message-end", json.dumps(said)), "Overloaded"
    if name in LINES:
        return ("", '{"error": "Overloaded"}'), "Overloaded"
    if name == "bedrock-converse":
        return ("", '{"event": "serviceUnavailableException", "message": "Overloaded"}'), "Overloaded"
    if name == "gemini-generate":
        error = {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}
        return ("", json.dumps({"error": error})), "Overloaded"
    words = {"llamacpp-infill": "unavailable_error"} | dict.fromkeys(MISTRALS, "service_tier_capacity_exceeded")
    error = {"message": "Overloaded", "type": words.get(name, "overloaded_error")}
    frame: dict[str, Any] = {"error": error}
    if name in ("anthropic-messages", "openai-responses"):
        frame["type"] = "error"
    return (frame.get("type", ""), json.dumps(frame)), "Overloaded"


@pytest.mark.parametrize("client, upstream", [(client, upstream) for client in CHATS for upstream in CHATS])
def test_an_error_in_the_stream_is_no_end(client: str, upstream: str) -> None:
    frames, (frame, said) = FRAMES[upstream](RICH[upstream], Random(4)), broken_off(upstream)
    for count in range(len(frames) - 2):
        stream = asking(client, upstream).stream()
        out = stream.feed(written([*frames[:count], frame, *frames[count:]], name=upstream)) + stream.eof()
        assert stream.failure is not None and stream.failure.message == said
        assert stream.failure.kind == ("internal" if upstream in WORDLESS else "overloaded") and not stream.ended
        assert said.encode() not in out and not any(end.encode() in out for end in ENDS[client])


@pytest.mark.parametrize("client, upstream", CHAT_PAIRS)
def test_what_comes_before_the_first_content_binds_nobody(client: str, upstream: str) -> None:
    """Until then the request can be tried elsewhere: a start, a ping, a role, an empty text are no content."""
    openings: dict[str, list[Frame]] = {
        "openai-chat": [
            ("", json.dumps({"id": "a", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}))
        ],
        "anthropic-messages": [
            (
                "message_start",
                json.dumps({"type": "message_start", "message": RICH["anthropic-messages"] | {"content": []}}),
            ),
            ("ping", '{"type":"ping"}'),
        ],
        "bedrock-converse": [("", '{"event": "messageStart", "role": "assistant"}')],
        "cohere-chat": [
            ("message-start", '{"type":"message-start","id":"a","delta":{"message":{"role":"assistant"}}}')
        ],
        "gemini-generate": [
            ("", '{"candidates":[{"content":{"role":"model","parts":[{"text":""}]},"index":0}],"modelVersion":"m"}'),
        ],
        "openai-responses": [
            (
                "response.created",
                '{"type":"response.created","response":{"id":"a","status":"in_progress","output":[]}}',
            ),
            (
                "response.output_item.added",
                '{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"b","content":[]}}',
            ),
        ],
        "ollama-chat": [
            ("", '{"model":"m","message":{"role":"assistant","content":""},"done":false}'),
        ],
        "ollama-generate": [("", '{"model":"m","response":"","done":false}')],
        "openai-completions": [("", '{"id":"a","choices":[{"index":0,"text":"","finish_reason":null}]}')],
        "mistral-chat": [("", '{"id":"a","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}')],
        "mistral-fim": [("", '{"id":"a","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}')],
        "llamacpp-infill": [("", '{"index":0,"content":"","stop":false}')],
    }
    stream = asking(client, upstream).stream()
    for frame in openings[upstream]:
        stream.feed(written([frame], name=upstream))
        assert not stream.content
    stream.feed(written(FRAMES[upstream](RICH[upstream], Random(4))[:-1], name=upstream))
    assert stream.content


@pytest.mark.parametrize("client, upstream", [(client, upstream) for client in CHATS for upstream in CHATS])
def test_what_is_no_frame_is_no_content(client: str, upstream: str) -> None:
    """An error page of a proxy on the way, with the status and type of a stream."""
    stream = asking(client, upstream).stream()
    page = b"<html>\n\n" if upstream in LINES else b"data: <html>\n\n"
    out = stream.feed(page) + stream.eof()
    assert (out, stream.content, stream.ended) == (b"", False, False)
    assert stream.failure.message.startswith("a frame of the upstream's stream cannot be read")


@pytest.mark.parametrize("client", [one for one in CHATS if one != "openai-chat"])
def test_an_answer_cut_in_a_call_is_an_answer(client: str) -> None:
    """What there is of the input stays where it is a text; where it is an object, a half one would spoil the answer."""
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"a": "b'}}
    message = {"role": "assistant", "content": "So:", "tool_calls": [call]}
    choice = {"index": 0, "finish_reason": "length", "message": message}
    said = {"id": "c", "created": 1, "model": "m", "choices": [choice]}
    frames = written(FRAMES["openai-chat"](said, Random(3)), name="openai-chat")
    stream, going = asking(client, "openai-chat").stream(), asking(client, "openai-chat")
    for _, data in frames_of(stream.feed(frames) + stream.eof(), client):
        assert data == "[DONE]" or json.loads(data)
    gathering = going.collect()
    gathering.feed(frames)
    gathering.eof()
    answer = json.dumps(json.loads(gathering.answer()))
    assert "So:" in answer
    told = [loss.why for loss in going.losses if "tool_calls" in loss.path]
    assert ("its input is no JSON object" in told) == going.from_.rules.WHOLE_INPUTS
