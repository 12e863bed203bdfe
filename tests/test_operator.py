"""What operators see and may do: why an account served a request, and which one shall."""

from __future__ import annotations

import json

import pytest

from tests.scripted import Upstream
from tests.test_app import CHAT, CHAT_PATH, MESSAGES, MESSAGES_PATH, OK, STREAM, Reply, error, policy, serving

pytestmark = pytest.mark.usefixtures("lanes")
OPERATOR = {"isogloss-operator": "the-operators-key"}
ENVIRON = {"KEY_A": "sk-upstream-aaaa", "KEY_B": "sk-upstream-bbbb", "OPERATOR": "the-operators-key"}
SERVER = "server: {operator_key: env:OPERATOR}\n"


def serving_two(first: Upstream, second: Upstream, **more):
    return serving(policy(first.url, second.url, more=SERVER, strategy="fill_first", **more), ENVIRON)


async def test_why_this_account():
    async with (
        Upstream([error(429, "slow down", retry_after="60")]) as first,
        Upstream([OK]) as second,
        serving_two(first, second) as served,
    ):
        async with served.post(CHAT_PATH, CHAT, headers=OPERATOR) as answer:
            assert answer.status == 200
            one, two = json.loads(answer.headers["isogloss-why"])
        assert (one["strategy"], one["candidates"]) == ("fill_first", ["a", "b"])
        assert one["score"].keys() == {"a", "b"}
        assert two["candidates"] == ["b"] and two["excluded"]["a"].startswith("rests for ")
        assert not {"isogloss-operator", "isogloss-pin"} & second.asked[0].headers.keys()
        (line,) = served.log()
        assert line["why"][1]["candidates"] == ["b"]


async def test_why_no_account():
    limited = error(429, "slow down", retry_after="90")
    async with (
        Upstream([limited]) as first,
        Upstream([limited]) as second,
        serving_two(first, second) as served,
    ):
        async with served.post(CHAT_PATH, CHAT) as answer:
            assert answer.status == 429
        async with served.post(CHAT_PATH, CHAT, headers=OPERATOR) as answer:
            assert (answer.status, answer.headers["retry-after"]) == (429, "90")
            [why] = json.loads(answer.headers["isogloss-why"])
        assert why.keys() == {"waited", "strategy", "excluded"}
        assert [reason.split(" s ")[1] for reason in why["excluded"].values()] == ["(rate)", "(rate)"]
        before, after = served.log()
        assert [one.get("excluded", {}).keys() for one in before["why"]] == [set(), {"a"}, {"a", "b"}]
        assert after["why"] == [why]


async def test_only_operators_are_told():
    async with Upstream([OK]) as first, Upstream([OK]) as second, serving_two(first, second) as served:
        async with served.post(CHAT_PATH, CHAT) as answer:
            assert answer.status == 200 and "isogloss-why" not in answer.headers
        async with served.post(CHAT_PATH, CHAT, headers={"isogloss-operator": "guess"}) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (403, "operator_only")
        async with served.post(CHAT_PATH, CHAT, headers={"isogloss-pin": "b"}) as answer:
            assert answer.status == 403
        assert len(second.asked) == 0


@pytest.mark.parametrize(("path", "body"), [(CHAT_PATH, CHAT), (MESSAGES_PATH, MESSAGES)])
async def test_a_pin_is_served_by_that_account_or_by_none(path: str, body: dict):
    broken = error(500, "broken")
    async with (
        Upstream([OK]) as first,
        Upstream([OK, broken]) as second,
        serving_two(first, second, retries=1, backoff="{base: 1ms}") as served,
    ):
        headers = {**OPERATOR, "isogloss-pin": "b"}
        async with served.post(path, body, headers=headers) as answer:
            assert answer.status == 200
            [why] = json.loads(answer.headers["isogloss-why"])
        assert (why["candidates"], why["excluded"]) == (["b"], {"a": "another is pinned"})
        async with served.post(path, body, headers=headers) as answer:
            assert answer.status == 500
        assert (len(first.asked), len(second.asked)) == (0, 3)
        async with served.post(path, body, headers={**OPERATOR, "isogloss-pin": "bb"}) as answer:
            assert answer.status == 400
            assert "no account `bb`; near names: `b`" in (await answer.json())["error"]["message"]


async def test_a_stream_is_explained_too():
    async with (
        Upstream([Reply(body=STREAM)]) as first,
        Upstream([OK]) as second,
        serving_two(first, second) as served,
        served.post(CHAT_PATH, {**CHAT, "stream": True}, headers=OPERATOR) as answer,
    ):
        assert json.loads(answer.headers["isogloss-why"])[0]["candidates"] == ["a", "b"]


async def test_without_an_operator_nobody_is_one():
    async with (
        serving(policy("http://127.0.0.1:9")) as served,
        served.post(CHAT_PATH, CHAT, headers=OPERATOR) as answer,
    ):
        assert answer.status == 403
        assert "operator_key: env:NAME" in (await answer.json())["error"]["message"]


async def test_of_many_accounts_the_header_holds_the_first():
    accounts = "".join(f"      - {{name: account-{n}, provider: openai, key: env:KEY_A}}\n" for n in range(500))
    text = f"{SERVER}pools:\n  main:\n    strategy: fill_first\n    accounts:\n{accounts}models: [{{name: '*', pool: main}}]\n"
    async with (
        Upstream([OK]) as upstream,
        serving(text.replace("env:KEY_A", f"env:KEY_A, base_url: '{upstream.url}'"), ENVIRON) as served,
    ):
        async with served.post(CHAT_PATH, CHAT, headers=OPERATOR) as answer:
            assert answer.status == 200
            header = answer.headers["isogloss-why"]
        assert len(header) <= 4096 and json.loads(header)[0]["candidates"][0] == "account-0"
        async with served.post(CHAT_PATH, CHAT) as answer:
            assert answer.status == 200
        assert "candidates" not in served.log()[1].get("why", [{}])[0]
