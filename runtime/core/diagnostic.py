"""What went wrong in a file a person wrote: where, what is known about it, and what to write instead."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

PER_GROUP = 3  # text shows this many of a group, then a count; json and github always carry all


class Place(Protocol):
    """Anything with a position; a located `Node` is one."""

    file: str
    line: int
    col: int
    length: int


class Diagnostic(msgspec.Struct, frozen=True):
    """One finding. `line` and `col` count from 1; `length` is in characters; message and texts are one line each."""

    code: str
    message: str
    file: str
    line: int
    col: int
    length: int = 1
    caret: str = ""  # the text after the carets
    known: list[str] = []  # the lines of the paragraph below the snippet
    fixes: list[str] = []  # what to write: alternatives, one each
    severity: Literal["error", "warning"] = "error"
    also: list[tuple[int, int]] = []  # (col, length) of further carets on the same line
    hidden: list[tuple[int, int, int]] = []  # (line, col, length) of secrets in the file, shown in no snippet
    group: str = ""  # what the limit of three counts within, such as a lens; by default the code


def at(
    node: Place,
    code: str,
    message: str,
    caret: str = "",
    known: Iterable[str] = (),
    fixes: Iterable[str] = (),
    *,
    severity: Literal["error", "warning"] = "error",
    also: Iterable[Place] = (),
    group: str = "",
) -> Diagnostic:
    """A diagnostic at a node's own place; `also` are other nodes on the same line that get carets too."""
    more = [(other.col, other.length) for other in also]
    return Diagnostic(
        code,
        message,
        node.file,
        node.line,
        node.col,
        node.length,
        caret,
        list(known),
        list(fixes),
        severity,
        more,
        group=group,
    )


def failed(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them is an error and not only a warning."""
    return any(d.severity == "error" for d in diagnostics)


def render(
    diagnostics: Sequence[Diagnostic], sources: Mapping[str, str], form: Literal["text", "json", "github"] = "text"
) -> str:
    """All of them, sorted by file and line. `sources` maps a file's name to its text, for the snippets."""
    ordered = sorted(diagnostics, key=lambda d: (d.file, d.line, d.col, d.code, d.message))
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(ordered), indent=2).decode() + "\n"
    if form == "github":
        return "".join(_github(d) for d in ordered)
    lines = {name: text.removeprefix("\ufeff").splitlines() for name, text in sources.items()}
    for file, (line, col, length) in {(d.file, span) for d in ordered for span in d.hidden if d.file in lines}:
        text = lines[file][line - 1]
        lines[file][line - 1] = text[: col - 1] + "\u2022" * length + text[col - 1 + length :]
    return _text(ordered, lines)


def _text(ordered: Sequence[Diagnostic], lines: Mapping[str, list[str]]) -> str:
    total = Counter(_group(d) for d in ordered)
    shown: Counter[tuple[str, str]] = Counter()
    parts = []
    for d in ordered:
        group = _group(d)
        shown[group] += 1
        if shown[group] <= PER_GROUP:
            parts.append("\n\n".join([_head(d), *_snippet(d, lines.get(d.file, [])), *_advice(d)]))
        if shown[group] == total[group] > PER_GROUP:
            parts.append(f"{d.file}: {total[group] - PER_GROUP} more of {group[1]}")
    return "\n\n".join(parts) + "\n" if parts else ""


def _group(d: Diagnostic) -> tuple[str, str]:
    return d.file, d.group or d.code


def _head(d: Diagnostic) -> str:
    warning = "warning: " if d.severity == "warning" else ""
    return f"{d.file}:{d.line}:{d.col}  {d.code}  {warning}{_printable(d.message)}"


def _snippet(d: Diagnostic, lines: list[str]) -> list[str]:
    """The line, the one before unless it is blank, and the carets; nothing if the text is not at hand."""
    if not 0 < d.line <= len(lines):
        return []
    width = max(2, len(str(d.line)))
    rows = [f"  {n:{width}} | {_printable(lines[n - 1])}" for n in (d.line - 1, d.line) if n and lines[n - 1].strip()]
    carets = _carets(lines[d.line - 1], [(d.col, d.length), *d.also])
    rows.append(f"  {'':{width}} | {carets} {_printable(d.caret)}".rstrip())
    return ["\n".join(rows)]


def _printable(text: str) -> str:
    """The text with what would upset a terminal replaced, one sign for one."""
    return "".join(char if char.isprintable() or char == "\t" else "\ufffd" for char in text)


def _carets(line: str, spans: list[tuple[int, int]]) -> str:
    """Carets below the spans, aligned as a terminal draws tabs and wide characters."""
    end = max(col - 1 + length for col, length in spans)
    row = []
    for place, char in enumerate(line[:end].ljust(end), start=1):
        if any(col <= place < col + length for col, length in spans):
            row.append("^" * _width(char))
        else:
            row.append("\t" if char == "\t" else " " * _width(char))
    return "".join(row)


def _width(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _advice(d: Diagnostic) -> list[str]:
    """What is known, then what to write; a last known line that ends with a colon introduces the fixes itself."""
    rows = [f"  {line}".rstrip() for line in d.known]
    if d.fixes and d.known and d.known[-1].endswith(":"):
        rows += [f"      {fix}" for fix in d.fixes]
    elif len(d.fixes) == 1:
        rows.append(f"  Write:  {d.fixes[0]}")
    elif d.fixes:
        rows += ["  Write one of:", *(f"      {fix}" for fix in d.fixes)]
    return ["\n".join(map(_printable, rows))] if rows else []


def _github(d: Diagnostic) -> str:
    """One workflow command; newlines and signs with a meaning there are escaped."""
    body = "\n".join([d.message + (f": {d.caret}" if d.caret else ""), *(row.strip("\n") for row in _advice(d))])
    place = {"file": d.file, "line": d.line, "col": d.col, "endColumn": d.col + d.length, "title": d.code}
    head = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in place.items())
    return f"::{d.severity} {head}::{_escaped(body)}\n"


def _escaped(text: str, more: str = "") -> str:
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + more else char for char in text)


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The question that ends a caret line, or nothing if no word is near."""
    best = near(word, words, limit=1)
    return f"did you mean `{best[0]}`?" if best else ""


def near(word: str, words: Iterable[str], limit: int = 3) -> list[str]:
    """The words that `word` may have been meant for, best first: a slip of a third of it, or a part of the other."""
    scored = []
    if not (a := _plain(word)):
        return []
    allowed = max(1, len(a) // 3)
    for other in dict.fromkeys(words):
        b = _plain(other)
        slips = _slips(a, b) if abs(len(a) - len(b)) <= allowed else len(a)
        if slips <= allowed and slips < max(len(a), len(b)):
            scored.append((slips, other))
        elif min(len(a), len(b)) >= 3 and (a in b or b in a):
            scored.append((len(a) + len(b), other))  # after every slip
    return [other for _, other in sorted(scored)[:limit]]


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")


def _slips(a: str, b: str) -> int:
    """Letters to insert, drop, change or swap with their neighbour to turn `a` into `b`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, start=1):
            least = min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                least = min(least, last[j - 2] + 1)
            row.append(least)
    return row[-1]
