"""Tokens that are counted: by an upstream that can, else by an estimate that says it is one."""

import json
import sys
import time

import pytest

from generated import canonical as c
from runtime.core.counting import ANSWER, MEDIA, TOOL, TURN, around, texts
from runtime.shell import tokens
from tests import test_app
from tests.scripted import Reply, Upstream
from tests.test_app import OK, error, gateway_before, policy, serving


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(test_app.PROVIDERS, "groq", ["openai-chat"])


COUNT_PATH = "/v1/messages/count_tokens"
TOOL_OFFERED = {"name": "get_weather", "description": "Weather of a city", "input_schema": {"type": "object"}}
QUESTION = {
    "model": "m",
    "system": "Be short.",
    "messages": [{"role": "user", "content": "What is the weather in Paris?"}],
    "tools": [TOOL_OFFERED],
}
COUNTED = Reply(body=b'{"input_tokens": 42}')
SILENT = {"provider": "groq"}
COUNTERS = {"strategy": "round_robin", "provider": "anthropic"}


async def count(served, body=QUESTION, path=COUNT_PATH, **more) -> tuple[int, dict, str | None]:
    async with served.post(path, body, **more) as answer:
        return answer.status, await answer.json(), answer.headers.get("isogloss-estimate")


@pytest.mark.parametrize("path", [COUNT_PATH, "/messages/count_tokens", "/anthropic" + COUNT_PATH])
async def test_an_upstream_that_counts_is_asked(path: str):
    async with gateway_before(COUNTED, provider="anthropic") as (served, upstream):
        assert await count(served, path=path) == (200, {"input_tokens": 42}, None)
        (asked,) = upstream.asked
        assert (asked.path, asked.json) == (COUNT_PATH, QUESTION)
        assert asked.headers["x-api-key"] == "sk-upstream-aaaa"


async def test_the_model_is_the_routes():
    more = "models: [{name: m, pool: main, upstream_model: claude-x}]\n"
    async with Upstream([COUNTED]) as upstream:
        rules = policy(upstream.url, provider="anthropic").replace("models: [{name: '*', pool: main}]\n", more)
        async with serving(rules) as served:
            assert (await count(served))[0] == 200
        assert upstream.asked[0].json == {**QUESTION, "model": "claude-x"}


async def test_where_nobody_counts_it_is_estimated_and_nobody_is_asked():
    async with gateway_before(OK, **SILENT) as (served, upstream):
        status, body, estimate = await count(served)
        assert (status, estimate, upstream.asked) == (200, "true", [])
        assert 25 < body["input_tokens"] < 60
        longer = {**QUESTION, "messages": [{"role": "user", "content": "What is the weather in Paris? " * 100}]}
        assert (await count(served, longer))[1]["input_tokens"] > body["input_tokens"] + 600


@pytest.mark.parametrize("reply", [error(429, "slow down"), error(500, "broken"), error(404, "no such page")])
async def test_an_upstream_that_fails_leaves_an_estimate_and_no_rest(reply: Reply):
    async with gateway_before(reply, provider="anthropic") as (served, _):
        began = time.monotonic()
        status, _, estimate = await count(served)
        assert (status, estimate) == (200, "true")
        assert time.monotonic() - began < 5, "nobody waits for a count"
        (pool,) = served.gateway.snapshot.pools.values()
        assert pool.rest_ends("a") <= served.gateway.clock(), "vendors limit counting apart"


async def test_the_next_account_counts_where_one_fails():
    async with Upstream([error(529, "busy")]) as first, Upstream([COUNTED]) as second:
        async with serving(policy(first.url, second.url, **COUNTERS)) as served:
            assert await count(served) == (200, {"input_tokens": 42}, None)
        assert (len(first.asked), len(second.asked)) == (1, 1)


