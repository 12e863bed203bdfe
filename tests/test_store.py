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
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from generated.policy import Client
from runtime.core.account import Account
from runtime.core.affinity import CROWD, Affinity
from runtime.core.clients import Admitted, Clients, Denied
from runtime.core.limits import Limits
from runtime.core.outcome import Outcome, Verdict
from runtime.core.pool import Acquired, Ask, Lack, Pool, Refused
from runtime.shell.queue import Clock, Queue
from runtime.shell.redis_store import Away, Store
from runtime.shell.shared import LEASE_S as LEASE_OF_A_GATEWAY_S
from runtime.shell.shared import Shared
from runtime.shell.shared_clients import SharedClients
from runtime.shell.shared_queue import AT_ONCE, SharedQueue
from tests.scripted import Asked, Reply, Upstream
from tests.servers import Redis, free_port, required, running
from tests.test_app import CHAT, CHAT_PATH, OK

FINE = Verdict(Outcome.OK)
LEASE_S = 1.5


class Member:
    """A process of the pool, or what stands for one."""

    def __init__(self, queue: Queue, clock: Clock, clients: Clients, shared: Shared | None = None) -> None:
        self.queue, self.clock, self.clients, self.shared = queue, clock, clients, shared
        self.admissions = SharedClients(clients, shared) if shared is not None else None

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

    async def admit(self, name: str, tokens: int = 1) -> Admitted | Denied:
        """As a request does: a store decides with the first account that is asked for."""
        admitted = (self.admissions or self.clients).admit(name, tokens, self.clock())
        if isinstance(admitted, Denied):
            return admitted
        answer = await self.ask(admitted=admitted)
        if isinstance(answer, Refused):
            return answer.denied
        self.report(answer)
        return admitted

    def end(self, admitted: Admitted, tokens: int) -> None:
        (self.admissions or self.clients).end(admitted, tokens, self.clock())

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


async def member(
    url: str, *accounts: Account, clients: tuple[Client, ...] = (), password=None, ca=None, **more
) -> Member:
    clock = Clock(asyncio.get_running_loop(), time.time())
    shared = Shared(Store(url, password, ca), clock, lease=LEASE_S)
    queue = SharedQueue(new_pool(accounts, **more), {one.name: None for one in accounts}, clock, shared)
    made = Member(queue, clock, Clients(clients), shared)
    await shared.start()
    return made


async def heard(*members: Member) -> None:
    """Until the store knows what they told it; however slow the machine is, they are answered in turn."""
    await asyncio.sleep(0.02)
    for one in members:
        if one.shared is not None:
            await one.shared._renew()


Together = Callable[..., AsyncIterator[tuple[Member, Member]]]


@pytest.fixture(params=["memory", "redis"])
async def together(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Together]:
    """Makes two members of one pool: in memory these are the same. A busy machine is no store that is away."""
    monkeypatch.setattr("runtime.shell.redis_store.TIMEOUT_S", 20.0)
    made: list[Member] = []

    async def make(*accounts: Account, clients: tuple[Client, ...] = (), **more) -> tuple[Member, Member]:
        if request.param == "memory":
            clock = Clock(asyncio.get_running_loop(), time.time())
            queue = Queue(new_pool(accounts, **more), {one.name: None for one in accounts}, clock)
            only = Member(queue, clock, Clients(clients))
            return only, only
        redis = request.getfixturevalue("redis")
        redis.flush()
        made.extend([await member(redis.url, *accounts, clients=clients, **more) for _ in range(2)])
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
    await heard(one, other)
    _, for_y = other.asked("y")
    await heard(one, other)
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
    await heard(one, other)
    second = await other.ask(tokens=600)
    other.report(second, used=(900, 200))
    await heard(one, other)
    assert (await one.ask(tokens=10, patience=0.0)).why is Lack.LIMIT


async def test_a_limit_of_the_whole_pool(together: Together):
    members = await together(account("a"), account("b"), limits=Limits(rpm=10))
    served = Counter(await asyncio.gather(*(members[number % 2].serve(patience=0.0) for number in range(30))))
    assert (served["a"] + served["b"], served[Lack.LIMIT]) == (10, 20)


