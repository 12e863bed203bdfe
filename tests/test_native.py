"""The canonical model as a protocol of its own: what it says is what it means, in requests, answers, streams and errors."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from generated import canonical as c
from generated.native import request as native
from runtime.core.framing import EventReader
from runtime.core.primitives import in_turns
from runtime.core.rules import CANONICAL
from runtime.core.translate import Translation
from tests.scripted import Reply
from tests.test_app import OK, STREAM, error, gateway_before, serving
from tests.test_cases import cases, context, kind_of

PATH = "/v1/canonical"
ECHO = "pools:\n  main:\n    accounts: [{name: e, provider: echo}]\nmodels: [{name: '*', pool: main}]\n"
QUESTION = {
    "model": "m",
    "blocks": [{"kind": "text", "role": "system", "text": "Be short."}, {"kind": "text", "text": "Good morning"}],
    "temperature": 0.5,
}
ASKED = [
    case
    for case in cases(("both", "lift"))
    if kind_of(*case.values) == "request" and "blocks" in case.values[1]["canonical"]
]


@pytest.mark.parametrize(("name", "case"), ASKED)
def test_a_request_means_what_it_says(name: str, case: dict[str, Any]):
    body = msgspec.json.encode(case["canonical"])
    meant = msgspec.json.decode(body, type=c.Request)
    in_turns(meant.blocks)
    assert native.lift_request(native.decode_request(body), context(CANONICAL, CANONICAL)) == meant


def test_places_that_are_not_said():
    blocks = [
        c.Text(text="a", role="system"),
        c.Text(text="b"),
        c.Image(source=c.UrlSource(url="https://a.example/b.png")),
        c.Thinking(text="c"),
        c.ToolCall(id="1", name="f", input=msgspec.Raw(b"{}")),
        c.ToolResult(call_id="1"),
        c.Text(text="d", role="user"),
    ]
    in_turns(blocks)
    seen = [(block.role, block.turn, block.part) for block in blocks]
    user, assistant = [("user", 1, 0), ("user", 1, 1)], [("assistant", 2, 0), ("assistant", 2, 1)]
    assert seen == [("system", 0, 0), *user, *assistant, ("tool", 3, 0), ("user", 4, 0)]


def test_two_turns_of_one_role_stay_two_where_they_are_said():
    blocks = [c.Text(text="a", role="user", turn=0, part=0), c.Text(text="b", role="user", turn=1, part=0)]
    in_turns(blocks)
    assert [block.turn for block in blocks] == [0, 1]


def test_it_is_lowered_as_any_other():
    translation = Translation(
        "canonical", "anthropic-messages", "anthropic", "claude-haiku-4-5", now=1, new_id=lambda: "1"
    )
    body = msgspec.json.decode(translation.request(msgspec.json.encode(QUESTION)).body)
    assert body["system"] == "Be short."
    assert body["messages"] == [{"role": "user", "content": "Good morning"}]
    assert (body["model"], body["temperature"]) == ("claude-haiku-4-5", 0.5)


async def test_an_answer_is_the_canonical_one():
    async with gateway_before(OK) as (served, upstream):
        async with served.post(PATH, QUESTION) as answer:
            said = msgspec.json.decode(await answer.read(), type=c.Response)
            assert (answer.status, "isogloss-loss" in answer.headers) == (200, False)
        (candidate,) = said.candidates
        assert [block.text for block in candidate.blocks] == ["Hi"]
        assert (candidate.stop_reason, said.usage) == ("end_turn", c.Usage(input=3, output=1))
        assert [message["role"] for message in upstream.asked[0].json["messages"]] == ["system", "user"]


async def test_a_stream_is_the_canonical_events():
    async with gateway_before(Reply(body=STREAM)) as (served, _):
        async with served.post(PATH, {**QUESTION, "stream": True}) as answer:
            assert answer.content_type == "text/event-stream"
            frames = EventReader().feed(await answer.read())
        events = [msgspec.json.decode(data, type=c.Event) for _, data in frames]
        assert [name.decode() for name, _ in frames] == [type(event).__struct_config__.tag for event in events]
        assert [type(event) for event in events] == [
            *(c.MessageStart, c.BlockStart, c.BlockDelta, c.BlockDelta, c.BlockStop, c.CandidateStop, c.MessageEnd)
        ]
        assert "".join(event.text for event in events if type(event) is c.BlockDelta) == "Hello"


async def test_an_error_is_the_canonical_one():
    async with gateway_before(error(400, "too strange")) as (served, _):
        async with served.post(PATH, QUESTION) as answer:
            said = msgspec.json.decode(await answer.read(), type=c.Error)
            assert (answer.status, said.kind, said.message) == (400, "invalid_request", "too strange")
        async with served.post(PATH, {"model": "m", "blocks": 3}) as answer:
            assert (answer.status, (await answer.json())["param"]) == (400, "blocks")


async def test_the_built_in_echo_answers_and_breaks_off_in_it():
    async with serving(ECHO) as served:
        async with served.post(PATH, QUESTION) as answer:
            said = msgspec.json.decode(await answer.read(), type=c.Response)
            assert said.candidates[0].blocks[0].text == "Good morning"
        async with served.post(PATH, {**QUESTION, "model": "echo-cut", "stream": True}) as answer:
            last = EventReader().feed(await answer.read())[-1][1]
            assert msgspec.json.decode(last, type=c.StreamError).error.kind == "truncated"


async def test_what_the_model_does_not_know_is_named():
    async with gateway_before(OK) as (served, _):
        strange = {**QUESTION, "flavour": 1, "blocks": [{"kind": "text", "text": "a", "colour": "red"}]}
        async with served.post(PATH, strange) as answer:
            assert answer.status == 200
            assert "blocks[0].colour;" in answer.headers["isogloss-loss"]
            assert "flavour;" in answer.headers["isogloss-loss"]


async def test_models_and_tokens():
    async with serving(ECHO.replace("name: '*'", "name: echo")) as served:
        headers = {"isogloss-protocol": "1"}
        async with served.session.get(served.url + "/v1/models", headers=headers) as answer:
            listed = msgspec.json.decode(await answer.read(), type=c.ModelList)
        async with served.session.get(served.url + "/canonical/v1/models/echo") as answer:
            one = msgspec.json.decode(await answer.read(), type=c.Model)
        assert [model.id for model in listed.models] == [one.id] == ["echo"]
        async with served.post(PATH + "/count", {**QUESTION, "model": "echo"}) as answer:
            assert answer.headers["isogloss-estimate"] == "true"
            assert msgspec.json.decode(await answer.read(), type=c.TokenCount).input > 5
