"""Answers that are kept: where, for whom, how long, and what the gateway makes of them in front of scripted upstreams."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from runtime.core import exchange as x
from runtime.core.kept import LINKS, keeps
from runtime.shell.answers import Answers, Away, Database, File, Place
from tests.scripted import Reply, Upstream
from tests.servers import Redis
from tests.test_app import COMPLETION, OK, SECRETS, Served, policy, serving

pytestmark = pytest.mark.usefixtures("lanes")
PATH, DAY = "/v1/responses", 86400.0
ASK = {"model": "m", "input": "Hello"}
DIALECT = "openai-responses"


# -- where they are kept


@pytest.fixture(params=["file", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path, redis: Redis) -> Place:
    redis.flush()
    return File(tmp_path / "kept.sqlite") if request.param == "file" else Database(redis.url)


async def test_what_is_put_is_there_for_its_client_until_it_is_over(place: Place):
    now = time.time()
    await place.put("a", {"1": b"one", "2": b"two"}, now + 0.5, now)
    await place.put("a", {"2": b"2", "4": b"4"}, now + DAY, now)
    assert await place.get("a", ["1", "2", "3"], now) == {"1": b"one", "2": b"2"}
    assert await place.get("b", ["1", "2"], now) == await place.get("a}:1", [""], now) == {}
    await place.delete("b", ["2"])
    assert await place.get("a", ["2"], now) == {"2": b"2"}
    await asyncio.sleep(0.6)  # the one looks at its own clock
    assert await place.get("a", ["1", "2"], now + 0.6) == {"2": b"2"}
    await place.delete("a", ["2", "4"])
    assert await place.get("a", ["2", "4"], now) == {}
    await place.close()


async def test_what_another_goes_on_from_is_there_as_long_as_that(place: Place):
    now = time.time()
    await place.put("a", {"1": b"one"}, now + 0.5, now)
    await place.put("a", {"2": b"two", "item": b"of two"}, now + DAY, now, ["1"])
    await place.put("a", {"3": b"three"}, now + 0.5, now, ["1", "2"])
    await place.put("a", {"2b": b"another"}, now + 0.5, now, ["1"])
    assert (await place.later("a", "1"), await place.later("a", "2")) == (["2", "2b"], ["3"])
    assert await place.later("b", "1") == await place.later("a", "3") == []
    await place.replace("a", "1", b"less"), await place.replace("b", "2", b"not theirs")
    await asyncio.sleep(0.6)
    assert await place.get("a", ["1", "2", "2b", "3"], now + 0.6) == {"1": b"less", "2": b"two"}
    await place.delete("a", ["1"])
    assert await place.later("a", "1") == []
    await place.close()


async def test_what_is_over_leaves_the_file(tmp_path: Path):
    place = File(tmp_path / "kept.sqlite")
    for id, over in (("old", 100.0), ("new", 300.0)):
        await place.put("a", {id: b"x"}, over, 0.0)
    await place.put("a", {"newest": b"x"}, 400.0, 200.0)
    await place.close()
    rows = sqlite3.connect(tmp_path / "kept.sqlite").execute("SELECT id FROM kept").fetchall()
    assert {id for (id,) in rows} == {"new", "newest"}


async def test_an_answer_is_kept_for_so_long(tmp_path: Path):
    now = [1000.0]
    kept = Answers(File(tmp_path / "kept.sqlite"), lambda: now[0], 30 * DAY)
    assert await kept.keep(x.Keep("a", {"resp_1": b"{}"}, now[0] + kept.seconds)) == x.Stored(True)
    now[0] += 30 * DAY - 1
    assert (await kept.find("a", ["resp_1"]))["resp_1"] is not None
    now[0] += 1
    assert await kept.find("a", ["resp_1"]) == {"resp_1": None}
    await kept.close()


async def test_a_place_that_is_away_is_told_of_once(tmp_path: Path, capsys: pytest.CaptureFixture):
    kept = Answers(File(tmp_path / "no folder" / "kept.sqlite"), time.time, DAY)
    keep = x.Keep("a", {"resp_1": b"{}"}, time.time() + DAY)
    assert [await kept.keep(keep), await kept.keep(keep)] == [x.Stored(False), x.Stored(False)]
    with pytest.raises(Away, match="No such file"):
        await kept.find("a", ["resp_1"])
    (tmp_path / "no folder").mkdir()
    assert await kept.keep(keep) == x.Stored(True)
    await kept.close()
    first, again = capsys.readouterr().err.splitlines()
    assert "answers cannot be kept in" in first and "kept.sqlite again" in again


# -- the gateway, in front of scripted upstreams


@asynccontextmanager
async def gateway(tmp_path: Path, said: str, place: Place | None = None) -> AsyncIterator[Served]:
    place = place or File(tmp_path / "kept.sqlite")
    async with serving(said, {**SECRETS, "OTHER": "gw-other-token"}, place=place) as served:
        yield served
    await place.close()


def before(url: str) -> str:
    """An account that keeps nothing itself."""
    return policy(url, provider="llamacpp")


async def ask(served: Served, path: str = "", body: dict | None = None, method: str = "POST", **headers: str):
    call = served.session.request(method, f"{served.url}{PATH}{path}", json=body, headers=headers)
    async with call as answer:
        return answer.status, await answer.json(), answer.headers


def native(id: str, **more: Any) -> Reply:
    answer = {"id": id, "object": "response", "created_at": 1, "model": "m", "status": "completed", "output": []}
    return Reply(body=json.dumps({**answer, **more}).encode())


def vendors(*urls: str, more: str = "") -> str:
    """Two accounts, by turns, of a vendor that keeps answers itself."""
    accounts = "".join(
        f"      - {{name: {name}, provider: openai, key: env:KEY_{name.upper()}, base_url: {url}, dialects: [{DIALECT}]}}\n"
        for name, url in zip("ab", urls, strict=True)
    )
    return f"pools:\n  main:\n    strategy: round_robin\n    accounts:\n{accounts}models: [{{name: '*', pool: main}}]\n{more}"


CLIENTS = "clients: [{name: one, key: env:CLIENT}, {name: two, key: env:OTHER}]\n"
ONE, TWO = {"x-api-key": SECRETS["CLIENT"]}, {"x-api-key": "gw-other-token"}


async def test_what_a_vendor_keeps_is_asked_of_the_account_that_has_it(tmp_path: Path):
    async with (
        Upstream([native("resp_a")]) as a,
        Upstream([native("resp_b")]) as b,
        gateway(tmp_path, vendors(a.url, b.url, more=CLIENTS)) as served,
    ):
        ids = [(await ask(served, body=ASK, **ONE))[1]["id"] for _ in range(4)]
        assert set(ids) == {"resp_a", "resp_b"}
        a.asked.clear(), b.asked.clear()
        for _ in range(3):
            going_on = {**ASK, "previous_response_id": "resp_b"}
            assert (await ask(served, body=going_on, **ONE))[0] == 200
            assert b.asked[-1].json == going_on, "byte for byte"
            for method, path in (("GET", ""), ("GET", "/input_items?limit=3"), ("POST", "/cancel")):
                assert (await ask(served, f"/resp_b{path}", method=method, **ONE))[0] == 200
                assert (b.asked[-1].method, b.asked[-1].path) == (method, f"/responses/resp_b{path}")
        assert (await ask(served, "/compact", going_on, **ONE))[0] == 200
        assert not a.asked, "who does not have it is not asked"

        b.asked.clear()
        assert (await ask(served, "/resp_b", method="GET", **TWO))[0] == 404
        assert (await ask(served, "/resp_b", method="DELETE", **TWO))[0] == 404
        assert (await ask(served, body=going_on, **TWO))[0] == 400
        assert not b.asked, "nor is anybody, for another client"

        assert (await ask(served, "/resp_b", method="DELETE", **ONE))[0] == 200
        assert (b.asked[-1].method, b.asked[-1].path) == ("DELETE", "/responses/resp_b")
        assert (await ask(served, "/resp_b", method="GET", **ONE))[0] == 404


async def test_an_answer_of_ours_goes_on_at_a_vendor_as_what_was_said(tmp_path: Path):
    pools = """\
