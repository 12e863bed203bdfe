"""The stages in order, each a pure function: texts of specs in, texts of modules out.

load, validate, resolve and totality find everything that is wrong with the specs in one run; plan, emit and format
start only where nothing is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from codegen import native, policy
from codegen.emit import Emitter, templates
from codegen.format import formatted
from codegen.inherit import whole
from codegen.load import nodes as load
from codegen.plan import Function, Planner
from codegen.resolve import CANONICAL, Dialect, Project, resolve
from codegen.schemas import schemas
from codegen.structs import structs
from codegen.totality import Leaves, totality
from codegen.validate import validate
from runtime.core.diagnostic import Diagnostic, failed
from runtime.core.located import Node

HEADER = "# Generated from {}. Edit the spec, then `make generate`."
Plans = dict[str, list[Function]]  # by dialect


@dataclass
class Checked:
    """The specs after totality: what they are, what each dialect accounts for, and all that is wrong with them."""

    roots: dict[str, Node]
    project: Project | None
    leaves: dict[str, Leaves] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.project is not None and not failed(self.diagnostics)


def check(texts: dict[str, str]) -> Checked:
    """load, validate, resolve, totality."""
    roots, diagnostics = load(texts)
    unread = {one.file for one in diagnostics}
    formed, found = validate({file: root for file, root in roots.items() if file not in unread})
    diagnostics += found
    project, found = resolve(formed)
    if project is not None:
        project.whole = formed.keys() == texts.keys()
        if not project.whole:  # what is extended may stand in a file that cannot be read
            found = [one for one in found if one.code != "E501"]
    checked = Checked(formed, project, diagnostics=diagnostics + found + schemas(formed))
    if project is not None:
        checked.leaves, found = totality(project)
        checked.diagnostics += [one for one in found if one not in checked.diagnostics]
    return checked


def dialects(texts: dict[str, str]) -> tuple[list[Dialect], list[Diagnostic]]:
    """Every dialect, its names followed."""
    roots, diagnostics = load(texts)
    formed, found = validate(roots)
    project, missing = resolve(formed)
    return project.dialects if project else [], [*diagnostics, *found, *missing]


def generate(texts: dict[str, str]) -> dict[str, str]:
    """Every generated file, unformatted. The specs were checked before."""
    roots, _ = load(texts)
    formed, _ = validate(roots)
    project, _ = resolve(formed)
    return emit(project, plan(project)[0], formed)[0]


def plan(project: Project) -> tuple[Plans, list[Diagnostic]]:
    """Each lens to a lift plan and a lower plan."""
    return {dialect.mapping.dialect: Planner(dialect).plan() for dialect in project.dialects}, []


def emit(project: Project, plans: Plans, roots: dict[str, Node]) -> tuple[dict[str, str], list[Diagnostic]]:
    """Every generated file, unformatted, by its path below generated/."""
    env = templates()
    files = {"__init__.py": '"""Written by `isogloss generate` from specs/; never edited."""\n'}
    files["canonical.py"] = structs(
        [roots[file].plain() for file in CANONICAL], "runtime.core.wire.Canonical", HEADER.format("specs/canonical/")
    )
    for dialect in project.dialects:
        package = dialect.mapping.package
        schema = f"specs/dialects/{package}/schema.yaml"
        files[f"{package}/__init__.py"] = f'"""{dialect.mapping.dialect}."""\n'
        files[f"{package}/wire.py"] = structs(
            [roots[schema].plain()], "runtime.core.wire.Strict", HEADER.format(schema)
        )
        modules = Emitter(dialect, plans[dialect.mapping.dialect]).modules()
        files |= {f"{package}/{name}": text for name, text in modules.items()}
    names = {d.mapping.dialect: {"package": d.mapping.package, "asks": d.mapping.asks} for d in project.dialects}
    own = native.modules(roots, CANONICAL, env, HEADER.format(native.SPEC)) if native.SPEC in roots else {}
    files |= {f"{native.PACKAGE}/{name}": text for name, text in own.items()}
    spoken = {"canonical": {"package": native.PACKAGE, "asks": "Request"}} if own else {}
    files["dialects.py"] = env.get_template("dialects.j2").render(dialects=names, native=spoken)
    files |= providers(project.providers)
    files["README.md"] = env.get_template("readme.j2").render(
        dialects=project.dialects, overlays=sorted(n for n in files if n.startswith("overlays/") and "__" not in n)
    )
    files["policy.py"] = policy.policy(roots["specs/schemas/policy.yaml"])
    return files, []


def providers(roots: dict[str, Node]) -> dict[str, str]:
    """The table of providers, and the module of each that differs from its dialects."""
    env = templates()
    facts = {root.get("provider").value: root.plain() for root in whole(roots)[0].values()}
    edits = {name: _edits(one.get("differs", {})) for name, one in facts.items()}
    table = {
        name: {k: v for k, v in one.items() if k not in ("provider", "differs")}
        | {"differs": sorted(edits[name])}
        | {
            operation: found
            for operation in ("refuse", "adds")
            if (found := {d: x[operation] for d, x in one.get("differs", {}).items() if operation in x})
        }
        for name, one in facts.items()
    }
    files = {"providers.py": env.get_template("providers.j2").render(providers=table)}
    for name, differs in edits.items():
        if not differs:
            continue
        used = {p for one in differs.values() for p in one.get("via", {}).values()}
        used |= {helper for operation, helper in HELPERS.items() if any(operation in one for one in differs.values())}
        pruned = {d: [path for path in one.get("without", ()) if "." in path] for d, one in differs.items()}
        used |= {"pruned"} if any(pruned.values()) else set()
        files["overlays/__init__.py"] = '"""What single providers take differently."""\n'
        files[f"overlays/{name}.py"] = env.get_template("overlay.j2").render(
            name=name, overlays=differs, primitives=sorted(used), pruned=pruned
        )
    return files


HELPERS = {
    "refuse": "holds",
    "at_most": "over",
    "clamp": "bounded",
    "words": "respelled",
    "plain": "plain_texts",
}  # of overlays


def _edits(differs: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    """What a provider changes in requests, by dialect."""
    found = {name: {op: what for op, what in one.items() if op != "adds"} for name, one in differs.items()}
    return {name: one for name, one in found.items() if one}


def format(files: dict[str, str], scratch: Path) -> tuple[dict[str, str], list[Diagnostic]]:
    """The files as they are committed. `scratch` is an empty folder."""
    return formatted(files, scratch), []
