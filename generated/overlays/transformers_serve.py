# Generated from specs/providers/transformers_serve.yaml. Edit the spec, then `make generate`.
# What transformers_serve takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds, over

Report = Callable[..., None]


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["response_format"]):
        refused("response_format", "answers are free text here")
    if holds(body, ["tool_choice"], "required"):
        refused("tool_choice", "no forced calls here")
    if holds(body, ["tool_choice"], "{}"):
        refused("tool_choice", "no forced calls here")
    if holds(body, ["audio"]):
        refused("audio", "answers are text here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    if "max_completion_tokens" in body:
        body["max_tokens"] = body.pop("max_completion_tokens")
    for field in ["logprobs", "top_logprobs", "parallel_tool_calls", "presence_penalty", "user"]:
        if body.pop(field, None) is not None:
            lost(field, "ignored here")
    for field in [
        "store",
        "metadata",
        "service_tier",
        "verbosity",
        "safety_identifier",
        "moderation",
        "prediction",
        "web_search_options",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options",
    ]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
    if body.pop("logit_bias", None) is not None:
        lost("logit_bias", "the server fails with it")


def edit_openai_completions(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["suffix"]):
        refused("suffix", "it is repeated behind the answer, and not read")
    if holds(body, ["echo"], "true"):
        refused("echo", "the prompt is not repeated here")
    if holds(body, ["best_of"]):
        refused("best_of", "one answer is written here")
    if over(body.get("n"), 1):
        refused("n", "at most 1 here")
    for field in ["logprobs", "presence_penalty", "user"]:
        if body.pop(field, None) is not None:
            lost(field, "ignored here")
    if body.pop("logit_bias", None) is not None:
        lost("logit_bias", "the server fails with it")
