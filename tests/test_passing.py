"""What is not translated: handed on byte for byte to an account whose provider takes it, and back."""

import asyncio
import hashlib
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from runtime.core.bound import Bound, Owner
from runtime.core.passing import passages, query
from tests.servers import ROOT, VENVS, required
from tests.test_app import CHAT, OK, Served, policy, serving, until

BOUNDARY = "x-boundary-x"
MIB = 1 << 20


class Vendor:
    """An upstream on loopback that answers by a function, and remembers the heads of what it was asked."""

    def __init__(self, answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        self._answer = answer
        self.asked: list[web.BaseRequest] = []

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request)
        return await self._answer(request)

    async def __aenter__(self) -> "Vendor":
        self._server = await asyncio.get_running_loop().create_server(
            web.Server(self._handle, auto_decompress=False, handler_cancellation=True), "127.0.0.1", 0
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()


async def said(request: web.BaseRequest) -> web.Response:
    """What arrived, as JSON."""
    body = b"".join([part async for part in request.content.iter_any()])
    return web.json_response(
        {
            "id": "file-1",
            "method": request.method,
            "path": request.path_qs,
            "length": len(body),
            "sha256": hashlib.sha256(body).hexdigest(),
        }
    )


@asynccontextmanager
async def gateway_before(answer=said, more: str = "", **settings) -> AsyncIterator[tuple[Served, Vendor]]:
    async with Vendor(answer) as vendor, serving(policy(vendor.url, more=more, **settings)) as served:
        yield served, vendor


def form(model: str | None, data: bytes, first: str = "model") -> bytes:
    """A multipart body with a model and a file, whichever comes first."""
    parts = {
        "model": b'content-disposition: form-data; name="model"\r\n\r\n%b' % (model or "").encode(),
        "file": b'content-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n'
        + data,
    }
    order = [first, *(name for name in parts if name != first)]
    held = [parts[name] for name in order if name != "model" or model is not None]
    mark = BOUNDARY.encode()
    return b"".join(b"--%b\r\n%b\r\n" % (mark, part) for part in held) + b"--%b--\r\n" % mark


FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


# -- which paths


def test_paths_are_those_that_a_provider_lists():
    assert passages("openai", "/v1/files") == {"openai-chat": "/files"}
    assert passages("openai", "/v1/files/file-1/content") == {"openai-chat": "/files/file-1/content"}
    assert passages("openai", "/audio/speech") == {"openai-chat": "/audio/speech"}
    assert passages("openai", "/openai/v1/audio/speech") == {"openai-chat": "/audio/speech"}
    assert passages("anthropic", "/v1/messages/batches/b/results") == {
        "anthropic-messages": "/v1/messages/batches/b/results"
    }
    there = {"openai-responses": "/openai/v1/responses/resp_1/input_items"}
    for base in ("/v1", "", "/openai/v1", "/openai", "/openai-responses/v1", "/openai-responses"):
        assert passages("azure_openai", f"{base}/responses/resp_1/input_items") == there
    assert passages("azure_openai", "/v1/files") == {"openai-chat": "/openai/v1/files"}
    assert passages("deepseek", "/v1/files") == {}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/organization/users",
        "/v1/filesystem",
        "/v1/files/../organization",
        "/v1/files/%2e%2e/organization",
        "/v1/files/..%2forganization",
        "/v1/files//x",
        "/v1/files/a b",
        "/v1/files/x\\y",
        "/v1/files?x",
    ],
)
def test_no_other_path_is_passed(path: str):
    assert passages("openai", path) == {}


def test_a_credential_in_the_query_stays_here():
    assert query("a=1&key=secret&b=%20x") == "a=1&b=+x"
    assert query("api-version=2024-10-21&limit=2") == "limit=2" and query("api-version=v1") == ""
    assert query("purpose=batch&limit=2") == "purpose=batch&limit=2"


async def test_what_nobody_takes_is_a_clear_404():
    async with gateway_before(provider="llamacpp") as (served, vendor):
        for path, kind in (("/v1/audio/speech", "error"), ("/anthropic/v1/files", "type")):
            async with served.post(path, {"model": "m"}) as answer:
                body = await answer.json()
                assert answer.status == 404 and kind in body
                assert f"POST {path}" in str(body) and "no account" in str(body)
        assert vendor.asked == []


