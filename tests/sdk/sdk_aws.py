"""What botocore says on Bedrock's wire: its service model, with every body as a JSON schema."""

from __future__ import annotations

from typing import Any

from botocore.loaders import Loader

Schema = dict[str, Any]
KINDS = {"blob": "string", "timestamp": "string", "long": "integer", "float": "number", "double": "number"}
SERVICE: Schema = Loader().load_service_model("bedrock-runtime", "service-2")
SHAPES: Schema = SERVICE["shapes"]


def roots() -> dict[str, list[Schema]]:
    """Schemas by root; an event of a stream is an object with its name in it, an error an object like any other."""
    calls = [SERVICE["operations"][name] for name in ("Converse", "ConverseStream")]
    errors = {error["shape"] for call in [*calls, SERVICE["operations"]["CountTokens"]] for error in call["errors"]}
    return {
        "ConverseRequest": [body(call["input"]["shape"]) for call in calls],
        "ConverseResponse": [body("ConverseResponse")],
        "StreamEvent": [event(name, sub["shape"]) for name, sub in SHAPES["ConverseStreamOutput"]["members"].items()],
        "CountTokensRequest": [body("CountTokensRequest")],
        "CountTokensResponse": [body("CountTokensResponse")],
        "ErrorEnvelope": [body(error) for error in sorted(errors)],
    }


def operations() -> list[str]:
    """Every call of the service."""
    return sorted(f"{call['http']['method']} {call['http']['requestUri']}" for call in SERVICE["operations"].values())


def body(shape: str) -> Schema:
    """A shape as a schema, without the members that travel in the path, the query or a header."""
    members = {name for name, member in SHAPES[shape]["members"].items() if "location" not in member}
    root = schema(shape)
    root["properties"] = {name: sub for name, sub in root["properties"].items() if name in members}
    root["required"] = [name for name in root["required"] if name in members]
    return {**root, "$defs": {name: schema(name) for name in SHAPES}}


def event(name: str, shape: str) -> Schema:
    """What a message of the stream says, with the kind that its headers tell."""
    root = body(shape)
    return {
        **root,
        "properties": {"event": {"const": name}, **root["properties"]},
        "required": ["event", *root["required"]],
    }


def schema(name: str) -> Schema:
    shape = SHAPES[name]
    if shape["type"] == "structure" and shape.get("document"):
        return {}
    if shape["type"] == "structure":
        properties = {member: ref(sub["shape"]) for member, sub in shape["members"].items()}
        return {"type": "object", "properties": properties, "required": shape.get("required", [])}
    if shape["type"] == "list":
        return {"type": "array", "items": ref(shape["member"]["shape"])}
    if shape["type"] == "map":
        return {"type": "object", "additionalProperties": ref(shape["value"]["shape"])}
    kind = KINDS.get(shape["type"], shape["type"])
    return {"type": kind, "enum": shape["enum"]} if "enum" in shape else {"type": kind}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}
