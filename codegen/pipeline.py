"""The stages in order: texts of specs in, texts of modules out."""

from __future__ import annotations

from codegen import policy, resolve
from codegen.emit import Emitter, templates
from codegen.load import nodes
from codegen.spec import mapping
from codegen.structs import structs
from codegen.types import Space, space
from runtime.core.diagnostic import Diagnostic
from runtime.core.located import Node

HEADER = "# Generated from {}. Edit the spec, then `make generate`."


def dialects(texts: dict[str, str]) -> tuple[list[resolve.Dialect], list[Diagnostic]]:
    """Every dialect, its names followed."""
    roots, diagnostics = nodes(texts)
    model, events = space(roots["specs/canonical/model.yaml"]), space(roots["specs/canonical/events.yaml"])
    canonical = Space(model.file, model.defs | events.defs)
    primitives = roots["specs/primitives.yaml"].get("primitives").plain()
    found = []
    for file, root in roots.items():
        if file.startswith("specs/dialects/") and file.endswith("/mapping.yaml"):
            wire = space(roots[file.replace("mapping.yaml", "schema.yaml")])
            found.append(resolve.Dialect(mapping(root), wire, canonical, primitives))
            resolve.check(found[-1])
            diagnostics += found[-1].diagnostics
    return found, diagnostics


def generate(texts: dict[str, str]) -> dict[str, str]:
    """Every generated file, unformatted. The specs were checked before."""
    roots, _ = nodes(texts)
    files = {}
    canonical = [roots[f"specs/canonical/{name}.yaml"].plain() for name in ("model", "events")]
    files["canonical.py"] = structs(canonical, "runtime.core.wire.Canonical", HEADER.format("specs/canonical/"))
    found, _ = dialects(texts)
    for dialect in found:
        package = dialect.mapping.package
        files[f"{package}/__init__.py"] = f'"""{dialect.mapping.dialect}."""\n'
        files[f"{package}/wire.py"] = structs([roots[f"specs/dialects/{package}/schema.yaml"].plain()], "runtime.core.wire.Strict", HEADER.format(f"specs/dialects/{package}/schema.yaml"))
        files |= {f"{package}/{name}": text for name, text in Emitter(dialect).modules().items()}
    names = {d.mapping.dialect: {"package": d.mapping.package} for d in found}
    files["dialects.py"] = templates().get_template("dialects.j2").render(dialects=names)
    files |= providers({file: root for file, root in roots.items() if file.startswith("specs/providers/")})
    files["policy.py"] = policy.policy(roots["specs/schemas/policy.yaml"])
    files["__init__.py"] = '"""Written by `isogloss generate` from specs/; never edited."""\n'
    return files


def providers(roots: dict[str, Node]) -> dict[str, str]:
    """The table of providers, and the module of each that differs from its dialects."""
    env = templates()
    facts = {root.get("provider").value: root.plain() for root in roots.values()}
    table = {name: {k: v for k, v in one.items() if k not in ("provider", "differs")} | {"differs": sorted(one.get("differs", ()))} for name, one in facts.items()}
    files = {"providers.py": env.get_template("providers.j2").render(providers=table)}
    for name, one in facts.items():
        if "differs" in one:
            used = sorted({p for differs in one["differs"].values() for p in differs.get("via", {}).values()} | {"holds" for differs in one["differs"].values() if "refuse" in differs})
            files[f"overlays/{name}.py"] = env.get_template("overlay.j2").render(name=name, overlays=one["differs"], primitives=used)
            files["overlays/__init__.py"] = '"""What single providers take differently."""\n'
    return files
