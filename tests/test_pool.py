"""The pool's decisions under a simulated clock."""

import pytest

from runtime.core.account import Account
from runtime.core.limits import Limits
from runtime.core.outcome import Outcome, Verdict
from runtime.core.pool import Acquired, Ask, Lack, Lease, Pool, Refused

OK = Verdict(Outcome.OK)


def pool_of(*names: str, **more) -> Pool:
    return Pool("main", [Account(name, "openai", ("openai-chat",), **more) for name in names])


def ask(deadline: float = 0.0, **more) -> Ask:
    return Ask("m", deadline, **more)


def take(pool: Pool, now: float = 0.0, model: str = "m", **more) -> str:
    return lease(pool, now, model, **more).account


def lease(pool: Pool, now: float = 0.0, model: str = "m", **more) -> Lease:
    answer = pool.choose(Ask(model, now, **more), now)
    assert isinstance(answer, Acquired), answer
    return answer.lease


def serve(pool: Pool, verdict: Verdict, now: float = 0.0, model: str = "m", **more) -> str:
    taken = lease(pool, now, model, **more)
    pool.report(taken, verdict, now)
    return taken.account


def settled(pool: Pool, now: float) -> list[tuple[Ask, str | Refused]]:
    answers = pool.settle(now)
    return [(ask, a.account.name if isinstance(a, Acquired) else a) for ask, a in answers]


def test_round_robin_takes_turns():
    pool = pool_of("a", "b", "c")
    assert [serve(pool, OK) for _ in range(6)] == ["a", "b", "c", "a", "b", "c"]


def test_weights_are_smooth():
    pool = Pool("main", [Account("a", "p", (), weight=3), Account("b", "p", (), weight=1)])
    assert "".join(serve(pool, OK) for _ in range(8)) == "aabaaaba"


def test_a_rate_limit_rests_as_long_as_the_vendor_says():
    pool = pool_of("a", "b")
    assert serve(pool, Verdict(Outcome.RATE, 20)) == "a"
    assert {serve(pool, OK, now) for now in (1, 5, 19.9)} == {"b"}
    assert {serve(pool, OK, now) for now in (20, 20.1)} == {"a", "b"}


def test_a_rate_limit_without_a_time_doubles_to_half_an_hour():
    pool, now, rests = pool_of("a"), 0.0, []
    for _ in range(11):
        serve(pool, Verdict(Outcome.RATE), now)
        refused = pool.choose(ask(deadline=now), now)
        rests.append(refused.until - now)
        now = refused.until
    assert rests == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800]


def test_many_requests_that_meet_one_limit_are_one_failure():
    pool = pool_of("a")
    for taken in [lease(pool) for _ in range(5)]:
        pool.report(taken, Verdict(Outcome.RATE), 0.0)
    assert pool.choose(ask(), 0.0) == Refused(5.0, Lack.RATE)


def test_a_success_ends_the_doubling():
    pool = pool_of("a")
    serve(pool, Verdict(Outcome.RATE), 0.0)
    serve(pool, Verdict(Outcome.RATE), 5.0)
    serve(pool, OK, 15.0)
    serve(pool, Verdict(Outcome.RATE), 16.0)
    assert pool.choose(ask(), 16.0) == Refused(21.0, Lack.RATE)


def test_a_success_that_began_before_the_rest_does_not_end_it():
    pool = pool_of("a")
    taken = lease(pool)
    serve(pool, Verdict(Outcome.RATE, 60), 0.0)
    pool.report(taken, OK, 1.0)
    assert pool.choose(ask(), 1.0) == Refused(60.0, Lack.RATE)


def test_a_retry_after_of_nothing_still_rests():
    pool = pool_of("a")
    serve(pool, Verdict(Outcome.RATE, 0.0))
    assert pool.choose(ask(), 0.0) == Refused(1.0, Lack.RATE)


def test_a_quota_shown_at_zero_rests_the_account_after_a_success():
    pool = pool_of("a", "b")
    assert serve(pool, Verdict(Outcome.OK, 30)) == "a"
    assert {serve(pool, OK, 1.0) for _ in range(4)} == {"b"}


def test_a_refused_credential_rests_half_an_hour():
    pool = pool_of("a", "b")
    serve(pool, Verdict(Outcome.CREDENTIAL))
    assert {serve(pool, OK, 1799.0) for _ in range(3)} == {"b"}
    assert {serve(pool, OK, 1800.0) for _ in range(2)} == {"a", "b"}


def test_an_unknown_model_rests_for_that_model_only():
    pool = pool_of("a", "b")
    assert serve(pool, Verdict(Outcome.MODEL), model="x") == "a"
    assert {serve(pool, OK, 1.0, "x") for _ in range(4)} == {"b"}
    assert {serve(pool, OK, 1.0, "y") for _ in range(4)} == {"a", "b"}
    assert {serve(pool, OK, 12 * 3600.0, "x") for _ in range(4)} == {"a", "b"}


def test_a_model_that_came_later_is_found_by_the_only_account():
    pool = pool_of("a")
    serve(pool, Verdict(Outcome.MODEL))
    assert serve(pool, OK, 1.0) == "a"


def test_models_that_clients_make_up_take_no_memory():
    pool = pool_of("a")
    for n in range(3000):
        serve(pool, Verdict(Outcome.MODEL), model=f"m{n}")
    assert len(pool._seats["a"].models) == 1000


