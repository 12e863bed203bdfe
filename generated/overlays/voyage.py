# Generated from specs/providers/voyage.yaml. Edit the spec, then `make generate`.
# What voyage takes differently: the same edits whether a request was converted or passes through.
from __future__ import annotations

from collections.abc import Callable

from msgspec import Raw

Report = Callable[..., None]


def edit_openai_embeddings(body: dict[str, Raw], lost: Report, refused: Report) -> None:
    if "dimensions" in body:
        body["output_dimension"] = body.pop("dimensions")
    if body.pop("user", None) is not None:
        lost("user", "no such field")
