"""Amazon's event streams: what we write botocore reads, and what it would read is read here, however it is cut."""

import json
from struct import pack
from zlib import crc32

import pytest
from botocore.eventstream import EventStream, EventStreamBuffer
from botocore.exceptions import EventStreamError
from botocore.parsers import create_parser
from botocore.session import Session

from runtime.core.framing import FRAMINGS, LONGEST_FRAME, FrameTooLong, MessageReader, messages

MODEL = Session().get_service_model("bedrock-runtime").operation_model("ConverseStream")
SHAPE = MODEL.get_event_stream_output()


def frame(name: str, **payload: object) -> tuple[bytes, bytes]:
    return b"", json.dumps({"event": name, **payload}, separators=(",", ":")).encode()


SAID = [
    frame("messageStart", role="assistant"),
    frame("contentBlockDelta", contentBlockIndex=0, delta={"text": "São Paulo 🎈"}),
    frame("contentBlockStop", contentBlockIndex=0),
    frame("messageStop", stopReason="end_turn"),
    frame("metadata", usage={"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, metrics={"latencyMs": 4}),
]


class Body:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self) -> list[bytes]:
        return [self.data[at : at + 7] for at in range(0, len(self.data), 7)]


def by_botocore(data: bytes) -> list[dict[str, object]]:
    parser = create_parser("rest-json")._event_stream_parser
    return list(EventStream(Body(data), SHAPE, parser, "ConverseStream"))


def message(headers: bytes, payload: bytes = b"{}") -> bytes:
    """As the format's description says."""
    sizes = pack(">II", 16 + len(headers) + len(payload), len(headers))
    said = sizes + pack(">I", crc32(sizes)) + headers + payload
    return said + pack(">I", crc32(said))


def text(name: str, value: str) -> bytes:
    return pack("B", len(name)) + name.encode() + b"\x07" + pack(">H", len(value.encode())) + value.encode()


def test_botocore_reads_what_is_written() -> None:
    assert by_botocore(messages(SAID)) == [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "São Paulo 🎈"}}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
        {
            "metadata": {
                "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3},
                "metrics": {"latencyMs": 4},
            }
        },
    ]
    buffer = EventStreamBuffer()
    buffer.add_data(messages(SAID[:1]))
    [one] = buffer
    assert one.headers == {
        ":event-type": "messageStart",
        ":content-type": "application/json",
        ":message-type": "event",
    }
    assert one.payload == b'{"role":"assistant"}'


def test_botocore_raises_what_is_written_as_an_exception() -> None:
    with pytest.raises(EventStreamError, match=r"throttlingException.*slow down"):
        by_botocore(messages([*SAID[:2], frame("throttlingException", message="slow down")]))


def test_what_means_nothing_is_skipped() -> None:
    idle = FRAMINGS["messages"].idle
    assert by_botocore(idle + messages(SAID[:1]) + idle) == [{"messageStart": {"role": "assistant"}}]


def test_a_cut_at_any_byte_changes_no_frame() -> None:
    data = messages([*SAID, frame("throttlingException", message="slow down")])
    whole = MessageReader().feed(data)
    assert [name for name, _ in whole] == [
        *(b"messageStart", b"contentBlockDelta", b"contentBlockStop", b"messageStop", b"metadata", b"exception")
    ]
    assert messages(whole) == data
    for at in range(len(data)):
        reader = MessageReader()
        assert reader.feed(data[:at]) + reader.feed(data[at:]) == whole
        end = MessageReader.end(data[:at])
        assert end <= at and messages(MessageReader().feed(data[:end])) == data[:end]
    assert MessageReader.end(data) == len(data)


def test_headers_of_every_type() -> None:
    """Those that are no texts are passed over, whatever stands in them."""
    headers = b"".join(
        pack("B", 1) + b"h" + pack("B", kind) + value
        for kind, value in [
            *((0, b""), (1, b""), (2, b"\x07"), (3, b"\x07" * 2), (4, b"\x07" * 4), (5, b"\x07" * 8)),
            *((6, pack(">H", 3) + b"abc"), (8, b"\x07" * 8), (9, b"\x07" * 16)),
        ]
    )
    headers += text(":event-type", "messageStop") + text(":message-type", "event")
    assert MessageReader().feed(message(headers, b' { "stopReason" : "end_turn" } ')) == [
        (b"messageStop", b'{"event":"messageStop","stopReason" : "end_turn" }')
    ]
    assert MessageReader().feed(message(headers, b"")) == [(b"messageStop", b'{"event":"messageStop"}')]
    assert MessageReader().feed(message(headers, b"{}")) == [(b"messageStop", b'{"event":"messageStop"}')]


def test_an_error_without_json_is_told_by_its_headers() -> None:
    headers = text(":message-type", "error") + text(":error-code", "InternalError") + text(":error-message", "it broke")
    assert MessageReader().feed(message(headers, b"")) == [(b"error", b'{"message":"InternalError: it broke"}')]


def test_what_is_garbled_is_an_error_and_ends_the_stream() -> None:
    data = messages(SAID)
    first = len(messages(SAID[:1]))
    for at in (0, 5, 9, 20, first - 6, first - 1):
        broken = bytearray(data)
        broken[at] ^= 1
        [*_, (name, said)] = MessageReader().feed(bytes(broken))
        assert name == b"error" and b"cannot be read" in said
    with pytest.raises(FrameTooLong):
        sizes = pack(">II", LONGEST_FRAME + 1, 0)
        MessageReader().feed(sizes + pack(">I", crc32(sizes)))
    assert MessageReader().feed(message(b"\x09:e"))[0][0] == b"error"
