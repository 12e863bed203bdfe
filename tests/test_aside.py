"""What is not hot goes by way of aiohttp, which a gateway imports when the first such request comes."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.scripted import Upstream
from tests.servers import ROOT, free_port
from tests.test_app import OK
from tests.test_lane import answered, posted

POLICY = """\
server: {{host: 127.0.0.1, port: {port}}}
pools: {{main: {{accounts: [{{name: a, provider: vllm, base_url: {url}}}]}}}}
models: [{{name: m, pool: main}}]
"""


async def connection(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    for _ in range(200):
        try:
            return await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
    raise TimeoutError


@pytest.mark.parametrize("pieces", [1, 2, 60])
async def test_it_is_imported_when_it_is_wanted(tmp_path: Path, pieces: int):
    """And what comes while it is, in however many reads, and the request behind it, is answered as ever."""
    file, port = tmp_path / "pool.yaml", free_port()
    async with Upstream([OK, OK]) as upstream:
        file.write_text(POLICY.format(port=port, url=upstream.url))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "runtime", "serve", "--pool", str(file)),
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
        )
        try:
            reader, writer = await connection(port)
            writer.write(posted())
            assert await answered(reader) == 200
            maps = Path(f"/proc/{process.pid}/maps")
            for page in (b"/healthz", b"/readyz"):
                writer.write(b"GET %b HTTP/1.1\r\nhost: here\r\n\r\n" % page)
                assert await answered(reader) == 200
            assert "httptools" in maps.read_text() and "aiohttp" not in maps.read_text()

            asked = b"GET / HTTP/1.1\r\nhost: here\r\nx-more: " + b"x" * 50 + b"\r\n\r\n" + posted()
            size = -(-len(asked) // pieces)
            for start in range(0, len(asked), size):
                writer.write(asked[start : start + size])
                await asyncio.sleep(0.001)
            assert [await answered(reader), await answered(reader)] == [200, 200]
            assert "aiohttp" in maps.read_text()
            writer.close()
            assert [one.path for one in upstream.asked] == ["/chat/completions"] * 2
        finally:
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 30) == 0
