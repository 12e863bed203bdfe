"""Run by the Python of an SDK's environment: reads lines of {dialect, kind, value}, answers those that are not of the SDK's type.

An answer is {line, problem, words}: `words` are those that are unknown, if that is all. `kind` is request, response or frame.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from pydantic import TypeAdapter, ValidationError

# Of several modules the first that an SDK has.
TYPES = {
    ("anthropic-messages", "frame"): "anthropic.types:RawMessageStreamEvent",
    ("anthropic-messages", "request"): "anthropic.types.message_create_params:MessageCreateParamsBase",
    ("anthropic-messages", "response"): "anthropic.types:Message",
    ("cohere-chat", "frame"): "cohere:V2ChatStreamResponse",
    ("cohere-chat", "response"): "cohere:V2ChatResponse",
    ("gemini-generate", "frame"): "google.genai.types:GenerateContentResponse",
    ("gemini-generate", "response"): "google.genai.types:GenerateContentResponse",
    ("mistral-chat", "frame"): "mistralai.client.models|mistralai.models:CompletionChunk",
    ("mistral-chat", "request"): "mistralai.client.models|mistralai.models:ChatCompletionRequest",
    ("mistral-chat", "response"): "mistralai.client.models|mistralai.models:ChatCompletionResponse",
    ("ollama-chat", "frame"): "ollama:ChatResponse",
    ("ollama-chat", "request"): "ollama._types:ChatRequest",
    ("ollama-chat", "response"): "ollama:ChatResponse",
    ("openai-chat", "frame"): "openai.types.chat:ChatCompletionChunk",
    ("openai-chat", "request"): "openai.types.chat.completion_create_params:CompletionCreateParamsBase",
    ("openai-chat", "response"): "openai.types.chat:ChatCompletion",
    ("openai-responses", "frame"): "openai.types.responses:ResponseStreamEvent",
    ("openai-responses", "response"): "openai.types.responses:Response",
}


def found(place: str) -> Any:
    """A type by its modules and name."""
    modules, _, name = place.partition(":")
    for module in modules.split("|"):
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError:
            continue
    raise LookupError(place)


def exhausted(value: Any) -> Any:
    """The value with everything in it read: pydantic checks the items of an Iterable only when somebody takes them."""
    if isinstance(value, dict):
        return {key: exhausted(inner) for key, inner in value.items()}
    if isinstance(value, (list, Iterator)):
        return [exhausted(inner) for inner in value]
    return value


def unknown_words(problem: ValidationError) -> list[str]:
    """The words that are unknown, if that is all; of a union, those of the case whose tag fits."""
    places: dict[Any, dict[Any, list[Any]]] = {}  # of a union, or of all there is; in it each case, which is a class
    for one in problem.errors():
        place = one["loc"]
        case = next((number for number, step in enumerate(place) if str(step)[:1].isupper()), None)
        held = () if case is None else place[:case]
        places.setdefault(held, {}).setdefault(None if case is None else place[case], []).append(one)
    words = []
    for cases in places.values():
        fitting = [errors for case, errors in cases.items() if all(of_a_word(one, case is not None) for one in errors)]
        if not fitting:
            return []
        words += [str(one["input"]) for one in fitting[0]]
    return words


def of_a_word(error: Any, case: bool) -> bool:
    """Whether an error is of an unknown word, and not of the tag that tells a case from others."""
    return error["type"] in ("literal_error", "enum") and not (case and error["loc"][-1] == "type")


def main() -> None:
    adapters: dict[tuple[str, str], TypeAdapter[Any]] = {}
    for number, line in enumerate(sys.stdin):
        one = json.loads(line)
        key = one["dialect"], one["kind"]
        if key not in TYPES:  # its SDK has no type of what is sent
            continue
        if key not in adapters:
            adapters[key] = TypeAdapter(found(TYPES[key]))
        try:
            exhausted(adapters[key].validate_python(one["value"]))
        except ValidationError as problem:
            where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in problem.errors()[:6])
            words = unknown_words(problem)
            print(json.dumps({"line": number, "problem": where, "words": words}))


if __name__ == "__main__":
    main()
