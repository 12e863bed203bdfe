"""Accounts behind an HTTP proxy, a SOCKS proxy, a certificate of a company: on real sockets."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runtime.core.policy import parse
from runtime.shell.snapshot import from_policy
from tests.scripted import Upstream
from tests.test_app import COMPLETION, OK, PROVIDERS, SECRETS, serving

pytestmark = pytest.mark.usefixtures("lanes")
LOGIN = {"PROXY_AUTH": "user:pass:word"}


class Proxy:
    """A small proxy: HTTP with absolute addresses and CONNECT, and SOCKS5 with names and passwords."""

    def __init__(self) -> None:
        self.asked: list[str] = []  # host:port
        self.logins: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            await (self._socks(reader, writer) if first == b"\x05" else self._http(first, reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _http(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = first + await reader.readuntil(b"\r\n\r\n")
        line, *headers = head.decode().split("\r\n")
        method, target, _ = line.split(" ")
        self.logins += [value.split()[-1] for value in headers if value.lower().startswith("proxy-authorization:")]
        place = target if method == "CONNECT" else target.split("/")[2]
        self.asked.append(place)
        there = await self._there(place)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Well\r\n\r\n")
        else:
            there[1].write(head)
        await _join((reader, writer), there)

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        methods = await reader.readexactly((await reader.readexactly(1))[0])
        if b"\x02" in methods:
            writer.write(b"\x05\x02")
            await reader.readexactly(1)
            parts = [await reader.readexactly((await reader.readexactly(1))[0]) for _ in range(2)]
            self.logins.append(b":".join(parts).decode())
            writer.write(b"\x01\x00")
        else:
            writer.write(b"\x05\x00")
        *_, kind = await reader.readexactly(4)
        length = 4 if kind == 1 else (await reader.readexactly(1))[0]
        raw = await reader.readexactly(length)
        host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
        place = f"{host}:{int.from_bytes(await reader.readexactly(2), 'big')}"
        self.asked.append(place)
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await _join((reader, writer), await self._there(place))

    @staticmethod
    async def _there(place: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Every name ends at 127.0.0.1: the proxy alone knows them."""
        return await asyncio.open_connection("127.0.0.1", int(place.rpartition(":")[2]))


async def _join(here: tuple, there: tuple) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    await asyncio.gather(pump(here[0], there[1]), pump(there[0], here[1]), return_exceptions=True)


def policy(url: str, **way: object) -> str:
    ways = "".join(f", {name}: '{value}'" for name, value in way.items())
    account = f"{{name: a, provider: openai, key: env:KEY_A, base_url: '{url}'{ways}}}"
    return f"pools: {{main: {{retries: 0, accounts: [{account}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"


@pytest.mark.parametrize("kind", ["http", "socks5"])
@pytest.mark.parametrize("login", [False, True])
async def test_a_proxy(kind: str, login: bool):
    proxy = Proxy()
    async with Upstream([OK]) as upstream, proxy.running() as port:
        more = {"proxy_auth": "env:PROXY_AUTH"} if login else {}
        name = f"known-to-the-proxy.invalid:{upstream.port}"
        text = policy(f"http://{name}", proxy=f"{kind}://127.0.0.1:{port}", **more)
        async with serving(text, {**SECRETS, **LOGIN}) as served:
            assert await served.chat() == (200, COMPLETION)
        assert proxy.asked == [name]
        sent = LOGIN["PROXY_AUTH"]
        assert proxy.logins == ([base64.b64encode(sent.encode()).decode() if kind == "http" else sent] if login else [])
        assert "proxy-authorization" not in upstream.asked[0].headers or kind == "http"


async def test_a_proxy_that_is_away_is_a_failed_connection():
    async with Upstream([OK]) as upstream:
        for kind in ("http", "socks5"):
            async with serving(policy(upstream.url, proxy=f"{kind}://127.0.0.1:9")) as served:
                status, said = await served.chat()
                assert status == 502, said
        assert upstream.asked == []


@pytest.mark.parametrize("kind", [None, "http", "socks5"])
async def test_a_certificate_of_ones_own(certificate: tuple[Path, Path], kind: str | None):
    cert, key = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    proxy = Proxy()
    async with Upstream([OK]) as upstream, proxy.running() as port:
        tls = await asyncio.start_server(upstream._serve, "127.0.0.1", 0, ssl=context)
        async with tls:
            url = f"https://localhost:{tls.sockets[0].getsockname()[1]}"
            ways = {"proxy": f"{kind}://127.0.0.1:{port}"} if kind else {}
            async with serving(policy(url, **ways)) as served:
                status, said = await served.chat()
                assert status == 502, said
            async with serving(policy(url, ca=cert, **ways)) as served:
                assert await served.chat() == (200, COMPLETION)
        assert len(upstream.asked) == 1


@pytest.mark.parametrize(
    ("way", "said"),
    [
        ({"ca": "/nowhere.pem"}, "/nowhere.pem holds no certificates: No such file or directory"),
        ({"ca": __file__}, "holds no certificates"),
        ({"proxy": "http://h", "proxy_auth": "env:KEY_A"}, "what env:KEY_A holds is no user:password"),
    ],
)
def test_a_way_that_cannot_be_is_told(way: dict, said: str):
    parsed, _ = parse(policy("http://h", **way), "policy.yaml", PROVIDERS, SECRETS)
    snapshot, problems = from_policy(parsed, SECRETS)
    assert said in problems[0] and not snapshot.ready
