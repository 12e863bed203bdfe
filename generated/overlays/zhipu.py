# Generated from specs/providers/zhipu.yaml. Edit the spec, then `make generate`.
# What zhipu takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import bounded, holds, over, pruned, respelled

Report = Callable[..., None]
OPENAI_CHAT_REASONING_EFFORT = {"none": {"thinking": {"type": "disabled"}}, "*": {"thinking": {"type": "enabled"}}}


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["tool_choice"], "required"):
        refused("tool_choice", "only auto here")
    if holds(body, ["tool_choice"], "{}"):
        refused("tool_choice", "only auto here")
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", OPENAI_CHAT_REASONING_EFFORT, lost)
    if "temperature" in body:
        bounded(body, "temperature", 0, 1, lost)
    if "top_p" in body:
        bounded(body, "top_p", 0.01, 1, lost)
    if "safety_identifier" in body:
        body["user_id"] = body.pop("safety_identifier")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    if pruned(body, ["tools", "function", "strict"]):
        lost("tools.function.strict", "not known here")
    for field in [
        "presence_penalty",
        "frequency_penalty",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "parallel_tool_calls",
        "user",
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
    body.setdefault("tool_stream", Raw(b"true"))
