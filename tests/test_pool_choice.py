"""Strategies, model lists, limits, affinity and the reasons for a choice; at ten thousand accounts, too."""

from __future__ import annotations

import gc
import json
from collections import Counter
from random import Random
from time import perf_counter

import pytest

from runtime.core.account import Account
from runtime.core.affinity import WORTH_CACHING, Affinity, key_of
from runtime.core.limits import DAY, MINUTE, Limits, Window, share
from runtime.core.outcome import Outcome, Verdict
from runtime.core.pool import Acquired, Ask, Lack, Lease, Pool, Refused

OK, VENDOR = Verdict(Outcome.OK), Verdict(Outcome.VENDOR)


def account(name: str, **more) -> Account:
    return Account(name, "p", (), **more)


def pool_of(*accounts: Account | str, **more) -> Pool:
    return Pool("main", [account(a) if isinstance(a, str) else a for a in accounts], **more)


def lease(pool: Pool, now: float = 0.0, model: str = "m", **more) -> Lease:
    answer = pool.choose(Ask(model, now, **more), now)
    assert isinstance(answer, Acquired), answer
    return answer.lease


def serve(pool: Pool, now: float = 0.0, verdict: Verdict = OK, used=None, latency=None, **more) -> str:
    taken = lease(pool, now, **more)
    pool.report(taken, verdict, now, used, latency)
    return taken.account


def refused(pool: Pool, now: float = 0.0, **more) -> Refused:
    answer = pool.choose(Ask("m", now, **more), now)
    assert isinstance(answer, Refused)
    return answer


# -- strategies


def test_the_least_busy_serves_and_turns_break_ties():
    pool = pool_of("a", account("b", weight=2), strategy="least_busy")
    first = [lease(pool) for _ in range(4)]
    assert Counter(one.account for one in first) == {"a": 2, "b": 2}
    for one in first:
        if one.account == "a":
            pool.report(one, OK, 0.0)
    assert [lease(pool).account for _ in range(2)] == ["a", "a"]
    idle = pool_of("a", account("b", weight=2), strategy="least_busy")
    assert Counter(serve(idle) for _ in range(300)) == {"a": 100, "b": 200}


def test_the_first_is_filled_first():
    pool = pool_of(
        account("late", priority=1),
        account("light", max_concurrency=1),
        account("heavy", weight=2, max_concurrency=2),
        strategy="fill_first",
    )
    assert [lease(pool).account for _ in range(5)] == ["heavy", "heavy", "light", "late", "late"]


@pytest.mark.parametrize("strategy", ["round_robin", "least_busy", "latency", "fill_first"])
def test_a_lower_priority_number_comes_first(strategy):
    pool = pool_of(
        account("b", priority=1), account("a", max_concurrency=2), strategy=strategy, chance=Random(1).random
    )
    assert [lease(pool).account for _ in range(4)] == ["a", "a", "b", "b"]


def test_the_faster_serves_more_and_the_slow_one_is_tried_again():
    pool, now = pool_of("slow", "fast", "faster", strategy="latency", chance=Random(1).random), 0.0
    seconds = {"slow": 10.0, "fast": 1.0, "faster": 0.5}
    served = Counter()
    for _ in range(3000):
        taken = lease(pool, now)
        pool.report(taken, OK, now, latency=seconds[taken.account])
        served[taken.account] += 1
        now += 0.1
    assert served["faster"] > served["fast"] > served["slow"] > 0


def test_a_peak_counts_at_once_and_fades():
    pool = pool_of("a", "b", strategy="latency", chance=Random(1).random)
    seat = pool._seats["a"]
    for now in (0.0, 1.0):
        seat.took(1.0, Outcome.OK, now)
    seat.took(20.0, Outcome.OK, 2.0)
    assert seat.expected_latency(2.0) == 20.0
    seat.took(1.0, Outcome.OK, 3.0)
    assert 15 < seat.expected_latency(3.0) < 20
    assert seat.expected_latency(603.0) < 0.01


def test_an_account_that_fails_fast_is_not_fast():
    pool, now, served = pool_of("broken", "sound", strategy="latency", chance=Random(1).random), 0.0, Counter()
    for _ in range(200):
        taken = lease(pool, now)
        fails = taken.account == "broken"
        pool.report(taken, VENDOR if fails else OK, now, latency=0.001 if fails else 0.5)
        served[taken.account] += 1
        now += 1.0
    assert served["sound"] > 3 * served["broken"]


# -- model lists


