# Generated from specs/providers/xai.yaml. Edit the spec, then `make generate`.
# What xai takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds, pruned

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["web_search_options"]):
        refused("web_search_options", "searching is for the Responses path")
    if "safety_identifier" in body:
        body["user"] = body.pop("safety_identifier")
    if pruned(body, ["tools", "function", "strict"]):
        lost("tools.function.strict", "not known here")
    for field in [
        "logit_bias",
        "store",
        "metadata",
        "moderation",
        "prediction",
        "verbosity",
        "prompt_cache_key",
        "prompt_cache_retention",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
