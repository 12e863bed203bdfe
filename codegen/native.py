"""The canonical model as a protocol of its own: modules like a dialect's, whose lens is the identity."""

from __future__ import annotations

from typing import Any

import jinja2

from codegen.structs import structs
from runtime.core.located import Node

SPEC = "specs/canonical/protocol.yaml"
PACKAGE = "native"
ANSWERS = {"response": "Response", "error": "Error", "count": "TokenCount", "models": "ModelList", "model": "Model"}


def spoken(roots: dict[str, Node]) -> dict[str, Any]:
    """What stands of it in the table of dialects."""
    spec = roots[SPEC].plain()
    http: dict[str, Any] = spec["http"]
    http["count"] |= {"takes": [], "fill": {}}
    return {spec["dialect"]: {"package": PACKAGE, "asks": "Request", "http": http}}


def modules(roots: dict[str, Node], schemas: tuple[str, ...], env: jinja2.Environment, header: str) -> dict[str, str]:
    """The package's files by name."""
    spec = roots[SPEC].plain()
    union = roots[schemas[1]].get("$defs").plain()["Event"]["oneOf"]
    types = [option["$ref"].rpartition("/")[2] for option in union]
    events = {name: roots[schemas[1]].at("$defs", name, "properties", "event", "const").value for name in types}
    said = {"source": SPEC, "dialect": spec["dialect"]}
    nothing: dict[str, Any] = {"why": {}, "origin": {}, "places": {}, "hushed": [], "versions": {}}
    return {
        "__init__.py": f'"""{spec["dialect"]}."""\n',
        "wire.py": structs([roots[file].plain() for file in schemas], "runtime.core.wire.Strict", header),
        "request.py": env.get_template("native_request.j2").render(said),
        "response.py": env.get_template("native_response.j2").render(said, status=spec["status"], answers=ANSWERS),
        "stream.py": env.get_template("native_stream.j2").render(said, events=events),
        "rules.py": env.get_template("rules.j2").render(
            said,
            **nothing,
            whole_inputs=True,
            turns={"roles": {}, "prefill": True},
            stream={"framing": spec["framing"], "done": None, "default": False, "sequential": False},
        ),
    }
