"""`isogloss serve`: from arguments to a listening gateway, and its end."""

import asyncio
import errno
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from generated.policy import Policy, Responses
from runtime.shell import answers
from runtime.shell.answers import Answers
from runtime.shell.aside import Aside
from runtime.shell.gateway import Gateway
from runtime.shell.lane import Lane
from runtime.shell.queue import Clock
from runtime.shell.reload import Stamp, Watch, read_policy, stamp_of, understood
from runtime.shell.snapshot import Missing, Snapshot, from_found, from_policy, read_secret
from runtime.shell.telemetry import Telemetry
from runtime.shell.tls import server_context
from runtime.shell.usage import Database, File, Place
from runtime.shell.workers import Kept, Workers

HOST, PORT = "127.0.0.1", 7070
DRAIN_S = 20.0  # for requests in flight, once the gateway is told to end
BACKLOG = 4096
CYCLES = (10_000, 20, 20)  # a large request alone makes thousands of objects, and none of them in a cycle
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Worker(NamedTuple):
    """One of several processes; `lifeline` reads as ended when the process that started them is gone.

    `kept` is the text of the policy that was taken last by any of them, if not that of the start.
    """

    index: int = 0
    count: int = 1
    lifeline: int | None = None
    kept: Kept | None = None


def serve(host: str | None, port: int | None, file: str | None, workers: int = 1) -> int:
    """Runs until SIGTERM or SIGINT. Returns the exit status: 0, 1 if it cannot listen, 2 for a bad policy file."""
    with TemporaryDirectory(prefix="isogloss-") as folder:
        return _start(host, port, file, workers, Path(folder))


def _start(host: str | None, port: int | None, file: str | None, workers: int, folder: Path) -> int:
    """`folder` is for what has no policy file to be beside of."""
    policy = read = None
    if file is not None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what it would tell of is found once the policy is followed
        read = stamp_of(Path(file))
        policy = read_policy(Path(file), os.environ)
        if policy is None:
            return 2
        wanted = (("state", policy.state, "redis", "redis"), ("usage", policy.usage.database, "psycopg", "postgresql"))
        for key, value, library, extra in wanted:
            if value is not None and find_spec(library) is None:
                print(f"isogloss: `{key}` needs a library more: pip install 'isogloss[{extra}]'", file=sys.stderr)
                return 2
    host = host or (policy.server.host if policy else HOST)
    port = port if port is not None else (policy.server.port if policy else PORT)

    kept = Kept() if workers > 1 else None

    def work(index: int, port: int, lifeline: int | None) -> int:
        taken = None if kept is None else kept.get()
        last = policy if taken is None else understood(taken.decode(), Path(file), os.environ, quiet=True)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            worker = Worker(index, workers, lifeline, kept)
            return runner.run(_serve(host, port, file, last, read, os.environ, worker, folder))

    if workers == 1:
        return work(0, port, None)
    if policy is not None and policy.state is not None:
        print(f"isogloss: {workers} workers, one pool: what they share is in {policy.state}")
    else:
        print(
            f"isogloss: {workers} workers: each has its part of every limit, its own queue and its own memory of rests"
        )
    try:
        return Workers(workers, work).run(host, port)
    except OSError as problem:
        print(f"isogloss: {_cannot_listen(host, port, problem)}", file=sys.stderr)
        return 1


