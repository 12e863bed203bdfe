"""The rules of the canonical protocol itself: it says everything, lays nothing out anew and loses nothing."""

from types import SimpleNamespace

CANONICAL = SimpleNamespace(
    DIALECT="canonical",
    WHY={},
    ORIGIN={},
    PLACES={},
    TURNS={"roles": {}, "prefill": True},
    HTTP={},
    VERSIONS={},
    STREAM={"framing": "none", "done": None, "sequential": True},
)
