"""Run by the Python of an SDK's environment: reads lines of {dialect, kind, value}, answers those that are not of the SDK's type.

An answer is {line, problem, words}: `words` says that only a word is unknown. `kind` is request, response or frame.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from pydantic import TypeAdapter, ValidationError

TYPES = {
    ("openai-chat", "request"): ("openai.types.chat.completion_create_params", "CompletionCreateParamsBase"),
    ("openai-chat", "response"): ("openai.types.chat", "ChatCompletion"),
    ("openai-chat", "frame"): ("openai.types.chat", "ChatCompletionChunk"),
    ("anthropic-messages", "request"): ("anthropic.types.message_create_params", "MessageCreateParamsBase"),
    ("anthropic-messages", "response"): ("anthropic.types", "Message"),
    ("anthropic-messages", "frame"): ("anthropic.types", "RawMessageStreamEvent"),
}


def exhausted(value: Any) -> Any:
    """The value with everything in it read: pydantic checks the items of an Iterable only when somebody takes them."""
    if isinstance(value, dict):
        return {key: exhausted(inner) for key, inner in value.items()}
    if isinstance(value, (list, Iterator)):
        return [exhausted(inner) for inner in value]
    return value


def main() -> None:
    adapters: dict[tuple[str, str], TypeAdapter[Any]] = {}
    for number, line in enumerate(sys.stdin):
        one = json.loads(line)
        key = one["dialect"], one["kind"]
        if key not in adapters:
            module, name = TYPES[key]
            adapters[key] = TypeAdapter(getattr(import_module(module), name))
        try:
            exhausted(adapters[key].validate_python(one["value"]))
        except ValidationError as problem:
            where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in problem.errors()[:6])
            words = all(e["type"] == "literal_error" for e in problem.errors())
            print(json.dumps({"line": number, "problem": where, "words": words}))


if __name__ == "__main__":
    main()
