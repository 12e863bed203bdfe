"""Usage by day, client, account and model: it adds up, survives a stop whole, and a crash but for its last second."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from generated import canonical as c
from runtime.shell.usage import Usage, charged
from tests.servers import ROOT, answers, free_port
from tests.test_app import CHAT, SECRETS, until

NOON = 1_790_000_000.0 // 86400 * 86400 + 43200


def rows(path: Path) -> list[tuple]:
    with closing(sqlite3.connect(path)) as file:
        return list(file.execute("SELECT * FROM usage ORDER BY day, client, model"))


async def store(path: Path, heard: list | None = None) -> Usage:
    usage = Usage(path, lambda: NOON, lambda used, day: (heard if heard is not None else []).append((used, day)))
    await usage.open()
    return usage


async def test_counts_add_up(tmp_path: Path):
    path = tmp_path / "usage.sqlite"
    for _ in range(2):  # two runs
        usage = await store(path)
        for _ in range(3):
            usage.add("alice", "main", "a", "m", c.Usage(input=1, cache_read=2, cache_write=3, output=4, reasoning=5))
        usage.add("bob", "main", "a", "m", c.Usage(output=7))
        await usage.close()
    assert rows(path) == [
        ("2026-09-21", "alice", "main", "a", "m", 6, 6, 12, 18, 24, 30),
        ("2026-09-21", "bob", "main", "a", "m", 2, 0, 0, 0, 14, 0),
    ]


async def test_what_was_used_is_told(tmp_path: Path):
    path = tmp_path / "usage.sqlite"
    first = await store(path)
    first.add("alice", "main", "a", "m", c.Usage(input=10))
    await first.close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("INSERT INTO usage SELECT '2026-09-01', client, pool, account, model, 1, 5, 0, 0, 0, 0 FROM usage")
        file.execute(
            "INSERT INTO usage SELECT '2026-08-31', client, pool, account, 'x', 1, 9, 0, 0, 0, 0 FROM usage LIMIT 1"
        )
    heard: list = []
    usage = await store(path, heard)
    assert heard == [({"alice": (10, 15)}, "2026-09-21")]
    usage.add("alice", "main", "a", "m", c.Usage(input=1))
    await usage.close()
    assert heard[-1] == ({"alice": (11, 16)}, "2026-09-21")


async def test_two_processes_share_a_file(tmp_path: Path):
    path, heard = tmp_path / "usage.sqlite", []
    one, other = await store(path), await store(path, heard)
    for _ in range(20):
        one.add("alice", "main", "a", "m", c.Usage(input=1))
        other.add("alice", "main", "b", "m", c.Usage(input=1))
    await asyncio.gather(one.close(), other.close())
    assert sum(row[6] for row in rows(path)) == 40
    third = await store(path, heard)
    assert heard[-1][0] == {"alice": (40, 40)}
    await third.close()


async def test_a_file_that_cannot_be_written_is_told_of_and_tried_again(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setattr("runtime.shell.usage.AGAIN_S", 0.1)
    monkeypatch.setattr("runtime.shell.usage.FLUSH_S", 0.05)
    path = tmp_path / "not yet" / "usage.sqlite"
    usage = await store(path)
    usage.add("alice", "main", "a", "m", c.Usage(input=1))
    await asyncio.sleep(0.3)
    usage.add("alice", "main", "a", "m", c.Usage(input=1))
    path.parent.mkdir()
    await until(path.exists)
    await usage.close()
    assert [row[5:7] for row in rows(path)] == [(2, 2)]
    said = capsys.readouterr().err
    assert said.count("cannot be kept") == 1 and said.count("again\n") == 2


def test_what_nobody_counted_is_estimated():
    assert charged(None, 7) == c.Usage(input=7)
    assert charged(c.Usage(), 7) == c.Usage(input=7)
    assert charged(c.Usage(output=3), 7) == c.Usage(output=3)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_the_program_itself(tmp_path: Path, sign: signal.Signals):
    """A clean stop loses nothing; `kill -9` nothing older than a second; the next run's budgets know."""
    port = free_port()
    file = tmp_path / "pool.yaml"
    file.write_text(
        f"server: {{host: 127.0.0.1, port: {port}}}\n"
        "pools: {main: {accounts: [{name: echo, provider: echo}]}}\nmodels: [{name: '*', pool: main}]\n"
        "clients: [{name: alice, key: env:CLIENT, tokens_per_day: 100}]\n"
    )
    url = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "runtime", "serve", "--pool", str(file)]

    def run() -> subprocess.Popen:
        process = subprocess.Popen(serve, cwd=ROOT, env={**os.environ, **SECRETS}, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while not answers(f"{url}/healthz"):
            assert time.monotonic() < end
            time.sleep(0.05)
        return process

    process, asked = run(), 3
    try:
        for _ in range(asked):
            assert ask(url) == 200
        if sign == signal.SIGKILL:
            time.sleep(1.0)
        process.send_signal(sign)
        process.wait(30)
        [row] = rows(tmp_path / "pool.usage.sqlite")
        assert row[1:6] == ("alice", "main", "echo", "m", asked)
        process = run()
        with closing(sqlite3.connect(tmp_path / "pool.usage.sqlite")) as database, database:
            database.execute("UPDATE usage SET output = 1000")
        process.kill()
        process.wait(30)
        process = run()
        assert ask(url) == 429
    finally:
        process.kill()
        process.wait(30)


def ask(url: str) -> int:
    headers = {"x-api-key": SECRETS["CLIENT"], "content-type": "application/json"}
    request = urllib.request.Request(url + "/v1/chat/completions", json.dumps(CHAT).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code
