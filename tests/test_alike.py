"""Frames that differ in one text are written without being decoded: what comes out is what each would have become."""

from __future__ import annotations

import json
from random import Random

import pytest

from runtime.core import streaming
from runtime.core.alike import Alike, Still
from runtime.core.catalogue import dialect
from runtime.core.framing import EventReader
from runtime.core.streaming import Converting, Passing
from tests.laws import streams
from tests.laws.schemas import CHAT_PAIRS
from tests.laws.streams import FRAMES, written
from tests.test_streams import RICH, asking

CAPABLE = [
    (client, upstream)
    for client, upstream in CHAT_PAIRS
    if upstream in RICH and all(hasattr(dialect(name).stream, "UNREAD") for name in (client, upstream))
]
EVENTS = [name for name in RICH if type(asking(name, name).stream().reader) is EventReader]
ALIKE = [("anthropic-messages", "openai-chat"), ("openai-chat", "anthropic-messages")]


@pytest.fixture(autouse=True)
def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "pieces", lambda text, random: [text[at : at + 2] for at in range(0, len(text), 2)])


def frames(upstream: str, seed: int, ascii: bool) -> list[bytes]:
    """A stream in many frames, as it comes in reads of one frame each."""
    made = [
        (name, data if data == "[DONE]" else json.dumps(json.loads(data), ensure_ascii=ascii, separators=(",", ":")))
        for name, data in FRAMES[upstream](RICH[upstream], Random(seed))
    ]
    return [written([frame], name=upstream) for frame in made]


def both(client: str, upstream: str) -> tuple[Converting, Converting]:
    """The same stream twice; the second takes nothing for alike."""
    quick, usual = asking(client, upstream).stream(), asking(client, upstream).stream()
    usual.alike = None
    return quick, usual


class Counting(Alike):
    __slots__ = ("hits",)

    def __init__(self, unread: tuple[str, ...]) -> None:
        super().__init__(unread)
        self.hits = 0

    def written(self, name: bytes, data: bytes) -> bytes | None:
        made = super().written(name, data)
        self.hits += made is not None
        return made

    def event(self, data: bytes) -> bytes | None:
        made = super().event(data)
        self.hits += made is not None
        return made


@pytest.mark.parametrize("client, upstream", CAPABLE)
@pytest.mark.parametrize("ascii", [True, False])
def test_each_frame_is_written_as_it_would_be_by_itself(client: str, upstream: str, ascii: bool) -> None:
    for seed in range(3):
        quick, usual = both(client, upstream)
        parts = frames(upstream, seed, ascii)
        assert [quick.feed(part) for part in parts] == [usual.feed(part) for part in parts]
        assert quick.eof() == usual.eof() and quick.usage == usual.usage and quick.ended
        assert quick.translation.losses == usual.translation.losses


@pytest.mark.parametrize("client, upstream", ALIKE)
def test_most_frames_of_a_text_are_alike(client: str, upstream: str) -> None:
    stream, parts = asking(client, upstream).stream(), frames(upstream, 1, False)
    stream.alike = Counting(("obfuscation",))
    for part in parts:
        stream.feed(part)
    assert stream.alike.hits > len(parts) / 3


def test_a_field_that_nobody_reads_may_differ() -> None:
    stream = asking("anthropic-messages", "openai-chat").stream()
    stream.alike, random = Counting(("obfuscation",)), Random(3)
    for number in range(20):
        chunk = {"id": "a", "choices": [{"index": 0, "delta": {"content": f"word {number} "}}]}
        chunk["obfuscation"] = "x" * random.randrange(12)
        out = stream.feed(written([("", json.dumps(chunk, separators=(",", ":")))], name="openai-chat"))
        assert f"word {number} ".encode() in out
    assert stream.alike.hits > 10


@pytest.mark.parametrize("client, upstream", ALIKE)
@pytest.mark.parametrize("seed", range(60))
def test_a_frame_that_was_spoilt_is_taken_for_nothing_else(client: str, upstream: str, seed: int) -> None:
    """Bytes put in, taken out or exchanged anywhere: the same comes out as without, and the same failure."""
    random = Random(seed)
    parts = frames(upstream, seed, bool(seed % 2))
    for _ in range(3):
        number = random.randrange(len(parts))
        data, at = bytearray(parts[number]), random.randrange(len(parts[number]))
        data[at : at + random.randrange(2)] = random.choice(
            [b'"', b"\\", b"\\u00e9", b"\\/", b"\xff", b"\xc3", b"\x01", b",", b"}", b'","a":"', b"a", b"", b"\n"]
        )
        parts[number] = bytes(data)
    quick, usual = both(client, upstream)
    for part in parts:
        assert quick.feed(part) == usual.feed(part)
        assert quick.failure == usual.failure
    assert quick.eof() == usual.eof()


@pytest.mark.parametrize("client, upstream", CAPABLE)
@pytest.mark.parametrize("seed", range(4))
def test_many_frames_in_one_read_are_written_as_each_by_itself(client: str, upstream: str, seed: int) -> None:
    random = Random(seed)
    data = b"".join(frames(upstream, seed, bool(seed % 2)))
    at = sorted(random.sample(range(1, len(data)), seed))  # the first is one read
    quick, usual = both(client, upstream)
    for part in (data[a:b] for a, b in zip([0, *at], [*at, len(data)], strict=True)):
        assert quick.feed(part) == usual.feed(part)
    assert quick.eof() == usual.eof() and quick.usage == usual.usage and quick.ended
    assert quick.translation.losses == usual.translation.losses