def test_an_account_serves_the_models_of_its_list():
    pool = pool_of(account("a", models=("gpt-*", "o3")), account("b", models=("claude-*",)), "c")
    assert {serve(pool, model="gpt-5") for _ in range(4)} == {"a", "c"}
    assert {serve(pool, model="claude-x") for _ in range(4)} == {"b", "c"}
    assert {serve(pool, model="llama") for _ in range(4)} == {"c"}
    pool = pool_of(account("a", models=("gpt-*",)))
    assert pool.choose(Ask("llama", 30.0), 0.0) == Refused(None, Lack.NOBODY)


def test_who_cannot_use_an_account_does_not_keep_others_from_it():
    pool = pool_of(account("a", models=("x",), max_concurrency=1), account("b", models=("y",), max_concurrency=1))
    held = {model: lease(pool, model=model) for model in "xy"}
    asks = {model: Ask(model, 30.0) for model in "xy"}
    assert [pool.choose(ask, 0.0) for ask in asks.values()] == [None, None]
    pool.report(held["y"], OK, 1.0)
    assert [ask for ask, _ in pool.settle(1.0)] == [asks["y"]]


# -- failures


@pytest.mark.parametrize(("failures", "answers", "rests"), [(3, 5, True), (3, 6, False), (2, 4, False), (30, 59, True)])
def test_over_half_of_at_least_five_in_a_minute(failures, answers, rests):
    pool = pool_of("a", "b")
    seat = pool._seats["a"]
    order = [True, False] * failures  # never three in a row
    order = ([False] * (answers - 2 * failures) + order)[:answers] if answers >= 2 * failures else order[:answers]
    assert sum(order) == failures and len(order) == answers and order[-1] is (answers % 2 == 1 or answers == 59)
    for at, failed in enumerate(order):
        seat.judge("m", VENDOR if failed else OK, at * 0.5, at * 0.5)
    assert (seat.vendor_until > 0) is rests


def test_failures_of_more_than_a_minute_ago_are_forgotten():
    seat = pool_of("a")._seats["a"]
    for now in (0.0, 1.0, 20.0, 21.0):
        seat.judge("m", VENDOR, now, now)
        seat.judge("m", OK, now, now)
        seat.vendor_until = 0.0
    seat.judge("m", VENDOR, 90.0, 90.0)
    assert seat.vendor_until == 0.0


def test_a_success_from_before_the_rest_does_not_end_it():
    pool = pool_of("a", "b")
    early = lease(pool, avoided=("b",))
    for _ in range(3):
        assert serve(pool, 1.0, VENDOR, avoided=("b",)) == "a"
    pool.report(early, OK, 2.0)
    assert {serve(pool, 2.0) for _ in range(4)} == {"b"}


# -- limits


def test_a_window_is_never_exceeded_and_little_is_left_unused():
    window, chance, now, taken = Window(100, MINUTE), Random(3), 0.0, []
    for _ in range(20000):
        now += chance.random() * 0.2
        amount = chance.randint(1, 9)
        if window.ready(amount, now) <= now:
            window.take(amount, now)
            taken.append((now, amount))
    first = 0
    for at, (end, _) in enumerate(taken):
        while taken[first][0] <= end - MINUTE:
            first += 1
        assert sum(amount for _, amount in taken[first : at + 1]) <= 100
    assert sum(amount for _, amount in taken) > 0.95 * 100 * now / MINUTE


def test_a_window_names_the_very_moment():
    window = Window(2, MINUTE)
    window.take(1, 0.0)
    window.take(1, 30.5)
    assert (window.ready(1, 31.0), window.ready(2, 31.0)) == (61.0, 91.0)
    assert window.ready(2, 91.0) == 91.0


def test_what_is_greater_than_the_limit_runs_alone():
    window = Window(100, MINUTE)
    assert window.ready(500, 0.0) == 0.0
    window.take(500, 0.0)
    assert window.ready(1, 0.0) == 61.0


def test_what_was_not_used_is_given_back_and_what_was_used_beyond_is_charged():
    window = Window(100, MINUTE)
    window.take(60, 0.0)
    window.correct(-50, 10.0, at=0.0)
    assert window.used == 10
    window.correct(80, 20.0, at=0.0)
    assert (window.used, window.ready(20, 20.0)) == (90, 61.0)
    window.correct(-50, 300.0, at=0.0)
    assert window.ready(100, 300.0) == 300.0


