"""Tools in groups, as the namespaces of Responses, before upstreams that have none; and built-in tools before others."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from runtime.core.translate import Refused
from tests.laws.sending import encode, stands, translation
from tests.laws.streams import FRAMES, frames_of, written

CLIENT = "openai-responses"
UPSTREAMS = ["openai-chat", "anthropic-messages", "gemini-generate", "ollama-chat", "mistral-chat", "bedrock-converse"]


def function(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "function",
        "name": name,
        "parameters": {"type": "object", "properties": {}},
        "strict": False,
    } | more


def group(name: str, *tools: Any, description: str = "") -> dict[str, Any]:
    return {"type": "namespace", "name": name, "description": description, "tools": list(tools)}


def call(name: str, id: str = "call_1", **more: Any) -> dict[str, Any]:
    return {"type": "function_call", "name": name, "call_id": id, "arguments": "{}", "status": "completed"} | more


TOOLS = [
    function("open"),
    group("agents", function("open", description="Opens one."), function("close"), description="Works with agents."),
    group("files", function("open")),
    function("last"),
]
ASK = {"model": "m", "input": [{"role": "user", "content": "Hi"}], "tools": TOOLS, "store": False}


def names(value: Any) -> list[str]:
    """The names of all tools of a request, in order, wherever its wire has them."""
    found: list[str] = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += [inner] if key == "name" else names(inner)
    return found


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_every_tool_has_a_name_of_its_own(upstream: str) -> None:
    going = translation(CLIENT, upstream)
    sent = json.loads(going.request(encode(ASK)).body)
    tools = sent.get("tools") or sent["toolConfig"]["tools"]
    assert names(tools) == ["open", "agents__open", "agents__close", "files__open", "last"]
    assert "Works with agents.\\n\\nOpens one." in json.dumps(tools) and json.dumps(tools).count("Works with") == 1
    assert {loss.path: loss.kind for loss in going.losses if "strict" not in loss.path and loss.kind != "supplied"} == {
        "tools[1].description": "rewritten"
    }
    assert all(stands(loss.path, ASK) for loss in going.losses if loss.kind != "supplied")


def chat(request: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    going = translation(CLIENT, "openai-chat")
    return going, json.loads(going.request(encode(request)).body)


def answer(*names: str) -> dict[str, Any]:
    calls = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for number, name in enumerate(names)
    ]
    choice = {"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "tool_calls": calls}}
    return {"id": "chatcmpl-1", "created": 1, "model": "m", "choices": [choice]}


def test_calls_come_back_with_their_group() -> None:
    said = answer("agents__open", "open", "files__open")
    wanted = [("open", "agents"), ("open", None), ("open", "files")]
    whole = json.loads(chat(ASK)[0].answer(encode(said)))
    assert [(item["name"], item.get("namespace")) for item in whole["output"]] == wanted
    going, _ = chat(ASK | {"stream": True})
    stream = going.stream()
    out = stream.feed(written(FRAMES["openai-chat"](said, Random(3)), name="openai-chat")) + stream.eof()
    frames = [json.loads(data) for _, data in frames_of(out, CLIENT)]
    for kind in ("added", "done"):
        items = [frame["item"] for frame in frames if frame["type"] == f"response.output_item.{kind}"]
        assert [(item["name"], item.get("namespace")) for item in items] == wanted
    done = [frame["name"] for frame in frames if frame["type"] == "response.function_call_arguments.done"]
    assert done == ["open", "open", "open"]


def test_earlier_calls_are_of_the_same_tools() -> None:
    said = [call("open", namespace="agents"), {"type": "function_call_output", "call_id": "call_1", "output": "Done."}]
    _, sent = chat(ASK | {"input": [*ASK["input"], *said]})
    assert [one["function"]["name"] for one in sent["messages"][1]["tool_calls"]] == ["agents__open"]
    going = translation(CLIENT, "gemini-generate")
    sent = json.loads(going.request(encode(ASK | {"input": [*ASK["input"], *said]})).body)
    assert names(sent["contents"]) == ["agents__open", "agents__open"]  # a result is named after its call there


@pytest.mark.parametrize(
    "tools, wanted",
    [
        ([function("a__b"), group("a", function("b"))], ["a__b", "a__b_2"]),
        ([group("a", function("b__c")), group("a__b", function("c"))], ["a__b__c", "a__b__c_2"]),
        ([group("a", function("b")), group("a", function("b", description="again"))], ["a__b", "a__b"]),
        ([group("ä", function("b")), group("ö", function("b"))], ["___b", "___b_2"]),
        ([group("a" * 70, function("b")), group("a" * 70, function("c"))], ["a" * 64, "a" * 62 + "_2"]),
    ],
)
def test_no_two_are_alike(tools: list[Any], wanted: list[str]) -> None:
    going, sent = chat(ASK | {"tools": tools})
    assert [one["function"]["name"] for one in sent["tools"]] == wanted
    kept = [
        (tool["name"], one.get("name") if "tools" in one else None) for one in tools for tool in one.get("tools", [one])
    ]
    whole = json.loads(going.answer(encode(answer(*wanted))))
    assert [(item["name"], item.get("namespace")) for item in whole["output"]] == kept


@pytest.mark.parametrize("name, wanted", [("close", "agents__close"), ("open", "open"), ("last", "last")])
def test_a_choice_means_the_only_tool_of_that_name(name: str, wanted: str) -> None:
    _, sent = chat(ASK | {"tool_choice": {"type": "function", "name": name}})
    assert sent["tool_choice"]["function"]["name"] == wanted


def test_a_group_without_tools_is_lost() -> None:
    going, sent = chat(ASK | {"tools": [group("none"), function("f")]})
    assert [one["function"]["name"] for one in sent["tools"]] == ["f"]
    assert [(loss.path, loss.kind) for loss in going.losses] == [("tools[0]", "lost")]


def test_groups_arrive_where_there_are_any() -> None:
    """From the protocol between all others, that has them, too."""
    tool = {"kind": "function", "input_schema": {"type": "object", "properties": {}}, "strict": False}
    groups = [None, {"name": "agents", "description": "Works."}, {"name": "agents", "description": "Works."}, None]
    tools = [tool | {"name": f"f{number}", "group": one} for number, one in enumerate(groups)]
    blocks = [{"kind": "text", "text": "Hi", "role": "user"}]
    going = translation("canonical", CLIENT)
    sent = json.loads(going.request(encode({"model": "m", "blocks": blocks, "tools": tools})).body)
    inside = group("agents", function("f1"), function("f2"), description="Works.")
    assert sent["tools"] == [function("f0"), inside, function("f3")]


# -- built-in tools

SEARCH = {"type": "web_search", "external_web_access": True}


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_a_built_in_tool_is_refused_or_waived(upstream: str) -> None:
    asked = encode(ASK | {"tools": [function("f"), SEARCH]})
    with pytest.raises(
        Refused, match=r"tools\[1\]: a built-in tool of another vendor; `honour: \[tools\]` at its route"
    ):
        translation(CLIENT, upstream).request(asked)
    going = translation(CLIENT, upstream, honour_waived=frozenset({"tools"}))
    sent = json.loads(going.request(asked).body)
    assert names(sent.get("tools") or sent["toolConfig"]["tools"]) == ["f"]
    assert ("tools[1]", "lost") in [(loss.path, loss.kind) for loss in going.losses]
