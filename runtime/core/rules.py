"""The rules of the canonical protocol itself: it says everything, lays nothing out anew and loses nothing."""

from types import SimpleNamespace


class Rules(SimpleNamespace):
    """Rules that are themselves alone, as modules are: what is found out about them is kept by them."""

    __eq__, __hash__ = object.__eq__, object.__hash__


CANONICAL = Rules(
    DIALECT="canonical",
    WHY={},
    ORIGIN={},
    PLACES={},
    WHOLE_INPUTS=True,
    TURNS={"roles": {}, "prefill": True, "cites": {"places": "text", "links": False, "back": True}},
    HTTP={},
    VERSIONS={},
    STREAM={"framing": "none", "done": None, "sequential": True},
)
