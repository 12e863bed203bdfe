"""JSON Schema in the words of OpenAPI 3.0, as far as those go, and back.

Only the places where schemas stand are looked at: a property may be called `const`.
"""

from __future__ import annotations

from typing import Any

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
# What both say in the same words.
PLAIN = {
    "title", "description", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems",
    "minProperties", "maxProperties", "required", "default",
}  # fmt: skip
COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
SPELLED = {
    "any_of": "anyOf", "max_items": "maxItems", "min_items": "minItems", "max_length": "maxLength",
    "min_length": "minLength", "max_properties": "maxProperties", "min_properties": "minProperties",
    "property_ordering": "propertyOrdering", "additional_properties": "additionalProperties", "defs": "$defs",
    "ref": "$ref",
}  # fmt: skip


def narrower(schema: Any) -> dict[str, Any] | None:
    """A JSON Schema in the words of OpenAPI 3.0; None where they cannot say all of it."""
    if not isinstance(schema, dict):
        return None
    said: dict[str, Any] = {}
    for word, value in schema.items():
        if word == "type":
            kinds = value if isinstance(value, list) else [value]
            named = [kind for kind in kinds if kind != "null"]
            if len(named) != 1 or named[0] not in TYPES:
                return None
            said["type"] = named[0].upper()
            if len(named) < len(kinds):
                said["nullable"] = True
        elif word == "const" or word == "enum":
            words = value if word == "enum" else [value]
            if not isinstance(words, list) or not all(isinstance(one, str) for one in words) or "enum" in said:
                return None
            said["enum"] = words
        elif word == "properties" and isinstance(value, dict):
            parts = {name: narrower(one) for name, one in value.items()}
            if not parts or None in parts.values():  # an object without properties is refused
                return None
            said["properties"] = parts
        elif word == "items":
            said["items"] = narrower(value)
            if said["items"] is None:
                return None
        elif word == "anyOf" and isinstance(value, list):
            said["anyOf"] = [narrower(one) for one in value]
            if None in said["anyOf"]:
                return None
        elif word in PLAIN:
            said[word] = value
        else:
            return None
    if said.get("type") == "OBJECT" and "properties" not in said or said.get("type") == "ARRAY" and "items" not in said:
        return None
    if "enum" in said and said.get("type") != "STRING" or "type" not in said and "anyOf" not in said:
        return None
    return said


def wider(schema: Any) -> Any:
    """A schema in the words of OpenAPI 3.0, or of either, as JSON Schema."""
    if not isinstance(schema, dict):
        return schema
    said: dict[str, Any] = {}
    for spelled, value in schema.items():
        word = SPELLED.get(spelled, spelled)
        if word == "type" and isinstance(value, str):
            if value != "TYPE_UNSPECIFIED":
                said["type"] = value.lower()
        elif word in ("properties", "$defs") and isinstance(value, dict):
            said[word] = {name: wider(one) for name, one in value.items()}
        elif word == "anyOf" and isinstance(value, list):
            said["anyOf"] = [wider(one) for one in value]
        elif word in ("items", "additionalProperties"):
            said[word] = wider(value)
        elif word in COUNTS and isinstance(value, str) and value.isdigit():  # 64 bits are written as a string
            said[word] = int(value)
        elif word == "example":
            said["examples"] = [value]
        elif word not in ("nullable", "propertyOrdering"):
            said[word] = value
    order = schema.get("propertyOrdering", schema.get("property_ordering"))
    if isinstance(order, list) and isinstance(held := said.get("properties"), dict):  # elsewhere they stand in order
        first = {name: held[name] for name in order if isinstance(name, str) and name in held}
        said["properties"] = first | held
    if schema.get("nullable") is True:
        if isinstance(said.get("type"), str):
            said["type"] = [said["type"], "null"]
        elif "anyOf" in said:
            said["anyOf"] = [*said["anyOf"], {"type": "null"}]
    return said
