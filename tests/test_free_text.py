"""Free-text tools, as those of codex, before upstreams that have functions alone."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.core.free_text import BARE, CUT, MORE, Text
from tests.laws.sending import encode, stands, translation
from tests.laws.streams import FRAMES, frames_of, written
from tests.scripted import CHUNKED, Reply, Upstream
from tests.servers import ROOT, VENVS, required
from tests.test_app import SECRETS, policy, serving
from tests.test_groups import UPSTREAMS, function, group, names

RESPONSES, CHAT = "openai-responses", "openai-chat"
GRAMMAR = 'start: "*** Begin Patch" LF hunk+ "*** End Patch" LF?'
PATCH = '*** Begin Patch\n*** Add File: "ä".txt\n+\tC:\\new 🌧️ \\u00e4\n*** End Patch\n'
FORM = {"type": "grammar", "syntax": "lark", "definition": GRAMMAR}


def custom(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "custom", "name": name, **more}


def called(name: str, text: str, id: str = "call_1") -> list[dict[str, Any]]:
    """A call of a free-text tool and its result."""
    return [
        {"type": "custom_tool_call", "call_id": id, "name": name, "input": text},
        {"type": "custom_tool_call_output", "call_id": id, "output": "Done."},
    ]


TOOLS = [custom("apply_patch", description="Edits files.", format=FORM), function("look")]
ASK = {"model": "m", "input": [{"role": "user", "content": "Hi"}], "tools": TOOLS, "store": False}


def sent(request: dict[str, Any], upstream: str = CHAT, client: str = RESPONSES) -> tuple[Any, dict[str, Any]]:
    going = translation(client, upstream)
    return going, json.loads(going.request(encode(request)).body)


def answer(*calls: tuple[str, str]) -> dict[str, Any]:
    """A chat's answer with calls: the name and the arguments of each."""
    said = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": text}}
        for number, (name, text) in enumerate(calls)
    ]
    choice = {"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "tool_calls": said}}
    return {"id": "chatcmpl-1", "created": 1, "model": "m", "choices": [choice]}


def wrapped(text: str) -> str:
    return json.dumps({"input": text})


# -- what is asked


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_the_tool_is_a_function_that_says_what_it_is(upstream: str) -> None:
    asked = ASK | {"input": [*ASK["input"], *called("apply_patch", PATCH)]}
    going, out = sent(asked, upstream)
    tools = out.get("tools") or out["toolConfig"]["tools"]
    assert names(tools) == ["apply_patch", "look"]
    told = json.dumps(tools)
    assert json.dumps(GRAMMAR)[1:-1] in told and "Edits files." in told and '"required": ["input"]' in told
    assert PATCH in json.dumps(out, ensure_ascii=False).replace("\\\\", "\\").replace("\\\\", "\\") or PATCH in _texts(
        out
    )
    assert "Done." in _texts(out)
    losses = [(loss.path, loss.kind) for loss in going.losses if "strict" not in loss.path and loss.kind != "supplied"]
    assert losses == [("tools[0]", "rewritten")]
    assert all(stands(loss.path, asked) for loss in going.losses if loss.kind != "supplied")


def _texts(value: Any) -> list[str]:
    """All texts of a message; those that are JSON are looked into."""
    if isinstance(value, dict | list):
        return [text for one in (value.values() if isinstance(value, dict) else value) for text in _texts(one)]
    if isinstance(value, str) and value.startswith("{"):
        return _texts(json.loads(value))
    return [value] if isinstance(value, str) else []


def test_a_model_with_free_text_tools_has_them() -> None:
    request = {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "tools": [{"type": "custom", "custom": {"name": "f"}}],
    }
    _, out = sent(request, RESPONSES, CHAT)
    assert out["tools"] == [custom("f")]
    going = translation(CHAT, RESPONSES, provider="vllm")
    assert json.loads(going.request(encode(request)).body)["tools"][0]["type"] == "function"
    assert [loss.kind for loss in going.losses] == ["rewritten"]


def test_a_result_is_that_of_a_free_text_call() -> None:
    said = [
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "custom", "custom": {"name": "f", "input": PATCH}}]},
        {"role": "tool", "tool_call_id": "a", "content": "Done."},
    ]
    asked = {"model": "m", "messages": said, "tools": [{"type": "custom", "custom": {"name": "f"}}]}
    kinds = {"openai": "custom_tool_call", "vllm": "function_call"}
    for provider, kind in kinds.items():
        going = translation(CHAT, RESPONSES, provider=provider)
        items = json.loads(going.request(encode(asked)).body)["input"]
        assert [item["type"] for item in items] == [kind, f"{kind}_output"]


