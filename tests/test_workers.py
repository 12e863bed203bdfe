"""`isogloss serve --workers N`: one port, several processes, each with its part of the limits, and one end for all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.core.policy import parse
from runtime.shell.snapshot import from_policy
from runtime.shell.workers import Kept
from tests.servers import ROOT, answers, free_port

POLICY = """\
server: {{host: 127.0.0.1, port: {port}}}
pools: {{main: {{queue: {{timeout: 0s}}, accounts: [{{name: echo, provider: echo, rpm: 6}}]}}}}
models: [{{name: '{name}', pool: main}}]
"""


def start(file: Path, log: Path, workers: int = 2) -> subprocess.Popen:
    command = [sys.executable, "-m", "runtime", "serve", "--pool", str(file), "--workers", str(workers)]
    return subprocess.Popen(command, cwd=ROOT, stdout=log.open("wb"), stderr=subprocess.STDOUT)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen, Path, Path]]:
    port = free_port()
    file, log = tmp_path / "pool.yaml", tmp_path / "log"
    file.write_text(POLICY.format(port=port, name="*"))
    url = f"http://127.0.0.1:{port}"
    process = start(file, log)
    try:
        until(lambda: len(children(process.pid)) == 2 and answers(f"{url}/healthz"))
        time.sleep(0.3)  # both listen
        yield url, process, file, log
    finally:
        process.terminate()
        process.wait(30)


def until(true, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"


def ask(url: str, model: str = "m") -> int:
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Hello"}]}).encode()
    request = urllib.request.Request(url + "/v1/chat/completions", body, {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code


def test_workers_split_a_limit_and_say_so(served):
    url, process, _, log = served
    statuses = [ask(url) for _ in range(40)]  # each on a connection of its own: the kernel spreads them
    assert statuses.count(200) == 6, statuses
    assert set(statuses) == {200, 429}
    said = log.read_text()
    assert said.count("isogloss listens on") == 1
    assert "2 workers: each has its part of every limit" in said
    workers = children(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not any(alive(pid) for pid in workers)


def test_what_cannot_be_split_is_named():
    """More workers than a limit is great: each has one, and that is more than the limit."""
    text = """\
pools:
  main: {rpm: 3, accounts: [{name: a, provider: echo, max_concurrency: 1, tpm: 4}, {name: b, provider: echo, rpm: 5}]}
models: [{name: '*', pool: main}]
clients: [{name: c, key: 'env:C', max_concurrency: 2, tokens_per_day: 1}]
"""
    policy, _ = parse(text, "pool.yaml", {"echo": ["canonical"]}, {"C": "client-s-key"})
    _, [said] = from_policy(policy, {"C": "client-s-key"}, (0, 4))
    assert said == (
        "4 workers cannot split what is less than that, so each has 1 of `rpm` of pool main, `max_concurrency` of account"
        " a of pool main, `max_concurrency` of client c"
    )
    for one, share in ((policy, (0, 1)), (replace(policy, state="redis://127.0.0.1"), (0, 4))):
        assert from_policy(one, {"C": "client-s-key"}, share)[1] == []


def test_every_worker_takes_a_new_file(served):
    url, process, file, log = served
    file.write_text(POLICY.format(port=url.rpartition(":")[2], name="other"))
    process.send_signal(signal.SIGHUP)
    until(lambda: {ask(url) for _ in range(20)} == {404})
    assert log.read_text().count("is in force") == 1


def test_workers_end_with_the_process_that_started_them(served):
    _, process, _, _ = served
    workers = children(process.pid)
    process.kill()
    process.wait(30)
    until(lambda: not any(alive(pid) for pid in workers))


def test_a_worker_that_died_is_started_again(served):
    """And serves by the file as it is then."""
    url, process, file, log = served
    time.sleep(5.2)  # one that dies young could not work at all
    file.write_text(POLICY.format(port=url.rpartition(":")[2], name="other"))
    until(lambda: {ask(url) for _ in range(20)} == {404})
    for worker in children(process.pid):
        os.kill(worker, signal.SIGKILL)
    until(lambda: log.read_text().count("is started again") == 2 and len(children(process.pid)) == 2)
    until(lambda: answers(f"{url}/healthz"))
    assert {ask(url) for _ in range(20)} == {404}


def test_a_worker_that_comes_back_serves_what_the_others_serve(served):
    """The file is bad when it does: it takes the last good one, not that of the start."""
    url, process, file, log = served
    port = url.rpartition(":")[2]
    for name in ("first", "second", "third"):  # each is kept over the one before
        file.write_text(POLICY.format(port=port, name=name))
        process.send_signal(signal.SIGHUP)
        until(lambda name=name: {ask(url, name), ask(url, "m")} == {200, 404})
    file.write_text("pools: [")
    process.send_signal(signal.SIGHUP)
    until(lambda: "keeps serving" in log.read_text())
    workers = children(process.pid)
    for worker in workers:  # both, and so young: what somebody else kills is no fault of theirs
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(children(process.pid) - workers) == 2 and answers(f"{url}/healthz"))
    assert log.read_text().count("is started again") == 2
    assert {ask(url, "m") for _ in range(10)} == {404}
    assert {ask(url, "third") for _ in range(3)} <= {200, 429}


def test_what_is_kept_outlives_who_dies_while_it_writes():
    kept = Kept()
    assert kept.get() is None
    for text in (b"one", b"two", b"two", b"three"):
        kept.put(text)
        assert kept.get() == text
    newest = max(kept._files, key=lambda file: os.pread(file.fileno(), 12, 0)[4:])
    os.ftruncate(newest.fileno(), 13)
    assert kept.get() == b"two"
    os.ftruncate(newest.fileno(), 0)
    child = os.fork()
    if not child:
        kept.put(b"of a child")
        os._exit(0)
    os.waitpid(child, 0)
    assert kept.get() == b"of a child"


def test_what_came_while_a_worker_started_is_not_missed(tmp_path: Path):
    """The file changes and the signal comes before anybody follows the file: it is taken all the same."""
    port = free_port()
    file, log = tmp_path / "pool.yaml", tmp_path / "log"
    file.write_text(POLICY.format(port=port, name="*"))
    process = start(file, log)
    try:
        until(lambda: len(children(process.pid)) == 2)
        file.write_text(POLICY.format(port=port, name="other"))
        process.send_signal(signal.SIGHUP)
        until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        until(lambda: {ask(f"http://127.0.0.1:{port}") for _ in range(20)} == {404})
    finally:
        process.terminate()
        process.wait(30)


def test_a_port_that_is_taken_is_not_shared_in_silence(served, tmp_path: Path):
    _, _, file, _ = served
    other = start(file, tmp_path / "other")
    assert other.wait(30) == 1
    assert "is taken by another program" in (tmp_path / "other").read_text()


def test_it_serves_where_there_is_no_uvloop(tmp_path: Path):
    (tmp_path / "uvloop.py").write_text("raise ImportError('not on this platform')")
    port = free_port()
    file = tmp_path / "pool.yaml"
    file.write_text(POLICY.format(port=port, name="*"))
    environ = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "runtime", "serve", "--pool", str(file)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
            assert "uvloop" not in Path(f"/proc/{process.pid}/maps").read_text()
            assert ask(f"http://127.0.0.1:{port}") == 200
        finally:
            process.terminate()
            assert process.wait(30) == 0
