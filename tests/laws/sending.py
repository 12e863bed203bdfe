"""Sends values through translations, deterministically, and says what came out and what was reported."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import count
from typing import Any

from runtime.core.catalogue import dialect
from runtime.core.context import Loss
from runtime.core.translate import BadAnswer, Refused, Translation

# Who speaks a dialect, and a model of theirs.
SPOKEN = {
    "anthropic-messages": ("anthropic", "claude-sonnet-4-5"),
    "bedrock-converse": ("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
    "bedrock-titan-embed": ("bedrock_titan", "amazon.titan-embed-text-v2:0"),
    "cohere-chat": ("cohere", "command-a-reasoning-08-2025"),
    "cohere-embed": ("cohere", "embed-v4.0"),
    "cohere-rerank": ("cohere", "rerank-v3.5"),
    "gemini-embed": ("vertex_gemini", "gemini-embedding-2"),
    "gemini-embed-batch": ("gemini", "gemini-embedding-001"),
    "gemini-generate": ("gemini", "gemini-2.5-flash"),
    "llamacpp-infill": ("llamacpp", "codestral-22b"),
    "mistral-chat": ("mistral", "magistral-medium-2509"),
    "mistral-fim": ("mistral", "codestral-2"),
    "ollama-chat": ("ollama", "qwen3:8b"),
    "ollama-embed": ("ollama", "all-minilm"),
    "ollama-generate": ("ollama", "qwen3:8b"),
    "openai-chat": ("openai_compatible", "gpt-5"),
    "openai-completions": ("openai_compatible", "gpt-3.5-turbo-instruct"),
    "openai-embeddings": ("openai_compatible", "voyage-4"),
    "openai-responses": ("openai", "gpt-5"),
    "tei-rerank": ("tei", "bge-reranker-v2-m3"),
    "voyage-rerank": ("voyage", "rerank-2.5"),
}
NOW = 1_790_000_000


@dataclass
class Sent:
    """What became of a message: the bytes that came out, or why it was refused; and what was reported."""

    out: bytes | None
    refusal: str = ""
    param: str | None = None
    losses: list[Loss] = field(default_factory=list)

    @cached_property
    def json(self) -> Any:
        return None if self.out is None else json.loads(self.out)


def translation(client: str, upstream: str, **options: Any) -> Translation:
    """A translation whose ids count up and whose clock stands still."""
    numbers = count(1)
    options = dict(zip(("provider", "model"), SPOKEN[upstream], strict=True)) | options
    return Translation(
        client,
        upstream,
        options.pop("provider"),
        options.pop("model"),
        now=NOW,
        new_id=lambda: f"id{next(numbers)}",
        **options,
    )


def encode(value: Any, separators: tuple[str, str] = (",", ":")) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=separators).encode()


def send(client: str, upstream: str, value: Any, **options: Any) -> Sent:
    """A request on its way to an upstream."""
    going = translation(client, upstream, **options)
    try:
        out = going.request(encode(value))
    except Refused as refused:
        return Sent(None, str(refused), refused.error.param, going.losses + going.ctx.refusals)
    return Sent(out.body, "", None, going.losses)


def answer(client: str, upstream: str, value: Any, **options: Any) -> Sent:
    """An upstream's answer on its way to a client."""
    going = translation(client, upstream, **options)
    try:
        out = going.answer(alone(upstream, encode(value)))
    except BadAnswer as bad:
        return Sent(None, str(bad), bad.error.param, going.losses)
    return Sent(going.from_.whole(out), "", None, going.losses)


def alone(name: str, answer: bytes) -> bytes:
    """An answer as it is sent: of some dialects its list without the object around it."""
    bare = dialect(name).http.get("bare")
    return answer if bare is None else encode(json.loads(answer)[bare])


@cache
def steps(path: str) -> list[str | int]:
    """`messages[1].content` as keys and indexes."""
    return [int(one[1:-1]) if one.startswith("[") else one for one in re.findall(r"\[\d+\]|[^.\[\]]+", path)]


def stands(path: str, value: Any) -> bool:
    """Whether a path leads somewhere in a message."""
    for step in steps(path):
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return False
        elif not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def names(reported: str, path: str) -> bool:
    """Whether a report speaks of a place: of itself, or of something that holds it."""
    mine, its = steps(reported), steps(path)
    return bool(mine) and its[: len(mine)] == mine
