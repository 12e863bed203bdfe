# Generated from specs/providers/ollama.yaml. Edit the spec, then `make generate`.
# What ollama takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds

Report = Callable[..., None]


def edit_openai_responses(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["conversation"]):
        refused("conversation", "no conversation is kept here")
    if holds(body, ["prompt"]):
        refused("prompt", "no prompt is kept here")
    if holds(body, ["background"], "true"):
        refused("background", "nothing is done in the background here")
