"""`isogloss check --pool FILE`: the form of a policy file, and what it means with what the specs know."""

import argparse
import os
import sys
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from generated.dialects import DIALECTS
from generated.providers import PROVIDERS
from runtime.core.catalogue import dialect
from runtime.core.diagnostic import failed, render
from runtime.core.lint import Knowledge, lint
from runtime.core.located import Node, load
from runtime.core.policy import parse

SPECS = Path(__file__).parents[2] / "specs"


def run(options: argparse.Namespace) -> int:
    """Prints what is wrong and what is odd. Returns 0; 1 for errors, 2 for a file that cannot be read."""
    try:
        text = Path(options.pool).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no UTF-8 text"
        print(f"isogloss: {options.pool} cannot be read: {reason}", file=sys.stderr)
        return 2
    dialects = {name: list(facts["dialects"]) for name, facts in PROVIDERS.items()}
    fields = must_honour()
    policy, found = parse(text, options.pool, dialects, os.environ, fields)
    if policy is not None:
        knowledge = Knowledge(
            dialects, honours, lambda provider, dialect: cannot(provider, dialect, fields), unreadable
        )
        found = [*found, *lint(text, options.pool, policy, knowledge, options.client_timeout)]
    print(render(found, {options.pool: text}, options.format), end="")
    if options.format == "text":
        errors = sum(one.severity == "error" for one in found)
        print(f"{options.pool}: {errors} errors, {len(found) - errors} warnings")
    return 1 if failed(found) else 0


def unreadable(path: str) -> str | None:
    """Why nothing can be read from a file; None if something can."""
    try:
        with Path(path).expanduser().open("rb") as file:
            return None if file.read(1) else "it is empty"
    except OSError as problem:
        return problem.strerror


@cache
def must_honour(asked: str | None = None) -> frozenset[str]:
    """The fields that are mapped or refused, never dropped: of one kind of request, or of all."""
    if asked is None:
        return frozenset().union(*(must_honour(facts["asks"]) for facts in DIALECTS.values()))
    properties = _spec("canonical/model.yaml").at("$defs", asked, "properties").value
    return frozenset(name for name, node in properties.items() if node.get("x-must-honour") is not None)


def honours(name: str) -> frozenset[str]:
    """The must-honour fields of what a dialect asks."""
    return must_honour(DIALECTS[name]["asks"]) if name in DIALECTS else must_honour()


def cannot(provider: str, name: str, fields: Collection[str]) -> Mapping[str, str]:
    """The must-honour fields that a provider refuses in a dialect, with the reason: the dialect's own, or its overlay's."""
    if name not in DIALECTS:
        return {}
    rules, asked = dialect(name).rules, DIALECTS[name]["asks"] + "."
    refused = {
        rule.partition(".")[2]: why
        for rule, (policy, why) in rules.WHY.items()
        if policy == "refuse" and rule.partition(".")[2] in fields
    }
    places = {
        path: field.removeprefix(asked).partition(".")[0]
        for field, paths in rules.ORIGIN.items()
        if field.startswith(asked)
        for path in paths.split("|")
    }
    for path, why in PROVIDERS[provider].get("refuse", {}).get(name, {}).items():
        field = places.get(path, path)
        if field in fields:
            refused[field] = why
    return refused


@cache
def _spec(path: str) -> Node:
    root, _ = load((SPECS / path).read_text(encoding="utf-8"), f"specs/{path}")
    return root