@pytest.mark.parametrize("limits", [Limits(rpm=3), Limits(rpd=3), Limits(tpm=1000), Limits(tpd=1000)])
def test_limits_of_an_account_and_of_a_pool(limits):
    span = MINUTE if limits.rpm or limits.tpm else DAY
    for pool in (pool_of(account("a", limits=limits)), pool_of("a", "b", limits=limits)):
        for _ in range(3):
            serve(pool, 0.0, tokens=60, used=(60, 256))
        assert refused(pool, 0.0, tokens=60) == Refused(span + span / 60, Lack.LIMIT)
        assert serve(pool, span + span / 60, tokens=60)
    other = pool_of(account("a", limits=limits), "b")
    assert Counter(serve(other, tokens=60) for _ in range(10))["a"] <= 3


def test_who_wants_few_tokens_does_not_leave_with_who_waits_for_many_in_vain():
    pool = pool_of(account("a", limits=Limits(tpm=1000)))
    running = lease(pool, 0.0)
    large, small = Ask("m", 70.0, tokens=700), Ask("m", 75.0)
    assert pool.choose(large, 0.0) is pool.choose(small, 0.0) is None
    pool.report(running, OK, 20.0, (100, 456))  # 300 more than were counted, for a minute from now
    (first, refusal), (second, granted) = sorted(pool.settle(20.0), key=lambda one: one[0].deadline)
    assert (first, refusal) == (large, Refused(81.0, Lack.LIMIT))
    assert second is small and type(granted) is Acquired


def test_who_waits_for_many_tokens_is_not_passed_by_who_wants_few():
    pool = pool_of(account("a", limits=Limits(tpm=1000)))
    serve(pool, 0.0, tokens=500, used=(500, 0))
    large, small = Ask("m", 200.0, tokens=700), Ask("m", 200.0, tokens=10)
    assert [pool.choose(large, 1.0), pool.choose(small, 1.0)] == [None, None]
    assert pool.wake(1.0) == 61.0
    assert [ask for ask, _ in pool.settle(61.0)] == [large]


def test_processes_split_a_limit():
    assert [share(10, index, 4) for index in range(4)] == [3, 3, 2, 2]
    assert [share(1, index, 2) for index in range(2)] == [1, 1]
    pool = pool_of(account("a", max_concurrency=4, limits=Limits(rpm=4)), share=(1, 2))
    assert [lease(pool).account for _ in range(2)] == ["a", "a"]
    assert refused(pool).why is Lack.BUSY


# -- affinity


def test_a_conversation_stays_while_its_account_can_serve():
    pool = pool_of("a", "b", "c", affinity=Affinity())
    with_whom = {key: serve(pool, key=key) for key in ("x", "y", "z")}
    assert set(with_whom.values()) == {"a", "b", "c"}
    for _ in range(5):
        assert {key: serve(pool, 1.0, key=key) for key in ("z", "x", "y")} == with_whom


def test_a_conversation_moves_when_its_account_rests_and_comes_back_if_it_was_only_busy():
    pool = pool_of(account("a", max_concurrency=1), "b", affinity=Affinity())
    held = lease(pool, key="x")
    assert (held.account, serve(pool, key="x")) == ("a", "b")
    pool.report(held, OK, 1.0)
    assert serve(pool, 1.0, key="x") == "a"
    assert serve(pool, 1.0, Verdict(Outcome.RATE, 10.0), key="x") == "a"
    assert [serve(pool, now, key="x") for now in (2.0, 20.0)] == ["b", "b"]


def test_a_crowd_goes_elsewhere():
    pool = pool_of("a", "b", "c", "d", affinity=Affinity())
    assert len({lease(pool, key="x").account for _ in range(40)}) > 1


def test_conversations_are_forgotten_in_time_and_in_number():
    affinity = Affinity(ttl=10.0, max_entries=2)
    affinity.put("x", "a", 0.0)
    assert (affinity.get("x", 9.9), affinity.get("x", 10.0)) == ("a", None)
    for key in "xyxz":
        affinity.put(key, "a", 0.0)
    assert [affinity.get(key, 0.0) for key in "xyz"] == ["a", None, "a"]
    for key in range(1000):
        affinity.put(str(key), "a", 0.0)
    assert len(affinity) == 2


def body(**fields) -> bytes:
    return json.dumps({"model": "m", **fields}).encode()


