"""Usage by day, client, account and model: it adds up, survives a stop whole, and a crash but for its last second."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from generated import canonical as c
from runtime.shell.usage import Database, File, Place, Usage, charged
from tests.servers import ROOT, answers, free_port, required
from tests.test_app import CHAT, SECRETS, until

NOON = 1_790_000_000.0 // 86400 * 86400 + 43200
READ = "SELECT * FROM {table} ORDER BY day, client, account, model"


class Sqlite:
    table = "usage"

    def __init__(self, path: Path) -> None:
        self.path = path

    def place(self) -> Place:
        return File(self.path)

    def run(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self.path)) as file, file:
            return list(file.execute(statement.format(table=self.table)))


class Postgres:
    """A server of our own."""

    table = "isogloss_usage"
    user, password = "isogloss", "a-password-of-the-database"

    def __init__(self) -> None:
        installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        found = shutil.which("postgres") or (installed[-1] if installed else "postgres")
        self._program = required(Path(found), "apt-get install postgresql").resolve()
        self._directory = Path(tempfile.mkdtemp(prefix="isogloss-"))
        # the program refuses to be root
        self._as = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        secret = self._directory / "password"
        secret.write_text(self.password)
        if self._as:
            for path in (self._directory, secret):
                shutil.chown(path, self._as["user"], self._as["group"])
        create = [self._program.with_name("initdb"), "-D", self._data, "-U", self.user, "--pwfile", secret]
        subprocess.run(
            [*create, "-A", "scram-sha-256", "-N", "--no-locale"], check=True, capture_output=True, cwd="/", **self._as
        )
        self.port = free_port()
        self.url = f"postgresql://127.0.0.1:{self.port}/postgres"
        self.start()

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def start(self) -> None:
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self._directory, "fsync": "off"}
        command = [self._program, "-D", self._data, "-p", str(self.port)]
        command += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd="/", **silent, **self._as)
        end = time.monotonic() + 30
        while True:
            try:
                self.run("SELECT 1")
                return
            except psycopg.OperationalError:
                assert time.monotonic() < end and self.process.poll() is None
                time.sleep(0.05)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # hangs up on whoever is connected
        self.process.wait(30)

    def end(self) -> None:
        self.stop()
        shutil.rmtree(self._directory)

    def place(self) -> Place:
        return Database(self.url, self.user, self.password)

    def run(self, statement: str) -> list[tuple]:
        with psycopg.connect(self.url, user=self.user, password=self.password, client_encoding="utf8") as connection:
            cursor = connection.execute(statement.format(table=self.table))
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.end()


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Sqlite | Postgres:
    if request.param == "sqlite":
        return Sqlite(tmp_path / "usage.sqlite")
    server = request.getfixturevalue("postgres")
    server.run("DROP TABLE IF EXISTS {table}")
    return server


async def store(place: Place, heard: list | None = None) -> Usage:
    usage = Usage(place, lambda: NOON, lambda used, day: (heard if heard is not None else []).append((used, day)))
    await usage.open()
    return usage


async def test_counts_add_up(kept: Sqlite | Postgres):
    for _ in range(2):  # two runs
        usage = await store(kept.place())
        for _ in range(3):
            usage.add("alice", "main", "a", "m", c.Usage(input=1, cache_read=2, cache_write=3, output=4, reasoning=5))
        usage.add("bob", "main", "a", "m", c.Usage(output=7))
        await usage.close()
    assert kept.run(READ) == [
        ("2026-09-21", "alice", "main", "a", "m", 6, 6, 12, 18, 24, 30),
        ("2026-09-21", "bob", "main", "a", "m", 2, 0, 0, 0, 14, 0),
    ]


async def test_what_was_used_is_told(kept: Sqlite | Postgres):
    first = await store(kept.place())
    first.add("alice", "main", "a", "m", c.Usage(input=10))
    await first.close()
    copy = (
        "INSERT INTO {table} SELECT '%s', client, pool, account, '%s', 1, %d, 0, 0, 0, 0 FROM {table} WHERE model = 'm'"
    )
    kept.run(copy % ("2026-09-01", "x", 5))
    kept.run(copy % ("2026-08-31", "y", 9))
    heard: list = []
    usage = await store(kept.place(), heard)
    assert heard == [({"alice": (10, 15)}, "2026-09-21")]
    usage.add("alice", "main", "a", "m", c.Usage(input=1))
    await usage.close()
    assert heard[-1] == ({"alice": (11, 16)}, "2026-09-21")


async def test_two_processes_share_a_place(kept: Sqlite | Postgres):
    heard: list = []
    one, other = await asyncio.gather(store(kept.place()), store(kept.place(), heard))
    for number in range(20):
        one.add("alice", "main", f"a{number}", "m", c.Usage(input=1))
        other.add("alice", "main", f"a{19 - number}", "m", c.Usage(input=1))
    await asyncio.gather(one.close(), other.close())
    assert sum(row[6] for row in kept.run(READ)) == 40
    third = await store(kept.place(), heard)
    assert heard[-1][0] == {"alice": (40, 40)}
    await third.close()


async def test_a_file_that_cannot_be_written_is_told_of_and_tried_again(tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setattr("runtime.shell.usage.AGAIN_S", 0.1)
    monkeypatch.setattr("runtime.shell.usage.FLUSH_S", 0.05)
    kept = Sqlite(tmp_path / "not yet" / "usage.sqlite")
    usage = await store(kept.place())
    usage.add("alice", "main", "a", "m", c.Usage(input=1))
    await asyncio.sleep(0.3)
    usage.add("alice", "main", "a", "m", c.Usage(input=1))
    kept.path.parent.mkdir()
    await until(kept.path.exists)
    await usage.close()
    assert [row[5:7] for row in kept.run(READ)] == [(2, 2)]
    said = capsys.readouterr().err
    assert said.count("cannot be kept") == 1 and said.count("again\n") == 2


async def test_a_database_that_goes_away_loses_nothing(postgres: Postgres, capsys, monkeypatch):
    monkeypatch.setattr("runtime.shell.usage.AGAIN_S", 0.1)
    monkeypatch.setattr("runtime.shell.usage.FLUSH_S", 0.05)
    postgres.run("DROP TABLE IF EXISTS {table}")
    usage = await store(postgres.place())
    for number in range(60):
        usage.add("alice", "main", "a", "m", c.Usage(input=1))
        await asyncio.sleep(0.01)
        if number == 20:
            postgres.stop()
        if number == 40:
            postgres.start()
    await usage.close()
    assert [row[5:7] for row in postgres.run(READ)] == [(60, 60)]
    said = capsys.readouterr().err
    assert postgres.password not in said and "cannot be kept" in said and said.endswith("again\n")


def test_what_nobody_counted_is_estimated():
    assert charged(None, 7) == c.Usage(input=7)
    assert charged(c.Usage(), 7) == c.Usage(input=7)
    assert charged(c.Usage(output=3), 7) == c.Usage(output=3)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_the_program_itself(tmp_path: Path, sign: signal.Signals, kept: Sqlite | Postgres):
    """A clean stop loses nothing; `kill -9` nothing older than a second; the next run's budgets know."""
    port = free_port()
    file = tmp_path / "pool.yaml"
    file.write_text(
        f"server: {{host: 127.0.0.1, port: {port}}}\n"
        "pools: {main: {accounts: [{name: echo, provider: echo}]}}\nmodels: [{name: '*', pool: main}]\n"
        "clients: [{name: alice, key: env:CLIENT, tokens_per_day: 100}]\n"
    )
    if isinstance(kept, Postgres):
        where = f"{{database: '{kept.url}', user: {kept.user}, password: env:DATABASE_PASSWORD}}"
        file.write_text(f"{file.read_text()}usage: {where}\n")
    else:
        kept = Sqlite(tmp_path / "pool.usage.sqlite")
    env = {**os.environ, **SECRETS, "DATABASE_PASSWORD": Postgres.password}
    url = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "runtime", "serve", "--pool", str(file)]

    def run() -> subprocess.Popen:
        process = subprocess.Popen(serve, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
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
        [row] = kept.run(READ)
        assert row[1:6] == ("alice", "main", "echo", "m", asked)
        process = run()
        kept.run("UPDATE {table} SET output = 1000")
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
