"""The reference: the shortest aiohttp gateway there is, with its best settings. It forwards bytes and looks at nothing.

python reference.py UPSTREAM    listens on a free port of 127.0.0.1 and prints it
"""

import asyncio
import gc
import sys

import aiohttp
import uvloop
from aiohttp import web
from yarl import URL

HEADERS = {"content-type": "application/json", "authorization": "Bearer sk-bench"}
STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}


async def main(upstream: str) -> None:
    urls = {path: URL(upstream + path) for path in ("/v1/chat/completions", "/v1/messages")}
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(),
        auto_decompress=False,
        skip_auto_headers=("user-agent", "accept", "accept-encoding"),
        read_bufsize=1 << 18,
    )

    async def forward(request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        async with session.post(urls[request.path], data=body, headers=HEADERS) as answer:
            if answer.content_type != "text/event-stream":
                kind = {"content-type": answer.content_type}
                return web.Response(body=await answer.read(), status=answer.status, headers=kind)
            response = web.StreamResponse(headers=STREAM)
            await response.prepare(request)
            async for part in answer.content.iter_any():
                await response.write(part)
            await response.write_eof()
            return response

    server = web.Server(forward, access_log=None)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, backlog=4096)
    print(listener.sockets[0].getsockname()[1], flush=True)
    gc.collect()
    gc.freeze()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
