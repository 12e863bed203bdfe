"""What a measurement sends: requests of two sizes in two protocols, and the answers to them, as files of a folder.

Small is 12 messages and 3 tools, about 7 KB; large is 200 messages and 40 tools, about 200 KB. A stream is 80 deltas of
text and 20 of a tool call's input. The words are drawn with a fixed seed: these are always the same bytes.
"""

import json
import random
from pathlib import Path
from typing import Any

WORDS = [
    "request",
    "answer",
    "stream",
    "token",
    "pool",
    "account",
    "model",
    "gateway",
    "retry",
    "limit",
    "budget",
    "header",
    "while",
    "until",
    "because",
    "within",
    "return",
    "import",
    "assert",
    "lambda",
    "yield",
    "“quoted”",
    "café",
    "naïve",
    "—",
    "λ",
    "模型",
    "résumé\n",
    "",
    "indented\ttabbed",
    '"escaped"',
    "C:\\path",
]
PROTOCOLS = {"chat": "/v1/chat/completions", "messages": "/v1/messages"}
MODELS = {"chat": "gpt", "messages": "claude"}  # the upstream that a model belongs to, by how its name begins
SIZES = {"small": (12, 3, 300), "large": (200, 40, 800)}  # messages, tools, characters in a message
PACES = ("burst", "paced", "held")
STAMP = "@@" + "0" * 16  # the upstream writes the time here
TEXT_DELTAS, INPUT_DELTAS = 80, 20


def write(folder: Path) -> dict[str, int]:
    """Writes all files; gives how many events a stream of each protocol has."""
    folder.mkdir(parents=True, exist_ok=True)
    for size, shape in SIZES.items():
        for protocol in PROTOCOLS:
            for target in PROTOCOLS:
                _save(folder / f"{protocol}-{target}-{size}.json", request(protocol, MODELS[target] + "-burst", shape))
    for protocol in PROTOCOLS:
        for target in PROTOCOLS:
            for pace in PACES:
                body = {**request(protocol, f"{MODELS[target]}-{pace}", SIZES["small"]), "stream": True}
                if protocol == "chat":
                    body["stream_options"] = {"include_usage": True}
                _save(folder / f"{protocol}-{target}-{pace}.json", body)
    _save(folder / "chat.json", chat_answer())
    _save(folder / "messages.json", messages_answer())
    events = {"chat": chat_events(), "messages": messages_events()}
    for protocol, frames in events.items():
        (folder / f"{protocol}.sse").write_bytes(b"".join(frames))
    return {protocol: len(frames) for protocol, frames in events.items()}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _save(path: Path, value: Any) -> None:
    path.write_bytes(_json(value))


def _text(draw: random.Random, length: int) -> str:
    words = []
    while length > 0:
        words.append(draw.choice(WORDS))
        length -= len(words[-1]) + 1
    return " ".join(words)


def _call(draw: random.Random, number: int, tools: int) -> tuple[str, str, dict[str, Any]]:
    value = {"path": _text(draw, 40), "mode": "read", "lines": [1, number], "exact": True}
    return f"call_{number:024d}", f"tool_{number % tools}", value


