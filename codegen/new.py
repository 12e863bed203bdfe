"""`isogloss new`: the first version of a provider's or a dialect's files, so whole that the check can lead on from there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from codegen.load import nodes, sources
from runtime.core.diagnostic import did_you_mean
from runtime.core.located import Node

ROOT = Path(__file__).parents[1]
PROVIDER = """\
# yaml-language-server: $schema=../schemas/provider.yaml
provider: {name}
base_url: https://api.{host}.example/v1
auth: {{header: {header}, format: '{format}'}}
env: {{key: {variable}_API_KEY, base_url: {variable}_BASE_URL}}
{headers}models_path: /models
dialects:
  {dialect}: {{path: {path}}}
models:
  '*': {{}}
# differs:
#   {dialect}:
#     rename: {{their_field: its_field}}
#     without: {{their_field: why it is not here}}
"""
PROVIDER_NEXT = """\
wrote {file}
  1. Say in it where the provider is, how it wants its key, what its models can do, and what differs from {dialect}.
     specs/README.md has every form; the other files beside it are examples.
  2. isogloss check
  3. isogloss generate, and read the difference
  4. isogloss translate request.json --from {dialect} --to {dialect} --provider {name}
  5. make update, and commit the spec with the generated code
"""
DIALECT_NEXT = """\
wrote {folder}/schema.yaml and {folder}/mapping.yaml, so far the same as those of {like}
  1. Change the types in schema.yaml to those of the wire, and its paths and headers in mapping.yaml under `http`.
  2. isogloss check says line by line what mapping.yaml must say of them, first of all which fields {like} alone may
     carry; specs/README.md has every form.
  3. Name the dialect in the providers that speak it, in specs/providers/.
  4. isogloss generate, and read what it wrote
  5. isogloss translate request.json --from {name} --to {like}, and back
  6. Write cases in {folder}/cases/, make update, and commit all of it
"""


class Refused(Exception):
    """It cannot be made; the text says what to write."""


def provider(name: str, dialect: str, root: Path) -> str:
    """Writes the file of a provider that speaks a dialect; what to do next."""
    mappings = _mappings(root)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise Refused(f"`{name}` is no name of a provider: write small letters, digits and _, as in openai_compatible")
    found = _known(dialect, mappings)
    file = root / "specs" / "providers" / f"{name}.yaml"
    if file.exists():
        raise Refused(f"specs/providers/{name}.yaml is already there")
    version = found.at("http", "version")
    headers, credential = "", {"header": "authorization", "format": "Bearer {key}"}
    if version.get("default") is not None:
        spoken = version.get("default").value
        headers = f"headers: {{{version.get('header').value}: '{spoken}'}}\n"
        credential = found.at("versions", spoken, "credential").plain()
    path = found.at("http", "generate", "path").value.removeprefix("/v1")
    text = PROVIDER.format(
        name=name,
        host=name.replace("_", "-"),
        variable=name.upper(),
        headers=headers,
        dialect=dialect,
        path=path,
        **credential,
    )
    file.write_text(text, encoding="utf-8")
    return PROVIDER_NEXT.format(file=file.relative_to(root).as_posix(), name=name, dialect=dialect)


def dialect(name: str, like: str, root: Path) -> str:
    """Writes the files of a dialect as those of another, below paths of its own; what to do next."""
    mappings = _mappings(root)
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name):
        raise Refused(f"`{name}` is no name of a dialect: write whose it is and which, as in openai-chat")
    found = _known(like, mappings)
    folder, model = (root / "specs" / "dialects" / one.replace("-", "_") for one in (name, like))
    if folder.exists():
        raise Refused(f"{folder.relative_to(root).as_posix()} is already there")
    folder.mkdir()
    mapping = (model / "mapping.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    own = f"/{name.replace('-', '_')}"
    for node, text in [
        (found.get("dialect"), name),
        (found.at("http", "prefix"), own),
        *((path, own + path.value) for path in _paths(found.get("http"))),
    ]:
        line = mapping[node.line - 1]
        mapping[node.line - 1] = line[: node.col - 1] + line[node.col - 1 :].replace(node.value, text, 1)
    schema = (model / "schema.yaml").read_text(encoding="utf-8")
    (folder / "mapping.yaml").write_text("".join(mapping), encoding="utf-8")
    (folder / "schema.yaml").write_text(schema.replace(f"title: {like}\n", f"title: {name}\n", 1), encoding="utf-8")
    return DIALECT_NEXT.format(folder=folder.relative_to(root).as_posix(), name=name, like=like)


def _paths(http: Node) -> list[Node]:
    """Every path at which a protocol is served, but its prefix."""
    ends = [one for one in http.value.values() if isinstance(one.value, dict) and "path" in one.value]
    for form in http.get("forms").value.values() if http.get("forms") is not None else ():
        ends += [one for one in form.value.values() if isinstance(one.value, dict) and "path" in one.value]
    ends += http.get("fixed").value.values() if http.get("fixed") is not None else ()
    return [path for end in ends for path in (end.get("path"), *(end.get("also").value if end.get("also") else ()))]


def _mappings(root: Path) -> dict[str, Node]:
    """Each dialect's mapping."""
    texts = {
        file: text for file, text in sources(root).items() if re.fullmatch(r"specs/dialects/\w+/mapping\.yaml", file)
    }
    return {node.get("dialect").value: node for node in nodes(texts)[0].values()}


def _known(name: str, mappings: dict[str, Node]) -> Node:
    if name not in mappings:
        known = did_you_mean(name, mappings) or f"there are {', '.join(mappings)}"
        raise Refused(f"there is no dialect `{name}`; {known}")
    return mappings[name]


def run(what: str, name: str, named: str) -> int:
    """Makes a provider that speaks the dialect `named`, or a dialect that is like it: 0, or 2 if it cannot be made."""
    try:
        print((provider if what == "provider" else dialect)(name, named, ROOT), end="")
    except Refused as problem:
        print(f"isogloss new: {problem}", file=sys.stderr)
        return 2
    return 0
