"""What a stream repeats that no schema knows is named once and dropped each time, at the price of a few decodes."""

from __future__ import annotations

import random

import msgspec
import pytest

from generated.anthropic_messages.stream import LOUD as MESSAGES_LOUD
from generated.anthropic_messages.stream import decode_frame as decode_event
from generated.openai_chat.stream import LOUD as CHAT_LOUD
from generated.openai_chat.stream import decode_frame as decode_chunk
from runtime.core.framing import EventReader, loud_ones, quiet
from runtime.core.tolerant import decode
from runtime.core.translate import renamed

CHUNK = b'{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"%b"%b}}]}'
DELTA = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"%b"%b}}'


@pytest.mark.parametrize(("decoder", "frame"), [(decode_chunk, CHUNK), (decode_event, DELTA)])
def test_a_repeated_unknown_field(decoder, frame):
    found, known = [], {}
    for text in (b"one", b"two", b"three"):
        value = decode(decoder, frame % (text, b',"novel":{"a":[1]}'), lambda *what: found.append(what), known)
        assert value == decoder(frame % (text, b""))
    assert len(found) == 1  # later ones go the short way
    decode(decoder, frame % (b"four", b',"other":1'), lambda *what: found.append(what), known)
    assert len(found) == 2  # another complaint is looked into
    with pytest.raises(msgspec.ValidationError):
        decode(decoder, (frame % (b"x", b',"novel":1')).replace(b'"x"', b"7"), lambda *what: None, known)


def test_the_same_complaint_of_two_decoders():
    known = {}
    for decoder, frame in (
        (decode_chunk, b'{"novel":1,"choices":[]}'),
        (decode_event, b'{"novel":1,"type":"ping"}'),
    ) * 2:
        clean = decoder(frame.replace(b'"novel":1,', b""))
        assert decode(decoder, frame, lambda *what: None, known) == clean


@pytest.mark.parametrize(
    ("loud", "frame", "expected"),
    [
        (CHAT_LOUD, b'{"choices":[{"delta":{"content":"x"},"finish_reason":null}],"usage":null}', True),
        (CHAT_LOUD, b'{"choices":[{"delta":{"content":"x"},"finish_reason": null}],"usage":null}', True),
        (CHAT_LOUD, rb'{"choices":[{"delta":{"content":"\"usage\":{}, \"error\": 1"}}]}', True),
        (CHAT_LOUD, b'{"choices":[{"delta":{"content":"\\u00e9"}}]}', True),
        (CHAT_LOUD, b'{"choices":[],"usage":{"prompt_tokens":1}}', False),
        (CHAT_LOUD, b'{"choices":[],"usage":null,"x":{"usage" : {}}}', False),
        (CHAT_LOUD, b'{"choices":[{"delta":{},"finish_reason":"stop"}]}', False),
        (CHAT_LOUD, b'{"error":{"message":"overloaded"}}', False),
        (CHAT_LOUD, rb'{"err\u006fr":{"message":"overloaded"}}', False),
        (CHAT_LOUD, b"[DONE]", False),
        (MESSAGES_LOUD, DELTA % (b"x", b""), True),
        (MESSAGES_LOUD, b'{"type":"message_stop"}', False),
        (MESSAGES_LOUD, b'{"type" : "error","error":{"type":"overloaded_error","message":"no"}}', False),
        (MESSAGES_LOUD, rb'{"type":"message\u005fstop"}', False),
    ],
)
def test_what_is_quiet(loud, frame, expected):
    assert quiet(frame, loud) is expected


@pytest.mark.parametrize("seed", range(20))
def test_those_that_are_not_quiet_are_found_among_all(seed):
    chance, loud = random.Random(seed), (b'"usage"', b'"error"', b"[DONE]")
    parts = [
        b'{"usage":null}',
        b'{"usage": null}',
        b'{"usage":{}}',
        b'"a"',
        b'"err\\u006fr"',
        b"[DONE]",
        b'{"error":1}',
        b"",
        b"\n",
    ]
    frames = [b"".join(chance.choices(parts, [9, 9, 1, 9, 1, 1, 1, 9, 3], k=3)) for _ in range(chance.randint(0, 30))]
    assert loud_ones(frames, loud) == {number for number, frame in enumerate(frames) if not quiet(frame, loud)}


def test_bytes_passed_over_leave_the_reader_where_it_would_be():
    frames = [b"data: " + CHUNK % (text, b"") + b"\n\n" for text in (b"one", b"two")]
    last = (
        b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\ndata: [DONE]\n\n'
    )
    whole = b"".join(frames) + last
    for cut in range(1, len(whole)):
        reader, seen = EventReader(), []
        for part in (whole[:cut], whole[cut:]):
            if not reader.pass_over(part, CHAT_LOUD):
                seen += reader.feed(part)
        assert [data for _, data in seen][-2:] == [event[6:] for event in last.split(b"\n\n")[:2]], cut
        assert not reader.held


@pytest.mark.parametrize(
    "body",
    [
        b'{"model":"a","messages":[]}',
        b'{ "metadata": {"model": "a"}, "messages": [], "model" : "a" }',
        rb'{"messages":[{"content":"\"model\":\"a\""}],"model":"a\"b"}',
        rb'{"m\u006fdel":"a","messages":[]}',
        b'{"x":[' + b'{"model":"a"},' * 40 + b'0],"model":"a"}',
    ],
)
def test_a_renamed_model(body):
    before, after = msgspec.json.decode(body), msgspec.json.decode(renamed(body, 'new "é"'))
    assert after == {**before, "model": 'new "é"'}
