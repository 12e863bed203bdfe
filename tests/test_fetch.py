"""Links to media, for a wire that takes bytes only: fetched from hosts that the policy lists, else refused by name."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from runtime.shell.fetch import MOST_BYTES, MOST_LINKS
from tests import test_app
from tests.scripted import Reply, Upstream
from tests.test_app import CHAT, CHAT_PATH, Served, serving, until

pytestmark = pytest.mark.usefixtures("lanes")
PICTURE = b"\x89PNG\r\n\x1a\n a picture"
ANSWER = {
    "model": "m",
    "created_at": "2026-01-01T00:00:00Z",
    "message": {"role": "assistant", "content": "Hi"},
    "done": True,
    "done_reason": "stop",
    "prompt_eval_count": 3,
    "eval_count": 1,
}
OLLAMA = Reply(body=json.dumps(ANSWER).encode())


@pytest.fixture(autouse=True)
def ollama(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(test_app.PROVIDERS, "ollama", ["ollama-chat"])


def policy(url: str, *hosts: str) -> str:
    listed = f"server: {{fetch: {json.dumps(hosts)}}}\n" if hosts else ""
    account = f"{{name: a, provider: ollama, base_url: {url}, dialects: [ollama-chat]}}"
    return f"{listed}pools:\n  main:\n    accounts: [{account}]\nmodels: [{{name: '*', pool: main}}]\n"


@asynccontextmanager
async def before(link: Reply, answer: Reply = OLLAMA) -> AsyncIterator[tuple[Served, Upstream, Upstream]]:
    """A gateway, the host that it may fetch from, and its upstream."""
    async with (
        Upstream([link]) as host,
        Upstream([answer]) as upstream,
        serving(policy(upstream.url, host.url)) as served,
    ):
        yield served, host, upstream


def asking(*urls: str, **more) -> dict:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    return {
        **CHAT,
        **more,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, *parts]}],
    }


async def refusal(served, *urls: str) -> str:
    status, body = await served.chat(asking(*urls))
    assert status == 400
    return body["error"]["message"]


@pytest.mark.parametrize("pattern", ["{}", "http://127.0.0.*"])
async def test_a_link_to_a_listed_host_is_fetched(pattern: str):
    picture = Reply(body=PICTURE, headers={"content-type": "image/png"})
    async with Upstream([picture]) as host, Upstream([OLLAMA]) as upstream:
        async with serving(policy(upstream.url, pattern.format(host.url).replace("*", f"*:{host.port}"))) as served:
            link = f"{host.url}/a.png?b=c"
            async with served.post(CHAT_PATH, asking(link, link)) as answer:
                assert answer.status == 200, await answer.text()
                assert "kind=rewritten" in answer.headers["isogloss-loss"]
        (asked,) = host.asked
        assert (asked.path, "authorization" in asked.headers, "cookie" in asked.headers) == ("/a.png?b=c", False, False)
        (said,) = upstream.asked[0].json["messages"]
        assert said["images"] == [base64.b64encode(PICTURE).decode()] * 2


async def test_other_hosts_are_refused_by_name():
    async with Upstream([OLLAMA]) as host, Upstream([OLLAMA]) as upstream:
        for hosts in ((), ("images.example.com", "*.cdn.example", f"127.0.0.1:{host.port}")):
            async with serving(policy(upstream.url, *hosts)) as served:
                for link in (
                    f"{host.url}/a.png",
                    f"http://images.example.com@127.0.0.1:{host.port}/",
                    "http://images.example.com/a.png",
                    "https://images.example.com:8443/a.png",
                    "https://cdn.example.evil.example/x.cdn.example",
                    "file:///etc/passwd",
                ):
                    said = await refusal(served, link)
                    assert "must be given here as bytes, not as a link" in said, said
        assert host.asked == upstream.asked == []


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(404, b"no"), "was answered with 404"),
        (Reply(302, b"", {"location": "http://169.254.169.254/"}), "was answered with 302"),
        (Reply(body=b"x" * (MOST_BYTES + 1)), "has more than 20 MiB"),
        (Reply(body=[b"a part"], end="reset"), "could not be fetched"),
    ],
)
async def test_a_link_that_leads_nowhere_is_the_clients_fault(reply: Reply, said: str):
    async with before(reply) as (served, host, upstream):
        assert said in await refusal(served, f"{host.url}/a.png")
        assert upstream.asked == []
        (pool,) = served.gateway.snapshot.pools.values()
        assert pool.in_flight == {"a": 0} and pool.rest_ends("a") <= served.gateway.clock()


async def test_not_every_link_is_followed():
    async with before(OLLAMA) as (served, host, _):
        links = [f"{host.url}/{number}" for number in range(MOST_LINKS + 1)]
        assert "more than 20 links" in await refusal(served, *links)
        assert host.asked == []


async def test_a_client_that_leaves_stops_the_fetching():
    async with before(Reply(end="stall", body=[b"a part"])) as (served, host, _):
        asked = asyncio.ensure_future(served.chat(asking(f"{host.url}/a.png")))
        await until(lambda: host.asked and host.asked[0].sent)
        asked.cancel()
        await until(lambda: host.asked[0].left)
        (pool,) = served.gateway.snapshot.pools.values()
        await until(lambda: pool.in_flight == {"a": 0})


async def test_a_stream_waits_for_its_links():
    def line(text: str, **more: object) -> bytes:
        return json.dumps({**ANSWER, **more, "message": {"role": "assistant", "content": text}}).encode() + b"\n"

    going_on = {"done": False, "done_reason": None}
    stream = Reply(
        body=[line("Hel", **going_on), line("lo", **going_on), line("")],
        headers={"content-type": "application/x-ndjson"},
    )
    picture = Reply(body=PICTURE, headers={"content-type": "image/png"}, wait=0.2)
    async with before(picture, stream) as (served, host, _):
        began = time.monotonic()
        async with served.post(CHAT_PATH, asking(f"{host.url}/a.png", stream=True)) as answer:
            text = await answer.text()
        assert time.monotonic() - began > 0.2
        assert '"content":"Hel"' in text and text.endswith("data: [DONE]\n\n")
