"""python -m bench.workers: what two workers cost beside one, and how they share connections.

CPU time of all processes for a request, medians of rounds in which both run one after the other; and the connections
that each of two workers holds of many that are opened at once.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from statistics import median

from bench import bodies
from bench.__main__ import BUILD, PROGRAMS, WORKS, Ends, Program, running

ROUNDS = 5
REQUESTS, WARM = 6000, 1000
OPENED = 800


def _two(upstream: str) -> tuple[list[str], int, dict[str, str]]:
    command, port, environ = PROGRAMS["isogloss"](upstream)
    return [*command, "--workers", "2"], port, environ


def spent(program: Program, ends: Ends) -> float:
    """CPU for a request of the same protocol, in us."""
    ends.run(program, WORKS[0], WARM, 20)
    before = program.cpu()
    done = ends.run(program, WORKS[0], REQUESTS, 60)
    return (program.cpu() - before) / done["requests"]


def shares(program: Program) -> list[int]:
    """How many of the connections each worker holds."""
    workers = Path(f"/proc/{program.process.pid}/task/{program.process.pid}/children").read_text().split()
    before = [_sockets(pid) for pid in workers]
    opened = [socket.create_connection(("127.0.0.1", program.port)) for _ in range(OPENED)]
    time.sleep(1)
    after = [_sockets(pid) for pid in workers]
    for one in opened:
        one.close()
    return [now - then for now, then in zip(after, before, strict=True)]


def _sockets(pid: str) -> int:
    return sum(os.readlink(one).startswith("socket:") for one in Path(f"/proc/{pid}/fd").iterdir())


def main() -> None:
    bodies.write(BUILD)
    PROGRAMS["two workers"] = _two
    ends, cpu, held = Ends([]), {"isogloss": [], "two workers": []}, []
    try:
        for _ in range(ROUNDS):
            for name, found in cpu.items():
                with running(name, ends, []) as program:
                    found.append(spent(program, ends))
                    if name == "two workers":
                        held.append(shares(program))
    finally:
        ends.close()
    one, two = median(cpu["isogloss"]), median(cpu["two workers"])
    print(f"one worker: {one:.0f} us a request; two: {two:.0f} us, {two / one - 1:+.1%}")
    print("connections of two workers: " + ", ".join(" and ".join(map(str, pair)) for pair in held))


if __name__ == "__main__":
    main()
