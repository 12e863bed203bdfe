"""Conversations that went wrong in gateways like this one, and others of their families: conversions/*.yaml.

A case says what the client asks (`request`), what the upstream answers (`answer`, `stream` or `replies`) and what must
then hold. `sent` is what the upstream must be asked, `heard` what the client must have in the end; both say only what
matters: a mapping holds at least these keys, `null` is a key that is not there or null, a list has exactly these
items. `report` is everything that is lost, moved or rewritten on the way, by the sender's paths: a case without it
loses nothing. A case with `replies` is played through a running gateway.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from generated import canonical as c
from runtime.core.catalogue import dialect
from runtime.core.located import load
from runtime.core.own_answers import error_answer
from runtime.core.translate import BadAnswer, Refused, Translation
from tests.laws.schemas import DIALECTS
from tests.laws.sending import SPOKEN, encode, stands, steps, translation
from tests.laws.streams import GRAMMARS, HEARD, Frame, frames_of, written
from tests.scripted import Reply, Upstream
from tests.test_app import serving

FILES = sorted((Path(__file__).parent / "conversions").glob("*.yaml"))
PATHS = {"openai-chat": "/v1/chat/completions", "anthropic-messages": "/v1/messages"}
MODELS = {"openai-chat": "gpt-4.1", "anthropic-messages": "claude-sonnet-4-5"}
TOLD = {"id", "about", "why", "source", "client", "upstream", "provider", "model", "capabilities", "request", "headers"}
TOLD |= {"honour"}
USUAL = {
    "anthropic-messages": {"model": "asked", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1024},
    "gemini-generate": {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]},
    "openai-embeddings": {"model": "asked", "input": ["one", "two"]},
    "openai-responses": {"model": "asked", "input": "Hi"},
}
KEYS = TOLD | {
    "answer",
    "stream",
    "status",
    "sent",
    "heard",
    "report",
    "refused",
    "same",
    "differ",
    "fails",
    "says",
    "unread",
    "cut",
}
PLAYED = TOLD | {"replies", "keys", "repeat", "pause", "leave_after", "statuses", "attempts", "sent", "heard", "never"}


def cases() -> list[Any]:
    found = []
    for path in FILES:
        root, problems = load(path.read_text(encoding="utf-8"), path.name)
        assert root is not None and not problems, problems
        found += [pytest.param(case, id=f"{path.stem}/{case['id']}") for case in root.plain()]
    return found


CASES = cases()
TRANSLATED = [one for one in CASES if "replies" not in one.values[0]]
THROUGH = [one for one in CASES if "replies" in one.values[0]]


def test_cases_are_well_formed() -> None:
    ids = [one.id for one in CASES]
    assert len(ids) == len(set(ids)) > 100
    for one in CASES:
        case = one.values[0]
        assert case.keys() <= (PLAYED if "replies" in case else KEYS), (one.id, case.keys())
        assert case["why"] and case["client"] in DIALECTS and case["upstream"] in DIALECTS


# what is written short


def request_of(case: dict[str, Any]) -> dict[str, Any]:
    """The client's request: what the case says, with what every request has."""
    usual = USUAL.get(case["client"], {"model": "asked", "messages": [{"role": "user", "content": "Hi"}]})
    return usual | ({"stream": True} if "stream" in case else {}) | case.get("request", {})