def _loop_factory():
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(
    host: str,
    port: int,
    file: str | None,
    policy: Policy | None,
    read: Stamp | None,
    environ: Mapping[str, str],
    worker: Worker,
    folder: Path,
) -> int:
    share, first = (worker.index, worker.count), worker.index == 0
    loop = asyncio.get_running_loop()
    clock = Clock(loop, time.time())
    telemetry, gateway, shared = Telemetry(), None, None
    try:
        if policy is not None:
            snapshot, problems = from_policy(policy, environ, share)
            sources = [
                f"{account.name} of pool {name}, {account.provider} at {snapshot.lines[name, account.name].base_url}"
                for name, pool in snapshot.pools.items()
                for account in pool.accounts
            ]
        else:
            from runtime.shell.discover import discover  # and lists of models, by way of aiohttp

            found, problems = await discover(environ, (host, port))
            snapshot = from_found([(one.found, one.account, one.line) for one in found], share)
            sources = [f"{one.account.name}: {one.source}" for one in found]
        for problem in problems if first else ():
            print(f"isogloss: {problem}", file=sys.stderr)
        usage = usage_place(Path(file), policy, environ) if policy is not None else None
        if policy is not None and policy.state is not None:
            from runtime.shell.redis_store import Store
            from runtime.shell.shared import Shared

            shared = Shared(
                Store(policy.state, _password("the store", policy.state_password, environ), policy.state_ca),
                clock,
                share,
            )
        keeper = kept_answers(policy, Path(file) if file is not None else folder / "no", environ, clock)
        gateway = Gateway(snapshot, clock, environ, telemetry, usage, share, shared, keeper)
        tls = policy.server.tls if policy is not None else None
        if tls is not None:
            try:
                gateway.tls = server_context(tls)
            except Missing as missing:
                print(f"isogloss: server.tls: {missing}", file=sys.stderr)
                return 2
        if shared is not None:
            await shared.start()
        if gateway.usage is not None:
            await gateway.usage.open()
        watch = None
        if policy is not None:
            keep = worker.kept and worker.kept.put
            watch = Watch(Path(file), policy, gateway, environ, not first, read, keep)
            await watch.catch_up()
        try:
            async with listening(gateway, host, port, shared=worker.count > 1) as port:
                if first:
                    print(banner(host, port, snapshot, sources, gateway.tls is not None), flush=True)
                if first and not snapshot.clients and host not in LOOPBACK:
                    print(
                        f"isogloss: whoever reaches {host}:{port} can use these accounts; name `clients` in a policy file",
                        file=sys.stderr,
                    )
                gc.collect()
                gc.freeze()
                gc.set_threshold(*CYCLES)
                gc.enable()
                watching = loop.create_task(watch.run()) if watch is not None else None
                await _told_to_end(loop, worker.lifeline)
                if watching is not None:
                    watching.cancel()
                gateway.draining = True
        except CannotListen as problem:
            print(f"isogloss: {problem}", file=sys.stderr)
            return 1
        return 0
    finally:
        if gateway is not None and gateway.usage is not None:
            await gateway.usage.close()
        if gateway is not None and gateway.kept is not None:
            await gateway.kept.close()
        if shared is not None:
            await shared.close()
        if gateway is not None:
            await gateway.close()
        telemetry.flush()


def _password(whose: str, key: str | None, environ: Mapping[str, str]) -> str | None:
    """Without it whatever asks for it is away, and says so."""
    try:
        return read_secret(key, environ) if key else None
    except Missing as missing:
        print(f"isogloss: {whose} has no password: {missing}", file=sys.stderr)
        return None


def usage_place(policy_file: Path, policy: Policy, environ: Mapping[str, str]) -> Place:
    """Where usage is kept: where the policy says, else beside the policy file."""
    wanted = policy.usage
    if wanted.database is not None:
        return Database(wanted.database, wanted.user, _password("the usage database", wanted.password, environ))
    return File(Path(wanted.file or policy_file.with_suffix(".usage.sqlite")).expanduser())


def kept_answers(policy: Policy | None, beside: Path, environ: Mapping[str, str], clock: Clock) -> Answers | None:
    """Answers are kept where the policy says, else in the store that processes share, else beside the policy file."""
    wanted = policy.responses if policy is not None else Responses()
    if wanted.keep == 0:
        return None
    if policy is not None and policy.state is not None and wanted.file is None:
        password = _password("the store", policy.state_password, environ)
        place: answers.Place = answers.Database(policy.state, password, policy.state_ca)
    else:
        place = answers.File(Path(wanted.file or beside.with_suffix(".responses.sqlite")).expanduser())
    return Answers(place, clock, wanted.keep)