@pytest.mark.parametrize("outcome", [Outcome.REQUEST, Outcome.CLIENT])
def test_what_is_not_the_accounts_fault_leaves_it_alone(outcome):
    pool = pool_of("a")
    for _ in range(10):
        assert serve(pool, Verdict(outcome)) == "a"


@pytest.mark.parametrize("outcome", [Outcome.VENDOR, Outcome.TRANSPORT])
def test_a_vendors_trouble_rests_an_account_after_three_in_a_row(outcome):
    pool = pool_of("a", "b")
    for _ in range(20):  # so that the failures to come are few among many
        serve(pool, OK)
    for _ in range(2):
        assert serve(pool, Verdict(outcome), avoided=("b",)) == "a"
    assert {serve(pool, OK) for _ in range(3)} == {"a", "b"}  # the success starts the count anew
    for _ in range(3):
        assert serve(pool, Verdict(outcome), avoided=("b",)) == "a"
    assert {serve(pool, OK, 4.9) for _ in range(4)} == {"b"}
    assert {serve(pool, OK, 5.0) for _ in range(4)} == {"a", "b"}


def test_a_vendors_trouble_never_empties_a_pool():
    pool = pool_of("a", "b")
    for _ in range(20):
        serve(pool, Verdict(Outcome.VENDOR))
    assert isinstance(pool.choose(ask(), 0.0), Acquired)


def test_accounts_that_failed_this_request_come_last():
    pool = pool_of("a", "b")
    assert [take(pool, avoided=("a",)) for _ in range(3)] == ["b"] * 3
    assert [take(pool, avoided=tuple(order)) for order in ("ab", "ba")] == ["a", "b"]
    assert pool.choose(ask(excluded=frozenset("ab")), 0.0) == Refused(None, Lack.NOBODY)


def test_an_account_that_never_rests():
    pool = pool_of("a", rests=False)
    for outcome in Outcome:
        assert serve(pool, Verdict(outcome)) == "a"


def test_a_rest_that_ends_in_time_is_waited_for():
    pool = pool_of("a")
    serve(pool, Verdict(Outcome.RATE, 2))
    waiting = ask(deadline=30.0)
    assert pool.choose(waiting, 0.5) is None
    assert pool.wake(0.5) == 2.0
    assert pool.settle(1.9) == []
    assert settled(pool, 2.0) == [(waiting, "a")]
    assert pool.wake(2.0) is None


def test_a_rest_that_ends_too_late_is_refused_at_once():
    pool = pool_of("a")
    serve(pool, Verdict(Outcome.RATE, 60))
    assert pool.choose(ask(deadline=30.0), 0.0) == Refused(60.0, Lack.RATE)


def test_a_freed_slot_goes_to_who_came_first():
    pool = pool_of("a", max_concurrency=1)
    taken = lease(pool)
    first, second = ask(deadline=30.0), ask(deadline=30.0)
    assert pool.choose(first, 1.0) is None
    assert pool.choose(second, 2.0) is None
    pool.report(taken, OK, 3.0)
    [(who, answer)] = pool.settle(3.0)
    assert who is first
    assert pool.settle(3.0) == []
    pool.report(answer.lease, OK, 4.0)
    assert settled(pool, 4.0) == [(second, "a")]


def test_who_waits_too_long_is_refused():
    pool = pool_of("a", max_concurrency=1)
    take(pool)
    waiting = ask(deadline=30.0)
    pool.choose(waiting, 0.0)
    assert pool.wake(0.0) == 30.0
    assert pool.settle(30.0) == [(waiting, Refused(30.0))]


def test_who_leaves_gets_nothing():
    pool = pool_of("a", max_concurrency=1)
    taken = lease(pool)
    waiting = ask(deadline=30.0)
    pool.choose(waiting, 0.0)
    pool.withdraw(waiting)
    pool.withdraw(waiting)
    pool.report(taken, OK, 1.0)
    assert pool.settle(1.0) == []
    assert take(pool, 1.0) == "a"


def test_a_full_queue_refuses():
    pool = Pool("main", [Account("a", "p", (), max_concurrency=1)], queue_size=1)
    take(pool)
    assert pool.choose(ask(deadline=30.0), 0.0) is None
    assert pool.choose(ask(deadline=30.0), 0.0) == Refused(0.0)


def test_who_waits_is_awake_when_a_limit_has_room_though_another_account_is_busy():
    pool = Pool("main", [Account("a", "p", (), max_concurrency=1), Account("b", "p", (), limits=Limits(tpm=1000))])
    held = {pool.choose(Ask("m", 0.0, tokens=300), 0.0).account.name for _ in range(2)}
    assert held == {"a", "b"}
    waiting = Ask("m", 200.0, tokens=600)
    assert pool.choose(waiting, 0.0) is None
    wake = pool.wake(0.0)
    assert wake <= 62.0
    [(ask, answer)] = pool.settle(wake)
    assert ask is waiting and answer.account.name == "b"


def test_who_stood_behind_one_that_is_refused_is_served_at_once():
    pool = Pool("main", [Account("a", "p", (), max_concurrency=1, limits=Limits(tpm=1000))])
    first = lease(pool, tokens=300)
    large, small = Ask("m", 10.0, tokens=700), Ask("m", 100.0, tokens=1)
    assert (pool.choose(large, 0.0), pool.choose(small, 0.0)) == (None, None)
    pool.report(first, OK, 5.0)
    assert settled(pool, 5.0) == [(large, Refused(61.0, Lack.LIMIT)), (small, "a")]
