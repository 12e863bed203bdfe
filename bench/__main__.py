"""`make bench`: CPU per request and per event of this gateway, of the shortest aiohttp gateway, and of nginx.

Each round starts every program afresh, one after another, on one core; both ends of the traffic share the other. What
counts is CPU time of the whole process tree over the requests made, as a ratio within the run: on a busy machine that
holds when requests per second do not. Results: a table, build/bench/result.json and build/bench/result.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench import bodies, picture

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "bench"
HISTORY = ROOT / "bench" / "history.jsonl"
KEY = "sk-bench-client"  # of this gateway, not of anybody else
CONNECTIONS = 32
HELD = 300  # open streams
START_S = 240  # until the first answer
ALLOWED, ALLOWED_PACED = 1.25, 1.5  # against the last entry of the history
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 64m; client_body_buffer_size 1m; keepalive_requests 1000000000; tcp_nodelay on;
  client_body_temp_path {folder}/nginx.bodies; proxy_temp_path {folder}/nginx.answers;
  fastcgi_temp_path {folder}/nginx.f; uwsgi_temp_path {folder}/nginx.u; scgi_temp_path {folder}/nginx.s;
  upstream ends {{ server {upstream}; keepalive 512; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://ends; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }}
  }}
}}
"""


class Work(NamedTuple):
    """What is measured. `base` is the work of the reference and of nginx that it is compared with."""

    name: str
    client: str
    upstream: str
    body: str  # a size or a pace
    base: str
    most: float | None = None  # x the reference
    about: float | None = None  # x nginx
    per_event: bool = False
    connections: int = CONNECTIONS

    @property
    def file(self) -> str:
        return f"{self.client}-{self.upstream}-{self.body}.json"


WORKS = [
    Work("same protocol", "chat", "chat", "small", "same protocol", 0.40, 2.5),
    Work("same protocol, Anthropic", "messages", "messages", "small", "same protocol", 0.40, 2.5),
    Work("converting, Anthropic client", "messages", "chat", "small", "same protocol", 0.75, 4.7),
    Work("converting, OpenAI client", "chat", "messages", "small", "same protocol", 0.75, 4.7),
    Work("burst stream, same protocol", "chat", "chat", "burst", "burst stream, same protocol", None, None, True),
    Work("burst stream, Anthropic client", "messages", "chat", "burst", "burst stream, same protocol", 1.0, None, True),
    Work("burst stream, OpenAI client", "chat", "messages", "burst", "burst stream, same protocol", 1.0, None, True),
    Work("paced stream, same protocol", "chat", "chat", "paced", "paced stream, same protocol", 0.8, 2.2, True),
    Work("paced stream, Anthropic client", "messages", "chat", "paced", "paced stream, same protocol", 0.8, 2.2, True),
    Work("large body, same protocol", "chat", "chat", "large", "large body, same protocol", 1.1),
    Work("large body, Anthropic client", "messages", "chat", "large", "large body, same protocol", 2.5),
    Work("large body, OpenAI client", "chat", "messages", "large", "large body, same protocol", 2.5),
    Work("one connection, p50", "chat", "chat", "small", "one connection, p50", 0.85, None, False, 1),
]
STATE = {"start to first 200, ms": 1.3, "idle memory, MiB": 1.2, "an open stream, KiB": None}