async def _told_to_end(loop: asyncio.AbstractEventLoop, lifeline: int | None) -> None:
    """Waits for the first signal, or the end of the lifeline; a second signal ends the process at once."""
    told = asyncio.Event()

    def end() -> None:
        if told.is_set():
            os._exit(1)
        told.set()

    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, end)
    if lifeline is not None:
        loop.add_reader(lifeline, lambda: (loop.remove_reader(lifeline), told.set()))
    await told.wait()


class CannotListen(Exception):
    """The text says why, and what to do."""


@asynccontextmanager
async def listening(
    gateway: Gateway, host: str, port: int, drain: float = DRAIN_S, shared: bool = False, express: bool = True
) -> AsyncIterator[int]:
    """Serves while the block runs, then lets requests in flight end for `drain` seconds. Gives the port.

    `shared`: other processes listen there too. `express`: what is hot goes by the express lane.
    """
    aside = Aside(gateway)
    try:
        loop = asyncio.get_running_loop()
        lane = Lane(gateway, aside) if express else None
        listener = await loop.create_server(
            lane or aside, host, port, backlog=BACKLOG, reuse_port=shared or None, ssl=gateway.tls
        )
    except OSError as problem:
        raise CannotListen(_cannot_listen(host, port, problem)) from None
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        await asyncio.gather(aside.shutdown(drain), *(lane.shutdown(drain) for lane in [lane] if lane is not None))


def _cannot_listen(host: str, port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is taken by another program; end that, or choose another with --port"
    return f"cannot listen on {host}:{port}: {problem.strerror or problem}; choose another with --host or --port"


def banner(host: str, port: int, snapshot: Snapshot, sources: Sequence[str], tls: bool = False) -> str:
    """What to paste to use the gateway, and where its accounts came from."""
    shown = "127.0.0.1" if host in ("", "0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    url = f"http{'s' if tls else ''}://{shown}:{port}"
    key = "YOUR_GATEWAY_KEY" if snapshot.clients else "any"
    aws = f"AWS_BEARER_TOKEN_BEDROCK={key}" if tls else f"AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY=any"
    model = snapshot.routes.example() or "MODEL"
    body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "Hello"}}]'
    lines = [
        f"isogloss listens on {url}",
        "",
        "OpenAI Chat Completions",
        f"  curl {url}/v1/chat/completions -H 'content-type: application/json' -H 'authorization: Bearer {key}' -d '{body}}}'",
        f"  OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY={key} python your_program.py",
        f'  OpenAI(base_url="{url}/v1", api_key="{key}")',
        "",
        "Anthropic Messages",
        f"  curl {url}/v1/messages -H 'content-type: application/json' -H 'anthropic-version: 2023-06-01'"
        f""" -H 'x-api-key: {key}' -d '{body}, "max_tokens": 100}}'""",
        f"  ANTHROPIC_BASE_URL={url} ANTHROPIC_AUTH_TOKEN={key} claude",
        f'  Anthropic(base_url="{url}", api_key="{key}")',
        "",
        "Other protocols",
        f"  OpenAI Responses  OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY={key}",
        f"  Gemini            GOOGLE_GEMINI_BASE_URL={url} GEMINI_API_KEY={key}",
        f"  Ollama            OLLAMA_HOST={url}",
        f'  Mistral           Mistral(server_url="{url}/mistral", api_key="{key}")',
        f"  Cohere            CO_API_URL={url} CO_API_KEY={key}",
        f"  Bedrock Converse  AWS_ENDPOINT_URL_BEDROCK_RUNTIME={url} {aws}",
        "",
        "Accounts",
        *(f"  {source}" for source in sources),
    ]
    if len(sources) == 1 and sources[0].startswith("echo"):
        lines.append(
            "  No key and no engine was found, so answers are echoes. Set OPENAI_API_KEY, ANTHROPIC_API_KEY or another"
        )
        lines.append("  provider's variable, start a local engine, or write a policy file: isogloss serve --pool FILE")
    return "\n".join([*lines, ""])