@pytest.mark.parametrize(
    "client, asked",
    [(RESPONSES, ASK), (CHAT, {"model": "m", "messages": [], "tools": [{"type": "custom", "custom": {"name": "f"}}]})],
)
def test_its_own_protocol_has_it_as_it_is(client: str, asked: dict[str, Any]) -> None:
    going, out = sent(asked, client, client)
    assert out["tools"] == asked["tools"] and not going.losses


@pytest.mark.parametrize(
    "tools, wanted",
    [
        ([custom("f"), function("f")], ["f_2", "f"]),
        ([custom("f"), function("f"), function("f_2")], ["f_3", "f", "f_2"]),
        ([custom("f"), group("a", function("f"), custom("f"))], ["f", "a__f", "a__f_2"]),
        ([group("a", custom("f")), group("b", custom("f")), custom("a__f")], ["a__f_2", "b__f", "a__f"]),
        ([custom("f" * 70), function("f" * 64)], ["f" * 62 + "_2", "f" * 64]),
    ],
)
def test_no_two_are_alike(tools: list[Any], wanted: list[str]) -> None:
    asked = ASK | {"tools": tools}
    going, out = sent(asked)
    assert [one["function"]["name"] for one in out["tools"]] == wanted
    kept = [
        (tool["type"], tool["name"], one["name"] if "tools" in one else None)
        for one in tools
        for tool in one.get("tools", [one])
    ]
    said = answer(*[(name, wrapped(PATCH)) for name in wanted])
    for items in (whole(going, said), streamed(sent(asked)[0], said, 1)[0]):
        kinds = [item["type"].replace("_tool_call", "").replace("_call", "") for item in items]
        assert [(kind, item["name"], item.get("namespace")) for kind, item in zip(kinds, items, strict=True)] == kept
        assert [item.get("input") for item in items] == [PATCH if kind == "custom" else None for kind, *_ in kept]


@pytest.mark.parametrize(
    "choice, wanted",
    [
        (custom("f"), {"type": "function", "function": {"name": "f_2"}}),
        ({"type": "function", "name": "f"}, {"type": "function", "function": {"name": "f"}}),
        (custom("g"), {"type": "function", "function": {"name": "a__g"}}),
        ("required", "required"),
    ],
)
def test_a_choice_means_its_tool(choice: Any, wanted: Any) -> None:
    tools = [custom("f"), function("f"), group("a", custom("g"))]
    assert sent(ASK | {"tools": tools, "tool_choice": choice})[1]["tool_choice"] == wanted


@pytest.mark.parametrize("upstream", [one for one in UPSTREAMS if one != "ollama-chat"])
def test_allowed_tools_may_be_free_text(upstream: str) -> None:
    tools = [custom("f"), function("f"), function("g")]
    choice = {"type": "allowed_tools", "mode": "required", "tools": [custom("f"), {"type": "function", "name": "g"}]}
    _, out = sent(ASK | {"tools": tools, "tool_choice": choice}, upstream)
    said = names(out.get("tools") or out["toolConfig"]["tools"])
    allowed = (
        names(out["tool_choice"])
        if upstream == CHAT
        else out.get("toolConfig", {}).get("functionCallingConfig", {}).get("allowedFunctionNames")
    )
    assert (allowed or said) == ["f_2", "g"]


# -- what is answered


def whole(going: Any, said: dict[str, Any]) -> list[dict[str, Any]]:
    return json.loads(going.answer(encode(said)))["output"]


def streamed(going: Any, said: dict[str, Any], seed: int, upstream: str = CHAT) -> tuple[list[Any], list[Any]]:
    """The items of a stream, and its frames; it comes a frame at a time."""
    stream = going.stream()
    out = b"".join(stream.feed(written([frame], name=upstream)) for frame in FRAMES[upstream](said, Random(seed)))
    frames = [json.loads(data) for _, data in frames_of(out + stream.eof(), RESPONSES)]
    return [frame["item"] for frame in frames if frame["type"] == "response.output_item.done"], frames