def request(protocol: str, model: str, shape: tuple[int, int, int]) -> dict[str, Any]:
    """An agent's conversation: instructions, a question, then calls of tools and their results in turn."""
    turns, tools, length = shape
    draw = random.Random(turns)
    instructions, question = _text(draw, length * 2), _text(draw, length)
    schema = {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": _text(draw, 60)},
            "mode": {"type": "string", "enum": ["read", "write"]},
            "lines": {"type": "array", "items": {"type": "integer"}, "description": _text(draw, 60)},
            "exact": {"type": "boolean", "description": _text(draw, 40)},
        },
        "required": ["path", "mode"],
        "additionalProperties": False,
    }
    named = [(f"tool_{number}", _text(draw, 120)) for number in range(tools)]
    rounds = [(_text(draw, length // 2), _call(draw, n, tools), _text(draw, length)) for n in range((turns - 2) // 2)]
    if protocol == "chat":
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": question}]
        for said, (id, name, value), result in rounds:
            call = {"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(value)}}
            messages += [
                {"role": "assistant", "content": said, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": id, "content": result},
            ]
        return {
            "model": model,
            "messages": messages,
            "max_tokens": 1024,
            "temperature": 0.2,
            "tools": [
                {"type": "function", "function": {"name": name, "description": what, "parameters": schema}}
                for name, what in named
            ],
            "tool_choice": "auto",
        }
    messages = [{"role": "user", "content": [{"type": "text", "text": question}]}]
    for said, (id, name, value), result in rounds:
        messages += [
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": said},
                    {"type": "tool_use", "id": id, "name": name, "input": value},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": id, "content": [{"type": "text", "text": result}]},
                ],
            },
        ]
    return {
        "model": model,
        "max_tokens": 1024,
        "temperature": 0.2,
        "system": [{"type": "text", "text": instructions}],
        "messages": messages,
        "tools": [{"name": name, "description": what, "input_schema": schema} for name, what in named],
        "tool_choice": {"type": "auto"},
    }


def _said() -> tuple[str, str, str, str]:
    """What every answer says: its text, and a call's id, name and input."""
    draw = random.Random(1)
    text = _text(draw, 600)
    id, name, value = _call(draw, 1, 3)
    return text, id, name, json.dumps({**value, "note": _text(draw, 150)})


CHAT_HEAD = {"id": "chatcmpl-0123456789abcdef01234567", "created": 1760000000, "model": "gpt-burst"}
CHAT_USAGE = {
    "prompt_tokens": 1500,
    "completion_tokens": 120,
    "total_tokens": 1620,
    "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 0,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
MESSAGE_HEAD = {"id": "msg_0123456789abcdef01234567", "type": "message", "role": "assistant", "model": "claude-burst"}
MESSAGE_USAGE = {
    "input_tokens": 476,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 1024,
    "output_tokens": 120,
    "service_tier": "standard",
}


def chat_answer() -> dict[str, Any]:
    text, id, name, value = _said()
    call = {"id": id, "type": "function", "function": {"name": name, "arguments": value}}
    message = {"role": "assistant", "content": text, "refusal": None, "annotations": [], "tool_calls": [call]}
    return {
        **CHAT_HEAD,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls"}],
        "usage": CHAT_USAGE,
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
    }


def messages_answer() -> dict[str, Any]:
    text, id, name, value = _said()
    call = {"type": "tool_use", "id": id, "name": name, "input": json.loads(value)}
    return {
        **MESSAGE_HEAD,
        "content": [{"type": "text", "text": text}, call],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": MESSAGE_USAGE,
    }


def _deltas() -> tuple[list[str], list[str]]:
    """Texts, every tenth with a stamp in it, and a call's input in pieces."""
    draw = random.Random(2)
    texts = [" " + (STAMP if number % 10 == 5 else draw.choice(WORDS)) for number in range(TEXT_DELTAS)]
    value = _said()[3]
    step = -(-len(value) // INPUT_DELTAS)
    return texts, [value[at : at + step] for at in range(0, len(value), step)]


def chat_events() -> list[bytes]:
    _, id, name, _ = _said()
    texts, pieces = _deltas()
    start = {"index": 0, "id": id, "type": "function", "function": {"name": name, "arguments": ""}}
    deltas: list[tuple[dict[str, Any], str | None]] = [({"role": "assistant", "content": "", "refusal": None}, None)]
    deltas += [({"content": text}, None) for text in texts]
    deltas.append(({"tool_calls": [start]}, None))
    deltas += [({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}, None) for piece in pieces]
    deltas.append(({}, "tool_calls"))
    head = {
        **CHAT_HEAD,
        "object": "chat.completion.chunk",
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
    }
    chunks = [
        {
            **head,
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": stop}],
            "usage": None,
        }
        for delta, stop in deltas
    ]
    chunks.append({**head, "choices": [], "usage": CHAT_USAGE})
    return [b"data: %b\n\n" % data for data in (*map(_json, chunks), b"[DONE]")]


def messages_events() -> list[bytes]:
    _, id, name, _ = _said()
    texts, pieces = _deltas()

    def event(kind: str, **fields: Any) -> bytes:
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), _json({"type": kind, **fields}))

    def delta(index: int, **fields: Any) -> bytes:
        return event("content_block_delta", index=index, delta=fields)

    started = {**MESSAGE_HEAD, "content": [], "stop_reason": None, "stop_sequence": None}
    call = {"type": "tool_use", "id": id, "name": name, "input": {}}
    return [
        event("message_start", message={**started, "usage": {**MESSAGE_USAGE, "output_tokens": 1}}),
        event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
        event("ping"),
        *(delta(0, type="text_delta", text=text) for text in texts),
        event("content_block_stop", index=0),
        event("content_block_start", index=1, content_block=call),
        *(delta(1, type="input_json_delta", partial_json=piece) for piece in pieces),
        event("content_block_stop", index=1),
        event(
            "message_delta",
            delta={"stop_reason": "tool_use", "stop_sequence": None},
            usage={"output_tokens": 120},
        ),
        event("message_stop"),
    ]