async def test_a_conversation_has_one_account(together: Together):
    members = await together(*(account(name) for name in "abcd"))
    known = {key: await members[0].serve(key=key) for key in "stuvwxyz"}
    await heard(*members)
    assert len(set(known.values())) > 1
    assert {key: await members[1].serve(key=key) for key in "zyxwvuts"} == known


async def test_who_leaves_the_queue_gets_nothing(together: Together):
    one, other = await together(account("a", max_concurrency=1))
    held = await one.ask()
    ask, future = one.asked()
    await heard(one, other)
    _, next_one = other.asked()
    await heard(one, other)
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


async def test_a_refusal_is_explained(together: Together):
    one, other = await together(account("a", max_concurrency=1), account("b", models=("x",)))
    await one.ask()
    await heard(one, other)
    record = (await other.ask(patience=0.0, explain=True)).record
    assert record.excluded.keys() == {"a", "b"} and record.excluded["b"] == "does not serve the model"
    assert record.excluded["a"] == ("busy with 1 of 1" if one is other else "taken by others")
    assert (await other.ask(patience=0.0)).record is None


async def test_a_conversation_comes_back_from_an_account_that_was_only_full(together: Together):
    one, other = await together(account("a", max_concurrency=1), account("b"), account("c"))
    assert await one.serve(key="k") == "a"
    held = await other.ask(key="k")
    assert held.account.name == "a"
    await heard(one, other)
    assert await one.serve(key="k") != "a"
    other.report(held)
    await heard(one, other)
    assert await one.serve(key="k") == await other.serve(key="k") == "a"


async def test_a_conversation_that_is_a_crowd_spreads(together: Together):
    one, other = await together(*(account(name) for name in "abcdef"))
    got = [await (one, other)[number % 2].ask(key="k") for number in range(30)]
    counts = Counter(answer.account.name for answer in got)
    assert CROWD < max(counts.values()) < 20 and len(counts) > 1


async def test_a_client_has_its_limits_everywhere(together: Together):
    rules = (
        Client(name="slow", key="env:A", rpm=10),
        Client(name="few", key="env:B", max_concurrency=3),
        Client(name="small", key="env:C", tpm=1000),
        Client(name="poor", key="env:D", tokens_per_day=500),
    )
    members = await together(account("a"), clients=rules)

    async def admitted(name: str, count: int, tokens: int = 1) -> tuple[list[Admitted], set[str]]:
        answers = await asyncio.gather(*(members[number % 2].admit(name, tokens) for number in range(count)))
        denied = {answer.error.code for answer in answers if isinstance(answer, Denied)}
        return [answer for answer in answers if isinstance(answer, Admitted)], denied

    got, denied = await admitted("slow", 30)
    assert (len(got), denied) == (10, {"client_rpm"})
    got, denied = await admitted("few", 8)
    assert (len(got), denied) == (3, {"client_max_concurrency"})
    members[0].end(got[0], 1)
    members[1].end(got[0], 1)  # one of the two has it
    await heard(*members)
    assert len((await admitted("few", 4))[0]) == 1

    first = await members[0].admit("small", 900)
    assert (await members[1].admit("small", 200)).error.code == "client_tpm"
    members[0].end(first, 100)
    await heard(*members)
    second = await members[1].admit("small", 800)
    members[1].end(second, 950)
    await heard(*members)
    denied = await members[0].admit("small", 10)
    assert denied.error.code == "client_tpm" and 50 < denied.wait <= 61

    first = await members[0].admit("poor", 300)
    denied = await members[1].admit("poor", 300)
    assert denied.error.code == "client_tokens_per_day" and "300 are used or in use" in denied.error.message
    members[0].end(first, 450)
    await heard(*members)
    assert isinstance(await members[1].admit("poor", 51), Denied)
    assert isinstance(await members[1].admit("poor", 50), Admitted)