def answer_of(name: str, said: Any) -> Any:
    """A whole answer: its content, or all of it."""
    if name not in MODELS or not isinstance(said, dict) or "error" in said or said.keys() & {"choices", "type"}:
        return said
    if name == "openai-chat":
        choice = {"index": 0, "message": {"role": "assistant", "content": None} | said.get("message", {})}
        choice["finish_reason"] = said.get("finish_reason", "stop")
        usage = {"usage": said["usage"]} if "usage" in said else {}
        head = {"id": "chatcmpl-up", "object": "chat.completion", "model": MODELS[name]}
        return head | {"choices": [choice]} | usage
    head = {"id": "msg_up", "type": "message", "role": "assistant", "model": MODELS[name], "content": []}
    usual = {"stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2}}
    return head | usual | said


def frame_of(name: str, said: Any) -> bytes:
    """One frame of an upstream's stream.

    openai-chat: {delta, finish, index, usage} or a whole chunk. anthropic-messages: {start: usage}, {open: block},
    {add: delta}, close, {stop: reason, usage}, end, ping, or a whole event; blocks are numbered by `at`, 0 if absent.
    All others: a whole event. A text is bytes as they are.
    """
    if isinstance(said, str) and said not in ("end", "ping", "done"):
        return said.encode()
    if name == "openai-chat":
        return written([("", "[DONE]" if said == "done" else json.dumps(chunk_of(said), ensure_ascii=False))])
    event = event_of(said)
    return written([(event["type"], json.dumps(event, ensure_ascii=False))])


def chunk_of(said: dict[str, Any]) -> dict[str, Any]:
    if said.keys() & {"choices", "error"}:
        return said
    head = {"id": "chatcmpl-up", "object": "chat.completion.chunk", "created": 1, "model": MODELS["openai-chat"]}
    choice = {"index": said.get("index", 0), "delta": said.get("delta", {}), "finish_reason": said.get("finish")}
    choices = [choice] if said.keys() & {"delta", "finish"} else []
    return head | {"choices": choices} | ({"usage": said["usage"]} if "usage" in said else {})


def event_of(said: Any) -> dict[str, Any]:
    match said:
        case {"start": usage}:
            usual = {"stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 1} | (usage or {})}
            return {"type": "message_start", "message": answer_of("anthropic-messages", usual)}
        case {"open": block}:
            return {"type": "content_block_start", "index": said.get("at", 0), "content_block": block}
        case {"add": delta}:
            return {"type": "content_block_delta", "index": said.get("at", 0), "delta": delta}
        case {"close": at}:
            return {"type": "content_block_stop", "index": at}
        case {"stop": reason}:
            counts = {"usage": said.get("usage", {"output_tokens": 2})}
            delta = {"stop_reason": reason, "stop_sequence": said.get("sequence")}
            return {"type": "message_delta", "delta": delta} | counts
        case "end":
            return {"type": "message_stop"}
        case "ping":
            return {"type": "ping"}
    return said


# what must hold


def misses(want: Any, got: Any, at: str = "") -> list[str]:
    """Where a message lacks what is wanted of it."""
    match want:
        case {"$re": pattern}:
            text = got if isinstance(got, str) else json.dumps(got, ensure_ascii=False)
            return [] if got is not None and re.search(pattern, text) else [f"{at}: {got!r} has no /{pattern}/"]
        case {"$json": inner}:
            return misses(inner, json.loads(got), f"{at} (as JSON)") if isinstance(got, str) else [f"{at}: {got!r}"]
        case dict():
            if not isinstance(got, dict):
                return [f"{at}: {got!r} is no object"]
            return [miss for key, inner in want.items() for miss in misses(inner, got.get(key), f"{at}.{key}")]
        case list():
            if not isinstance(got, list) or len(got) != len(want):
                return [f"{at}: {got!r} are not {len(want)} items"]
            return [miss for n, inner in enumerate(want) for miss in misses(inner, got[n], f"{at}[{n}]")]
    return [] if type(want) is type(got) and want == got else [f"{at}: {got!r} is not {want!r}"]


def value_at(path: str, value: Any) -> Any:
    for step in steps(path):
        value = value[step]
    return value


def asked(case: dict[str, Any]) -> Translation:
    name = case["upstream"]
    going = translation(
        case["client"],
        name,
        provider=case.get("provider", SPOKEN[name][0]),
        model=case.get("model") or MODELS.get(name) or SPOKEN[name][1],
        client_headers=case.get("headers", {}),
        honour_waived=frozenset(case.get("honour", ())),
    )
    going.ctx.capabilities = {**going.ctx.capabilities, **case.get("capabilities", {})}
    return going


def reported(going: Translation, sent: Any) -> dict[str, str]:
    for loss in going.losses:
        assert loss.kind == "supplied" or stands(loss.path, sent), f"{loss.path} leads nowhere"
    return {loss.path: loss.kind for loss in going.losses if loss.kind != "supplied"}


@pytest.mark.parametrize("case", TRANSLATED)
def test_conversion(case: dict[str, Any]) -> None:
    going, request = asked(case), request_of(case)
    try:
        outgoing = going.request(encode(request))
    except Refused as refused:
        assert "refused" in case, refused
        assert refused.error.kind == "invalid_request"
        assert case["refused"] in (refused.error.param or ""), refused.error
        assert not misses(case.get("heard", {}), json.loads(error_answer(case["client"], refused.error)[1]))
        return
    assert "refused" not in case, outgoing.body.decode()
    sent = json.loads(outgoing.body)
    if case["client"] != case["upstream"]:
        dialect(case["upstream"]).request.decode_request(outgoing.body)
    assert not (missed := misses(case.get("sent", {}), sent)), (missed, sent)
    for first, second in case.get("same", ()):
        assert value_at(first, sent) == value_at(second, sent)
    for first, second in case.get("differ", ()):
        assert value_at(first, sent) != value_at(second, sent)
    report = reported(going, request)
    going.ctx.losses.clear()
    if "status" in case:
        assert not (missed := misses(case["heard"], failed(case, going))), missed
    elif "stream" in case:
        assert not (missed := misses(case.get("heard", {}), streamed(case, going))), missed
        report |= {loss.path: loss.kind for loss in going.losses}
    elif "unread" in case:
        with pytest.raises(BadAnswer, match=case["unread"]):
            going.answer(encode(answer_of(case["upstream"], case["answer"])))
    elif "answer" in case:
        answer = answer_of(case["upstream"], case["answer"])
        heard = json.loads(going.answer(encode(answer)))
        assert not (missed := misses(case.get("heard", {}), heard)), (missed, heard)
        report |= reported(going, answer)
    assert report == case.get("report", {})


def failed(case: dict[str, Any], going: Translation) -> Any:
    body = case["answer"].encode() if isinstance(case["answer"], str) else encode(case["answer"])
    status, body = error_answer(case["client"], going.error(case["status"], {}, body))
    return json.loads(body) | {"status": status}


def streamed(case: dict[str, Any], going: Translation) -> Any:
    """What the client has after the stream; it is the same however the stream is cut."""
    data = b"".join(frame_of(case["upstream"], frame) for frame in case["stream"])
    got, failure = read(going, [data])
    again = asked(case)
    again.request(encode(request_of(case)))
    assert read(again, [data[i : i + 1] for i in range(len(data))]) == (got, failure)
    assert (failure is not None) == ("fails" in case), failure
    if failure is not None:
        assert failure.kind == case["fails"] and case.get("says", "") in failure.message
        return HEARD[case["client"]](frames_of(got.decode()[: got.decode().rfind("\n\n") + 2].encode()))
    if case["client"] == case["upstream"]:
        assert got == data
        return HEARD[case["client"]](frames_of(data)) if "heard" in case else None
    frames = frames_of(got)
    for _, payload in frames:
        if payload != "[DONE]":
            dialect(case["client"]).stream.decode_frame(payload)
    GRAMMARS[case["client"]](frames, going.ctx.stream_usage)
    return HEARD[case["client"]](frames)


def read(going: Translation, parts: list[bytes]) -> tuple[bytes, c.Error | None]:
    """The bytes for the client, and the failure if there was one."""
    stream = going.stream()
    out = b"".join([stream.feed(part) for part in parts]) + stream.eof()
    assert stream.ended == (stream.failure is None)
    return out, stream.failure


# through a running gateway


def reply_of(name: str, said: dict[str, Any]) -> Reply:
    more = {"headers": said.get("headers", {}), "end": said.get("end", "clean"), "pause": said.get("pause", 0.0)}
    if "stream" in said:
        return Reply(said.get("status", 200), [frame_of(name, frame) for frame in said["stream"]], **more)
    return Reply(said.get("status", 200), encode(answer_of(name, said.get("answer", {}))), **more)


def policy_of(case: dict[str, Any], url: str) -> str:
    provider = case.get("provider", {"openai-chat": "openai"}.get(case["upstream"], SPOKEN[case["upstream"]][0]))
    account = "{{name: key-{0}, provider: {1}, key: env:KEY_{2}, base_url: {3}, dialects: [{4}]}}"
    names = "abc"[: case.get("keys", 1)]
    accounts = "".join(f"\n      - {account.format(n, provider, n.upper(), url, case['upstream'])}" for n in names)
    model = case.get("model") or MODELS[case["upstream"]]
    return f"pools:\n  main:\n    accounts:{accounts}\nmodels: [{{name: '*', pool: main, upstream_model: {model}}}]\n"


SECRETS = {f"KEY_{name}": f"sk-upstream-{name.lower() * 4}" for name in "ABC"}


@pytest.mark.parametrize("case", THROUGH)
async def test_conversion_through_the_gateway(case: dict[str, Any]) -> None:
    replies = [reply_of(case["upstream"], reply) for reply in case["replies"]]
    request = request_of(case)
    async with Upstream(replies) as upstream, serving(policy_of(case, upstream.url), SECRETS) as served:
        statuses, body = [], b""
        for turn in range(case.get("repeat", 1)):
            if turn:
                await asyncio.sleep(case.get("pause", 0))
            async with served.post(PATHS[case["client"]], request, headers=case.get("headers", {})) as answer:
                statuses.append(answer.status)
                if "leave_after" in case:
                    await answer.content.readuntil(b"\n\n")
                    answer.close()
                    break
                try:
                    body = await answer.read()
                except Exception as broken:  # the answer itself may be what breaks off
                    body = f"broken: {type(broken).__name__}".encode()
        if "leave_after" in case:
            await settled(upstream)
        assert statuses == case.get("statuses", [200]), body
        assert len(upstream.asked) == case.get("attempts", 1)
        if "sent" in case:
            assert not (
                missed := misses(case["sent"], {"headers": upstream.asked[-1].headers} | upstream.asked[-1].json)
            ), missed
        for text in case.get("never", ()):
            assert text not in str([(one.headers, one.body) for one in upstream.asked]) and text not in body.decode()
        if "heard" in case:
            heard = (
                HEARD[case["client"]](sse(body)) if request.get("stream") and statuses[-1] == 200 else json.loads(body)
            )
            assert not (missed := misses(case["heard"], heard)), (missed, heard)


def sse(body: bytes) -> list[Frame]:
    """A stream's frames without comments and pings."""
    parts = [part + b"\n\n" for part in body.split(b"\n\n") if part and not part.startswith(b":")]
    return [frame for part in parts for frame in frames_of(part) if frame[0] != "ping"]


async def settled(upstream: Upstream) -> None:
    """Waits until the gateway has left the upstream; then a while, for what must not come."""
    for _ in range(200):
        if upstream.asked and upstream.asked[-1].left:
            break
        await asyncio.sleep(0.02)
    assert upstream.asked[-1].left, "the upstream goes on for nobody"
    await asyncio.sleep(0.2)
