# Generated from specs/providers/perplexity.yaml. Edit the spec, then `make generate`.
# What perplexity takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import bounded, holds, over

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if "temperature" in body:
        bounded(body, "temperature", 0, 2, lost)
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    for field in [
        "seed",
        "user",
        "stop",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "parallel_tool_calls",
        "safety_identifier",
        "store",
        "metadata",
        "service_tier",
        "verbosity",
        "moderation",
        "prediction",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