@pytest.mark.parametrize("seed", range(20))
def test_a_call_comes_back_as_free_text(seed: int) -> None:
    calls = [
        ("apply_patch", wrapped(PATCH)),
        ("look", '{"input":"a\\n"}'),
        ("apply_patch", '{"input" : "\\ud83c\\udf27"}'),
    ]
    wanted = [("apply_patch", PATCH), ("look", '{"input":"a\\n"}'), ("apply_patch", "🌧")]
    going = sent(ASK)[0]
    items = whole(going, answer(*calls))
    assert [(item["name"], item.get("input", item.get("arguments"))) for item in items] == wanted
    assert [item["type"] for item in items] == ["custom_tool_call", "function_call", "custom_tool_call"]
    assert [loss.path for loss in going.losses] == ["tools[0]"]
    items, frames = streamed(sent(ASK)[0], answer(*calls), seed)
    assert [(item["name"], item.get("input", item.get("arguments"))) for item in items] == wanted
    for number, kind in ((0, "custom_tool_call_input"), (1, "function_call_arguments"), (2, "custom_tool_call_input")):
        grown = [f for f in frames if f["type"].startswith(f"response.{kind}") and f["output_index"] == number]
        *deltas, done = grown
        assert "".join(one["delta"] for one in deltas) == wanted[number][1] == done.get("input", done.get("arguments"))
    assert frames[-1]["type"] == "response.completed"


def test_shapes_of_frames_tell_nothing_of_a_text_inside() -> None:
    """Frames that differ in one text are written without being read: not these, in which a text has two meanings."""
    going = sent(ASK)[0]
    stream = going.stream()
    pieces = ['{"input":"', *"abcdefgh", "\\n", "\\", '"', "i", "j", "k", '"}']

    def frame(delta: dict[str, Any], reason: Any = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return b"data: %b\n\n" % encode({"id": "c", "created": 1, "model": "m", "choices": [choice]})

    opened = {"index": 0, "id": "a", "type": "function", "function": {"name": "apply_patch", "arguments": ""}}
    reads = [frame({"tool_calls": [opened]})]
    reads += [frame({"tool_calls": [{"index": 0, "function": {"arguments": one}}]}) for one in pieces]
    reads += [frame({"content": one}) for one in "said so"] + [frame({}, "tool_calls"), b"data: [DONE]\n\n"]
    out = b"".join(map(stream.feed, reads)) + stream.eof()
    frames = [json.loads(data) for _, data in frames_of(out, RESPONSES)]
    assert [f["item"].get("input") for f in frames if f["type"] == "response.output_item.done"] == [
        'abcdefgh\n"ijk',
        None,
    ]
    deltas = [f["delta"] for f in frames if f["type"] == "response.custom_tool_call_input.delta"]
    assert deltas == [*"abcdefgh", "\n", '"', *"ijk"]


@pytest.mark.parametrize("upstream", ["anthropic-messages", "gemini-generate", "ollama-chat"])
def test_from_whoever_has_objects_for_inputs(upstream: str) -> None:
    said = {
        "anthropic-messages": {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "stop_reason": "tool_use",
            "content": [{"type": "tool_use", "id": "t", "name": "apply_patch", "input": {"input": PATCH}}],
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
        "gemini-generate": {
            "candidates": [
                {
                    "index": 0,
                    "finishReason": "STOP",
                    "content": {
                        "role": "model",
                        "parts": [{"functionCall": {"name": "apply_patch", "args": {"input": PATCH}}}],
                    },
                }
            ],
        },
        "ollama-chat": {
            "model": "m",
            "created_at": "2026-01-01T00:00:00Z",
            "done": True,
            "done_reason": "stop",
            "message": {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"function": {"name": "apply_patch", "arguments": {"input": PATCH}}}],
            },
        },
    }[upstream]
    for items in (
        whole(sent(ASK, upstream)[0], said),
        *(streamed(sent(ASK, upstream)[0], said, seed, upstream)[0] for seed in range(5)),
    ):
        assert [(item["type"], item["name"], item["input"]) for item in items] == [
            ("custom_tool_call", "apply_patch", PATCH)
        ]


@pytest.mark.parametrize(
    "arguments, text, why",
    [
        ("{}", "", None),
        ('{"input":""}', "", None),
        ('"ls\\n"', "ls\n", BARE),
        ('{"patch":"x"}', '{"patch":"x"}', BARE),
        ('{"input":["x"]}', '{"input":["x"]}', BARE),
        ('{"why":"so","input":"x\\n"}', "x\n", MORE),
        ('{"input":"x\\n","why":"so"}', "x\n", MORE),
    ],
)
def test_what_a_model_writes_instead(arguments: str, text: str, why: str | None) -> None:
    told = [] if why is None else [why]
    going = sent(ASK)[0]
    assert [item["input"] for item in whole(going, answer(("apply_patch", arguments)))] == [text]
    assert [(loss.path, loss.why) for loss in going.losses[1:]] == [
        ("choices[0].message.tool_calls[0]", why) for why in told
    ]
    going = sent(ASK)[0]
    assert [item["input"] for item in streamed(going, answer(("apply_patch", arguments)), 2)[0]] == [text]
    assert [loss.why for loss in going.losses[1:]] == told


