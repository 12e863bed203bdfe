"""`isogloss simulate`: nothing is lost on the way, what can be known beforehand comes out, and a seed repeats a run."""

from __future__ import annotations

import json
import random
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from generated.policy import Client
from runtime.__main__ import main
from runtime.core.clients import Clients
from runtime.core.exchange import Settings
from runtime.core.pool import Account, Pool
from runtime.core.route import Route
from runtime.core.simulation import Arrival, Report, Simulation, Trouble, poisson
from runtime.shell.simulate_command import LOADS

EVERYONE = frozenset({("main", "a"), ("main", "b")})


class OneRoute:
    def find(self, model: str, dialect: str) -> Route:
        return Route(("main",), model)


def run(load: list[Arrival], *accounts: Account, troubles: list[Trouble] = (), clients=None, **settings) -> Report:
    pools = {"main": Pool("main", accounts or [account("a")])}
    rules = {"main": Settings(jitter=0.0, **settings)}
    return Simulation(pools, rules, OneRoute(), clients, troubles, random.Random(1).random).run(load)


def account(name: str, **more) -> Account:
    return Account(name, "openai", ("openai-chat",), **more)


def every(step: float, count: int, **more) -> list[Arrival]:
    return [Arrival(n * step, "m", **more) for n in range(count)]


@pytest.mark.parametrize("stream", [False, True])
def test_waits_are_what_they_must_be(stream: bool):
    """One slot, two seconds each, one request a second: the n-th waits n seconds, until patience ends."""
    report = run(every(1, 10, seconds=2, stream=stream), account("a", max_concurrency=1))
    assert report.waits == [pytest.approx(n) for n in range(10)]
    assert (report.served, report.ended, report.wait(0.5)) == (10, pytest.approx(20), pytest.approx(5))
    report = run(every(1, 10, seconds=2, stream=stream), account("a", max_concurrency=1), patience=4.5)
    # the 6th leaves at 9.5, and so on: whoever is left finds less before it
    assert report.served + report.refused.total() == 10 and max(report.waits) <= 4.5
    assert report.refused == {"pool_busy": report.requests - report.served}


def test_an_outage_is_passed_over():
    down = Trouble("outage", 0, 100, frozenset({("main", "a")}))
    report = run(every(1, 100), account("a"), account("b"), troubles=[down])
    assert (report.served, report.refused.total()) == (100, 0)
    assert report.accounts["main", "b"].served == 100
    first = report.accounts["main", "a"]
    assert first.served == 0 and first.failed == report.retries > 0
    assert first.rests > 1 and first.rested > 50
    none = run(every(1, 100), account("a"), account("b"), troubles=[Trouble("outage", 0, 1000, EVERYONE)])
    assert none.served == 0 and set(none.refused) == {"503 overloaded"}


def test_a_storm_of_429_rests_as_it_is_told():
    storm = Trouble("storm", 0, 1, frozenset({("main", "a")}))
    report = run(every(0.01, 50), account("a"), account("b"), troubles=[storm])
    one = report.accounts["main", "a"]
    assert report.served == 50 and one.rests == 1
    assert one.rested == pytest.approx(10, abs=0.5)  # the Retry-After, of the last that said so


def test_slow_answers_run_into_their_timeout():
    slow = Trouble("slow", 0, 1000, EVERYONE)
    report = run(every(1, 300, seconds=10), troubles=[slow], total=60, first_byte=12)
    # 15 s to the first byte, or 100 s for all of it: the first is tried again, nothing is lost
    assert report.served + report.cut + report.refused.total() == 300
    assert report.retries > 0


def test_clients_are_held_to_their_limits():
    clients = Clients([Client(name="c", key="env:C", models=["m"], rpm=10)])
    load = [*every(0.1, 20, client="c"), Arrival(5, "other", client="c")]
    report = run(load, clients=clients)
    assert (report.served, report.refused) == (10, {"client_rpm": 10, "model_not_allowed": 1})


@pytest.mark.parametrize("kind", LOADS)
def test_nothing_is_lost(kind: str):
    chance = random.Random(7).random
    load = poisson(20, 3000, ["m"], 4, chance, kind == "bursts", kind == "slow")
    trouble = [Trouble(kind, 50, 100, EVERYONE)]
    report = run(load, account("a", max_concurrency=50), account("b", max_concurrency=30), troubles=trouble)
    assert report.requests == report.served + report.cut + report.refused.total() == 3000
    assert sum(one.attempts for one in report.accounts.values()) >= report.served
    for one, most in zip(report.accounts.values(), (50, 30), strict=True):
        assert one.attempts == one.served + one.failed
        assert one.most <= most
    width = report.ended / len(report.series["waiting"])
    assert sum(report.series["served a second"]) * width == pytest.approx(report.served)


def test_the_loads():
    chance = random.Random(3).random
    arrivals = list(poisson(50, 20000, ["m", "n"], 8, chance))
    assert arrivals[-1].at == pytest.approx(400, rel=0.05)
    assert sum(one.seconds for one in arrivals) / 20000 == pytest.approx(8, rel=0.05)
    assert sum(one.model == "n" for one in arrivals) == pytest.approx(10000, rel=0.05)
    burst = list(poisson(50, 20000, ["m"], 8, chance, bursts=True))
    busy = sum(one.at % 60 < 10 for one in burst)
    assert busy == pytest.approx(20000 * 5 / 6, rel=0.1) and burst[-1].at == pytest.approx(400, rel=0.2)
    assert min(one.seconds for one in arrivals) > 0


# -- the command

POLICY = """\
pools: {main: {accounts: [{name: a, provider: openai, key: env:NOT_THERE, max_concurrency: 2}]}}
models: [{name: "*", pool: main}]
clients: [{name: alice, key: env:NOR_THIS}]
"""


