"""One suite for a pool in memory and for a pool in Redis; then what only a real Redis can show: kills, restarts, silence."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest

from runtime.core.account import Account
from runtime.core.affinity import Affinity
from runtime.core.limits import Limits
from runtime.core.outcome import Outcome, Verdict
from runtime.core.pool import Acquired, Ask, Lack, Pool, Refused
from runtime.shell.redis_store import Away, Connection, Store
from runtime.shell.shared_queue import Shared, SharedQueue
from runtime.shell.upstream import Clock, Queue
from tests.scripted import Reply, Upstream
from tests.servers import ROOT, free_port, required, running
from tests.test_app import CHAT, CHAT_PATH, OK

FINE = Verdict(Outcome.OK)
LEASE_S = 1.5


class Redis:
    """A server of our own, that writes nothing to the disk."""

    def __init__(self, *options: str) -> None:
        self.port, self.options = free_port(), options
        self.url = f"redis://127.0.0.1:{self.port}/1"
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        program = required(Path(shutil.which("redis-server") or "redis-server"), "apt-get install redis-server")
        ordered = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen([*ordered, *self.options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), contextlib.closing(_connected(self.port)):
                return
            time.sleep(0.02)
        raise RuntimeError("redis-server does not listen")

    def stop(self, sign: int = signal.SIGKILL) -> None:
        self.process.send_signal(sign)
        self.process.wait(10)


def _connected(port: int):
    import socket

    return socket.create_connection(("127.0.0.1", port), 0.2)


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


class Member:
    """A process of the pool, or what stands for one."""

    def __init__(self, queue: Queue, clock: Clock, shared: Shared | None = None) -> None:
        self.queue, self.clock, self.shared = queue, clock, shared

    async def ask(self, model: str = "m", patience: float = 5.0, **more) -> Acquired | Refused:
        return (await self.asked(model, patience, **more)[1])[0]

    def asked(self, model: str = "m", patience: float = 5.0, **more) -> tuple[Ask, asyncio.Future]:
        ask = Ask(model, self.clock() + patience, **more)
        answer = self.queue.ask(ask)
        if not isinstance(answer, asyncio.Future):
            future = asyncio.get_running_loop().create_future()
            future.set_result(answer)
            answer = future
        return ask, answer

    def report(self, acquired: Acquired, verdict: Verdict = FINE, used=None) -> None:
        self.queue.report(acquired.lease, verdict, used)

    async def serve(self, seconds: float = 0.0, **more) -> str | Lack:
        answer = await self.ask(**more)
        if isinstance(answer, Refused):
            return answer.why
        await asyncio.sleep(seconds)
        self.report(answer)
        return answer.account.name


def account(name: str, **more) -> Account:
    return Account(name, "p", (), **more)


def new_pool(accounts: tuple[Account, ...], **more) -> Pool:
    return Pool("main", accounts, affinity=Affinity(), strategy="least_busy", **more)


async def member(url: str, *accounts: Account, password: str | None = None, **more) -> Member:
    clock = Clock(asyncio.get_running_loop(), time.time())
    shared = Shared(Store(url, password), clock, lease=LEASE_S)
    queue = SharedQueue(new_pool(accounts, **more), {one.name: None for one in accounts}, clock, shared)
    await shared.start()
    return Member(queue, clock, shared)


async def flush(url: str) -> None:
    connection = await Connection.open(url, None)
    await connection.ask("FLUSHALL")
    connection.close()


Together = Callable[..., AsyncIterator[tuple[Member, Member]]]


@pytest.fixture(params=["memory", "redis"])
async def together(request: pytest.FixtureRequest) -> AsyncIterator[Together]:
    """Makes two members of one pool: in memory these are the same."""
    made: list[Member] = []

    async def make(*accounts: Account, **more) -> tuple[Member, Member]:
        if request.param == "memory":
            clock = Clock(asyncio.get_running_loop(), time.time())
            only = Member(Queue(new_pool(accounts, **more), {one.name: None for one in accounts}, clock), clock)
            return only, only
        url = request.getfixturevalue("redis").url
        await flush(url)
        made.extend([await member(url, *accounts, **more) for _ in range(2)])
        assert all(one.shared.there for one in made)
        return made[0], made[1]

    yield make
    for one in made:
        await one.shared.close()


# -- what holds of both


async def test_no_more_than_an_account_may(together: Together):
    members = await together(account("a", max_concurrency=3), account("b", max_concurrency=1))
    live, most = Counter(), Counter()

    async def one(number: int) -> None:
        who = members[number % 2]
        acquired = await who.ask()
        assert isinstance(acquired, Acquired)
        name = acquired.account.name
        live[name] += 1
        most[name] = max(most[name], live[name])
        await asyncio.sleep(0.002)
        live[name] -= 1
        who.report(acquired)

    await asyncio.gather(*(one(number) for number in range(100)))
    assert most == {"a": 3, "b": 1}


async def test_first_come_first_served_across_members(together: Together):
    members = await together(account("a", max_concurrency=1))
    held = await members[0].ask()
    order: list[int] = []

    async def one(number: int) -> None:
        acquired = await members[number % 2].ask()
        order.append(number)
        members[number % 2].report(acquired)

    tasks = []
    for number in range(12):
        tasks.append(asyncio.create_task(one(number)))
        await asyncio.sleep(0.005)
    members[0].report(held)
    await asyncio.gather(*tasks)
    assert order == list(range(12))


async def test_who_cannot_use_an_account_does_not_keep_others_from_it(together: Together):
    one, other = await together(
        account("a", models=("x",), max_concurrency=1), account("b", models=("y",), max_concurrency=1)
    )
    held = {model: await one.ask(model) for model in "xy"}
    _, for_x = one.asked("x")
    await asyncio.sleep(0.02)
    _, for_y = other.asked("y")
    await asyncio.sleep(0.02)
    one.report(held["y"])
    assert (await asyncio.wait_for(for_y, 1))[0].account.name == "b"
    assert not for_x.done()


async def test_a_rest_is_everybodys_and_ends_on_time(together: Together):
    one, other = await together(account("a"))
    first = await one.ask()
    began = time.monotonic()
    one.report(first, Verdict(Outcome.RATE, 1.2))
    refused = await other.ask(patience=0.2)
    assert isinstance(refused, Refused) and refused.why is Lack.RATE
    assert refused.until - other.clock() == pytest.approx(1.2 - (time.monotonic() - began), abs=0.05)
    assert isinstance(await other.ask(), Acquired)
    assert 1.2 <= time.monotonic() - began + 0.002 < 1.4


async def test_a_request_limit_is_not_exceeded(together: Together):
    members = await together(account("a", limits=Limits(rpm=40)), account("b", limits=Limits(rpd=25)))
    served = await asyncio.gather(*(members[number % 2].serve(patience=0.0) for number in range(200)))
    assert Counter(served) == {"a": 40, "b": 25, Lack.LIMIT: 135}


async def test_a_token_limit_is_corrected_at_the_end(together: Together):
    one, other = await together(account("a", limits=Limits(tpm=1000)))
    first = await one.ask(tokens=700)
    assert (await other.ask(tokens=700, patience=0.0)).why is Lack.LIMIT
    one.report(first, used=(100, 20))
    await asyncio.sleep(0.02)
    second = await other.ask(tokens=600)
    other.report(second, used=(900, 200))
    await asyncio.sleep(0.02)
    assert (await one.ask(tokens=10, patience=0.0)).why is Lack.LIMIT


async def test_a_limit_of_the_whole_pool(together: Together):
    members = await together(account("a"), account("b"), limits=Limits(rpm=10))
    served = Counter(await asyncio.gather(*(members[number % 2].serve(patience=0.0) for number in range(30))))
    assert (served["a"] + served["b"], served[Lack.LIMIT]) == (10, 20)


async def test_a_conversation_has_one_account(together: Together):
    members = await together(*(account(name) for name in "abcd"))
    known = {key: await members[0].serve(key=key) for key in "stuvwxyz"}
    await asyncio.sleep(0.02)
    assert len(set(known.values())) > 1
    assert {key: await members[1].serve(key=key) for key in "zyxwvuts"} == known


async def test_who_leaves_the_queue_gets_nothing(together: Together):
    one, other = await together(account("a", max_concurrency=1))
    held = await one.ask()
    ask, future = one.asked()
    await asyncio.sleep(0.02)
    _, next_one = other.asked()
    await asyncio.sleep(0.02)
    one.queue.withdraw(ask)
    one.report(held)
    assert isinstance((await asyncio.wait_for(next_one, 1))[0], Acquired)
    assert not future.done()


async def test_who_leaves_at_once_keeps_no_slot(together: Together):
    one, other = await together(account("a", max_concurrency=1))
    for _ in range(20):
        ask, future = one.asked()
        if future.done():
            one.report(future.result()[0], Verdict(Outcome.CLIENT))
        else:
            one.queue.withdraw(ask)  # the answer is under way
    assert await asyncio.wait_for(other.serve(), 1) == "a"


async def test_patience_ends(together: Together):
    one, other = await together(account("a", max_concurrency=1))
    await one.ask()
    began = time.monotonic()
    refused = await other.ask(patience=0.3)
    assert isinstance(refused, Refused) and refused.why is Lack.BUSY
    assert 0.3 <= time.monotonic() - began + 0.002 < 0.5


async def test_the_queue_has_an_end(together: Together):
    one, _ = await together(account("a", max_concurrency=1), queue_size=2)
    await one.ask()
    waiting = [one.asked()[1] for _ in range(5)]
    await asyncio.sleep(0.05)
    assert [future.done() for future in waiting] == [False, False, True, True, True]


async def test_nobody_can_serve_it(together: Together):
    one, _ = await together(account("a", models=("x",)))
    assert await one.ask("y") == Refused(None, Lack.NOBODY)


# -- a real store


async def test_a_password(redis: Redis):
    locked = Redis("--requirepass", "sesame")
    try:
        with pytest.raises(Away, match="NOAUTH|AUTH|invalid"):
            await Store(locked.url, "wrong").connect()
        one = await member(locked.url, account("a"), password="sesame")
        assert await one.serve() == "a"
        await one.shared.close()
    finally:
        locked.stop()


async def test_slots_of_the_dead_come_back_with_the_lease(redis: Redis):
    await flush(redis.url)
    dead, other = [await member(redis.url, account("a", max_concurrency=2)) for _ in range(2)]
    for _ in range(2):
        await dead.ask()
    _, in_line = dead.asked(patience=60.0)
    await asyncio.sleep(0.05)
    for task in dead.shared._tasks:  # it says nothing any more, and takes nothing back
        task.cancel()
    began = time.monotonic()
    assert await other.serve() == "a"
    assert LEASE_S / 3 < time.monotonic() - began < LEASE_S + 1.2
    dead.shared.store.close()
    await other.shared.close()


async def test_without_a_store_each_serves_its_part_and_finds_back(capsys: pytest.CaptureFixture[str]):
    server = Redis()
    accounts = (account("a", max_concurrency=4),)
    members = [await member(server.url, *accounts) for _ in range(2)]
    try:
        await asyncio.sleep(LEASE_S / 3 + 0.2)  # each has heard of the other
        server.stop()
        await asyncio.sleep(0.1)
        held = [await members[0].ask(patience=0.0) for _ in range(4)]
        assert [isinstance(answer, Acquired) for answer in held] == [True, True, False, False]
        assert "part 1 of 2" in (said := capsys.readouterr().err) and "part 2 of 2" in said
        waiting = [members[0].asked(patience=10.0)[1] for _ in range(2)]
        server.start()
        await asyncio.sleep(2.5)
        assert all(one.shared.there for one in members)
        assert "is back" in capsys.readouterr().err
        assert all(isinstance(future.result()[0], Acquired) for future in waiting)  # two more may, of all four
        assert isinstance(await members[1].ask(patience=0.0), Refused)
        for answer in held[:2]:
            members[0].report(answer)
        assert isinstance(await members[1].ask(patience=1.0), Acquired)
    finally:
        for one in members:
            await one.shared.close()
        server.stop()


async def test_a_store_restarted_under_load_loses_no_request():
    server = Redis()
    members = [await member(server.url, account("a", max_concurrency=8)) for _ in range(2)]
    served: Counter[str] = Counter()
    ending = False

    async def client(number: int) -> None:
        while not ending:
            answer = await asyncio.wait_for(members[number % 2].ask(patience=10.0), 15)
            served["got" if isinstance(answer, Acquired) else "refused"] += 1
            if isinstance(answer, Acquired):
                await asyncio.sleep(0.005)
                members[number % 2].report(answer)

    try:
        clients = [asyncio.create_task(client(number)) for number in range(40)]
        for _ in range(2):
            await asyncio.sleep(1.0)
            server.stop()
            await asyncio.sleep(0.5)
            server.start()
            await asyncio.sleep(2.0)
        ending = True
        await asyncio.gather(*clients)
        assert served["got"] > 500 and not served["refused"]
        assert members[0].queue.pool.in_flight == members[1].queue.pool.in_flight == {"a": 0}
    finally:
        for one in members:
            await one.shared.close()
        server.stop()


async def test_a_store_that_does_not_answer(redis: Redis):
    """It is there and silent: after a second each serves by itself."""
    await flush(redis.url)
    one = await member(redis.url, account("a"))
    redis.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert await one.serve() == "a"
        assert time.monotonic() - began < 2.0
        assert await asyncio.wait_for(one.serve(), 0.1) == "a"
    finally:
        redis.process.send_signal(signal.SIGCONT)
        await one.shared.close()


async def test_two_gateways_and_a_killed_one(redis: Redis, tmp_path: Path):
    """The programs themselves: limits hold across both, and what the killed one held comes back."""
    await flush(redis.url)
    async with Upstream([Reply(body=OK.body, wait=0.3)]) as upstream:
        policies = {}
        for name in ("one", "two"):
            port = free_port()
            file = tmp_path / f"{name}.yaml"
            file.write_text(
                f"server: {{port: {port}}}\nstate: {redis.url}\n"
                "pools:\n  main:\n    accounts:\n      - "
                f"{{name: a, provider: openai, key: env:A_KEY, base_url: '{upstream.url}', max_concurrency: 2, rpm: 9}}\n"
                "models: [{name: '*', pool: main}]\n"
            )
            policies[name] = (file, f"http://127.0.0.1:{port}")
        env = {**os.environ, "A_KEY": "sk-of-the-account"}
        with contextlib.ExitStack() as stack:
            programs = {
                name: stack.enter_context(
                    running(
                        [sys.executable, "-m", "runtime", "serve", "--pool", file],
                        f"{url}/healthz",
                        tmp_path / name,
                        env,
                    )
                )
                for name, (file, url) in policies.items()
            }
            async with aiohttp.ClientSession() as session:

                async def chat(name: str) -> int:
                    async with session.post(policies[name][1] + CHAT_PATH, json=CHAT) as answer:
                        await answer.read()
                        return answer.status

                statuses = await asyncio.gather(*(chat(name) for name in ("one", "two") * 3))
                assert statuses == [200] * 6
                assert len(upstream.asked) == 6
                doomed = [asyncio.create_task(chat("one")) for _ in range(2)]
                await asyncio.sleep(0.15)
                programs["one"].kill()
                programs["one"].wait()
                for task in doomed:
                    with contextlib.suppress(aiohttp.ClientError, AssertionError):
                        await task
                began = time.monotonic()
                assert await chat("two") == 200  # 9 in a minute, and this is the ninth
                assert time.monotonic() - began < 32
                assert await chat("two") == 429