@pytest.mark.parametrize("client, upstream", ALIKE)
@pytest.mark.parametrize("seed", range(40))
def test_a_spoilt_frame_among_many_is_taken_for_nothing_else(client: str, upstream: str, seed: int) -> None:
    random = Random(seed)
    data = bytearray(b"".join(frames(upstream, seed, bool(seed % 2))))
    for _ in range(3):
        at = random.randrange(len(data))
        data[at : at + random.randrange(2)] = random.choice(
            [
                b'"',
                b"\\",
                b"\\u00e9",
                b"\\/",
                b"\xff",
                b"\xc3",
                b"\x01",
                b",",
                b"}",
                b"a",
                b"",
                b"\n",
                b"\r",
                b"\r\n",
                b"\n\n",
            ]
        )
    quick, usual = both(client, upstream)
    assert quick.feed(bytes(data)) == usual.feed(bytes(data))
    assert quick.failure == usual.failure
    assert quick.eof() == usual.eof()


@pytest.mark.parametrize("client, upstream", ALIKE)
def test_most_frames_of_one_read_are_found_together(
    client: str, upstream: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, cut = frames(upstream, 1, False), []
    usual = Converting._frames
    monkeypatch.setattr(Converting, "_frames", lambda self, found: cut.extend(found) or usual(self, found))
    asking(client, upstream).stream().feed(b"".join(parts))
    assert len(cut) < len(parts) * 3 / 4


def test_a_line_end_in_a_text_is_none_of_it() -> None:
    parts = frames("openai-chat", 1, False)
    at = next(n for n in range(len(parts) // 2, len(parts)) if b'"content":"' in parts[n])
    parts[at] = parts[at].replace(b'"content":"', b'"content":"a\nb', 1)
    quick, usual = both("anthropic-messages", "openai-chat")
    assert quick.feed(b"".join(parts)) == usual.feed(b"".join(parts))
    assert (quick.failure is None) == (usual.failure is None) and quick.eof() == usual.eof()


# streams that stay in their dialect


def passed(name: str) -> tuple[Passing, Passing]:
    """The same stream twice; the second takes no read for one that is known."""
    quick, usual = asking(name, name).stream(), asking(name, name).stream()
    usual.still = None
    return quick, usual


def told(stream: Passing) -> tuple:
    return stream.usage, stream.failure, stream.ended, stream.content, stream.translation.losses


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("seed", range(6))
def test_what_is_passed_over_holds_nothing(name: str, seed: int) -> None:
    quick, usual = passed(name)
    for part in frames(name, seed, bool(seed % 2)):
        assert (quick.feed(part), told(quick)) == (usual.feed(part), told(usual))
    assert quick.eof() == usual.eof() and told(quick) == told(usual) and quick.ended


@pytest.mark.parametrize("name", ["openai-chat", "anthropic-messages"])
def test_most_events_of_a_text_are_passed_over(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, found = frames(name, 1, False), []
    usual = Still.holds
    monkeypatch.setattr(Still, "holds", lambda self, data: found.append(usual(self, data)) or found[-1])
    stream = asking(name, name).stream()
    for part in parts:
        stream.feed(part)
    assert sum(found) > len(parts) / 3


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("seed", range(40))
def test_what_is_said_of_an_event_is_never_passed_over(name: str, seed: int) -> None:
    """Bytes put in, exchanged or taken out anywhere, and texts that are words of the protocol."""
    random = Random(seed)
    parts, loud = frames(name, seed, bool(seed % 2)), dialect(name).stream.LOUD
    for _ in range(4):
        number = random.randrange(len(parts))
        data, at = bytearray(parts[number]), random.randrange(len(parts[number]))
        data[at : at + random.randrange(2)] = random.choice(
            [
                *loud,
                *(word.strip(b'"') for word in loud),
                b'"',
                b"\\",
                b"\\u0075",
                b"\xff",
                b"9",
                b"-",
                b"",
                b"\n",
                b"\n\n",
                b"\r",
            ]
        )
        parts[number] = bytes(data)
    quick, usual = passed(name)
    for part in parts:
        assert (quick.feed(part), told(quick)) == (usual.feed(part), told(usual))
    assert quick.eof() == usual.eof() and told(quick) == told(usual)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("seed", range(24))
def test_a_long_read_is_what_its_events_are(name: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever they are, and wherever they are cut; what the stream fails by is never followed by more of it."""
    monkeypatch.setattr(streaming, "LONG", 300)
    random = Random(seed)
    parts, loud = frames(name, seed, bool(seed % 2)), dialect(name).stream.LOUD
    for _ in range(seed % 4):
        number = random.randrange(len(parts))
        data, at = bytearray(parts[number]), random.randrange(len(parts[number]))
        data[at : at + random.randrange(2)] = random.choice(
            [*loud, b'"', b"\xff", b"\n\n", b"\r", b'{"error":{"message":"no"}}']
        )
        parts[number] = bytes(data)
    whole, (quick, usual) = b"".join(parts), passed(name)
    out = [b"", b""]
    while whole:
        size = random.choice([len(whole), random.randrange(1, len(whole) + 1)])
        for number, stream in enumerate((quick, usual)):
            if stream.failure is None:
                out[number] += stream.feed(whole[:size])
        whole = whole[size:]
    if quick.failure is None:
        assert out[0] + quick.eof() == out[1] + usual.eof()
    assert EventReader().feed(out[0]) == EventReader().feed(out[1]) and told(quick) == told(usual)


def test_a_word_of_the_protocol_in_the_place_of_a_text_is_looked_at() -> None:
    stream = asking("anthropic-messages", "anthropic-messages").stream()
    for kind in ("ping", "pong", "peng", "pung"):
        stream.flow.content = True
        stream.feed(b'data: {"type":"%b"}\n\n' % kind.encode())
    assert stream.still.holds(b'data: {"type":"pang"}\n\n')
    assert not stream.still.holds(b'data: {"type":"message_stop"}\n\n')
