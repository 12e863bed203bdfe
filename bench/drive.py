"""The gateway without a kernel: requests and answers go through the express lane's own protocols, by transports of memory.

python -m bench.drive WORK COUNT [--profile]     serves COUNT requests; WORK is client-upstream-body, as chat-messages-small

What it does is always the same: so instructions can be counted, and microseconds be attributed.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import os
import pstats
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench import bodies
from generated.providers import PROVIDERS
from runtime.core.policy import parse
from runtime.shell.aside import Aside
from runtime.shell.gateway import Gateway
from runtime.shell.lane import Front, Lane
from runtime.shell.lane_upstream import Wire
from runtime.shell.queue import Clock
from runtime.shell.serve import CYCLES
from runtime.shell.snapshot import from_policy
from runtime.shell.telemetry import Telemetry

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "bench"
SHOWN = 0.015  # a module with less is not listed
WARM = 20  # requests before those that count
POLICY = """
version: 1
pools:
  chat: {accounts: [{name: chat-1, provider: openai, base_url: 'http://127.0.0.1:1/v1', key: env:KEY, max_concurrency: 4096, rpm: 100000000}]}
  messages: {accounts: [{name: messages-1, provider: anthropic, base_url: 'http://127.0.0.1:1', key: env:KEY, max_concurrency: 4096, rpm: 100000000}]}
models: [{name: 'gpt-*', pool: chat}, {name: 'claude-*', pool: messages}]
clients: [{name: bench, key: env:CLIENT, rpm: 100000000, tokens_per_day: 1000000000000000}]
"""
ENVIRON = {"KEY": "sk-bench-upstream", "CLIENT": "bench-client"}
HEAD = (
    "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: */*\r\nuser-agent: bench\r\n"
)
HEAD += "authorization: Bearer bench-client\r\nanthropic-version: 2023-06-01\r\ncontent-length: {length}\r\n\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_bench\r\ncontent-length: %d\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req_bench\r\n"
STREAM += b"transfer-encoding: chunked\r\n\r\n"


class Memory:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def writelines(self, parts: list[bytes]) -> None:
        self.written += parts

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        pass

    resume_reading = abort = close = pause_reading


def reads(upstream: str, body: str) -> list[bytes]:
    """What comes back, as it is read: a burst in one read, a paced stream in one for each event."""
    if body not in bodies.PACES:
        answer = (BUILD / f"{upstream}.json").read_bytes()
        return [WHOLE % len(answer) + answer]
    events = [event + b"\n\n" for event in (BUILD / f"{upstream}.sse").read_bytes().split(b"\n\n") if event]
    chunks = [STREAM, *(b"%x\r\n%b\r\n" % (len(event), event) for event in events), b"0\r\n\r\n"]
    return chunks if body == "paced" else [b"".join(chunks)]


class Driven:
    """A gateway with one client and one upstream connection."""

    def __init__(self, work: str) -> None:
        client, upstream, body = work.split("-")
        policy, found = parse(
            POLICY, "policy", {name: list(facts["dialects"]) for name, facts in PROVIDERS.items()}, ENVIRON
        )
        assert policy is not None, found
        snapshot, _ = from_policy(policy, ENVIRON)
        clock = Clock(asyncio.get_running_loop(), time.time())
        self._telemetry = Telemetry(open(os.devnull, "wb"))  # noqa: SIM115
        gateway = Gateway(snapshot, clock, {}, self._telemetry)
        lane = Lane(gateway, Aside(gateway))
        sent = (BUILD / f"{work}.json").read_bytes()
        self._request = HEAD.format(path=bodies.PROTOCOLS[client], length=len(sent)).encode() + sent
        self._reads = reads(upstream, body)
        self._front, self._told = Front(lane), Memory()
        self._front.connection_made(self._told)
        self._wire, self._asked = Wire(lane.wires, lane.wires.spot(snapshot.lines[upstream, f"{upstream}-1"])), Memory()
        self._wire.connection_made(self._asked)
        lane.wires.keep(self._wire)

    def serve(self, count: int) -> None:
        for _ in range(count):
            self._front.data_received(self._request)
            for data in self._reads:
                self._wire.data_received(data)
            assert self._asked.written and self._told.written[0].startswith(b"HTTP/1.1 200"), self._told.written
            self._asked.written.clear()
            self._told.written.clear()
        self._telemetry.flush()


def by_module(profile: cProfile.Profile) -> list[tuple[float, str]]:
    """Shares of the time, the greatest first; what is written in C counts where it was called."""
    stats, shares = pstats.Stats(profile).stats, Counter()
    for (file, _, _), (_, _, own, _, callers) in stats.items():
        if file != "~":
            shares[file] += own
        for (caller, _, _), (_, _, called, _) in callers.items():
            if file == "~" and caller != "~":
                shares[caller] += called
    whole = sum(shares.values())
    return [(share / whole, file.removeprefix(f"{ROOT}/")) for file, share in shares.most_common()]


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.drive", description=__doc__)
    parser.add_argument("work")
    parser.add_argument("count", type=int)
    parser.add_argument("--profile", action="store_true", help="print where the time goes, by function")
    asked = parser.parse_args()
    bodies.write(BUILD)
    driven = Driven(asked.work)
    driven.serve(WARM)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*CYCLES)
    profile: Any = cProfile.Profile()
    began = time.process_time()
    if asked.profile:
        profile.runcall(driven.serve, asked.count)
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
        for share, module in by_module(profile):
            if share >= SHOWN:
                print(f"{share:6.1%}  {module}")
    else:
        driven.serve(asked.count)
        if asked.count:
            print(f"{(time.process_time() - began) * 1e6 / asked.count:.1f} us a request", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main())
