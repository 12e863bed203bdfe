"""What docs/dialects.md counts is what stands in specs/ and generated/."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import yaml

from codegen import pipeline
from codegen.load import sources
from generated.dialects import DIALECTS
from generated.providers import PROVIDERS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "dialects.md"


def lines(path: Path) -> int:
    """Lines that are neither blank nor comments."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in path.read_text().splitlines())


def dialects() -> list[str]:
    """A row for each dialect: paths, lines of YAML, what becomes of its fields, and who speaks it."""
    leaves, rows = pipeline.check(sources(ROOT)).leaves, []
    for name, facts in DIALECTS.items():
        folder, http, of = ROOT / "specs" / "dialects" / facts["package"], facts["http"], leaves[name]
        own = [http[one]["path"] for one in ("generate", "stream", "count") if one in http]
        paths = ", ".join(f"`{http['prefix'] if http.get('apart') else ''}{path}`" for path in own)
        written = f"{lines(folder / 'mapping.yaml')} + {lines(folder / 'schema.yaml')}"
        fates = f"{of.mapped} / {of.carried} / {of.dropped} / {of.refused}"
        speakers = sum(name in facts["dialects"] for facts in PROVIDERS.values())
        rows.append(f"| `{name}` | {paths} | {written} | {fates} | {speakers} |")
    return rows


def providers() -> list[str]:
    """Names of providers by the lines of their file."""
    found: dict[int, list[str]] = {}
    for path in sorted((ROOT / "specs" / "providers").glob("*.yaml")):
        found.setdefault(lines(path), []).append(yaml.safe_load(path.read_text())["provider"])
    return [f"| {count} | {', '.join(names)} |" for count, names in sorted(found.items())]


def summary() -> str:
    counts = [lines(path) for path in (ROOT / "specs" / "providers").glob("*.yaml")]
    return f"{len(counts)} files, {median(counts):g} lines in the median, {max(counts)} in the longest."


def test_what_the_page_counts_is_so() -> None:
    text = PAGE.read_text()
    missing = [line for line in (*dialects(), *providers(), summary()) if line not in text]
    assert not missing, f"{PAGE.relative_to(ROOT)} lacks these lines:\n" + "\n".join(missing)
