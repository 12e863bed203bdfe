"""Conversations that go on: what is known of them changes nothing but the time that they take."""

from __future__ import annotations

import io
from functools import cache
from random import Random
from typing import Any
from zlib import crc32

import pytest

from runtime.core import recall, translate
from runtime.core.catalogue import dialect
from runtime.core.policy import parse
from runtime.core.recall import Memory
from runtime.core.translate import Refused, Translation
from runtime.shell.gateway import Gateway
from runtime.shell.snapshot import Snapshot, from_policy
from runtime.shell.telemetry import Telemetry
from tests.laws.schemas import CHAT_PAIRS, CHATS, examples, roots, schema
from tests.laws.sending import encode, translation

FIELDS = {name: field for name in CHATS if (field := getattr(dialect(name).request, "MESSAGES", None)) is not None}
PAIRS = [(client, upstream) for client, upstream in CHAT_PAIRS if client != upstream and client in FIELDS]


@pytest.fixture(autouse=True)
def of_any_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translate, "LEAST", 0)


@cache
def requests(client: str) -> list[dict[str, Any]]:
    return [one for one in examples(schema(client), roots(client)["request"]) if listed(client, one)]


def listed(client: str, request: dict[str, Any]) -> bool:
    return isinstance(request.get(FIELDS[client]), list)


def outcome(going: Translation, body: bytes) -> tuple[Any, ...]:
    """All that comes of a request, and all that its answer may depend on."""
    going.ctx.new_id = lambda: "new"
    try:
        out = going.request(body)
    except Refused as refused:
        return str(refused), refused.error.param, going.losses, going.ctx.refusals
    return out.path, out.headers, out.body, going.losses, going.ctx.names, going.ctx.ids, going.ctx.free


@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_what_is_known_changes_nothing(client: str, upstream: str) -> None:
    """Each request by itself, and again, with what is known of it and of all others."""
    memory = Memory(1 << 30)
    for request in requests(client):
        body = encode(request)
        expected = outcome(translation(client, upstream), body)
        for _ in range(3):
            assert outcome(translation(client, upstream, memory=memory), body) == expected, request
    assert memory.size


def conversation(client: str, random: Random) -> list[Any]:
    """Messages of all kinds, of which most are plain: those of one request, those of others between them."""
    field = FIELDS[client]
    plain = [one for request in requests(client)[:3] for one in request[field]]
    odd = random.choice(requests(client))[field]
    chosen = [random.choice(plain) for _ in range(random.randrange(2, 9))]
    at = random.randrange(len(chosen) + 1)
    return [*chosen[:at], *(odd if random.random() < 0.5 else ()), *chosen[at:]]


@pytest.mark.parametrize("size", [1 << 30, 40_000])
@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_conversations_that_go_on(client: str, upstream: str, size: int) -> None:
    """Each as it grows, some with another middle, in a memory that has room or has little."""
    random, memory, field = Random(crc32(f"{client} {upstream}".encode())), Memory(size), FIELDS[client]
    for _ in range(25):
        base = random.choice(requests(client))  # with its tools, and all else
        messages = conversation(client, random)
        for end in range(1, len(messages) + 1):
            body = encode(base | {field: messages[:end]})
            expected = outcome(translation(client, upstream), body)
            for _ in range(2):
                assert outcome(translation(client, upstream, memory=memory), body) == expected, messages[:end]
    assert memory.size < size + 1000 * 1024


def spoilt(body: bytes, random: Random) -> bytes:
    """A body with some bytes that are others, gone or too many."""
    out = bytearray(body)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(out))
        out[at : at + random.randrange(3)] = random.choice(
            [b"", b'"', b"{", b"]", b",", b"null", b"7", b"\\u00", b"\xff"]
        )
    return bytes(out)


@pytest.mark.parametrize("client", FIELDS)
def test_what_is_spoilt_is_refused_alike(client: str) -> None:
    """A body that cannot be read is refused in the same words, whatever of it is known."""
    upstream = "openai-chat" if client != "openai-chat" else "anthropic-messages"
    random, memory, refused = Random(crc32(client.encode())), Memory(1 << 30), 0
    for _ in range(300):
        body = encode(random.choice(requests(client)))
        outcome(translation(client, upstream, memory=memory), body)
        body = spoilt(body, random)
        expected = outcome(translation(client, upstream), body)
        refused += len(expected) == 4
        for _ in range(2):
            assert outcome(translation(client, upstream, memory=memory), body) == expected, body
    assert refused > 100


def test_it_is_used() -> None:
    """A conversation of texts and calls is read and written once; what comes behind it is all that is new."""
    memory, lifted = Memory(1 << 30), []
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    for turn in range(6):
        call = {"id": f"call_{turn}", "type": "function", "function": {"name": "look", "arguments": '{"at":1}'}}
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"call_{turn}", "content": f"seen {turn}"},
        ]
        going = translation("openai-chat", "anthropic-messages", memory=memory)
        going.request(encode({"model": "m", "messages": messages, "max_tokens": 5}))
        lifted.append(sum(len(one.written) for one in going_messages(memory)))
    assert lifted == sorted(lifted) and lifted[-1] >= 9


def going_messages(memory: Memory) -> list[recall.Message]:
    found, todo = [], [one for one in memory._young.values() if type(one) is recall.Message]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += one.behind.values()
    return found


def test_it_is_nobody_elses() -> None:
    """What one client said is not looked up for another, nor for another model."""
    memory, body = (
        Memory(1 << 30),
        encode({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}),
    )
    kinds = [{"whose": "ann"}, {"whose": "bob"}, {"whose": "ann", "model": "claude-3-5-haiku-latest"}]
    for count, kind in enumerate(kinds, 1):
        for _ in range(2):
            translation("openai-chat", "anthropic-messages", memory=memory, **kind).request(body)
        assert len(memory._young) == count


async def test_a_policy_says_how_much_of_it() -> None:
    """Another policy keeps what is known, unless it gives it another size."""

    def snapshot(remember: str) -> Snapshot:
        accounts = "pools: {main: {accounts: [{name: a, provider: echo}]}}\nmodels: [{name: '*', pool: main}]\n"
        policy, found = parse(
            f"version: 1\nserver: {{{remember}}}\n{accounts}", "policy.yaml", {"echo": ["canonical"]}, {}
        )
        assert policy is not None, found
        return from_policy(policy, {})[0]

    gateway = Gateway(snapshot(""), lambda: 0.0, {}, Telemetry(io.BytesIO()))
    memory = gateway.in_force.memory
    assert memory is not None and memory.limit == 64 << 20
    gateway.take(snapshot("port: 7071"))
    assert gateway.in_force.memory is memory
    gateway.take(snapshot("remember: 2"))
    assert gateway.in_force.memory is not None and gateway.in_force.memory.limit == 2 << 20
    gateway.take(snapshot("remember: 0"))
    assert gateway.in_force.memory is None


def test_it_is_forgotten() -> None:
    memory = Memory(1 << 30)
    for now in (1, 200, 400, 800):
        going = translation("openai-chat", "anthropic-messages", memory=memory)
        going.ctx.now = now
        going.request(encode({"model": "m", "messages": [{"role": "user", "content": str(now)}], "max_tokens": 5}))
    said = [b.decode() for one in (*memory._young.values(), *memory._old.values()) for b in one.behind]
    assert not any('"1"' in one or '"200"' in one for one in said)
