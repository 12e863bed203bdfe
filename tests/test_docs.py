"""What docs/dialects.md counts is what stands in specs/ and generated/; and files of providers are short."""

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
SPECS = sorted((ROOT / "specs" / "providers").glob("*.yaml"))
LONGEST = 40  # lines of a provider


def lines(path: Path) -> int:
    """Lines that are neither blank nor comments."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in path.read_text().splitlines())


def dialects() -> list[str]:
    """A row for each dialect: paths, lines of YAML, what becomes of its fields, and who speaks it."""
    leaves, rows = pipeline.check(sources(ROOT)).leaves, []
    for name, facts in DIALECTS.items():
        folder, http, of = ROOT / "specs" / "dialects" / facts["package"], facts["http"], leaves[name]
        places = [http, *http.get("forms", {}).values()]
        own = [place[one]["path"] for place in places for one in ("generate", "stream", "count") if one in place]
        paths = ", ".join(f"`{http['prefix'] if http.get('apart') else ''}{path}`" for path in own)
        written = f"{lines(folder / 'mapping.yaml')} + {lines(folder / 'schema.yaml')}"
        fates = f"{of.mapped} / {of.carried} / {of.dropped} / {of.refused}"
        speakers = sum(name in facts["dialects"] for facts in PROVIDERS.values())
        rows.append(f"| `{name}` | {paths} | {written} | {fates} | {speakers} |")
    return rows


def providers() -> list[str]:
    """Names of providers by the lines of their file."""
    found: dict[int, list[str]] = {}
    for path in SPECS:
        found.setdefault(lines(path), []).append(yaml.safe_load(path.read_text())["provider"])
    return [f"| {count} | {', '.join(names)} |" for count, names in sorted(found.items())]


def summary() -> str:
    counts = [lines(path) for path in SPECS]
    return f"{len(counts)} files, {median(counts):g} lines in the median, {max(counts)} in the longest."


def test_what_the_page_counts_is_so() -> None:
    """Prints the tables of lines, by dialect and by provider."""
    table = (*dialects(), *providers(), summary())
    print(*table, sep="\n")
    text = PAGE.read_text()
    missing = [line for line in table if line not in text]
    assert not missing, f"{PAGE.relative_to(ROOT)} lacks these lines:\n" + "\n".join(missing)


def test_files_of_providers_are_short() -> None:
    counts = [lines(path) for path in SPECS]
    assert max(counts) < LONGEST, "what a long one says may belong to its dialect"
    assert median(counts) < 15
    abstract = {path.stem for path in SPECS if "abstract: true" in path.read_text()}
    assert {path.stem for path in SPECS} - abstract == PROVIDERS.keys()
    assert len(PROVIDERS) >= 60
