# Generated from specs/providers/codestral.yaml. Edit the spec, then `make generate`.
# What codestral takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds, respelled

Report = Callable[..., None]
OPENAI_CHAT_REASONING_EFFORT = {"minimal": "high", "low": "high", "medium": "high", "xhigh": "high", "max": "high"}


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", OPENAI_CHAT_REASONING_EFFORT, lost)
    if "seed" in body:
        body["random_seed"] = body.pop("seed")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    for field in [
        "user",
        "logit_bias",
        "safety_identifier",
        "store",
        "verbosity",
        "moderation",
        "web_search_options",
        "prompt_cache_retention",
        "prompt_cache_options",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