class Ends:
    """The traffic: the upstream, and the clients of one run after another."""

    def __init__(self, core: Sequence[str]) -> None:
        binary = BUILD / "ends"
        source = ROOT / "bench" / "ends.c"
        if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["cc", "-O2", "-Wall", "-o", binary, source], check=True)
        self.process = subprocess.Popen(
            [*core, binary, BUILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.address = f"127.0.0.1:{int(self.process.stdout.readline())}"

    def run(
        self, program: Program, work: Work, requests: int, seconds: float, during: Callable[[], Any] | None = None
    ) -> dict[str, float]:
        """At most `requests` answers or `seconds`; `during` is called while it runs. Raises on any failed request."""
        more = HEADERS.get(program.name, lambda upstream, address: {})(work.upstream, self.address)
        given = {"authorization": f"Bearer {KEY}", "anthropic-version": "2023-06-01", **more}
        headers = "|".join(f"{name}: {value}" for name, value in given.items())
        line = f"{program.port} {bodies.PROTOCOLS[work.client]} {work.file} {work.connections} {requests} {seconds} {headers}\n"
        self.process.stdin.write(line)
        if during is not None:
            during()
        result = json.loads(self.process.stdout.readline())
        if result["failed"] or not (result["requests"] or result["open"]):
            raise SystemExit(
                f"bench: {work.name}: {result['failed']} of {result['requests']} requests failed: {result}"
            )
        return result

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


class Program:
    """A running gateway, and what it has used."""

    def __init__(self, name: str, process: subprocess.Popen[str], port: int, started: float) -> None:
        self.name, self.process, self.port, self.started = name, process, port, started

    def _tree(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue
                children.setdefault(parent, []).append(int(entry))
        found, todo = [], [self.process.pid]
        while todo:
            found.append(todo.pop())
            todo += children.get(found[-1], ())
        return found

    def cpu(self) -> float:
        """Microseconds so far, by the scheduler's own account, of every thread of the tree."""
        tasks = [task for pid in self._tree() for task in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e3

    def memory(self) -> float:
        """KiB that belong to the tree: what is shared counts in parts."""
        rolled = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in self._tree()]
        return sum(int(line.split()[1]) for text in rolled for line in text.splitlines() if line.startswith("Pss:"))


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _isogloss(upstream: str) -> tuple[list[str], int, dict[str, str]]:
    """With everything on that a shared gateway has on: keys, limits, budgets, usage kept, the request log."""
    port, policy = _free_port(), BUILD / "policy.json"
    accounts = {
        "openai": [{"provider": "openai", "base_url": f"http://{upstream}/v1"}],
        "anthropic": [{"provider": "anthropic", "base_url": f"http://{upstream}"}],
    }
    for pool, (account,) in accounts.items():
        account |= {"name": f"{pool}-1", "key": "env:BENCH_KEY", "max_concurrency": 4096, "rpm": 100_000_000}
    client = {"name": "bench", "key": "env:BENCH_CLIENT", "rpm": 100_000_000, "tokens_per_day": 10**15}
    value = {
        "pools": {name: {"accounts": listed} for name, listed in accounts.items()},
        "models": [{"name": "gpt-*", "pool": "openai"}, {"name": "claude-*", "pool": "anthropic"}],
        "clients": [client],
        "usage": {"file": str(BUILD / "usage.sqlite")},
    }
    policy.write_text(json.dumps(value, indent=1))
    command = [sys.executable, "-m", "runtime", "serve", "--port", str(port), "--pool", str(policy)]
    return command, port, {"BENCH_KEY": "sk-bench", "BENCH_CLIENT": KEY}


def _nginx(upstream: str) -> tuple[list[str], int, dict[str, str]]:
    port, config = _free_port(), BUILD / "nginx.conf"
    config.write_text(NGINX.format(folder=BUILD, upstream=upstream, port=port))
    return [str(shutil.which("nginx")), "-p", str(BUILD), "-c", str(config)], port, {}


def _reference(upstream: str) -> tuple[list[str], int, dict[str, str]]:
    return [sys.executable, str(ROOT / "bench" / "reference.py"), f"http://{upstream}"], 0, {}


# What a program wants to be told beside the usual, by upstream and its address.
HEADERS: dict[str, Callable[[str, str], dict[str, str]]] = {}
PROGRAMS = {"isogloss": _isogloss, "aiohttp": _reference, "nginx": _nginx}


@contextmanager
def running(name: str, ends: Ends, core: Sequence[str]) -> Iterator[Program]:
    """A program, from its start to its end; `started` is when its first answer came, in ms after that."""
    command, port, environ = PROGRAMS[name](ends.address)
    began = time.monotonic()
    with (BUILD / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [*core, *command],
            cwd=ROOT,
            env={**os.environ, **environ, "PYTHONDONTWRITEBYTECODE": ""},  # what is measured is no first start
            stdout=subprocess.PIPE if not port else log,
            stderr=log,
            text=True,
        )
        try:
            port = port or int(process.stdout.readline())
            body = (BUILD / "chat-chat-small.json").read_bytes()
            more = HEADERS.get(name, lambda upstream, address: {})("chat", ends.address)
            headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}", **more}
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            while True:
                try:
                    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=5) as answer:
                        answer.read()
                    break
                except (urllib.error.URLError, ConnectionError) as problem:
                    if (
                        isinstance(problem, urllib.error.HTTPError)
                        or time.monotonic() - began > START_S
                        or process.poll()
                    ):
                        raise SystemExit(f"bench: {name} does not serve: {problem}; see {log.name}") from None
                    time.sleep(0.005)
            yield Program(name, process, port, (time.monotonic() - began) * 1e3)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def measure(program: Program, ends: Ends, work: Work, seconds: float, events: dict[str, int]) -> dict[str, float]:
    """CPU per request or per event, in us; of the work with one connection the median time."""
    if work.body != "paced":
        requests = max(work.connections * 2, 200 if work.body == "small" else 60)
        warm = ends.run(program, work, requests, 10)
        requests = max(work.connections * 3, int(seconds * warm["requests"] / warm["seconds"]))
    else:
        requests = work.connections
    before = program.cpu()
    result = ends.run(program, work, requests, 60)
    each = (program.cpu() - before) / result["requests"]
    if work.per_event:
        each /= events[work.upstream]
    result["cpu_us"] = each
    result["value"] = result["p50_us"] if work.connections == 1 else each
    return result


def one_round(
    name: str, ends: Ends, cores: Sequence[Sequence[str]], works: Sequence[Work], seconds: float, events: dict[str, int]
) -> dict[str, Any]:
    with running(name, ends, cores[0]) as program:
        idle, seen = program.memory(), []
        held = Work("open streams", "chat", "chat", "held", "", connections=HELD)
        ends.run(program, held._replace(connections=1), 1, 4.0)  # what is loaded on first use
        before = program.memory()
        ends.run(program, held, HELD, 4.0, lambda: (time.sleep(3), seen.append(program.memory())))
        rows = {work.name: measure(program, ends, work, seconds, events) for work in works}
        rows["start to first 200, ms"] = {"value": program.started}
        rows["idle memory, MiB"] = {"value": idle / 1024}
        rows["an open stream, KiB"] = {"value": (seen[0] - before) / HELD}
        return rows


def settle(rounds: dict[str, list[dict[str, Any]]]) -> dict[str, dict[str, dict[str, float]]]:
    """Medians over the rounds, with how far they lie apart."""
    settled: dict[str, dict[str, dict[str, float]]] = {}
    for name, listed in rounds.items():
        settled[name] = {}
        for work in listed[0]:
            values = [one[work]["value"] for one in listed]
            fields = {field: median(one[work][field] for one in listed) for field in listed[0][work]}
            settled[name][work] = {**fields, "value": median(values), "spread": max(values) / min(values)}
    return settled


def table(settled: dict[str, dict[str, dict[str, float]]]) -> list[dict[str, Any]]:
    """One row per work: our number, its ratios and their targets."""
    rows = []
    for work in WORKS:
        if work.name not in settled["isogloss"]:
            continue
        ours = settled["isogloss"][work.name]
        row = {"work": work.name, "unit": "us an event" if work.per_event else "us", **ours}
        for other, target in (("aiohttp", work.most), ("nginx", work.about)):
            base = settled.get(other, {}).get(work.base)
            row[other] = base and base["value"]
            row["x " + other] = base and ours["value"] / base["value"]
            row[other + " target"] = target
        rows.append(row)
    for name, most in STATE.items():
        ours = settled["isogloss"][name]
        row = {"work": name, "unit": name.rpartition(", ")[2], **ours}
        for other in ("aiohttp", "nginx"):
            base = settled.get(other, {}).get(name)
            row[other] = base and base["value"]
            row["x " + other] = base and most and ours["value"] / base["value"]
            row[other + " target"] = most if other == "aiohttp" else None
        rows.append(row)
    return rows


def shown(rows: Sequence[dict[str, Any]]) -> str:
    def ratio(row: dict[str, Any], other: str) -> str:
        if row["x " + other] is None:
            return "-"
        target = row[other + " target"]
        return f"{row['x ' + other]:.2f}" + (
            f" ({'at most' if other == 'aiohttp' else 'about'} {target})" if target else ""
        )

    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:.1f}"

    head = "| work | unit | isogloss | aiohttp | nginx | x aiohttp | x nginx | spread |\n|---|---|---|---|---|---|---|---|\n"
    return head + "".join(
        f"| {row['work']} | {row['unit']} | {number(row['value'])} | {number(row['aiohttp'])} | {number(row['nginx'])} "
        f"| {ratio(row, 'aiohttp')} | {ratio(row, 'nginx')} | {row['spread']:.2f} |\n"
        for row in rows
    )


