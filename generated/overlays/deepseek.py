# Generated from specs/providers/deepseek.yaml. Edit the spec, then `make generate`.
# What deepseek takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import over, replay_reasoning

Report = Callable[[str, str], None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    if body.pop("safety_identifier", None) is not None:
        lost("safety_identifier", "no such field")
    if body.pop("user", None) is not None:
        lost("user", "no such field")
    if body.pop("parallel_tool_calls", None) is not None:
        lost("parallel_tool_calls", "no such field")
    if body.pop("store", None) is not None:
        lost("store", "no such field")
    if body.pop("metadata", None) is not None:
        lost("metadata", "no such field")
    if body.pop("service_tier", None) is not None:
        lost("service_tier", "no such field")
    if body.pop("verbosity", None) is not None:
        lost("verbosity", "no such field")
    if body.pop("seed", None) is not None:
        lost("seed", "no such field")
    if body.pop("n", None) is not None:
        lost("n", "one choice per request")
    if body.pop("prompt_cache_key", None) is not None:
        lost("prompt_cache_key", "caching is automatic")
    if body.pop("prompt_cache_retention", None) is not None:
        lost("prompt_cache_retention", "caching is automatic")
    if "messages" in body:
        body["messages"] = replay_reasoning.lower(body["messages"])
