# Generated from specs/providers/cohere_openai.yaml. Edit the spec, then `make generate`.
# What cohere_openai takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import bounded, holds, over, respelled

Report = Callable[..., None]
OPENAI_CHAT_REASONING_EFFORT = {"minimal": "high", "low": "high", "medium": "high", "xhigh": "high", "max": "high"}


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", OPENAI_CHAT_REASONING_EFFORT, lost)
    if "temperature" in body:
        bounded(body, "temperature", 0, 1, lost)
    if "top_p" in body:
        bounded(body, "top_p", 0.01, 0.99, lost)
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    for field in [
        "logit_bias",
        "top_logprobs",
        "parallel_tool_calls",
        "user",
        "safety_identifier",
        "store",
        "metadata",
        "service_tier",
        "verbosity",
        "moderation",
        "prediction",
        "web_search_options",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
