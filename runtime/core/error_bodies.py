"""What bodies of errors say, whatever their form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


def kind_of(status: int) -> str:
    known = {
        401: "authentication",
        402: "quota",
        403: "permission",
        404: "not_found",
        408: "timeout",
        413: "too_large",
        429: "rate_limit",
        503: "overloaded",
        504: "timeout",
        529: "overloaded",
    }
    return known.get(status) or ("invalid_request" if 400 <= status < 500 else "internal")


def message_in(body: bytes) -> str:
    """The sentence in an error body of unknown form."""
    try:
        seen = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body[:500].decode("utf-8", "replace").strip() if not body.lstrip().startswith(b"<") else ""
    for _ in range(3):
        if isinstance(seen, str):
            return seen
        if isinstance(seen, list) and seen:
            seen = seen[0]
        elif isinstance(seen, dict):
            seen = next((seen[key] for key in ("error", "message", "detail", "msg", "errors") if seen.get(key)), "")
    return seen if isinstance(seen, str) else ""


# What is said of a prompt that is too long for its model: by Anthropic, Bedrock, Gemini, OpenAI, vLLM, Mistral, Ollama,
# llama.cpp, LM Studio, Cohere, xAI, Moonshot, MiniMax and Groq.
TOO_LONG = (
    *("prompt is too long", "prompt too long", "input is too long", "exceed context limit"),
    *("input token count", "exceeds the context", "maximum context length", "maximum model length"),
    *("max context length", "exceeds the available context", "greater than the context length"),
    *("tokens in the prompt cannot exceed", "maximum prompt length", "exceeded model token limit"),
    *("context window exceeds", "reduce the length of the messages"),
)
TOO_LONG_CODE = "context_length_exceeded"  # the one code for it by which clients know that they must say less


def too_long(message: str) -> bool:
    """Whether an error says that a prompt is too long for its model."""
    said = message.lower()
    return any(phrase in said for phrase in TOO_LONG)


def code_in(body: bytes, headers: Mapping[str, str], status: int) -> str | None:
    """The code in an error of unknown form; one that only repeats the status says nothing."""
    if told := headers.get("x-amzn-errortype"):
        return told.partition(":")[0]
    for inner in objects_in(body):
        for key in ("code", "status_code", "error_code", "reason", "error_type"):
            if isinstance(inner.get(key), str | int) and str(inner[key]) not in ("", "0", str(status)):
                return str(inner[key])
    return None


def objects_in(body: bytes) -> list[dict[str, Any]]:
    """An error's objects: the whole, and what in it is about the error."""
    try:
        seen = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    if isinstance(seen, list) and seen:
        seen = seen[0]
    if not isinstance(seen, dict):
        return []
    return [seen, *(seen[key] for key in ("error", "base_resp", "detail") if isinstance(seen.get(key), dict))]


def tells_of_error(body: bytes) -> bool:
    """Whether what came with a good status is an error: an `error` that says something, or a code that is not 0."""
    found = objects_in(body)
    return bool(found and (found[0].get("error") or len(found) > 1 and code_in(body, {}, 200)))


def status_in(body: bytes) -> int:
    """The status that an error with a good one speaks of; 200 if of none."""
    code = code_in(body, {}, 200) or ""
    return int(code) if code.isdecimal() and 400 <= int(code) < 600 else 200
