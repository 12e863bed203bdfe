"""What a client may use: in the core under a simulated clock, and on the wire in its own protocol."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generated import canonical as c
from generated.policy import Client
from runtime.core.clients import Admitted, Clients, Denied, day_of, estimate, tokens_of
from tests.scripted import Reply
from tests.test_app import CHAT, CHAT_PATH, MESSAGES, MESSAGES_PATH, OK, SECRETS, gateway_before, policy, serving, until

NOON = 1_790_000_000.0 // 86400 * 86400 + 43200  # of a day of UTC


def of(before: Clients | None = None, **rules) -> Clients:
    return Clients([Client(name="a", key="env:A", **rules)], before)


def denied(clients: Clients, now: float = NOON, tokens: int = 1) -> tuple[str | None, float | None]:
    answer = clients.admit("a", tokens, now)
    assert isinstance(answer, Denied)
    return answer.error.code, answer.wait


def admitted(clients: Clients, now: float = NOON, tokens: int = 1) -> Admitted:
    answer = clients.admit("a", tokens, now)
    assert isinstance(answer, Admitted), answer
    return answer


def test_models():
    clients = of(models=["gpt-5*", "echo"])
    assert [clients.allows("a", model) for model in ("gpt-5-mini", "echo", "gpt-4", "echo2")] == [
        True,
        True,
        False,
        False,
    ]
    refused = clients.forbid("a", "gpt-4")
    assert (refused.error.status, refused.wait) == (403, None)
    assert "`gpt-5*`, `echo`" in refused.error.message
    assert of().allows("a", "anything")


def test_requests_in_a_minute():
    clients = of(rpm=2)
    for _ in range(2):
        clients.end(admitted(clients), 5, NOON)
    code, wait = denied(clients, NOON + 10)
    assert code == "client_rpm" and 49 <= wait <= 52
    admitted(clients, NOON + 10 + wait)


def test_tokens_in_a_minute_are_corrected_by_what_was_used():
    clients = of(tpm=100)
    clients.end(admitted(clients, tokens=80), 10, NOON)
    clients.end(admitted(clients, tokens=80), 95, NOON)
    assert denied(clients, tokens=1)[0] == "client_tpm"


def test_a_request_larger_than_the_minute_is_not_refused_for_ever():
    clients = of(tpm=100)
    clients.end(admitted(clients, tokens=5000), 5000, NOON)
    code, wait = denied(clients, tokens=5000)
    assert code == "client_tpm"
    admitted(clients, NOON + wait, tokens=5000)


def test_requests_at_once():
    clients = of(max_concurrency=1)
    first = admitted(clients)
    assert denied(clients) == ("client_max_concurrency", 1.0)
    clients.end(first, 1, NOON)
    clients.end(first, 1, NOON)  # harmless
    admitted(clients)
    assert denied(clients)[0] == "client_max_concurrency"


def test_a_days_budget_ends_with_the_day():
    clients = of(tokens_per_day=100)
    first = admitted(clients, tokens=60)
    code, wait = denied(clients, tokens=60)  # what is under way counts as estimated
    assert (code, wait) == ("client_tokens_per_day", 43200)
    clients.end(first, 90, NOON)
    assert denied(clients, tokens=11)[0] == "client_tokens_per_day"
    admitted(clients, tokens=10)
    admitted(clients, NOON + 43200, tokens=90)


def test_a_months_budget_ends_with_the_month():
    february = 1_801_440_000.0  # 2027-02-01, at midnight
    clients = of(tokens_per_month=100)
    clients.end(admitted(clients, february + 5), 100, february + 5)
    code, wait = denied(clients, february + 27.5 * 86400)
    assert (code, wait) == ("client_tokens_per_month", 43200)
    admitted(clients, february + 28 * 86400)


def test_what_was_used_before_counts():
    clients = of(tokens_per_day=100, tokens_per_month=1000)
    clients.load({"a": (40, 990), "gone": (1, 1)}, day_of(NOON))
    assert denied(clients, tokens=20)[0] == "client_tokens_per_month"
    clients.end(admitted(clients, tokens=10), 10, NOON)
    assert denied(clients, tokens=1)[0] == "client_tokens_per_month"


def test_counters_survive_a_new_policy():
    before = of(rpm=1, tokens_per_day=100, max_concurrency=1)
    running = admitted(before, tokens=50)
    after = of(before, rpm=9, tokens_per_day=60, max_concurrency=1)
    assert denied(after)[0] == "client_max_concurrency"
    before.end(running, 55, NOON)  # it ends with the policy it began with
    assert denied(after, tokens=10)[0] == "client_tokens_per_day"
    admitted(after, tokens=5)
    assert denied(of(after, rpm=2), NOON)[0] == "client_rpm"


def test_workers_split_limits():
    parts = [Clients([Client(name="a", key="env:A", rpm=5, max_concurrency=3)], part=(n, 2)) for n in range(2)]
    assert [sum(isinstance(one.admit("a", 1, NOON), Admitted) for _ in range(9)) for one in parts] == [2, 1]


@given(
    st.lists(
        st.tuples(st.sampled_from(("come", "end")), st.integers(1, 40), st.integers(0, 80), st.floats(0, 20000)),
        max_size=60,
    )
)
def test_a_budget_is_passed_by_no_more_than_wrong_estimates(steps):
    clients, running, now = of(tokens_per_day=200, max_concurrency=4), [], NOON
    used: dict[str, int] = {}
    wrong: dict[str, int] = {}
    for what, tokens, actual, later in steps:
        now += later
        if what == "come":
            answer = clients.admit("a", tokens, now)
            if isinstance(answer, Admitted):
                running.append(answer)
            assert len(running) <= 4
        elif running:
            one = running.pop(0)
            clients.end(one, actual, now)
            day = day_of(now)
            used[day] = used.get(day, 0) + actual
            # an estimate that was too low, and what began on a day before
            wrong[day] = wrong.get(day, 0) + (max(actual - one.tokens, 0) if day_of(one.at) == day else actual)
    assert all(tokens <= 200 + wrong[day] for day, tokens in used.items())


def test_tokens():
    assert tokens_of(None) == 0
    assert tokens_of(c.Usage(input=1, cache_read=2, cache_write=4, cache_write_long=4, output=8, reasoning=16)) == 31
    assert estimate(b"") == 1 and estimate(b"x" * 400) == 101


# -- on the wire


def clients(**rules) -> str:
    more = "".join(f", {name}: {value}" for name, value in rules.items())
    return f"clients: [{{name: alice, key: env:CLIENT{more}}}]\n"


KEY = {"x-api-key": SECRETS["CLIENT"]}


@pytest.mark.parametrize(("path", "body"), [(CHAT_PATH, CHAT), (MESSAGES_PATH, MESSAGES)])
async def test_a_limit_is_told_in_the_clients_protocol(path: str, body: dict):
    async with gateway_before(OK, more=clients(rpm=1)) as (served, upstream):
        async with served.post(path, body, headers=KEY) as answer:
            assert answer.status == 200
        async with served.post(path, body, headers=KEY) as answer:
            said = await answer.json()
            assert answer.status == 429
            assert 50 <= int(answer.headers["retry-after"]) <= 62
        assert "client alice has reached 1 requests a minute" in said["error"]["message"]
        assert said["error"]["type"] in ("rate_limit_error", "rate_limit_exceeded", "requests")
        assert said.get("type", "error") == "error"
        assert len(upstream.asked) == 1


async def test_models_that_are_not_allowed():
    async with gateway_before(OK, more=clients(models="[m, gpt-*]")) as (served, upstream):
        assert (await served.chat(headers=KEY))[0] == 200
        status, said = await served.chat({**CHAT, "model": "other"}, headers=KEY)
        assert (status, said["error"]["code"]) == (403, "model_not_allowed")
        async with served.session.get(served.url + "/v1/models/other", headers=KEY) as answer:
            assert answer.status == 403
        assert len(upstream.asked) == 1


async def test_the_model_list_is_the_clients_own():
    listing = clients(models="[one]")
    text = policy("http://127.0.0.1:9", more=listing).replace("{name: '*',", "{name: one, pool: main}, {name: two,")
    async with serving(text) as served, served.session.get(served.url + "/v1/models", headers=KEY) as answer:
        assert [model["id"] for model in (await answer.json())["data"]] == ["one"]


async def test_a_slot_comes_back_when_the_client_leaves():
    async with gateway_before(Reply(wait=30), OK, more=clients(max_concurrency=1)) as (served, upstream):
        asking = asyncio.create_task(served.chat(headers=KEY))
        await until(lambda: upstream.asked)
        status, said = await served.chat(headers=KEY)
        assert (status, said["error"]["code"]) == (429, "client_max_concurrency")
        asking.cancel()
        await until(lambda: upstream.asked[0].left)
        await until(lambda: len(served.log()) == 2)
        assert (await served.chat(headers=KEY))[0] == 200


async def test_a_budget_counts_what_the_vendor_counted():
    size = estimate(json.dumps(CHAT).encode())
    async with gateway_before(OK, more=clients(tokens_per_day=size + 4)) as (served, _):
        assert (await served.chat(headers=KEY))[0] == 200  # 4 tokens, says the upstream
        assert (await served.chat(headers=KEY))[0] == 200
        status, said = await served.chat(headers=KEY)
        assert (status, said["error"]["code"]) == (429, "client_tokens_per_day")
        assert "8 are used" in said["error"]["message"]


# -- web pages


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:3000", 200),
        ("http://app.localhost", 200),
        ("https://127.0.0.1", 200),
        ("http://[::1]:8080", 200),
        ("tauri://localhost", 200),
        ("https://app.example", 200),
        ("https://app.example.evil", 403),
        ("http://localhost.evil.example", 403),
        ("http://evil.example:3000", 403),
        ("null", 403),
    ],
)
async def test_web_pages_from_elsewhere_spend_nothing(origin: str, status: int):
    more = "server: {cors: ['https://app.example']}\n"
    async with gateway_before(OK, more=more) as (served, upstream):
        # a page may send this without a preflight: to refuse the answer to the page would be too late
        plain = {"origin": origin, "content-type": "text/plain"}
        async with served.session.post(served.url + CHAT_PATH, data=json.dumps(CHAT), headers=plain) as answer:
            assert answer.status == status, await answer.text()
            allowed = answer.headers.get("access-control-allow-origin")
        async with served.session.options(served.url + CHAT_PATH, headers={"origin": origin}) as answer:
            assert (answer.status == 204) == (status == 200)
        assert allowed == (origin if status == 200 else None)
        assert len(upstream.asked) == (status == 200)


async def test_all_web_pages_may_be_let_in():
    async with (
        gateway_before(OK, more="server: {cors: ['*']}\n") as (served, _),
        served.post(CHAT_PATH, CHAT, headers={"origin": "https://any.example"}) as answer,
    ):
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "https://any.example")
