# Generated from specs/providers/deepseek_anthropic.yaml. Edit the spec, then `make generate`.
# What deepseek_anthropic takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

from runtime.core.primitives import holds

Report = Callable[..., None]


def edit_anthropic_messages(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if holds(body, ["output_config", "format"]):
        refused("output_config.format", "only the effort is read here")
    for field in ["container", "top_k"]:
        if body.pop(field, None) is not None:
            lost(field, "no such field")
