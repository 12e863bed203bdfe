"""`make bench-micro`: what each conversion takes by itself, beside json.loads and json.dumps of the same body."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import bodies
from runtime.core.recall import Memory
from runtime.core.translate import Translation

BUILD = Path(__file__).resolve().parents[1] / "build" / "bench"
DIALECTS = {"chat": ("openai-chat", "openai"), "messages": ("anthropic-messages", "anthropic")}
PAIRS = [("chat", "chat"), ("chat", "messages"), ("messages", "chat")]
SIZES = ["small", "large"]


@pytest.fixture(scope="module", autouse=True)
def files() -> dict[str, int]:
    return bodies.write(BUILD)


def translation(client: str, upstream: str, model: str, memory: Memory | None = None) -> Translation:
    dialect, provider = DIALECTS[upstream]
    return Translation(DIALECTS[client][0], dialect, provider, model, now=1, new_id=lambda: "bench", memory=memory)


def loaded(name: str) -> tuple[bytes, str]:
    body = (BUILD / name).read_bytes()
    return body, json.loads(body).get("model", "")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("client", DIALECTS)
def test_json_alone(benchmark, client, size):
    body, _ = loaded(f"{client}-{client}-{size}.json")
    benchmark(lambda: json.dumps(json.loads(body)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_request(benchmark, client, upstream, size):
    body, model = loaded(f"{client}-{upstream}-{size}.json")
    outgoing = benchmark(lambda: translation(client, upstream, model).request(body))
    assert (outgoing.body == body) == (client == upstream)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("client", "upstream"), PAIRS[1:])
def test_request_of_a_conversation_that_goes_on(benchmark, client, upstream, size):
    body, model = loaded(f"{client}-{upstream}-{size}.json")
    memory, outgoing = Memory(1 << 30), translation(client, upstream, model).request(body)
    for _ in range(2):
        translation(client, upstream, model, memory).request(body)
    assert benchmark(lambda: translation(client, upstream, model, memory).request(body)) == outgoing


@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_answer(benchmark, client, upstream):
    body, model = loaded(f"{upstream}.json")
    assert benchmark(lambda: translation(client, upstream, model).answer(body))


@pytest.mark.parametrize(("client", "upstream"), PAIRS)
def test_stream(benchmark, files, client, upstream):
    """A whole stream, in one read for each event."""
    events = [event + b"\n\n" for event in (BUILD / f"{upstream}.sse").read_bytes().split(b"\n\n") if event]
    assert len(events) == files[upstream]

    def stream() -> int:
        made = translation(client, upstream, "bench").stream()
        return sum(len(made.feed(event)) for event in events)

    assert benchmark(stream)
