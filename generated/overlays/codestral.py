# Generated from specs/providers/codestral.yaml. Edit the spec, then `make generate`.
# What codestral takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import respelled

Report = Callable[..., None]
MISTRAL_CHAT_REASONING_EFFORT = {"minimal": "high", "low": "high", "medium": "high", "xhigh": "high", "max": "high"}


def edit_mistral_chat(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if "reasoning_effort" in body:
        respelled(body, "reasoning_effort", MISTRAL_CHAT_REASONING_EFFORT, lost)