# -- a real store


async def test_a_password(redis: Redis):
    locked = Redis("--requirepass", "sesame")
    try:
        wrong = Store(locked.url, "wrong")
        with pytest.raises(Away, match="invalid"):
            await wrong.connect()
        await wrong.close()
        one = await member(locked.url, account("a"), password="sesame")
        assert await one.serve() == "a"
        await one.shared.close()
    finally:
        locked.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of 127.0.0.1, signed by itself; and its key."""
    directory = tmp_path_factory.mktemp("tls")
    files = directory / "cert.pem", directory / "key.pem"
    program = required(Path(shutil.which("openssl") or "openssl"), "apt-get install openssl")
    command = [
        program,
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    command += [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-out",
        files[0],
        "-keyout",
        files[1],
    ]
    subprocess.run(command, check=True, capture_output=True)
    return files


async def test_a_store_behind_tls(certificate: tuple[Path, Path]):
    cert, key = map(str, certificate)
    server = Redis(
        "--port", "0", "--tls-port", "PORT", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-auth-clients", "no"
    )
    try:
        stranger = Store(server.url)
        with pytest.raises(Away, match="CERTIFICATE_VERIFY_FAILED"):
            await stranger.connect()
        await stranger.close()
        one = await member(server.url, account("a"), ca=cert)
        assert one.shared.there and await one.serve() == "a"
        await one.shared.close()
    finally:
        server.stop()


async def test_a_conversation_is_found_among_many_accounts(redis: Redis):
    redis.flush()
    accounts = [account(f"a{number:03}") for number in range(4 * AT_ONCE)]
    members = [await member(redis.url, *accounts) for _ in range(2)]
    try:
        held = [await members[0].ask() for _ in range(AT_ONCE + 5)]
        known = await members[0].serve(key="k")
        assert int(known[1:]) > AT_ONCE
        for answer in held:
            members[0].report(answer)
        await heard(*members)
        assert await members[1].serve(key="k") == known
    finally:
        for one in members:
            await one.shared.close()


async def test_what_was_used_while_the_store_was_away_counts():
    server = Redis()
    accounts = account("a", models=("x",), limits=Limits(rpm=100)), account("b", models=("m",))
    clients = (Client(name="c", key="env:A", rpm=40),)
    members = [await member(server.url, *accounts, clients=clients) for _ in range(2)]
    try:
        await asyncio.sleep(LEASE_S / 3 + 0.2)  # each has heard of the other
        served = Counter([await members[number % 2].serve(model="x", patience=0.0) for number in range(30)])
        admitted = [await members[number % 2].admit("c") for number in range(10)]
        server.stop()
        await asyncio.sleep(0.1)
        served += Counter([await members[0].serve(model="x", patience=0.0) for _ in range(60)])
        assert served == {"a": 30 + 35, Lack.LIMIT: 25}  # it had 15 of its part
        admitted += [await members[0].admit("c") for _ in range(30)]
        server.start()
        await asyncio.sleep(2.5)
        assert all(one.shared.there for one in members)
        served = Counter([await members[number % 2].serve(model="x", patience=0.0) for number in range(60)])
        assert served == {"a": 35, Lack.LIMIT: 25}
        admitted += [await members[number % 2].admit("c") for number in range(40)]
        assert sum(isinstance(one, Admitted) for one in admitted) == 40
    finally:
        for one in members:
            await one.shared.close()
        server.stop()


async def test_slots_of_the_dead_come_back_with_the_lease(redis: Redis):
    redis.flush()
    dead, other = [await member(redis.url, account("a", max_concurrency=2)) for _ in range(2)]
    for _ in range(2):
        await dead.ask()
    dead.asked(patience=60.0)
    await asyncio.sleep(0.05)
    for task in dead.shared._tasks:  # it says nothing any more, and takes nothing back
        task.cancel()
    began = time.monotonic()
    assert await other.serve() == "a"
    assert LEASE_S / 3 < time.monotonic() - began < LEASE_S + 1.2
    dead.shared.store.drop()
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
    redis.flush()
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


class Counting(Upstream):
    """Remembers how many requests it had at once."""

    live = most = 0

    async def _played(self, reply: Reply, asked: Asked, *streams) -> bool:
        self.live += 1
        self.most = max(self.most, self.live)
        try:
            await asyncio.sleep(reply.wait)
        finally:
            self.live -= 1
        return await super()._played(replace(reply, wait=0.0), asked, *streams)


TWO_GATEWAYS = """\
server: {{port: {port}}}
state: {state}
pools:
  main:
    requests_per_day: 300
    accounts: [{{name: a, provider: openai, key: env:A_KEY, base_url: '{upstream}', max_concurrency: 4}}]
