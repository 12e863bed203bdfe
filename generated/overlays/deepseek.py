# Generated from specs/providers/deepseek.yaml. Edit the spec, then `make generate`.
# What deepseek takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import over, replay_reasoning

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    for field in ["prompt_cache_key", "prompt_cache_retention"]:
        if body.pop(field, None) is not None:
            lost(field, "caching is automatic")
    for field in [
        "safety_identifier",
        "user",
        "parallel_tool_calls",
        "store",
        "metadata",
        "service_tier",
        "verbosity",
        "seed",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "no such field")
    if body.pop("n", None) is not None:
        lost("n", "one choice per request")
    if "messages" in body:
        body["messages"] = replay_reasoning.lower(body["messages"])
