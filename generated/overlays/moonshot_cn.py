# Generated from specs/providers/moonshot_cn.yaml. Edit the spec, then `make generate`.
# What moonshot_cn takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import bounded, holds, pruned, replay_reasoning, respelled

Report = Callable[..., None]
OPENAI_CHAT_REASONING_EFFORT = {
    "none": {"thinking": {"type": "disabled"}},
    "minimal": "low",
    "medium": "high",
    "xhigh": "max",
}


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["tool_choice"], "required"):
        refused("tool_choice", "no forced calls here")
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", OPENAI_CHAT_REASONING_EFFORT, lost)
    if "temperature" in body:
        bounded(body, "temperature", 0, 1, lost)
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    if "safety_identifier" in body:
        body["user"] = body.pop("safety_identifier")
    if pruned(body, ["tools", "function", "strict"]):
        lost("tools.function.strict", "not known here")
    for field in [
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "seed",
        "parallel_tool_calls",
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
    if "messages" in body:
        body["messages"] = replay_reasoning.lower(body["messages"])