models: [{{name: '*', pool: main}}]
clients:
  - {{name: alice, key: env:ALICE_KEY}}
  - {{name: bob, key: env:BOB_KEY, rpm: 10}}
"""


async def test_two_gateways_a_restarted_store_and_a_killed_gateway(tmp_path: Path):
    """The programs themselves: a limit holds across both whatever happens, and what the killed one held comes back."""
    store = Redis()
    env = {**os.environ, "A_KEY": "sk-of-the-account", "ALICE_KEY": "alice-s", "BOB_KEY": "bob-s"}
    with contextlib.ExitStack() as stack:
        stack.callback(lambda: store.stop())
        upstream = Counting([Reply(body=OK.body, wait=0.02)])
        session = aiohttp.ClientSession()
        async with upstream, session:
            urls, programs = {}, {}
            for name in ("one", "two"):
                urls[name] = f"http://127.0.0.1:{(port := free_port())}"
                file = tmp_path / f"{name}.yaml"
                file.write_text(TWO_GATEWAYS.format(port=port, state=store.url, upstream=upstream.url))
                command = [sys.executable, "-m", "runtime", "serve", "--pool", file]
                programs[name] = stack.enter_context(running(command, f"{urls[name]}/healthz", tmp_path / name, env))

            async def chat(name: str, key: str = "alice-s") -> int:
                headers = {"authorization": f"Bearer {key}"}
                async with session.post(urls[name] + CHAT_PATH, json=CHAT, headers=headers) as answer:
                    await answer.read()
                    return answer.status

            async def chats(count: int, at_once: int = 20, **more) -> Counter[int]:
                names, statuses = iter([*urls] * (count // len(urls))), Counter()

                async def client() -> None:
                    for name in names:
                        statuses[await chat(name, **more)] += 1

                await asyncio.gather(*(client() for _ in range(at_once)))
                return statuses

            assert await chats(100) == {200: 100}
            assert upstream.most == 4
            assert (await chats(20, 4, key="bob-s"))[200] == 10
            load = asyncio.create_task(chats(160, 8))  # over before and after, and while the store is away
            await asyncio.sleep(0.2)
            store.stop()
            await asyncio.sleep(0.3)
            store.start()
            assert await load == {200: 160}
            said = [lambda name=name: (tmp_path / name).read_text() for name in urls]
            await until(lambda: all("is back" in one() for one in said))
            assert all("is away" in one() for one in said)
            assert upstream.most <= 4 + 2  # one may have held all four when the other began to go by its part

            upstream.replies = [Reply(body=OK.body, wait=60.0)]
            doomed = [asyncio.create_task(chat("one")) for _ in range(4)]
            await until(lambda: upstream.live == 4)
            programs["one"].kill()
            programs["one"].wait()
            assert all(
                isinstance(one, aiohttp.ClientError) for one in await asyncio.gather(*doomed, return_exceptions=True)
            )
            upstream.replies = [Reply(body=OK.body)]
            began = time.monotonic()
            assert await chat("two") == 200
            assert LEASE_OF_A_GATEWAY_S / 2 < time.monotonic() - began < LEASE_OF_A_GATEWAY_S + 2
            urls.pop("one")
            assert set(await chats(40, 8)) == {200, 429}
            assert 297 <= len(upstream.asked) <= 300


async def until(true: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)