async def test_one_path_of_two_protocols_is_told_apart_by_header():
    async with Vendor(said) as one, Vendor(said) as other:
        rules = policy(one.url, other.url.removesuffix("/v1")).replace(
            "name: b, provider: openai", "name: b, provider: anthropic"
        )
        async with serving(rules) as served:
            async with served.session.get(served.url + "/v1/files") as answer:
                assert answer.status == 200
            assert (len(one.asked), len(other.asked)) == (1, 0)
            async with served.session.get(
                served.url + "/v1/files", headers={"anthropic-version": "2023-06-01"}
            ) as answer:
                assert answer.status == 200
            assert (len(one.asked), len(other.asked)) == (1, 1)
            assert other.asked[0].headers["x-api-key"] == "sk-upstream-bbbb"


# -- what arrives


async def test_a_request_arrives_as_it_is_with_the_accounts_credential():
    async with gateway_before() as (served, vendor):
        headers = {
            **FORM,
            "authorization": "Bearer gw-client-token",
            "cookie": "session=gw-client-token",
            "range": "bytes=0-9",
            "openai-organization": "org-of-the-client",
            "x-request-id": "req-1",
        }
        body = form("whisper-1", b"\x00\xff" * 1000)
        url = served.url + "/v1/audio/transcriptions?key=gw-client-token&a=1"
        async with served.session.post(url, data=body, headers=headers) as answer:
            told = await answer.json()
            assert (answer.status, answer.headers["x-request-id"]) == (200, "req-1")
        assert told["path"] == "/v1/audio/transcriptions?a=1"
        assert (told["length"], told["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
        (asked,) = vendor.asked
        assert asked.headers["authorization"] == "Bearer sk-upstream-aaaa"
        assert asked.headers["content-type"] == FORM["content-type"]
        assert asked.headers["range"] == "bytes=0-9"
        assert "gw-client-token" not in str(asked.headers) and "org-of-the-client" not in str(asked.headers)
        (line,) = served.log()
        assert (line["model"], line["account"], line["status"]) == ("whisper-1", "a", 200)


@pytest.mark.parametrize("first", ["model", "file"])
@pytest.mark.parametrize("size", [100, 3 * MIB])
async def test_the_model_is_the_routes_in_a_form_too(first: str, size: int):
    more = "models: [{name: mine, pool: main, upstream_model: whisper-large}, {name: '*', pool: main}]\n"
    async with Vendor(said) as vendor:
        rules = policy(vendor.url).replace("models: [{name: '*', pool: main}]\n", more)
        async with serving(rules) as served:
            body = form("mine", b"z" * size, first)
            url = served.url + "/v1/audio/transcriptions"
            async with served.session.post(url, data=body, headers=FORM) as answer:
                told = await answer.json()
    hidden = first == "file" and size > 1000  # the name comes too late to be seen
    expected = body if hidden else form("whisper-large", b"z" * size, first)
    assert told["sha256"] == hashlib.sha256(expected).hexdigest()


async def test_json_names_the_model_at_its_top():
    more = "models: [{name: mine, pool: main, upstream_model: tts-1}]\n"
    async with Vendor(said) as vendor:
        rules = policy(vendor.url).replace("models: [{name: '*', pool: main}]\n", more)
        async with serving(rules) as served:
            sent = {"metadata": {"model": "other"}, "model": "mine", "input": "Hello"}
            async with served.post("/v1/audio/speech", sent) as answer:
                told = await answer.json()
            expected = json.dumps({**sent, "model": "tts-1"}).encode()
            assert told["sha256"] == hashlib.sha256(expected).hexdigest()
            async with served.post("/v1/audio/speech", {**sent, "model": "nobody-has-this"}) as answer:
                assert answer.status == 404
                assert "nobody-has-this" in (await answer.json())["error"]["message"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT", "PATCH"])
async def test_every_method_is_passed(method: str):
    async with gateway_before() as (served, vendor):
        async with served.session.request(method, served.url + "/v1/files/file-9") as answer:
            assert answer.status == 200
            assert (await answer.read() == b"") == (method == "HEAD")
        assert (vendor.asked[0].method, vendor.asked[0].path) == (method, "/v1/files/file-9")
        assert ("content-type" in vendor.asked[0].headers) == (method in ("PUT", "PATCH")), "as the client says it"


# -- streams


async def test_bodies_stream_both_ways_with_back_pressure():
    """The vendor echoes each piece as it comes: neither body is ever whole in between, and nobody runs ahead."""
    taken = 0

    async def echoed(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal taken
        response = web.StreamResponse(headers={"content-type": "application/octet-stream"})
        await response.prepare(request)
        async for part in request.content.iter_any():
            taken += len(part)
            await response.write(part)
        await response.write_eof()
        return response

    piece, sent = b"p" * (1 << 18), 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(400):
            sent += len(piece)
            yield piece

    async with gateway_before(echoed) as (served, _):
        async with served.session.post(served.url + "/v1/files", data=body(), headers=FORM) as answer:
            first = await answer.content.readany()
            await asyncio.sleep(0.5)  # nobody reads: all on the way wait
            assert sent < 60 * MIB, "the client was held back"
            stuck = sent
            await asyncio.sleep(0.3)
            assert sent == stuck
            size = len(first)
            while part := await answer.content.readany():
                size += len(part)
        assert size == sent == taken == 400 * len(piece)


async def test_a_range_and_its_answer():
    async def ranged(request: web.BaseRequest) -> web.StreamResponse:
        assert request.headers["range"] == "bytes=2-5"
        headers = {"content-range": "bytes 2-5/10", "etag": '"e"', "content-encoding": "gzip", "set-cookie": "a=b"}
        headers |= {"openai-organization": "the account's", "x-ratelimit-remaining-requests": "9"}
        return web.Response(status=206, body=b"2345", headers=headers)

    async with gateway_before(ranged) as (served, _), aiohttp.ClientSession(auto_decompress=False) as session:
        url = served.url + "/v1/files/file-1/content"
        async with session.get(url, headers={"range": "bytes=2-5"}) as answer:
            assert (answer.status, await answer.read()) == (206, b"2345")
            assert answer.headers["content-range"] == "bytes 2-5/10"
            assert answer.headers["content-encoding"] == "gzip"
            assert answer.headers["content-length"] == "4"
            told = {"set-cookie", "openai-organization", "x-ratelimit-remaining-requests"}
            assert not told & {name.lower() for name in answer.headers}, "what is the account's stays here"


async def test_the_vendor_sees_that_the_client_has_left():
    gone = asyncio.Event()

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "audio/mpeg"})
        await response.prepare(request)
        try:
            while True:
                await response.write(b"sound")
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise

    async with gateway_before(endless) as (served, _):
        async with served.post("/v1/audio/speech", {"model": "tts", "input": "x"}) as answer:
            await answer.content.readany()
            answer.close()
        await asyncio.wait_for(gone.wait(), 3)
        (pool,) = served.gateway.snapshot.pools.values()
        await until(lambda: pool.in_flight == {"a": 0})


async def test_a_broken_answer_breaks_for_the_client_too():
    async def broken(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-length": "100"})
        await response.prepare(request)
        await response.write(b"a part")
        request.transport.close()
        return response

    async with gateway_before(broken) as (served, _):
        with pytest.raises(aiohttp.ClientError):
            async with served.session.get(served.url + "/v1/files/f/content") as answer:
                await answer.read()


# -- the official SDKs


@pytest.mark.parametrize("sdk", ["openai-1.109.1", "openai-3.52.0", "anthropic-1.17.0", "anthropic-2.11.0"])
async def test_an_sdk_keeps_files_and_batches(sdk: str, tmp_path: Path):
    """Through the gateway to a vendor that keeps what it is sent; `tests/clients/kept_python.py` says what the SDK asks."""
    kept: dict[str, bytes] = {}

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        body = b"".join([part async for part in request.content.iter_any()])
        path = request.path.removeprefix("/v1")
        if request.method == "POST" and path == "/files":
            kept["file-1"] = body.split(b"\r\n\r\n")[-1].partition(b"\r\n--")[0]
            about = {"id": "file-1", "object": "file", "bytes": len(body), "created_at": 1, "filename": "a.jsonl"}
            dated = {"created_at": "2026-01-01T00:00:00Z", "mime_type": "text/plain", "size_bytes": 1, "type": "file"}
            return web.json_response({**about, "purpose": "batch", **(dated if sdk.startswith("anthropic") else {})})
        if path.endswith("/content"):
            return web.Response(body=kept[path.split("/")[2]], content_type="application/octet-stream")
        if path.endswith("/batches"):
            return web.json_response({"id": "batch-1", "object": "batch", "type": "message_batch", "got": len(body)})
        if path.endswith("/results"):
            return web.Response(
                body=b'{"custom_id":"one","result":{"type":"canceled"}}\n', content_type="application/x-jsonl"
            )
        assert path == "/messages/batches/batch-1", path
        url = f"{vendor.url}/messages/batches/batch-1/results"
        return web.json_response({"id": "batch-1", "type": "message_batch", "results_url": url})

    python = required(VENVS / sdk, "run `make setup`") / "bin/python"
    provider = sdk.partition("-")[0]
    async with Vendor(answer) as vendor:
        url = vendor.url if provider == "openai" else vendor.url.removesuffix("/v1")
        async with serving(policy(url, provider=provider)) as served:
            command = [python, ROOT / "tests/clients/kept_python.py", served.url]
            run = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
            out, complaint = await asyncio.wait_for(run.communicate(), 60)
            assert run.returncode == 0, complaint.decode()
            assert json.loads(out) == {"file": "file-1", "content": "line\n" * 20000, "batch": "batch-1"}
            assert {line["status"] for line in served.log()} == {200}


# -- the pool


def failing(status: int, then=said):
    """Fails once, then answers."""
    left = [status]

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if left:
            body = {"error": {"message": "the key sk-upstream-aaaa is tired", "type": "t", "code": None}}
            return web.json_response(body, status=left.pop(), headers={"retry-after": "7"})
        return await then(request)

    return answer


@pytest.mark.parametrize("status", [401, 429])
async def test_another_account_serves_what_one_did_not(status: int):
    async with (
        Vendor(failing(status)) as one,
        Vendor(said) as other,
        serving(policy(one.url, other.url, strategy="round_robin")) as served,
    ):
        async with served.post("/v1/images/generations", {"model": "m", "prompt": "a cat"}) as answer:
            assert answer.status == 200
        assert (len(one.asked), len(other.asked)) == (1, 1)
        (pool,) = served.gateway.snapshot.pools.values()
        rests = pool.rest_ends("a") > served.gateway.clock()
        assert rests == (status == 401), "the limits of pictures are not those of answers"


async def test_what_may_have_been_done_is_not_done_twice():
    async with (
        Vendor(failing(500)) as one,
        Vendor(said) as other,
        serving(policy(one.url, other.url, strategy="round_robin")) as served,
    ):
        async with served.post("/v1/batches", {"input_file_id": "f"}) as answer:
            assert (answer.status, answer.headers["retry-after"]) == (500, "7")
            assert (await answer.json())["error"]["message"] == "the key [key] is tired"
        assert other.asked == []


async def test_a_dead_account_is_passed_over():
    dead, batch = "http://127.0.0.1:9/v1", {"input_file_id": "f"}
    async with (
        Vendor(said) as other,
        serving(policy(dead, other.url, strategy="round_robin")) as served,
        served.post("/v1/batches", batch) as answer,
    ):
        assert answer.status == 200
    async with serving(policy(dead)) as served, served.post("/v1/batches", batch) as answer:
        assert answer.status == 502
        assert "could not connect" in (await answer.json())["error"]["message"]


def keeping(name: str):
    """A vendor that keeps a file of its own, and says 404 to others."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        await request.read()
        if request.method == "POST":
            return web.json_response({"id": f"file-{name}", "object": "file"})
        found = request.path.endswith(f"file-{name}")
        body = {"id": f"file-{name}"} if found else {"error": {"message": "no such file", "type": "t"}}
        return web.json_response(body, status=200 if found else 404)

    return answer


async def test_an_id_leads_back_to_its_account():
    async with (
        Vendor(keeping("a")) as one,
        Vendor(keeping("b")) as other,
        serving(policy(one.url, other.url, strategy="round_robin")) as served,
    ):
        ids = []
        for _ in range(2):
            async with served.session.post(served.url + "/v1/files", data=form(None, b"x"), headers=FORM) as answer:
                ids.append((await answer.json())["id"])
        assert sorted(ids) == ["file-a", "file-b"]
        for _ in range(3):
            for name in ids:
                async with served.session.get(f"{served.url}/v1/files/{name}") as answer:
                    assert answer.status == 200
                async with served.session.delete(f"{served.url}/v1/files/{name}") as answer:
                    assert answer.status == 200, "it is never sent elsewhere"
        assert (len(one.asked), len(other.asked)) == (7, 7)


def completing(name: str):
    """A vendor that keeps a file of its own, and completes chats about no other."""
    keep = keeping(name)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path != "/v1/chat/completions":
            return await keep(request)
        body = b"".join([part async for part in request.content.iter_any()])
        assert b"file-" + name.encode() in body
        return web.json_response(json.loads(OK.body))

    return answer


async def test_who_uses_an_id_is_sent_to_its_account():
    def about(name: str) -> dict:
        part = {"type": "file", "file": {"file_id": name}}
        return {**CHAT, "messages": [{"role": "user", "content": [part]}]}

    rules = (
        "  apart:\n    accounts: [{name: c, provider: openai, key: env:KEY_A}]\nmodels: [{name: apart, pool: apart}, "
    )
    async with (
        Vendor(completing("a")) as one,
        Vendor(completing("b")) as other,
        serving(policy(one.url, other.url, strategy="round_robin").replace("models: [", rules)) as served,
    ):
        for _ in range(2):
            async with served.session.post(served.url + "/v1/files", data=form(None, b"x"), headers=FORM) as answer:
                assert answer.status == 200
        for name in ("file-a", "file-b", "file-b", "file-a", "file-a"):
            assert (await served.chat(about(name)))[0] == 200
        status, body = await served.chat({**about("file-a"), "model": "apart"})
        assert (status, body["error"]["code"]) == (400, "bound_elsewhere")


async def test_whose_an_unknown_id_is_is_found_by_asking():
    async with (
        Vendor(keeping("a")) as one,
        Vendor(keeping("b")) as other,
        serving(policy(one.url, other.url, strategy="round_robin")) as served,
    ):
        for _ in range(4):
            async with served.session.get(served.url + "/v1/files/file-b") as answer:
                assert answer.status == 200
        assert len(one.asked) <= 1, "once it is known nobody else is asked"
        async with served.session.get(served.url + "/v1/files/file-x") as answer:
            assert answer.status == 404
            assert (await answer.json())["error"]["message"] == "no such file"


async def test_a_client_for_some_models_needs_to_name_one():
    clients = "clients: [{name: one, key: env:KEY_B, models: [whisper-*]}]\n"
    async with gateway_before(more=clients) as (served, vendor):
        headers = {"x-api-key": "sk-upstream-bbbb"}
        url = served.url + "/v1/audio/transcriptions"
        async with served.session.post(url, data=form("whisper-1", b"x"), headers={**headers, **FORM}) as answer:
            assert answer.status == 200
        async with served.session.post(url, data=form("other", b"x"), headers={**headers, **FORM}) as answer:
            assert answer.status == 403
        async with served.session.get(served.url + "/v1/files", headers=headers) as answer:
            assert answer.status == 403
        async with served.session.get(served.url + "/v1/files") as answer:
            assert answer.status == 401
        assert len(vendor.asked) == 1


def test_ids_that_answers_name():
    bound, owner = Bound(), Owner("main", "a")
    bound.learn(b'{"id": "batch-1", "input_file_id": "file-1", "status": "done", "counts": {"id": 3}}', owner)
    bound.learn(b'{"data": [{"id": "file-2"}, {"id": "file-3"}]}', owner)
    bound.learn(b'{"file": {"name": "files/abc", "uri": "https://x/v1beta/files/abc", "displayName": "d"}}', owner)
    bound.learn(b"not json", owner)
    for path in ("/v1/batches/batch-1", "/v1/files/file-1/content", "/v1/files/file-3", "/v1beta/files/abc"):
        assert bound.of_path(path) == owner
    assert bound.of_path("/v1/files/done") is None
    assert bound.of_body(b'{"file": {"file_id" : "file-2"}}') == owner
    assert bound.of_body(b'{"file": {"file_id": "file-9"}, "x": "file-2"}') is None