def heard(pieces: list[str]) -> tuple[list[str], str | None]:
    """What is told of a text as pieces of its JSON arrive, and what is odd in it."""
    text = Text()
    said = [text.feed(piece) for piece in pieces]
    said.append(text.end())
    return said, text.odd


def cut(data: st.DataObject, text: str) -> list[str]:
    places = sorted(data.draw(st.sets(st.integers(0, len(text)))) | {0, len(text)})
    return [text[start:end] for start, end in pairwise(places)]


@given(st.data(), st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_a_text_is_the_same_at_every_cut(data: st.DataObject, text: str, ascii: bool) -> None:
    said, told = heard(cut(data, json.dumps({"input": text}, ensure_ascii=ascii)))
    assert "".join(said) == text and told is None


@given(st.data(), st.text('{}"\\inputude0389: \nx', max_size=30))
def test_whatever_a_model_writes_is_read_alike(data: st.DataObject, text: str) -> None:
    for json_text in (text, '{"input":"' + text):
        whole, pieces = heard([json_text]), heard(cut(data, json_text))
        assert ("".join(whole[0]), whole[1]) == ("".join(pieces[0]), pieces[1])
        "".join(pieces[0]).encode()


def test_a_text_grows_with_its_json() -> None:
    assert heard(['{"in', 'put":"a', "\\", "n", "\\ud8", "3c", "\\udf", "27b", '"}'])[0] == [
        "",
        "a",
        "",
        "\n",
        "",
        "",
        "",
        "🌧b",
        "",
        "",
    ]


@pytest.mark.parametrize(
    "said, text, told",
    [
        ('{"inp', "", CUT),
        ('{"input":"a\\n', "a\n", None),
        ('{"input":"a\\', "a", None),
        ('{"input":"a\\ud83c', "a", None),
    ],
)
def test_what_is_cut_off_is_what_there_was(said: str, text: str, told: str | None) -> None:
    pieces, reported = heard([said])
    assert ("".join(pieces), reported) == (text, told)


# -- OpenAI's own SDK

PROVIDERS = {CHAT: "openai", "anthropic-messages": "anthropic"}


@pytest.mark.parametrize("dialect", PROVIDERS)
async def test_an_agent_patches_files_with_any_model(dialect: str) -> None:
    block = {"type": "tool_use", "id": "t", "name": "apply_patch", "input": {"input": PATCH}}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [block]}
    said = {
        CHAT: answer(("apply_patch", wrapped(PATCH))) | {"object": "chat.completion"},
        "anthropic-messages": message | {"stop_reason": "tool_use", "usage": {"input_tokens": 1, "output_tokens": 1}},
    }[dialect]
    stream = written(FRAMES[dialect](said, Random(4)), Random(4), dialect)
    replies = [Reply(body=encode(said)), Reply(body=[stream], headers=CHUNKED)]
    python = required(VENVS / "openai-3.52.0", "run `make setup`") / "bin/python"
    async with (
        Upstream(replies) as upstream,
        serving(policy(upstream.url, provider=f"{PROVIDERS[dialect]}, dialects: [{dialect}]"), SECRETS) as served,
    ):
        run = await asyncio.create_subprocess_exec(
            python,
            ROOT / "tests/clients/patching_python.py",
            served.url,
            "gpt-4.1",
            "any",
            GRAMMAR,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, wrong = await asyncio.wait_for(run.communicate(), 60)
    assert run.returncode == 0, wrong.decode()
    seen = json.loads(out)
    assert seen["whole"]["calls"] == seen["streamed"]["calls"] == [["apply_patch", PATCH]]
    assert seen["streamed"]["grown"] == PATCH and len(upstream.asked) == 2
    for asked in upstream.asked:  # the second goes on from the call of the first
        assert names(asked.json["tools"]) == ["apply_patch"]
    assert PATCH in _texts(upstream.asked[1].json) and "Done." in _texts(upstream.asked[1].json)
