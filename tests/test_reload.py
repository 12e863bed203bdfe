"""A policy file that changes while the gateway serves."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from generated.policy import Tls
from runtime.core.account import Account
from runtime.core.limits import Limits
from runtime.core.outcome import Outcome, Verdict
from runtime.core.policy import parse
from runtime.core.pool import Acquired, Ask, Lack, Lease, Pool, Refused
from runtime.shell.reload import Watch
from runtime.shell.snapshot import from_policy
from runtime.shell.tls import server_context
from tests import servers
from tests.scripted import Reply, Upstream
from tests.servers import ROOT, free_port, running
from tests.test_app import COMPLETION, OK, PROVIDERS, SECRETS, error, policy, serving, until
from tests.test_lane import Raw

# -- the pool


pytestmark = pytest.mark.usefixtures("lanes")


def pool_of(*names: str, **more) -> Pool:
    return Pool("main", [Account(name, "openai", ("openai-chat",), **more) for name in names])


def replaced(before: Pool, *names: str, **more) -> Pool:
    after = pool_of(*names, **more)
    after.take_over(before)
    return after


def take(pool: Pool, now: float = 0.0) -> str:
    return lease(pool, now).account


def lease(pool: Pool, now: float = 0.0) -> Lease:
    answer = pool.choose(Ask("m", now), now)
    assert isinstance(answer, Acquired), answer
    return answer.lease


def test_a_rest_outlives_its_policy():
    pool = pool_of("a", "b")
    pool.report(lease(pool), Verdict(Outcome.RATE, 100), 0)
    pool = replaced(pool, "a", "b", "c")
    assert {take(pool, now=50) for _ in range(6)} == {"b", "c"}
    assert "a" in {take(pool, now=100) for _ in range(3)}


def test_slots_are_counted_across_policies():
    pool = pool_of("a", max_concurrency=2)
    taken = lease(pool)
    pool = replaced(pool, "a", max_concurrency=1)
    waiting = Ask("m", 10)
    assert pool.choose(waiting, 0) is None
    pool.report(taken, Verdict(Outcome.OK), 1)
    [(ask, answer)] = pool.settle(1)
    assert ask is waiting and answer.account.max_concurrency == 1


def test_who_waits_gets_an_account_of_the_new_policy_in_turn():
    pool = pool_of("a", max_concurrency=1)
    taken = lease(pool)
    asks = [Ask("m", 10) for _ in range(3)]
    assert [pool.choose(ask, 0) for ask in asks] == [None, None, None]
    pool = replaced(pool, "a", "b", max_concurrency=1)
    assert [(ask, answer.account.name) for ask, answer in pool.settle(1)] == [(asks[0], "b")]
    pool.report(taken, Verdict(Outcome.OK), 2)
    assert [(ask, answer.account.name) for ask, answer in pool.settle(2)] == [(asks[1], "a")]


def test_an_account_that_left_and_came_back_has_kept_its_slots():
    pool = pool_of("a", max_concurrency=1)
    taken = lease(pool)
    gone = replaced(pool, "b", max_concurrency=1)
    back = replaced(gone, "a", max_concurrency=1)
    assert back.choose(Ask("m", 10), 0) is None
    back.report(taken, Verdict(Outcome.OK), 1)
    assert len(back.settle(1)) == 1


def test_an_account_that_left_and_came_back_has_kept_its_rests_and_what_it_has_used():
    pool = pool_of("a", limits=Limits(rpm=2))
    taken = lease(pool)
    gone = replaced(pool, "b")
    gone.report(taken, Verdict(Outcome.RATE, 20), 1)  # is learned though it is not here
    back = replaced(replaced(gone, "b"), "a", limits=Limits(rpm=2))
    assert back.choose(Ask("m", 2), 2) == Refused(21, Lack.RATE)
    assert take(back, now=21) == "a"
    assert back.choose(Ask("m", 22), 22) == Refused(61, Lack.LIMIT)


def test_the_end_of_a_request_with_an_account_that_left():
    pool = pool_of("a")
    taken = lease(pool)
    gone = replaced(pool, "b")
    gone.report(taken, Verdict(Outcome.OK), 1)
    assert take(replaced(gone, "a", max_concurrency=1), now=1) == "a"


# -- the gateway


def snapshot_of(text: str):
    parsed, found = parse("version: 1\n" + text, "policy.yaml", PROVIDERS, SECRETS)
    assert parsed is not None, found
    return from_policy(parsed, SECRETS)[0]


async def test_nothing_in_flight_is_touched():
    slow = Reply(body=OK.body, wait=0.3)
    async with Upstream([slow]) as first, Upstream([OK]) as second, serving(policy(first.url)) as served:
        running = asyncio.create_task(served.chat())
        await until(lambda: first.asked)
        served.gateway.take(snapshot_of(policy(second.url).replace("name: a,", "name: z,")))
        assert await served.chat() == (200, COMPLETION)
        assert (len(first.asked), len(second.asked)) == (1, 1)
        assert await running == (200, COMPLETION)
        assert [line["account"] for line in served.log()] == ["z", "a"]


async def test_who_waits_is_served_by_an_account_that_came_meanwhile():
    slow = Reply(body=OK.body, wait=0.5)
    async with Upstream([slow]) as first, Upstream([OK]) as second, serving(one_slot(first.url)) as served:
        running = asyncio.create_task(served.chat())
        await until(lambda: first.asked)
        waiting = asyncio.create_task(served.chat())
        await until(lambda: served.gateway.snapshot.pools["main"].waiting)
        served.gateway.take(snapshot_of(one_slot(first.url, second.url)))
        assert await waiting == (200, COMPLETION)
        assert (len(second.asked), running.done()) == (1, False)
        assert await running == (200, COMPLETION)


def one_slot(*urls: str) -> str:
    return policy(*urls).replace("provider: openai", "provider: openai, max_concurrency: 1")


async def test_a_rest_is_kept_and_a_pool_that_is_gone_answers_to_nobody_new():
    limited = error(429, "slow down", retry_after="60")
    async with Upstream([limited]) as first, Upstream([OK]) as second, serving(policy(first.url)) as served:
        assert (await served.chat())[0] == 429
        served.gateway.take(snapshot_of(policy(first.url, second.url)))
        for _ in range(3):
            assert await served.chat() == (200, COMPLETION)
        assert len(first.asked) == 1
        other = policy(second.url).replace("main", "other")
        served.gateway.take(snapshot_of(other))
        assert await served.chat() == (200, COMPLETION)
        assert served.gateway.in_force.queues.keys() == {"other"}


# -- the file

GOOD = "version: 1\npools: {main: {accounts: [{name: NAME, provider: echo}]}}\nmodels: [{name: '*', pool: main}]\n"


async def test_a_file_is_taken_when_it_has_settled(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "pool.yaml"
    file.write_text(GOOD)
    async with serving(policy("http://127.0.0.1:9")) as served:
        first, _ = parse(GOOD, "pool.yaml", PROVIDERS, {})
        watch = Watch(file, first, served.gateway, {})
        before = served.gateway.snapshot
        await watch.look()
        assert served.gateway.snapshot is before
        file.write_text(GOOD.replace("NAME", "second"))
        await watch.look()
        assert served.gateway.snapshot is before  # it may still be written
        await watch.look()
        assert [account.name for account in served.gateway.snapshot.pools["main"].accounts] == ["second"]
        assert "1 pools, 1 accounts" in capsys.readouterr().err
        taken = served.gateway.snapshot
        await watch.look()
        assert served.gateway.snapshot is taken


async def test_a_bad_file_changes_nothing_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "pool.yaml"
    file.write_text(GOOD)
    async with serving(policy("http://127.0.0.1:9")) as served:
        first, _ = parse(GOOD, "pool.yaml", PROVIDERS, {})
        watch = Watch(file, first, served.gateway, {})
        before = served.gateway.snapshot
        file.write_text(GOOD.replace("provider: echo", "provder: echo"))
        for _ in range(3):
            await watch.look()
        assert served.gateway.snapshot is before
        said = capsys.readouterr().err
        assert f"{file}:2:" in said and "did you mean `provider`?" in said
        assert said.count("keeps serving") == 1
        file.unlink()
        for _ in range(3):
            await watch.look()
        assert served.gateway.snapshot is before
        assert capsys.readouterr().err.count("cannot be read") == 1


async def test_a_key_in_a_file_is_read_again_when_that_changes(tmp_path: Path):
    key, file = tmp_path / "key", tmp_path / "pool.yaml"
    key.write_text("sk-the-first-key\n")
    async with Upstream([OK]) as upstream, serving(policy("http://127.0.0.1:9")) as served:
        account = f"{{name: a, provider: openai, key: 'file:{key}', base_url: '{upstream.url}'}}"
        text = f"pools: {{main: {{accounts: [{account}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"
        file.write_text(text)
        parsed, _ = parse(text, "pool.yaml", PROVIDERS, {})
        watch = Watch(file, parsed, served.gateway, {})
        assert await watch.reload()
        await served.chat()
        key.write_text("sk-the-second-key\n")
        await watch.look()
        await watch.look()
        await served.chat()
        assert [asked.headers["authorization"] for asked in upstream.asked] == [
            "Bearer sk-the-first-key",
            "Bearer sk-the-second-key",
        ]


async def test_certificates_are_read_again_when_they_change(
    certificate: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Trusted, not trusted, none, trusted: no connection from before is used again."""
    right, key = certificate
    other = tmp_path / "other"
    other.mkdir()
    wrong, _ = servers.certificate(other)
    ca, file = tmp_path / "trusted.pem", tmp_path / "pool.yaml"
    tls = server_context(Tls(cert=str(right), key=str(key)))
    async with Raw().running(tls) as url, serving(policy("http://127.0.0.1:9")) as served:
        ca.write_bytes("# Zertifikate für uns\n".encode() + right.read_bytes())
        text = policy(url, retries=0).replace("base_url:", f"ca: {ca}, base_url:")
        file.write_text(text)
        parsed, _ = parse(text, "pool.yaml", PROVIDERS, SECRETS)
        watch = Watch(file, parsed, served.gateway, SECRETS)
        assert await watch.reload()
        statuses = [(await served.chat())[0]]
        for holds in (wrong.read_bytes(), b"none", right.read_bytes()):
            ca.write_bytes(holds)
            await watch.look()
            await watch.look()
            statuses.append((await served.chat())[0])
        assert statuses == [200, 502, 503, 200]
        assert f"account a of pool main is left out: {ca} holds no certificates" in capsys.readouterr().err


