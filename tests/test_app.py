"""The running gateway on real sockets, in front of a scripted upstream."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from runtime.core.policy import parse
from runtime.core.translate import Translation
from runtime.shell import app
from runtime.shell import gateway as gate
from runtime.shell.answers import Answers, Place
from runtime.shell.discover import candidates, discover
from runtime.shell.queue import Clock
from runtime.shell.serve import listening
from runtime.shell.snapshot import from_found, from_policy
from runtime.shell.telemetry import Telemetry
from tests.scripted import Reply, Upstream
from tests.servers import ROOT, free_port

pytestmark = pytest.mark.usefixtures("lanes")
PROVIDERS = {
    "anthropic_token": ["anthropic-messages"],
    "openai": ["openai-chat", "openai-responses"],
    "anthropic": ["anthropic-messages"],
    "llamacpp": ["openai-chat", "anthropic-messages"],
    "gemini": ["gemini-generate"],
    "cohere": ["cohere-chat", "cohere-rerank"],
    "tei": ["tei-rerank"],
    "bedrock_titan": ["bedrock-titan-embed"],
    "bedrock_cohere": ["cohere-embed", "cohere-rerank"],
    "bedrock_anthropic": ["anthropic-messages"],
    "echo": ["canonical"],
}
SECRETS = {"KEY_A": "sk-upstream-aaaa", "KEY_B": "sk-upstream-bbbb", "CLIENT": "gw-client-token"}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
OK = Reply(body=json.dumps(COMPLETION).encode())
CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hello"}]}
MESSAGES = {**CHAT, "max_tokens": 10}
CHAT_PATH, MESSAGES_PATH = "/v1/chat/completions", "/v1/messages"


def chunk(text: str | None = None, finish: str | None = None) -> bytes:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return (
        b"data: %b\n\n"
        % json.dumps(
            {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
        ).encode()
    )


DONE = b"data: [DONE]\n\n"
STREAM = [chunk(""), chunk("Hel"), chunk("lo"), chunk(finish="stop"), DONE]


def error(status: int, message: str, **headers: str) -> Reply:
    body = {"error": {"message": message, "type": "some_error", "param": None, "code": None}}
    return Reply(status, json.dumps(body).encode(), {name.replace("_", "-"): value for name, value in headers.items()})


class Served:
    """A gateway, a client session that talks to it, and its log."""

    def __init__(self, gateway: gate.Gateway, url: str, session: aiohttp.ClientSession, log: io.BytesIO):
        self.gateway, self.url, self.session, self._log = gateway, url, session, log

    def post(self, path: str, body: dict, **more):
        return self.session.post(self.url + path, json=body, **more)

    async def chat(self, body: dict | None = None, **more) -> tuple[int, dict]:
        async with self.post(CHAT_PATH, body or CHAT, **more) as answer:
            return answer.status, await answer.json()

    def log(self) -> list[dict]:
        self.gateway.telemetry.flush()
        return [json.loads(line) for line in self._log.getvalue().splitlines()]


@asynccontextmanager
async def serving(
    policy: str, environ: dict[str, str] = SECRETS, tls: ssl.SSLContext | None = None, place: Place | None = None
) -> AsyncIterator[Served]:
    parsed, found = parse("version: 1\n" + policy, "policy.yaml", PROVIDERS, environ)
    assert parsed is not None, found
    snapshot, problems = from_policy(parsed, environ)
    assert not problems
    async with running(snapshot, tls, place) as served:
        yield served


EXPRESS = True  # which lane: the fixture `lanes` has a test run on both


@asynccontextmanager
async def running(snapshot, tls: ssl.SSLContext | None = None, place: Place | None = None) -> AsyncIterator[Served]:
    clock, log = Clock(asyncio.get_running_loop(), time.time()), io.BytesIO()
    kept = Answers(place, clock, 3600.0) if place is not None else None
    gateway = gate.Gateway(snapshot, clock, {}, Telemetry(log), kept=kept)
    gateway.tls = tls
    async with (
        aiohttp.ClientSession() as session,
        listening(gateway, "127.0.0.1", 0, drain=0.2, express=EXPRESS) as port,
    ):
        try:
            yield Served(gateway, f"{'https' if tls else 'http'}://127.0.0.1:{port}", session, log)
        finally:
            await gateway.close()


def policy(*urls: str, provider: str = "openai", more: str = "", **settings: object) -> str:
    accounts = "".join(
        f"      - {{name: {name}, provider: {provider}, key: env:KEY_{name.upper()}, base_url: {url}}}\n"
        for name, url in zip("ab", urls, strict=False)
    )
    pool = "".join(f"    {name}: {value}\n" for name, value in settings.items())
    return f"pools:\n  main:\n{pool}    accounts:\n{accounts}models: [{{name: '*', pool: main}}]\n{more}"


@asynccontextmanager
async def gateway_before(*replies: Reply, **more) -> AsyncIterator[tuple[Served, Upstream]]:
    async with Upstream(replies) as upstream, serving(policy(upstream.url, **more)) as served:
        yield served, upstream


async def until(true, seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        await asyncio.sleep(0.01)


# -- what reaches the upstream


async def test_only_the_accounts_credential_reaches_the_upstream():
    headers = {
        "authorization": "Bearer gw-client-token",
        "x-api-key": "gw-client-token",
        "api-key": "gw-client-token",
        "cookie": "session=gw-client-token",
        "user-agent": "a-client/1.0",
        "openai-organization": "org-of-the-client",
        "x-stainless-lang": "python",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "idempotency-key": "once",
        "x-request-id": "req-1",
    }
    async with gateway_before(OK) as (served, upstream):
        async with served.post(CHAT_PATH + "?key=gw-client-token", CHAT, headers=headers) as answer:
            assert (answer.status, answer.headers["x-request-id"]) == (200, "req-1")
        (asked,) = upstream.asked
        assert asked.path == "/chat/completions"
        assert "gw-client-token" not in str(asked.headers)
        assert set(asked.headers) == {
            "host",
            "user-agent",
            "accept",
            "accept-encoding",
            "content-type",
            "content-length",
            "authorization",
            "traceparent",
            "idempotency-key",
            "x-request-id",
        }
        assert asked.headers["authorization"] == "Bearer sk-upstream-aaaa"
        assert asked.headers["user-agent"] == "isogloss"


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "raw deflate", "two gzips", "identity"])
async def test_a_packed_body_is_unpacked(coding: str, lanes: None):
    body = json.dumps(CHAT).encode()
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = {
        "deflate": zlib.compress(body),
        "raw deflate": bare.compress(body) + bare.flush(),
        "two gzips": gzip.compress(body[:9]) + gzip.compress(body[9:]),
        "identity": body,
    }.get(coding, gzip.compress(body))
    headers = {"content-type": "application/json", "content-encoding": coding.replace("two gzips", "gzip").split()[-1]}
    async with gateway_before(OK) as (served, upstream):
        async with served.session.post(served.url + CHAT_PATH, data=packed, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        assert upstream.asked[0].json == CHAT
        assert "content-encoding" not in upstream.asked[0].headers


@pytest.mark.parametrize(
    ("coding", "body", "status", "said"),
    [
        ("br", b"x", 415, "send gzip or deflate, or none"),
        ("zstd", b"x", 415, "zstd"),
        ("gzip, deflate", b"x", 415, "gzip, deflate"),
        ("gzip", b"no gzip", 400, "the body is not gzip"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-6], 400, "it ends too soon"),
        ("deflate", b"\xff\xff", 400, "the body is not deflate"),
        ("gzip", gzip.compress(bytes(gate.BODY_LIMIT + 1), mtime=0), 413, "64 MiB"),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_refused(coding: str, body: bytes, status: int, said: str):
    headers = {"content-type": "application/json", "content-encoding": coding}
    async with gateway_before(OK) as (served, upstream):
        async with served.session.post(served.url + CHAT_PATH, data=body, headers=headers) as answer:
            assert answer.status == status
            assert said in (await answer.json())["error"]["message"]
            assert (answer.headers.get("accept-encoding") == "gzip, deflate") == (status == 415)
        assert upstream.asked == []
        assert (await served.chat())[0] == 200


async def test_versions_and_betas_pass_on_the_same_protocol_only():
    headers = {"anthropic-version": "2026-10-21", "anthropic-beta": "some-beta"}
    message = {
        "id": "m",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": "end_turn",
    }
    reply = Reply(
        body=json.dumps({**message, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}).encode()
    )
    async with gateway_before(reply, provider="anthropic") as (served, upstream):
        async with served.post(MESSAGES_PATH, MESSAGES, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        (asked,) = upstream.asked
        assert headers.items() <= asked.headers.items()
        assert asked.headers["authorization"] == "Bearer sk-upstream-aaaa"
        assert "x-api-key" not in asked.headers
    async with gateway_before(OK) as (served, upstream):
        async with served.post(MESSAGES_PATH, MESSAGES, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        assert not headers.keys() & upstream.asked[0].headers.keys()


@pytest.mark.parametrize("path, told", [(CHAT_PATH, {}), (MESSAGES_PATH, {"anthropic-version": "2023-06-01"})])
async def test_an_account_speaks_the_version_that_its_headers_name(path: str, told: dict[str, str]):
    """Whatever the client speaks: another protocol, or another version of the same."""
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_sequence": None}
    body = json.dumps({**message, "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}).encode()
    async with Upstream([Reply(body=body)]) as upstream:
        account = f"{{name: a, provider: anthropic, key: env:KEY_A, base_url: {upstream.url}, HEADERS}}"
        account = account.replace("HEADERS", "headers: {Anthropic-Version: '2026-10-21'}")
        text = f"pools: {{main: {{accounts: [{account}]}}}}\nmodels: [{{name: '*', pool: main}}]\n"
        async with serving(text, {"KEY_A": "sk-upstream-aaaa"}) as served:
            asks = {**(CHAT if path == CHAT_PATH else MESSAGES), "temperature": 0.5}
            async with served.post(path, asks, headers=told) as answer:
                assert answer.status == 200, await answer.text()
                assert "temperature;rule=" in answer.headers["isogloss-loss"]
        (asked,) = upstream.asked
        assert asked.headers["anthropic-version"] == "2026-10-21"
        assert asked.headers["authorization"] == "Bearer sk-upstream-aaaa" and "x-api-key" not in asked.headers
        assert "temperature" not in asked.json


async def test_connections_to_the_upstream_are_used_again():
    async with gateway_before(Reply(body=STREAM)) as (served, upstream):
        for _ in range(3):
            async with served.post(CHAT_PATH, {**CHAT, "stream": True}) as answer:
                await answer.read()
            await asyncio.sleep(0.02)
        assert upstream.connections == 1


async def test_a_redirect_is_not_followed():
    elsewhere = Reply(302, b"", {"location": "http://127.0.0.1:9/elsewhere"})
    async with gateway_before(elsewhere, retries=0) as (served, upstream):
        status, _ = await served.chat()
        assert (status >= 500, len(upstream.asked)) == (True, 1)


# -- answers


@pytest.mark.parametrize("squeeze", [gzip.compress, zlib.compress])
async def test_content_encoding_is_undone(squeeze):
    encoding = "gzip" if squeeze is gzip.compress else "deflate"
    reply = Reply(body=squeeze(OK.body), headers={"content-encoding": encoding})
    async with gateway_before(reply) as (served, _):
        status, body = await served.chat()
        assert (status, body["choices"][0]["message"]["content"]) == (200, "Hi")


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_content_encoding_that_cannot_be_undone(encoding):
    reply = Reply(body=b"no such thing", headers={"content-encoding": encoding})
    async with gateway_before(reply, retries=0) as (served, _):
        status, body = await served.chat()
        assert status == 502
        assert "sent what cannot be read" in body["error"]["message"] and "content-encoding" in body["error"]["message"]


async def test_losses_are_in_a_header_and_in_the_log():
    async with gateway_before(OK) as (served, _):
        async with served.post(MESSAGES_PATH, {**MESSAGES, "top_k": 5}) as answer:
            assert answer.status == 200
            assert "top_k;rule=" in answer.headers["isogloss-loss"]
        (line,) = served.log()
        assert line["losses"][0]["path"] == "top_k"
        assert (line["status"], line["client"], line["upstream"]) == (200, "anthropic-messages", "openai-chat")
        assert line["usage"]["output"] == 1


async def test_a_vendors_limits_are_not_the_clients():
    reply = Reply(body=OK.body, headers={"x-ratelimit-remaining-requests": "7", "set-cookie": "a=b", "x-vendor": "1"})
    async with gateway_before(reply) as (served, _):
        async with served.post(CHAT_PATH, CHAT) as answer:
            names = {name.lower() for name in answer.headers}
        assert names == {"content-type", "content-length", "date", "server", "x-request-id"}


# -- streams


async def test_events_leave_as_they_arrive():
    async with (
        gateway_before(Reply(body=STREAM, pause=0.1)) as (served, upstream),
        served.post(CHAT_PATH, {**CHAT, "stream": True}) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        first = await answer.content.readany()
        assert b"Hel" in first and b'"lo"' not in first
        assert upstream.asked[0].sent < len(b"".join(STREAM))
        rest = await answer.read()
        assert rest.endswith(DONE) and rest.count(DONE) == 1


@pytest.mark.parametrize("end", ["close", "reset", "at once"])
async def test_a_cut_stream_ends_with_an_error_frame(end):
    body = [b"".join(STREAM[:3])] if end == "at once" else STREAM[:3]
    async with gateway_before(Reply(body=body, end=end)) as (served, upstream):
        async with served.post(MESSAGES_PATH, {**MESSAGES, "stream": True}) as answer:
            text = (await answer.read()).decode()
        assert "Hel" in text and '"lo"' in text  # what came before the cut arrives
        assert text.count("event: error") == 1 and text.rstrip().splitlines()[-2] == "event: error"
        assert "message_stop" not in text and 'stop_reason":"' not in text
        assert len(upstream.asked) == 1


async def test_an_error_before_content_moves_to_the_next_account():
    failing = Reply(body=[chunk(""), b'data: {"error": {"message": "busy", "type": "overloaded_error"}}\n\n'])
    async with (
        Upstream([failing]) as first,
        Upstream([Reply(body=STREAM)]) as second,
        serving(policy(first.url, second.url)) as served,
        served.post(CHAT_PATH, {**CHAT, "stream": True}) as answer,
    ):
        text = (await answer.read()).decode()
    assert "Hel" in text and "busy" not in text and text.endswith(DONE.decode())
    assert [attempt["outcome"] for attempt in served.log()[0]["attempts"]] == ["vendor", "ok"]


async def test_silence_gets_a_keep_alive():
    slow = Reply(body=STREAM, wait=0.5)
    async with (
        gateway_before(slow, keepalive="200ms") as (served, _),
        served.post(CHAT_PATH, {**CHAT, "stream": True}) as answer,
    ):
        text = await answer.read()
    assert text.startswith(b": keep-alive\n\n: keep-alive\n\n") and text.endswith(DONE)


async def test_leaving_cancels_a_stream():
    async with gateway_before(Reply(body=STREAM[:2], end="stall"), OK) as (served, upstream):
        async with served.post(CHAT_PATH, {**CHAT, "stream": True}) as answer:
            await answer.content.readany()
            answer.close()
        await until(lambda: upstream.asked[0].left)
        await until(lambda: served.log())
        assert (served.log()[0]["status"], len(upstream.asked)) == (499, 1)


async def test_leaving_cancels_a_whole_answer():
    async with gateway_before(Reply(wait=30), OK) as (served, upstream):
        with pytest.raises(TimeoutError):
            await served.chat(timeout=aiohttp.ClientTimeout(total=0.2))
        await until(lambda: upstream.asked[0].left)
        await until(lambda: served.log())
        assert served.log()[0]["attempts"][0]["outcome"] == "client"
        assert await served.chat() == (200, COMPLETION)


async def test_a_slow_reader_slows_the_upstream():
    piece = chunk("x" * 10_000)
    async with gateway_before(Reply(body=[piece] * 3000)) as (served, upstream):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(served.url.rpartition(":")[2]), limit=1 << 16)
        body = json.dumps({**CHAT, "stream": True})
        writer.write(f"POST {CHAT_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
        await reader.read(1000)
        await until(lambda: upstream.asked and upstream.asked[0].sent > 0)
        sent = -1
        while sent != upstream.asked[0].sent:  # until it comes to a stop
            sent = upstream.asked[0].sent
            await asyncio.sleep(0.3)
        assert sent < 3000 * len(piece) * 0.75
        writer.close()
        await until(lambda: upstream.asked[0].left)


# -- failover


async def test_an_account_that_cannot_be_reached_is_passed_over():
    async with Upstream([OK]) as upstream, serving(policy(f"http://127.0.0.1:{free_port()}", upstream.url)) as served:
        assert await served.chat() == (200, COMPLETION)
        (line,) = served.log()
        assert [attempt["outcome"] for attempt in line["attempts"]] == ["transport", "ok"]
        assert "could not connect to 127.0.0.1:" in line["attempts"][0]["error"]


async def test_a_rest_ends():
    async with gateway_before(error(429, "slow down", retry_after="1"), OK) as (served, _):
        began = time.monotonic()
        assert await served.chat() == (200, COMPLETION)
        assert 0.9 < time.monotonic() - began < 2.5


async def test_waiting_is_first_come_first_served():
    replies = [Reply(body=OK.body, wait=0.1)]
    more = policy("URL").replace("base_url: URL", "max_concurrency: 1, base_url: URL")
    async with Upstream(replies) as upstream, serving(more.replace("URL", upstream.url)) as served:
        asks = []
        for n in range(4):
            asks.append(asyncio.create_task(served.chat({**CHAT, "seed": n})))
            await asyncio.sleep(0.03)
        assert [status for status, _ in await asyncio.gather(*asks)] == [200] * 4
        assert [asked.json["seed"] for asked in upstream.asked] == [0, 1, 2, 3]


async def test_who_leaves_the_queue_leaves_no_hole():
    more = policy("URL").replace("base_url: URL", "max_concurrency: 1, base_url: URL")
    async with (
        Upstream([Reply(body=OK.body, wait=0.3)]) as upstream,
        serving(more.replace("URL", upstream.url)) as served,
    ):
        first = asyncio.create_task(served.chat())
        await until(lambda: upstream.asked)
        with pytest.raises(TimeoutError):
            await served.chat(timeout=aiohttp.ClientTimeout(total=0.1))
        assert (await served.chat())[0] == 200
        assert (await first)[0] == 200
        assert len(upstream.asked) == 2


async def test_a_pool_at_rest_says_when_to_come_back():
    async with gateway_before(error(429, "slow down", retry_after="90")) as (served, upstream):
        for _ in range(2):
            async with served.post(MESSAGES_PATH, MESSAGES) as answer:
                assert answer.status == 429
                assert 85 <= int(answer.headers["retry-after"]) <= 90
                assert (await answer.json())["error"]["type"] == "rate_limit_error"
        assert len(upstream.asked) == 1


async def test_a_key_in_an_upstreams_words_is_taken_out():
    async with gateway_before(error(400, "bad request with sk-upstream-aaaa in it")) as (served, _):
        status, body = await served.chat()
        assert (status, body["error"]["message"]) == (400, "bad request with [key] in it")
        assert "sk-upstream" not in json.dumps(served.log())


# -- the gateway's own errors


async def test_an_unknown_path_names_those_there_are():
    async with gateway_before(OK) as (served, _):
        async with served.post("/v1/mesages", {}, headers={"anthropic-version": "2023-06-01"}) as answer:
            body = await answer.json()
            assert (answer.status, body["type"], body["error"]["type"]) == (404, "error", "not_found_error")
            assert "POST /v1/messages" in body["error"]["message"]
        async with served.post("/v1/chat/completion", {}) as answer:
            assert (answer.status, "type" in await answer.json()) == (404, False)
        async with served.session.get(served.url + CHAT_PATH) as answer:
            assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/v1", "", "/openai/v1", "/openai"])
async def test_the_paths_of_the_chat_protocol(path):
    async with gateway_before(OK) as (served, _):
        for slash in ("", "/"):
            async with served.post(f"{slash}{path}/chat/completions", CHAT) as answer:
                assert answer.status == 200


@pytest.mark.parametrize("path", ["/v1", "", "/anthropic/v1", "/anthropic"])
async def test_the_paths_of_the_messages_protocol(path):
    async with gateway_before(OK) as (served, _), served.post(f"{path}/messages?beta=true", MESSAGES) as answer:
        assert (answer.status, (await answer.json())["type"]) == (200, "message")
        assert answer.headers["request-id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"messages": []}', "model"),
        (b'{"model": 3}', "model"),
        (b'{"model": "m", "stream": "yes"}', "stream"),
        (b"\xff\xfe", "JSON"),
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{"model": "m", "messages": [{"role": "user", "content": "\\ud83d"}]}', "`\\ud83d` is half a character"),
        (b'{"model": "m", "metadata": %b1%b}' % (b'{"a":' * 5000, b"}" * 5000), "nested too deep"),
    ],
)
@pytest.mark.parametrize("path", [CHAT_PATH, MESSAGES_PATH])
async def test_a_body_that_is_no_request(path, body, message):
    async with gateway_before(OK) as (served, upstream):
        async with served.session.post(served.url + path, data=body) as answer:
            assert answer.status == 400
            assert message in (await answer.json())["error"]["message"]
        assert not upstream.asked


async def test_a_body_that_is_too_large(monkeypatch):
    for module in (gate, app):
        monkeypatch.setattr(module, "BODY_LIMIT", 1 << 20)

    async def pieces():
        for _ in range(20):
            yield b" " * 100_000

    async with gateway_before(OK) as (served, _):
        for data in (b" " * ((1 << 20) + 1), pieces()):
            async with served.session.post(served.url + MESSAGES_PATH, data=data) as answer:
                body = await answer.json()
                assert (answer.status, body["error"]["type"]) == (413, "request_too_large")
                assert "1 MiB" in body["error"]["message"]


async def test_a_body_announced_first():
    async with gateway_before(OK) as (served, _), served.post(CHAT_PATH, CHAT, expect100=True) as answer:
        assert answer.status == 200


async def test_a_model_without_a_route():
    rules = policy("http://127.0.0.1:9").replace("name: '*'", "name: gpt-5")
    async with serving(rules) as served:
        status, body = await served.chat({**CHAT, "model": "gpt-6"})
        assert (status, body["error"]["code"]) == (404, "model_not_found")
        assert "`gpt-5`" in body["error"]["message"]


async def test_a_bug_is_our_fault_and_keeps_no_slot(monkeypatch):
    async with gateway_before(OK) as (served, _):
        monkeypatch.setattr(Translation, "answer", lambda *_: 1 / 0)
        status, body = await served.chat()
        (line,) = served.log()
        assert (status, line["id"] in body["error"]["message"]) == (500, True)
        assert "ZeroDivisionError" in line["trace"]
        monkeypatch.undo()
        assert await served.chat() == (200, COMPLETION)
        assert list(served.gateway.snapshot.pools["main"].in_flight.values()) == [0]


# -- models, health, browsers, credentials


async def test_models_are_listed_in_the_protocol_of_the_header():
    listed = Reply(body=b'{"data": [{"id": "up-1"}, {"id": "up-2"}]}')
    rules = "models: [{name: gpt-5, pool: main}, {name: 'up-*', pool: main}]"
    async with (
        Upstream([listed]) as upstream,
        serving(policy(upstream.url).replace("models: [{name: '*', pool: main}]", rules)) as served,
    ):
        for path in ("/v1/models", "/models", "/openai/v1/models"):
            async with served.session.get(served.url + path) as answer:
                body = await answer.json()
                assert [model["id"] for model in body["data"]] == ["gpt-5", "up-1", "up-2"]
                assert body["object"] == "list"
        for path, headers in (("/v1/models", {"anthropic-version": "2023-06-01"}), ("/anthropic/v1/models", {})):
            async with served.session.get(served.url + path, headers=headers) as answer:
                body = await answer.json()
                assert (body["data"][0]["type"], body["has_more"]) == ("model", False)
        async with served.session.get(served.url + "/v1/models/up-1") as answer:
            assert (await answer.json())["id"] == "up-1"
        async with served.session.get(served.url + "/v1/models/nobody") as answer:
            assert answer.status == 404
        async with served.session.head(served.url + "/v1/models") as answer:
            assert (answer.status, await answer.read()) == (200, b"")
        assert len(upstream.asked) == 1
        assert upstream.asked[0].path == "/models"


async def test_health():
    async with gateway_before(OK) as (served, _):
        for path in ("/healthz", "/readyz", "/"):
            async with served.session.get(served.url + path) as answer:
                assert answer.status == 200
            async with served.session.head(served.url + path) as answer:
                assert (answer.status, await answer.read()) == (200, b"")
        served.gateway.draining = True
        async with served.session.get(served.url + "/readyz") as answer:
            assert answer.status == 503


async def test_browsers_are_let_in():
    wanted = "authorization,content-type,x-stainless-lang,x-stainless-retry-count"
    headers = {
        "origin": "http://localhost:3000",
        "access-control-request-method": "POST",
        "access-control-request-headers": wanted,
    }
    async with gateway_before(OK) as (served, _):
        async with served.session.options(served.url + CHAT_PATH, headers=headers) as answer:
            assert answer.status == 204
            assert answer.headers["access-control-allow-origin"] == headers["origin"]
            assert answer.headers["access-control-allow-headers"] == wanted
            assert "POST" in answer.headers["access-control-allow-methods"]
        for body in (CHAT, {}):
            async with served.post(CHAT_PATH, body, headers={"origin": "http://localhost:3000"}) as answer:
                assert answer.headers["access-control-allow-origin"] == headers["origin"]
                assert "isogloss-loss" in answer.headers["access-control-expose-headers"]


async def test_clients_are_told_apart_by_their_keys():
    async with (
        Upstream([OK]) as upstream,
        serving(policy(upstream.url, more="clients: [{name: alice, key: env:CLIENT}]\n")) as served,
    ):
        key = SECRETS["CLIENT"]
        places = [
            {"headers": {"authorization": f"Bearer {key}"}},
            {"headers": {"authorization": f"bearer {key}"}},
            {"headers": {"x-api-key": key}},
            {"headers": {"x-goog-api-key": key}},
            {"headers": {"api-key": key}},
            {"params": {"key": key}},
        ]
        for place in places:
            assert (await served.chat(**place))[0] == 200
        assert {line["who"] for line in served.log()} == {"alice"}
        assert key not in json.dumps([asked.headers for asked in upstream.asked])
        for headers in (
            {},
            {"x-api-key": "no"},
            {"authorization": f"Basic {key}"},
            {"authorization": "Bearer \xff"},
        ):
            status, body = await served.chat(headers=headers)
            assert (status, body["error"]["type"]) == (401, "authentication_error")
        async with served.post(MESSAGES_PATH, MESSAGES, headers={"x-api-key": "no"}) as answer:
            assert (answer.status, (await answer.json())["error"]["type"]) == (401, "authentication_error")
        async with served.session.get(served.url + "/v1/models") as answer:
            assert answer.status == 401
        async with served.session.get(served.url + "/healthz") as answer:
            assert answer.status == 200


# -- echo


@asynccontextmanager
async def echoing() -> AsyncIterator[Served]:
    found, _ = await discover({}, ("127.0.0.1", 1))
    if found[0].account.name != "echo":
        pytest.skip(f"an engine listens on this machine: {found[0].source}")
    async with running(from_found([(one.found, one.account, one.line) for one in found])) as served:
        yield served


TOOL = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}


async def test_echo_speaks_both_protocols_whole_and_streamed():
    async with echoing() as served:
        status, body = await served.chat({**CHAT, "model": "anything"})
        assert (status, body["choices"][0]["message"]["content"]) == (200, "Hello")
        tools = [{"type": "function", "function": {"name": "weather", "parameters": TOOL}}]
        _, body = await served.chat({**CHAT, "model": "echo-tool", "tools": tools})
        (call,) = body["choices"][0]["message"]["tool_calls"]
        assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == ("weather", {"city": "Hello"})
        assert body["choices"][0]["finish_reason"] == "tool_calls"
        async with served.post(MESSAGES_PATH, {**MESSAGES, "model": "echo-think"}) as answer:
            kinds = [block["type"] for block in (await answer.json())["content"]]
        assert kinds == ["thinking", "text"]
        async with served.post(MESSAGES_PATH, {**MESSAGES, "model": "echo-think", "stream": True}) as answer:
            events = [json.loads(line[6:]) for line in (await answer.text()).splitlines() if line.startswith("data: ")]
        assert [event["type"] for event in events][-2:] == ["message_delta", "message_stop"]
        assert (
            "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta")
            == "Hello"
        )


async def test_echo_fails_on_request_and_recovers():
    async with echoing() as served:
        for _ in range(2):
            assert (await served.chat({**CHAT, "model": "echo-429"}))[0] == 429
            assert (await served.chat({**CHAT, "model": "echo-500"}))[0] == 500
        async with served.post(CHAT_PATH, {**CHAT, "model": "echo-cut", "stream": True}) as answer:
            text = await answer.text()
        assert '"error"' in text and 'finish_reason":"' not in text and "[DONE]" not in text
        assert (await served.chat({**CHAT, "model": "echo"}))[0] == 200


# -- accounts without a policy file


async def test_accounts_are_found_in_the_environment():
    async with Upstream([Reply(404)]) as other:
        environ = {"ANTHROPIC_API_KEY": "sk-ant-secret", "ANTHROPIC_BASE_URL": f"{other.url}/", "OPENAI_API_KEY": " "}
        found, problems = await discover(environ, ("127.0.0.1", 7070))
    keyed = [one for one in found if one.account.provider == "anthropic"]
    assert (len(keyed), keyed[0].line.base_url, problems) == (1, other.url, [])
    assert keyed[0].source == f"ANTHROPIC_API_KEY, at {other.url} (from ANTHROPIC_BASE_URL)"
    assert "sk-ant-secret" not in repr(found)
    assert not [one for one in found if one.account.provider == "openai"]


LISTS = {
    "/v1/models": ("data", "id"),
    "/openai/v1/models": ("data", "id"),
    "/anthropic/v1/models": ("data", "display_name"),
    "/v1beta/models": ("models", "displayName"),
    "/gemini/v1beta/models": ("models", "displayName"),
    "/api/tags": ("models", "model"),
    "/canonical/v1/models": ("models", "title"),
}
TOLD_BY = {
    "anthropic-version": "display_name",
    "x-goog-api-key": "displayName",
    "isogloss-protocol": "title",
    "x-api-key": "object",
}


async def test_models_are_listed_in_every_protocol():
    async with gateway_before(OK) as (served, _):
        served.gateway.snapshot.routes.names = lambda lists: ["org/one", "two"]
        for path, (held, name) in LISTS.items():
            async with served.session.get(served.url + path) as answer:
                assert [one[name] for one in (await answer.json())[held]] == ["org/one", "two"], path
        for header, field in TOLD_BY.items():
            async with served.session.get(served.url + "/v1/models", headers={header: "x"}) as answer:
                (listed,) = (value for value in (await answer.json()).values() if isinstance(value, list))
                assert field in listed[0], f"{header} tells the protocol at a path of several"
            async with served.session.get(served.url + "/v1/models/org/one", headers={header: "x"}) as answer:
                assert field in await answer.json()


async def test_a_bearers_token_is_one_in_every_version():
    environ = {"ANTHROPIC_AUTH_TOKEN": "token-of-a-bearer"}
    (keyed,), _, problems = candidates(environ, ("127.0.0.1", 7070))
    assert (keyed.account.provider, problems) == ("anthropic_token", [])
    assert keyed.source == "ANTHROPIC_AUTH_TOKEN, at https://api.anthropic.com"
    async with Upstream([error(400, "enough")]) as upstream:
        rules = policy(upstream.url, provider="anthropic_token")
        async with serving(rules) as served, served.post(MESSAGES_PATH, MESSAGES) as answer:
            assert answer.status == 400
        (asked,) = upstream.asked
        assert (asked.headers["authorization"], "x-api-key" in asked.headers) == ("Bearer sk-upstream-aaaa", False)
        assert asked.headers["anthropic-version"] == "2023-06-01"


def test_a_base_url_that_points_at_ourselves_is_the_clients():
    environ = {"ANTHROPIC_API_KEY": "sk-ant-secret", "ANTHROPIC_BASE_URL": "http://localhost:7070"}
    (keyed,), _, _ = candidates(environ, ("127.0.0.1", 7070))
    assert keyed.source == "ANTHROPIC_API_KEY, at https://api.anthropic.com"


def test_the_vendors_of_our_dialects_come_first():
    environ = {"DEEPSEEK_API_KEY": "sk-1", "OPENAI_API_KEY": "sk-2", "ANTHROPIC_API_KEY": "sk-\u00e9"}
    keyed, _, problems = candidates(environ, ("127.0.0.1", 7070))
    assert [one.account.name for one in keyed] == ["openai", "deepseek"]
    assert len(problems) == 1 and problems[0].startswith("anthropic: what env:ANTHROPIC_API_KEY holds cannot stand")


async def test_engines_are_found_on_their_ports():
    listed = Reply(body=b'{"data": [{"id": "tiny"}]}')
    async with Upstream([listed, listed, OK]) as engine:
        host = engine.url.removeprefix("http://")
        found, _ = await discover({"OLLAMA_HOST": host}, ("127.0.0.1", 7070))
        ollama = next(one for one in found if one.account.provider == "ollama")
        assert list(ollama.found.models) == ["tiny"]
        async with running(from_found([(ollama.found, ollama.account, ollama.line)])) as served:
            async with served.session.get(served.url + "/v1/models") as answer:
                assert [model["id"] for model in (await answer.json())["data"]] == ["tiny"]
            for name in ("tiny", "ollama/tiny"):
                assert (await served.chat({**CHAT, "model": name}))[0] == 200
            assert [asked.json["model"] for asked in engine.asked if asked.method == "POST"] == ["tiny", "tiny"]


# -- the command


def command(*arguments: str, **env: str) -> subprocess.Popen:
    clean = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_BASE_URL", "_HOST"))}
    return subprocess.Popen(
        [sys.executable, "-m", "runtime", "serve", *arguments],
        cwd=ROOT,
        env=clean | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_bad_policy_file_is_explained(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text("version: 1\npool: {}\n")
    process = command("--pool", str(file))
    _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert f"{file}:2:1" in err and "did you mean `pools`" in err


def test_a_missing_policy_file_is_explained(tmp_path):
    process = command("--pool", str(tmp_path / "none.yaml"))
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (
        2,
        f"isogloss: {tmp_path}/none.yaml cannot be read: No such file or directory\n",
    )


def test_a_taken_port_is_explained():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = command("--port", str(port))
        _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"port {port} of 127.0.0.1 is taken" in err and "--port" in err


async def test_the_end_waits_for_requests_in_flight(tmp_path):
    async with Upstream([Reply(body=STREAM, pause=0.2)]) as upstream:
        file, port = tmp_path / "policy.yaml", free_port()
        file.write_text(f"version: 1\nserver: {{port: {port}}}\n{policy(upstream.url)}")
        process = command("--pool", str(file), **SECRETS)
        try:
            async with aiohttp.ClientSession() as session:
                url = f"http://127.0.0.1:{port}"
                for _ in range(200):
                    try:
                        async with session.get(f"{url}/healthz"):
                            break
                    except aiohttp.ClientError:
                        await asyncio.sleep(0.05)
                async with session.post(url + CHAT_PATH, json={**CHAT, "stream": True}) as answer:
                    await answer.content.readany()
                    process.send_signal(signal.SIGTERM)
                    assert (await answer.read()).endswith(DONE)
                out, err = await asyncio.to_thread(process.communicate, timeout=10)
        finally:
            process.kill()
        assert process.returncode == 0
        assert f"ANTHROPIC_BASE_URL={url}" in out and f"a of pool main, openai at {upstream.url}" in out
        assert SECRETS["KEY_A"] not in out + err
        assert json.loads(err.splitlines()[-1])["status"] == 200