LONG = "word " * (WORTH_CACHING // 4)


def test_what_a_client_names_is_the_key():
    turn, later = [{"role": "user", "content": "Hi"}], [{"role": "user", "content": "Ho"}]
    for name in ({"prompt_cache_key": "k"}, {"metadata": {"user_id": "u"}}, {"conversation": {"id": "c"}}):
        key = key_of(body(messages=turn, **name), {})
        assert key is not None and key == key_of(body(messages=later, **name), {})
        assert key != key_of(body(messages=turn, **name), {}, "somebody else")
    assert key_of(body(messages=turn), {"x-session-id": "s"}) == key_of(body(messages=later), {"x-session-id": "s"})
    assert key_of(body(messages=turn), {}) is None
    assert key_of(b"[", {}) is None


@pytest.mark.parametrize("turns", ["messages", "contents", "input"])
def test_else_what_does_not_change_from_turn_to_turn(turns):
    system = [{"role": "system", "content": LONG}]
    first = [*system, {"role": "user", "content": "Hi"}]
    second = [*first, {"role": "assistant", "content": "Hello"}, {"role": "user", "content": "And?"}]
    other = [*system, {"role": "user", "content": "Ho"}]
    key = key_of(body(**{turns: first}), {})
    assert key is not None and key == key_of(body(**{turns: second}), {})
    assert key != key_of(body(**{turns: other}), {})
    assert key != key_of(body(**{turns: first}, tools=[{"name": "t"}]), {})


# -- why


def test_a_choice_is_explained():
    pool = pool_of(
        account("busy", max_concurrency=1),
        account("spent", limits=Limits(rpm=1)),
        "resting",
        "a",
        "b",
        strategy="least_busy",
    )
    for name in ("busy", "spent"):
        lease(pool, pinned=name)
    assert serve(pool, 0.0, Verdict(Outcome.RATE, 30.0), pinned="resting") == "resting"
    lease(pool, pinned="a")
    answer = pool.choose(Ask("m", 0.0, key="x", excluded=frozenset({"c"}), explain=True), 0.0)
    assert answer.why.candidates == ["b", "a"]
    assert answer.why.score == {"a": 1, "b": 0}
    assert answer.why.excluded == {
        "busy": "busy with 1 of 1",
        "spent": "limits used up for 61.0 s",
        "resting": "rests for 30.0 s (rate)",
    }


def test_a_refusal_is_explained():
    pool = pool_of(account("busy", max_concurrency=1), "resting", account("other", models=("x",)), limits=Limits(rpm=3))
    lease(pool, pinned="busy")
    serve(pool, 0.0, Verdict(Outcome.RATE, 30.0), pinned="resting")
    record = pool.choose(Ask("m", 0.0, explain=True), 0.0).record
    assert (record.candidates, record.score) == ([], {})
    excluded = {"busy": "busy with 1 of 1", "resting": "rests for 30.0 s (rate)", "other": "does not serve the model"}
    assert record.excluded == excluded
    assert pool.choose(Ask("m", 20.0, explain=True), 10.0) is None
    [(_, refused)] = pool.settle(20.0)
    assert refused.record.waited == 10.0 and refused.record.excluded["resting"] == "rests for 10.0 s (rate)"
    lease(pool, model="x")
    record = pool.choose(Ask("x", 0.0, explain=True), 20.0).record
    assert record.excluded["other"] == "limits of the pool used up for 41.0 s"
    assert pool.choose(Ask("m", 0.0), 0.0).record is None


def test_an_account_can_be_pinned():
    pool = pool_of(account("a", max_concurrency=1), "b")
    assert [serve(pool, pinned="a") for _ in range(3)] == ["a"] * 3
    lease(pool, pinned="a")
    assert refused(pool, pinned="a").why is Lack.BUSY
    assert refused(pool, pinned="nobody") == Refused(None, Lack.NOBODY)


# -- many accounts


@pytest.mark.parametrize("strategy", ["round_robin", "least_busy", "latency", "fill_first"])
def test_a_choice_among_ten_thousand_costs_little_more_than_one_among_a_hundred(strategy):
    def seconds(count: int) -> float:
        accounts = [account(f"a{n}", weight=n % 3 + 1, max_concurrency=4, limits=Limits(rpm=500)) for n in range(count)]
        pool, best, now = pool_of(*accounts, strategy=strategy, chance=Random(1).random), 1e9, 0.0
        gc.disable()
        try:
            for _ in range(5):
                began = perf_counter()
                for _ in range(400):
                    now += 0.001
                    serve(pool, now)
                best = min(best, perf_counter() - began)
        finally:
            gc.enable()
        return best / 400

    few, many = seconds(100), seconds(10_000)
    print(f"{strategy}: {few * 1e6:.1f} µs among 100, {many * 1e6:.1f} µs among 10,000")
    assert many < 4 * few