pools:
  chat: {{accounts: [{{name: a, provider: openai, key: env:KEY_A, base_url: "{0}", dialects: [openai-chat]}}]}}
  vendor: {{accounts: [{{name: b, provider: openai, key: env:KEY_B, base_url: "{1}", dialects: [openai-responses]}}]}}
models: [{{name: chat, pool: chat}}, {{name: '*', pool: vendor}}]
"""
    async with (
        Upstream([OK]) as chat,
        Upstream([native("resp_b")]) as vendor,
        gateway(tmp_path, pools.format(chat.url, vendor.url)) as served,
    ):
        status, first, headers = await ask(served, body={"model": "chat", "input": "Hello", "store": True})
        assert status == 200 and "isogloss-loss" not in headers
        assert "store" not in chat.asked[0].json, "it is kept here"
        assert first["id"] != COMPLETION["id"], "an id of our own: not every engine has each but once"
        on = {"model": "m", "input": "And?", "previous_response_id": first["id"]}
        assert (await ask(served, body=on))[0] == 200
        sent = vendor.asked[0].json
        assert sent.keys() == {"model", "input"}
        assert [item["role"] for item in sent["input"]] == ["user", "assistant", "user"]
        assert (await ask(served, "/compact", on))[0] == 200
        assert vendor.asked[-1].json == sent
        status, refused, _ = await ask(served, body={"model": "chat", "input": "On?", "previous_response_id": "resp_b"})
        assert (status, refused["error"]["code"]) == (400, "bound_elsewhere")


async def conversation(served: Served, turns: int, previous: str | None = None, **headers: str) -> list[str]:
    """The ids of the answers to so many turns, each of which goes on from the one before."""
    ids = [previous]
    for turn in range(turns):
        said = {"model": "m", "input": f"{turn}: {'word ' * 200}"}
        status, answer, _ = await ask(
            served, body=said | ({"previous_response_id": ids[-1]} if ids[-1] else {}), **headers
        )
        assert status == 200, answer
        ids.append(answer["id"])
    return ids[1:]


async def test_a_conversation_grows_by_what_is_new(tmp_path: Path, place: Place):
    """Its whole goes upstream at every turn, and none of it is kept twice; nor does a restart lose any of it."""
    sizes, put = [], place.put

    async def weighed(whose: str, values: dict[str, bytes], *more: Any) -> None:
        sizes.append(sum(map(len, values.values())))
        await put(whose, values, *more)

    place.put = weighed
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url), place) as served:
        ids = await conversation(served, 3 * LINKS)
        said = [one["content"] for one in upstream.asked[-1].json["messages"]]
        assert [text.partition(":")[0] for text in said] == [
            *(word for turn in range(3 * LINKS - 1) for word in (str(turn), "Hi")),
            str(3 * LINKS - 1),
        ]
        _, page, _ = await ask(served, f"/{ids[-1]}/input_items?limit=100&order=asc", method="GET")
        assert [item["content"][0]["text"] for item in page["data"]] == said
    steady = sizes[LINKS + 1 :]
    assert max(steady) < min(steady) + 64, "with so many links as there may be an answer grows no more"
    place.put = put
    again = File(tmp_path / "kept.sqlite") if isinstance(place, File) else Database(place.name)
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url), again) as served:
        await conversation(served, 1, ids[-1])
        assert len(upstream.asked[0].json["messages"]) == 2 * len(ids) + 1


@pytest.mark.parametrize("order", [*itertools.permutations(range(4))], ids=str)
async def test_what_is_deleted_is_not_found_and_what_goes_on_from_it_still_works(
    tmp_path: Path, order: tuple[int, ...]
):
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url)) as served:
        first, second = await conversation(served, 2)
        [third] = await conversation(served, 1, second)
        [other] = await conversation(served, 1, first)  # a fork
        lengths, left = {first: 3, second: 5, third: 7, other: 5}, [first, second, third, other]
        for number in order:
            left.remove(id := [first, second, third, other][number])
            assert (await ask(served, f"/{id}", method="DELETE"))[0] == 200
            for method in ("GET", "DELETE"):
                assert (await ask(served, f"/{id}", method=method))[0] == 404
            assert (await ask(served, f"/{id}/input_items", method="GET"))[0] == 404
            assert (await ask(served, body={**ASK, "previous_response_id": id}))[0] == 400
            for one in left:
                assert (await ask(served, f"/{one}", method="GET"))[0] == 200
                on = {**ASK, "previous_response_id": one, "store": False}
                assert (await ask(served, body=on))[0] == 200
                assert len(upstream.asked[-1].json["messages"]) == lengths[one]
    file = sqlite3.connect(tmp_path / "kept.sqlite")
    assert [file.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("kept", "later")] == [(0,), (0,)]


async def test_a_conversation_is_its_clients_own_and_whole_or_not_at_all(tmp_path: Path):
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url) + CLIENTS) as served:
        ids = await conversation(served, 3, **ONE)
        for id in ids:
            assert (await ask(served, body={**ASK, "previous_response_id": id}, **TWO))[0] == 400
        await served.gateway.kept.place.delete("client one", ids[:1])  # as if it had been lost
        assert (await ask(served, f"/{ids[-1]}", method="GET", **ONE))[0] == 200
        assert (await ask(served, f"/{ids[-1]}/input_items", method="GET", **ONE))[0] == 404
        status, refused, _ = await ask(served, body={**ASK, "previous_response_id": ids[-1]}, **ONE)
        assert (status, refused["error"]["code"]) == (400, "previous_response_not_found")


async def test_an_item_is_named_in_place_of_itself(tmp_path: Path):
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url)) as served:
        _, first, _ = await ask(served, body=ASK)
        item = first["output"][0]

        def naming(id: str) -> dict[str, Any]:
            said = [{"role": "user", "content": "Hello"}, {"type": "item_reference", "id": id}]
            return {"model": "m", "input": [*said, {"role": "user", "content": "And?"}]}

        assert (await ask(served, body=naming(item["id"])))[0] == 200
        turns = [(one["role"], one["content"]) for one in upstream.asked[-1].json["messages"]]
        assert turns == [("user", "Hello"), ("assistant", "Hi"), ("user", "And?")]
        assert (await ask(served, f"/{item['id']}", method="GET"))[0] == 404, "an item is no answer"
        assert (await ask(served, body={**ASK, "previous_response_id": item["id"]}))[0] == 400
        await ask(served, f"/{first['id']}", method="DELETE")
        status, refused, _ = await ask(served, body=naming(item["id"]))
        assert (status, refused["error"]["message"]) == (404, f"Item with id '{item['id']}' not found.")


async def test_an_item_that_a_vendor_keeps_leads_to_its_account(tmp_path: Path):
    def having(name: str) -> Reply:
        return native(f"resp_{name}", output=[{"type": "reasoning", "id": f"rs_{name}", "summary": []}])

    async with (
        Upstream([having("a")]) as a,
        Upstream([having("b")]) as b,
        gateway(tmp_path, vendors(a.url, b.url)) as served,
    ):
        for _ in range(2):
            await ask(served, body=ASK)
        for _ in range(3):
            named = {**ASK, "input": [{"type": "item_reference", "id": "rs_b"}]}
            assert (await ask(served, body=named))[0] == 200
            assert b.asked[-1].json == named
        assert (len(a.asked), len(b.asked)) == (1, 4)


async def test_an_account_that_is_gone_is_told_of(tmp_path: Path):
    async with Upstream([native("resp_a")]) as upstream:
        async with gateway(tmp_path, vendors(upstream.url, upstream.url)) as served:
            for _ in range(2):
                await ask(served, body=ASK)
        async with gateway(tmp_path, before(upstream.url).replace("name: a", "name: other")) as served:
            status, refused, _ = await ask(served, "/resp_a", method="GET")
            assert (status, refused["error"]["code"]) == (404, "bound_elsewhere")


async def test_nobody_compacts_here(tmp_path: Path):
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url)) as served:
        status, refused, _ = await ask(served, "/compact", ASK)
        assert (status, upstream.asked) == (404, [])
        assert "/v1/responses/compact is passed on to an upstream that has it" in refused["error"]["message"]


def streamed(*texts: str, finish: str | None = "stop") -> list[bytes]:
    chunks = [{"delta": {"role": "assistant", "content": text}} for text in texts]
    chunks += [{"delta": {}, "finish_reason": finish}] if finish else []
    frame = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    frames = [json.dumps({**frame, "choices": [{"index": 0, **chunk}]}).encode() for chunk in chunks]
    return [b"data: %b\n\n" % one for one in [*frames, *([b"[DONE]"] if finish else [])]]


@pytest.mark.parametrize(
    ("pieces", "end", "status"),
    [
        (streamed("Hel", "lo"), "clean", "completed"),
        ([b"".join(streamed("Hel", "lo"))], "clean", "completed"),
        (streamed("Hel", "lo", finish="length"), "clean", "incomplete"),
        (streamed("Hel", "lo", finish=None), "close", None),
        (streamed("Hel", "lo", finish=None), "reset", None),
    ],
    ids=["pieces", "one piece", "limit", "cut", "reset"],
)
async def test_a_stream_is_kept_once_it_is_whole(tmp_path: Path, pieces: list[bytes], end: str, status: str | None):
    async with Upstream([Reply(body=pieces, end=end)]) as upstream, gateway(tmp_path, before(upstream.url)) as served:
        async with served.post(PATH, {**ASK, "stream": True}) as answer:
            frames = [json.loads(line[6:]) async for line in answer.content if line.startswith(b"data: ")]
        id = frames[0]["response"]["id"]
        code, got, _ = await ask(served, f"/{id}", method="GET")
        if status is None:
            assert code == 404
        else:
            assert (code, got["status"]) == (200, status)
            assert got == frames[-1]["response"]
        code, _, _ = await ask(served, body={**ASK, "previous_response_id": id})
        assert code == (200 if status else 400)


async def test_an_answer_that_cannot_be_kept_is_given_and_said_to_be_lost(tmp_path: Path):
    place = File(tmp_path / "no folder" / "kept.sqlite")
    async with (
        Upstream([OK, Reply(body=streamed("Hi"))]) as upstream,
        serving(before(upstream.url), place=place) as served,
    ):
        status, _, headers = await ask(served, body=ASK)
        assert (status, headers["isogloss-loss"]) == (200, f"store;rule={DIALECT}:kept")
        async with served.post(PATH, {**ASK, "stream": True}) as answer:
            assert f"isogloss-loss store;rule={DIALECT}:kept" in await answer.text()
        for status, refused, _ in (
            await ask(served, "/resp_1", method="GET"),
            await ask(served, body={**ASK, "previous_response_id": "resp_1"}),
        ):
            assert (status, refused["error"]["code"]) == (503, "kept_away")
    await place.close()


@pytest.mark.parametrize(
    ("query", "wrong"),
    [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("order=up", "order"), ("after=no", "after")],
)
async def test_a_page_that_makes_no_sense_is_refused(tmp_path: Path, query: str, wrong: str):
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url)) as served:
        _, first, _ = await ask(served, body=ASK)
        status, refused, _ = await ask(served, f"/{first['id']}/input_items?{query}", method="GET")
        assert (status, refused["error"]["param"]) == (400, wrong)
        status, refused, _ = await ask(served, f"/{first['id']}?stream=true", method="GET")
        assert (status, refused["error"]["param"]) == (400, "stream")


async def test_a_client_that_leaves_while_an_answer_is_looked_for(tmp_path: Path):
    """Nothing is asked for it, and the gateway serves on."""
    async with Upstream([OK]) as upstream, gateway(tmp_path, before(upstream.url)) as served:
        _, first, _ = await ask(served, body=ASK)
        found, finding = served.gateway.kept.find, asyncio.Event()

        async def slowly(*about: Any):
            finding.set()
            await asyncio.sleep(0.3)
            return await found(*about)

        served.gateway.kept.find = slowly
        leaving = asyncio.create_task(ask(served, body={**ASK, "previous_response_id": first["id"]}))
        await finding.wait()
        leaving.cancel()
        await asyncio.sleep(0.5)
        assert len(upstream.asked) == 1
        assert [line["status"] for line in served.log()] == [200, 499]
        assert (await ask(served, body={**ASK, "previous_response_id": first["id"]}))[0] == 200


def test_who_keeps_answers_itself():
    assert keeps("openai", DIALECT) and keeps("azure_openai", DIALECT)
    assert not keeps("llamacpp", DIALECT) and not keeps("openai", "openai-chat")