async def test_only_accounts_that_count_are_asked():
    async with Upstream([OK]) as silent, Upstream([COUNTED]) as counter:
        rules = policy(silent.url, counter.url, strategy="round_robin", **SILENT).replace(
            "name: b, provider: groq", "name: b, provider: anthropic"
        )
        async with serving(rules) as served:
            for _ in range(3):
                assert await count(served) == (200, {"input_tokens": 42}, None)
        assert (len(silent.asked), len(counter.asked)) == (0, 3)


async def test_a_wrong_request_is_refused_by_whoever_sees_it():
    async with gateway_before(error(400, "messages: too strange"), provider="anthropic") as (served, _):
        status, body, estimate = await count(served)
        assert (status, body["error"]["message"], estimate) == (400, "messages: too strange", None)
    async with gateway_before(OK, **SILENT) as (served, _):
        for wrong, what in (({**QUESTION, "messages": 3}, "messages"), ({"messages": []}, "model")):
            status, body, _ = await count(served, wrong)
            assert (status, body["error"]["type"]) == (400, "invalid_request_error")
            assert what in body["error"]["message"]


async def test_what_is_no_count_is_not_passed_on():
    async with gateway_before(Reply(body=b'{"tokens": "many"}'), provider="anthropic") as (served, _):
        assert (await count(served))[::2] == (200, "true")


async def test_a_count_is_no_use_of_a_budget():
    clients = "clients: [{name: one, key: env:KEY_B, tokens_per_day: 100}]\n"
    async with gateway_before(COUNTED, provider="anthropic", more=clients) as (served, _):
        headers = {"x-api-key": "sk-upstream-bbbb"}
        big = {**QUESTION, "system": "word " * 1000}
        for _ in range(2):
            assert (await count(served, big, headers=headers))[0] == 200
        assert (await count(served, big))[0] == 401
        log = served.log()
        assert [line["status"] for line in log] == [200, 200, 401]


# -- between protocols

ASKED = {
    "anthropic-messages": (COUNT_PATH, QUESTION),
    "openai-responses": (
        "/v1/responses/input_tokens",
        {
            "model": "m",
            "instructions": "Be short.",
            "input": "What is the weather in Paris?",
            "tools": [
                {
                    "type": "function",
                    "name": "get_weather",
                    "description": "Weather of a city",
                    "parameters": {"type": "object"},
                }
            ],
        },
    ),
    "gemini-generate": (
        "/v1beta/models/m:countTokens",
        {
            "generateContentRequest": {
                "model": "models/m",
                "systemInstruction": {"parts": [{"text": "Be short."}]},
                "contents": [{"role": "user", "parts": [{"text": "What is the weather in Paris?"}]}],
                "tools": [
                    {
                        "functionDeclarations": [
                            {
                                "name": "get_weather",
                                "description": "Weather of a city",
                                "parametersJsonSchema": {"type": "object"},
                            }
                        ]
                    }
                ],
            }
        },
    ),
    "canonical": (
        "/v1/canonical/count",
        {
            "model": "m",
            "blocks": [
                {"kind": "text", "role": "system", "text": "Be short."},
                {"kind": "text", "role": "user", "text": "What is the weather in Paris?"},
            ],
            "tools": [
                {
                    "kind": "function",
                    "name": "get_weather",
                    "description": "Weather of a city",
                    "input_schema": {"type": "object"},
                }
            ],
        },
    ),
}
TOLD = {
    "anthropic-messages": {"input_tokens": 42},
    "openai-responses": {"object": "response.input_tokens", "input_tokens": 42},
    "gemini-generate": {"totalTokens": 42},
    "canonical": {"input": 42},
}
COUNTERS_AT = {
    "anthropic-messages": ("anthropic", COUNT_PATH),
    "openai-responses": ("openai", "/responses/input_tokens"),
    "gemini-generate": ("gemini", "/v1beta/models/m:countTokens"),
}
SAID = ("Be short.", "What is the weather in Paris?", "get_weather", "Weather of a city")


