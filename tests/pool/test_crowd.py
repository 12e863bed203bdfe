"""Exchanges from end to end in virtual time: cut at every point, and a crowd of them with upstreams that do anything."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from runtime.core.account import Account
from runtime.core.exchange import End
from tests.pool.crowd import CUT, DIALECTS, STREAM, WHOLE, Crowd, cut, well

CROWDS, CLIENTS = 300, 40
SEED = int(os.environ.get("CROWD_SEED", "1"))
EVENTS = ("openai-chat", "anthropic-messages")
PAIRS = [(client, upstream) for client in EVENTS for upstream in EVENTS]
PAIRS += [("ollama-chat", "ollama-chat"), ("ollama-chat", "openai-chat"), ("anthropic-messages", "ollama-chat")]


def two(upstream: str) -> dict[str, list[Account]]:
    """An account for the first attempt, and one that is always well."""
    provider = DIALECTS[upstream]
    return {"main": [Account(name, provider, (upstream,), max_concurrency=1) for name in "ab"]}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_the_upstream_is_cut_at_every_byte(client: str, upstream: str, stream: bool) -> None:
    """Before the commit point the client gets the other account's answer, whole; after it what came, and an error."""
    seen = Counter()
    body = (STREAM if stream else WHOLE)[upstream]
    for place in range(len(body)):
        for then in (End(), CUT, None):
            world = Crowd("0", two(upstream))
            scripts = iter([cut(well(upstream, stream, [100] * 20), place, then)])
            world.script = lambda one, account, left=scripts: next(left, None) or well(upstream, stream)
            one = world.come(client, stream)
            world.run()
            try:
                world.check()
                late = then is None and not stream  # a whole answer may take all the time there is
                assert one.well or late or one.head is not None, "a failure that the other account could have mended"
                assert sum(one.attempts.values()) == 2 or stream or late, "one attempt, and only a part of an answer"
            except AssertionError as wrong:
                wrong.add_note(f"cut at byte {place}, then {then}")
                raise
            seen["well" if one.well else "broken off"] += 1
    assert min(seen.values()) > len(body) / 2


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_the_client_leaves_at_every_moment(client: str, upstream: str, stream: bool) -> None:
    """While it waits, while we connect, between all pieces: the next in the queue has the slot at once."""
    right = well(upstream, stream, [100] * 20, pause=1.0)
    for moment in range(2 * len(right) + 4):
        world = Crowd("0", {"main": [Account("a", DIALECTS[upstream], (upstream,), max_concurrency=1)]})
        world.script = lambda one, account: well(upstream, stream, [100] * 20, pause=1.0)
        first, second, third = (world.come(client, stream) for _ in range(3))
        gone = second if moment % 2 else first  # one that waits, or one that is served
        world.run(until=world.now + moment // 2)
        world.leave(gone)
        if not moment % 2 and first.left:
            assert second.lease is not None, "the slot was not handed on"
        world.run()
        world.check()
        assert all(one.well for one in (first, second, third) if not one.left)


def test_a_crowd() -> None:
    """Failures name their seed: CROWD_SEED and the number of the crowd."""
    seen = Counter()
    for number in range(CROWDS):
        world = Crowd(f"{SEED} {number}")
        try:
            _live(world)
        except BaseException as wrong:
            wrong.add_note(f"CROWD_SEED={SEED}, crowd {number}")
            raise
        seen["well"] += sum(one.well for one in world.clients)
        seen["left"] += sum(one.left for one in world.clients)
        seen["refused"] += sum(one.answer is not None and not one.well for one in world.clients)
        seen["broken off"] += sum(one.head is not None and not one.well and not one.left for one in world.clients)
        seen["again"] += sum(sum(one.attempts.values()) > 1 for one in world.clients)
    assert (
        min(seen[kind] for kind in ("left", "refused", "broken off", "again")) > CROWDS and seen["well"] > 10 * CROWDS
    )


def _live(world: Crowd) -> None:
    chance = world.chance
    for _ in range(CLIENTS):
        world.run(until=world.now + chance.expovariate(0.7))
        world.now = max(world.now, world.events[0][0] if world.events and chance.random() < 0.1 else world.now)
        pools = ("main", "spare") if chance.random() < 0.5 else ("main",)
        one = world.come(chance.choice(list(DIALECTS)), chance.random() < 0.6, pools)
        if chance.random() < 0.2:
            staying = [other for other in world.clients if not other.exchange.done]
            if staying:
                world.leave(chance.choice(staying))
        assert one.exchange.status in (0, 200) or one.exchange.done
    world.run()
    world.check()