@pytest.fixture
def policy(tmp_path: Path) -> str:
    file = tmp_path / "pool.yaml"
    file.write_text(POLICY)
    return str(file)


def test_a_seed_repeats_a_run(policy: str, capsys: pytest.CaptureFixture[str]):
    said = []
    for seed in ("1", "1", "2"):
        assert main(["simulate", "--pool", policy, "--requests", "500", "--seed", seed, "--load", "bursts,outage"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] != said[2]
    assert "NOT_THERE" not in said[0]


def test_side_by_side_and_as_a_picture(policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    other = tmp_path / "other.yaml"
    other.write_text(POLICY.replace("max_concurrency: 2", "max_concurrency: 200"))
    plot = tmp_path / "<plot>.svg"
    command = ["simulate", "--pool", policy, "--compare", str(other), "--requests", "1000", "--plot", str(plot)]
    assert main(command) == 0
    rows = {line[: len("queue wait p50")].strip(): line.split()[-2:] for line in capsys.readouterr().out.splitlines()}
    assert rows["queue wait p50"] == ["0.000", "s"] and rows["main/a"]
    root = ET.fromstring(plot.read_text())
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 8


def test_a_trace(policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    trace = tmp_path / "trace.jsonl"
    lines = [{"at": 1000 + n, "model": "m", "seconds": 4, "client": "alice"} for n in range(4)]
    trace.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["simulate", "--pool", policy, "--trace", str(trace)]) == 0
    said = capsys.readouterr().out
    rows = [" ".join(line.split()) for line in said.splitlines()]
    assert {"served 4 (100.00 %)", "queue wait p99 2.000 s", "virtual time 9 s"} <= {*rows}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"at": 1}', "trace.jsonl:2: Object missing required field `model`; a line reads"),
        ("no JSON", "trace.jsonl:2: JSON is malformed"),
        ('{"at": -5, "model": "m"}', "trace.jsonl:2: `at` goes back"),
        ('{"at": 5, "model": "m", "client": "bob"}', "trace.jsonl:2: the policy has no client `bob`"),
        ('{"at": 5, "model": "m", "seconds": -1}', "trace.jsonl:2: Expected `float` >= 0.0 - at `$.seconds`"),
        ('{"at": 5, "model": "m", "tokens": -1}', "trace.jsonl:2: Expected `int` >= 0 - at `$.tokens`"),
    ],
)
def test_a_bad_trace(line: str, said: str, policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    trace = tmp_path / "trace.jsonl"
    trace.write_text('{"at": 0, "model": "m"}\n' + line)
    assert main(["simulate", "--pool", policy, "--trace", str(trace)]) == 2
    assert said in capsys.readouterr().err


def test_files_that_are_not_there(policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    empty, nowhere = tmp_path / "empty.jsonl", str(tmp_path / "none" / "plot.svg")
    empty.write_text("\n")
    for options, said in (
        (["--trace", str(empty)], "empty.jsonl has no requests; a line of it reads"),
        (["--trace", nowhere], f"{nowhere} cannot be read: No such file"),
        (["--requests", "10", "--plot", nowhere], f"{nowhere} cannot be written: No such file"),
        (["--compare", nowhere, "--requests", "10"], f"{nowhere} cannot be read: No such file"),
    ):
        assert main(["simulate", "--pool", policy, *options]) == 2
        assert said in capsys.readouterr().err


def test_bad_options(policy: str, capsys: pytest.CaptureFixture[str]):
    for options in (["--load", "strom"], ["--requests", "0"], ["--rate", "0"], ["--rate", "x"]):
        with pytest.raises(SystemExit):
            main(["simulate", "--pool", policy, *options])
    assert "`strom` is none of poisson, bursts" in capsys.readouterr().err


CROWDED = """\
pools: {main: {accounts: [
  {name: a, provider: openai, key: env:A, max_concurrency: 20, rpm: 500, tpm: 400000},
  {name: b, provider: anthropic, key: env:B, max_concurrency: 20, rpm: 500},
  {name: c, provider: openai, key: env:C, max_concurrency: 20}, {name: d, provider: openai, key: env:D, max_concurrency: 20}]}}
models: [{name: "*", pool: main}]
"""
OPEN = "pools: {main: {accounts: [{name: a, provider: openai, key: env:A}, {name: b, provider: openai, key: env:B}]}}\n"
OPEN += "models: [{name: '*', pool: main}]\n"


@pytest.mark.parametrize(
    ("text", "load", "most"),
    [(OPEN, "poisson", 125), (OPEN, "storm", 130), (CROWDED, "poisson", 190), (CROWDED, "storm", 200)],
)
def test_what_a_request_costs_in_calls(
    text: str, load: str, most: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Of functions, Python's own and the library's: the same on every machine, however busy that is."""
    file = tmp_path / "pool.yaml"
    file.write_text(text)

    def calls(requests: int) -> int:
        made = 0

        def count(frame: object, event: str, what: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            assert main(["simulate", "--pool", str(file), "--requests", str(requests), "--load", load]) == 0
        finally:
            sys.setprofile(None)
        return made

    calls(10)  # what is made once and kept
    each = (calls(4000) - calls(1000)) / 3000  # without what a run pays for by itself
    assert most / 2 < each < most, each


def test_its_speed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """A million in a minute is 60 us each of processor time. The better of two: machines are busy with other tests."""
    file = tmp_path / "pool.yaml"
    file.write_text(OPEN)
    took = []
    for _ in range(2):
        began = time.process_time()
        assert main(["simulate", "--pool", str(file), "--requests", "50000"]) == 0
        took.append(time.process_time() - began)
    assert min(took) < 50_000 * 60e-6 * 1.5