@pytest.mark.parametrize("upstream", COUNTERS_AT)
@pytest.mark.parametrize("client", ASKED)
async def test_a_count_in_another_protocol(client: str, upstream: str, monkeypatch: pytest.MonkeyPatch):
    provider, there = COUNTERS_AT[upstream]
    monkeypatch.setitem(test_app.PROVIDERS, provider, [upstream])
    reply = Reply(body=json.dumps(TOLD[upstream]).encode())
    async with Upstream([reply]) as vendor:
        rules = policy(vendor.url, provider=provider).replace("base_url:", f"dialects: [{upstream}], base_url:")
        async with serving(rules) as served:
            path, question = ASKED[client]
            status, body, estimate = await count(served, question, path)
    (asked,) = vendor.asked
    assert (status, body, estimate, asked.path) == (200, TOLD[client], None, there)
    if client == upstream:
        assert asked.json == question
    sent = asked.json.get("generateContentRequest", asked.json)
    assert all(json.dumps(text) in json.dumps(sent) for text in SAID)
    assert not sent.keys() & {"max_tokens", "stream", "store"}, "a count has no answer"
    if upstream == "gemini-generate":
        assert sent["model"] == "models/m"


@pytest.mark.parametrize("client", ASKED)
async def test_an_estimate_is_the_same_in_every_protocol(client: str):
    async with gateway_before(OK, **SILENT) as (served, _):
        path, question = ASKED[client]
        status, body, estimate = await count(served, question, path)
        _, first, _ = await count(served)
    assert (status, estimate, body.keys()) == (200, "true", TOLD[client].keys())
    assert first["input_tokens"] in body.values()


async def test_what_a_count_alone_can_say_is_not_read():
    async with gateway_before(OK, **SILENT) as (served, _):
        path, question = ASKED["openai-responses"]
        plain = await count(served, question, path)
        assert await count(served, {**question, "personality": "friendly"}, path) == plain


# -- the estimate


def test_text_is_counted_by_the_vocabulary():
    encoding = tokens._encoding()
    assert encoding is not None, "the extra `tokens` is installed where tests run"
    said = ["Good morning!", "def f(x):\n    return x + 1", "日本語"]
    assert tokens.tokens(said) == sum(len(encoding.encode(text)) for text in said)
    assert tokens.tokens(["<|endoftext|>"]) > 1, "what a client writes is text"
    assert tokens.tokens(["\ud800"]) >= 1


def test_a_very_long_text_takes_no_longer():
    part = "Every word counts, and so do 12345 numbers. " * 2000
    once, many = tokens.tokens([part]), [part] * 200
    began = time.process_time()
    assert abs(tokens.tokens(many) / (once * 200) - 1) < 0.01
    assert time.process_time() - began < 5
    assert tokens.tokens(["a" * 300_000, " " * 300_000]) > 1000


def test_without_the_vocabulary_bytes_are_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "tiktoken", None)
    tokens._encoding.cache_clear()
    try:
        assert tokens.tokens(["four" * 10]) == 11
    finally:
        tokens._encoding.cache_clear()


def test_what_is_read_of_a_request():
    picture = c.Image(source=c.BytesSource(data="A" * 100_000))
    paper = c.Document(source=c.TextSource(text="a paper"), title="its title")
    request = c.Request(
        model="m",
        blocks=[
            c.Text(text="be short", role="system", turn=-1),
            c.Text(text="see", role="user", turn=0),
            c.ToolCall(id="call-1", name="look", input=json.dumps({"at": "it"}).encode(), role="assistant", turn=1),
            c.ToolResult(call_id="call-1", content=[c.Text(text="seen"), picture], role="tool", turn=2),
            paper,
        ],
        tools=[c.FunctionTool(name="look", description="looks", input_schema=b'{"type":"object"}')],
    )
    said = texts(request)
    assert set(said) == {"be short", "see", "look", '{"at": "it"}', "seen", "a paper", "its title", "looks"} | {
        '{"type":"object"}'
    }
    assert around(request) == ANSWER + TURN * 5 + TOOL + MEDIA[c.Image]
