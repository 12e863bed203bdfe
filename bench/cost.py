"""python -m bench.cost: how the cost of a request grows with its messages, tools and bytes, with accounts and clients.

Conversions are told as ratios to json.loads and json.dumps of the same body in the same run; choices, as ratios to the
first of their line. CPU time, the least of several runs.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

from bench import bodies
from runtime.core.account import Account
from runtime.core.outcome import Outcome, Verdict
from runtime.core.pool import Ask, Pool
from runtime.core.route import FoundRoutes
from runtime.core.translate import Translation
from runtime.shell.snapshot import Snapshot

RUNS, EACH_S = 7, 0.03


def least(work: Callable[[], Any]) -> float:
    """Microseconds of CPU time."""
    work()
    found = []
    for _ in range(RUNS):
        count, began = 0, time.process_time()
        while time.process_time() - began < EACH_S:
            work()
            count += 1
        found.append((time.process_time() - began) / count * 1e6)
    return min(found)


def request(messages: int, tools: int, characters: int) -> tuple[float, float, float]:
    """json, same protocol, and converting to the other protocol: us."""
    body = json.dumps(bodies.request("chat", "m", (messages, tools, characters)), ensure_ascii=False).encode()

    def through(upstream: str, provider: str) -> float:
        return least(
            lambda: Translation("openai-chat", upstream, provider, "m", now=1, new_id=lambda: "x").request(body)
        )

    alone = least(lambda: json.dumps(json.loads(body)))
    return alone, through("openai-chat", "openai"), through("anthropic-messages", "anthropic")


def choice(accounts: int) -> float:
    pool = Pool("p", [Account(name=f"a{n}", provider="openai", dialects=("openai-chat",)) for n in range(accounts)])
    now = 1.0

    def once() -> None:
        nonlocal now
        now += 0.001
        taken = pool.choose(Ask("m", now), now)
        pool.report(taken.lease, Verdict(Outcome.OK), now)

    return least(once)


def key(clients: int) -> float:
    hashes = {f"c{n}": hashlib.sha256(f"key {n}".encode()).digest() for n in range(clients)}
    snapshot = Snapshot({}, {}, {}, {}, FoundRoutes([]), hashes)
    return least(lambda: snapshot.client([f"key {clients - 1}"]))


def main() -> None:
    print(
        "| messages, tools, characters each | same protocol, x json | converting, x json | converting, us an item |\n|---|---|---|---|"
    )
    for shape in (
        (10, 3, 300),
        (100, 3, 300),
        (1000, 3, 300),
        (10, 30, 300),
        (10, 300, 300),
        (10, 3, 3000),
        (10, 3, 30000),
    ):
        alone, same, converting = request(*shape)
        items = shape[0] + shape[1]
        print(
            f"| {shape[0]}, {shape[1]}, {shape[2]} | {same / alone:.3f} | {converting / alone:.2f} | {converting / items:.1f} |"
        )
    for name, measure in (("accounts", choice), ("clients", key)):
        first = measure(10)
        print(f"\n| {name} | x the cost at 10 |\n|---|---|")
        for count in (100, 1000, 10_000):
            print(f"| {count:,} | {measure(count) / first:.2f} |")


if __name__ == "__main__":
    main()
