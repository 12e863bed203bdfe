# Generated from specs/providers/deepseek.yaml. Edit the spec, then `make generate`.
# What deepseek takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import bounded, holds, over, replay_reasoning, respelled

Report = Callable[..., None]
OPENAI_CHAT_REASONING_EFFORT = {
    "none": {"thinking": {"type": "disabled"}},
    "minimal": "high",
    "low": "high",
    "medium": "high",
    "xhigh": "max",
}


def edit_openai_completions(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if over(body.get("best_of"), 1):
        refused("best_of", "at most 1 here")
    if "max_tokens" in body:
        bounded(body, "max_tokens", 1, 4096, lost)
    for field in ["seed", "user", "logit_bias"]:
        if body.pop(field, None) is not None:
            lost(field, "no such field")


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["response_format", "type"], "json_schema"):
        refused("response_format.type", "only json_object here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", OPENAI_CHAT_REASONING_EFFORT, lost)
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
        "logit_bias",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "no such field")
    if body.pop("n", None) is not None:
        lost("n", "one choice per request")
    if "messages" in body:
        body["messages"] = replay_reasoning.lower(body["messages"])
