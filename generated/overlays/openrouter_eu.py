# Generated from specs/providers/openrouter_eu.yaml. Edit the spec, then `make generate`.
# What openrouter_eu takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds, respelled

Report = Callable[..., None]
OPENAI_CHAT_REASONING_EFFORT = {"*": {"reasoning": {"effort": "{}"}}, "max": {"reasoning": {"effort": "xhigh"}}}


def edit_openai_responses(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["conversation"]):
        refused("conversation", "no conversation is kept here")
    if holds(body, ["prompt"]):
        refused("prompt", "no prompt is kept here")
    if holds(body, ["background"], "true"):
        refused("background", "nothing is done in the background here")


def edit_openai_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", OPENAI_CHAT_REASONING_EFFORT, lost)
    for field in ["store", "moderation"]:
        if body.pop(field, None) is not None:
            lost(field, "not known here")
    body.setdefault("usage", Raw(b'{"include":true}'))