def worse(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What costs more than the last entry of the history allows."""
    entries = [json.loads(line) for line in HISTORY.read_text().splitlines()] if HISTORY.exists() else []
    entries = [entry for entry in entries if "ratios" in entry]
    if not entries:
        return [f"{HISTORY.name} is empty; `python -m bench --record` writes its first entry"]
    last, found = entries[-1]["ratios"], []
    for row in rows:
        then, ratio = last.get(row["work"]), row["x aiohttp"]
        allowed = ALLOWED_PACED if row["work"].startswith("paced") else ALLOWED
        if then and ratio and ratio > then * allowed:
            found.append(f"{row['work']}: {ratio:.2f} x aiohttp, and it was {then:.2f}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--only", default="", help="works whose name holds this")
    parser.add_argument("--gate", action="store_true", help="fail where a ratio is over 25 %% worse than recorded")
    parser.add_argument("--record", metavar="WHAT", help="append the ratios to bench/history.jsonl under this remark")
    asked = parser.parse_args()
    for program in ("cc", "taskset"):
        if shutil.which(program) is None:
            raise SystemExit(f"bench: {program} is needed; install gcc and util-linux")
    events = bodies.write(BUILD)
    names = [name for name in PROGRAMS if name != "nginx" or shutil.which("nginx")]
    first, *_, last = sorted(os.sched_getaffinity(0)) * 2
    cores = [["taskset", "-c", str(first)], ["taskset", "-c", str(last)]]
    works = [work for work in WORKS if asked.only in work.name]
    based = {work.base for work in works}
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    ends = Ends(cores[1])
    try:
        for number in range(asked.rounds):
            for name in names:
                print(f"round {number + 1}: {name}", file=sys.stderr)
                wanted = works if name == "isogloss" else [work for work in WORKS if work.name in based]
                rounds[name].append(one_round(name, ends, cores, wanted, asked.seconds, events))
    finally:
        ends.close()
    rows = table(settle(rounds))
    print(shown(rows))
    machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
    report = {"machine": machine, "rounds": asked.rounds, "rows": rows}
    (BUILD / "result.json").write_text(json.dumps(report, indent=1))
    (BUILD / "result.svg").write_text(picture.draw(rows))
    if asked.record:
        ratios = {row["work"]: round(row["x aiohttp"], 3) for row in rows if row["x aiohttp"]}
        entry = {"day": time.strftime("%Y-%m-%d", time.gmtime()), "what": asked.record, **machine, "ratios": ratios}
        with HISTORY.open("a") as history:
            history.write(json.dumps(entry) + "\n")
    problems = worse(rows) if asked.gate else []
    for problem in problems:
        print(f"bench: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
