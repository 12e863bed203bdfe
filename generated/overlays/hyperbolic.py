# Generated from specs/providers/hyperbolic.yaml. Edit the spec, then `make generate`.
# What hyperbolic takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    if "safety_identifier" in body:
        body["user"] = body.pop("safety_identifier")
    for field in [
        "logprobs",
        "top_logprobs",
        "logit_bias",
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