async def test_a_long_file_is_read_beside_the_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "pool.yaml"
    file.write_text(GOOD)
    accounts = "".join(f"      - {{name: a{number}, provider: echo}}\n" for number in range(3000))
    async with serving(policy("http://127.0.0.1:9")) as served:
        first, _ = parse(GOOD, "pool.yaml", PROVIDERS, {})
        watch = Watch(file, first, served.gateway, {})
        file.write_text(f"pools:\n  main:\n    accounts:\n{accounts}models: [{{name: '*', pool: main}}]\n")
        readers = []
        monkeypatch.setattr(
            "runtime.shell.reload.from_policy",
            lambda *args: readers.append(threading.current_thread()) or from_policy(*args),
        )
        turns, reloading = 0, asyncio.create_task(watch.reload())
        while not reloading.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert await reloading and len(served.gateway.snapshot.pools["main"].accounts) == 3000
        assert len(readers) == 1 and readers[0] is not threading.main_thread()
        assert turns > 1  # how many more depends on the machine


def test_sighup(tmp_path: Path):
    """The program itself: a signal takes the new file at once, a bad file leaves it serving."""
    port = free_port()
    file, log = tmp_path / "pool.yaml", tmp_path / "log"
    head = f"server: {{host: 127.0.0.1, port: {port}}}\n"
    text = head + "pools: {main: {accounts: [{name: a, provider: echo}]}}\nmodels: [{name: NAME, pool: main}]\n"
    file.write_text(text.replace("NAME", "before"))
    url = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "runtime", "serve", "--pool", file]
    with running(serve, f"{url}/healthz", log, os.environ, ROOT) as process:
        assert models(url) == ["before"]
        file.write_text(text.replace("NAME", "after"))
        process.send_signal(signal.SIGHUP)
        until_said(log, "is in force")
        assert models(url) == ["after"]
        file.write_text(text.replace("pool: main}", "pool: mian}"))
        process.send_signal(signal.SIGHUP)
        until_said(log, "keeps serving")
        assert "did you mean `main`?" in log.read_text()
        assert models(url) == ["after"]


def models(url: str) -> list[str]:
    with urllib.request.urlopen(f"{url}/v1/models", timeout=5) as answer:
        return [model["id"] for model in json.load(answer)["data"]]


def until_said(log: Path, words: str) -> None:
    end = time.monotonic() + 5
    while words not in log.read_text():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.02)
