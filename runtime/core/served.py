"""The paths that are served, and what stands behind each."""

from __future__ import annotations

import re
from collections import defaultdict

from runtime.core.catalogue import dialect
from runtime.core.forms import SPOKEN

OPERATIONS = ("generate", "stream", "count", "models", "model", "look_up", "running")
Served = tuple[str, str, str]  # method, dialect, operation


def _client_paths() -> list[tuple[str, str, str, str]]:
    found = []
    for name in SPOKEN:
        http = dialect(name).http
        for operation in OPERATIONS:
            ends = {operation: http} | {f"{operation}.{one}": form for one, form in http.get("forms", {}).items()}
            for said, place in ends.items():
                for path in (end["path"], *end.get("also", ())) if (end := place.get(operation)) is not None else ():
                    found.append((end["method"], path, name, said))
        for kind in ("fixed", "passed"):
            found += [(end["method"], end["path"], name, f"{kind}.{what}") for what, end in http.get(kind, {}).items()]
        if (kept := http.get("kept")) is not None:
            found += [("GET", kept["path"], name, "kept.get"), ("DELETE", kept["path"], name, "kept.delete")]
            found += [("GET", kept["items"]["path"], name, "kept.items")]
            found += [("POST", kept["cancel"]["path"], name, "kept.cancel")]
    return found


CLIENT_PATHS = _client_paths()


def prefixes(name: str, listed: bool = False) -> list[str]:
    """Below what a dialect is served, or its lists of models: the longest first, and last nothing at all."""
    http = dialect(name).http
    found = [http["prefix"], *([] if listed or "under" not in http else [http["under"]])]
    return [*sorted(found, key=len, reverse=True), *([] if "apart" in http else [""])]


class Paths:
    """The paths served, each also below its dialect's prefix (`/openai`, `/anthropic`) and without `/v1`."""

    def __init__(self) -> None:
        self.served = sorted({f"{method} {path}" for method, path, _, _ in CLIENT_PATHS})
        self.dialects = list(dict.fromkeys(name for _, _, name, _ in CLIENT_PATHS))
        self._exact: dict[str, list[Served]] = defaultdict(list)
        self._patterns: dict[str, list[Served]] = defaultdict(list)
        for method, path, name, operation in CLIENT_PATHS:
            for form in {path, re.sub(r"^/v\d\w*(?=/)", "", path)}:
                for prefix in prefixes(name, listed=operation in ("models", "model")):
                    self._add(prefix + form, (method, name, operation))
        longest = sorted(self._patterns.items(), key=lambda one: -len(re.sub(r"\(\?P<\w+>\.\+\)", "", one[0])))
        self._compiled = [(re.compile(pattern), served) for pattern, served in longest]

    def _add(self, path: str, served: Served) -> None:
        if "{" in path:
            parts = re.split(r"(\{\w+\})", path)
            self._patterns["".join(f"(?P<{p[1:-1]}>.+)" if p[:1] == "{" else re.escape(p) for p in parts)].append(
                served
            )
        else:
            self._exact[path].append(served)

    def find(self, path: str) -> tuple[list[Served], dict[str, str]]:
        """What is served at a path, and what the path names. Of several patterns the longest fits best."""
        if path in self._exact:
            return self._exact[path], {}
        path = "/" + re.sub("/+", "/", path).strip("/")  # a base URL with a slash at its end makes two
        if path in self._exact:
            return self._exact[path], {}
        for pattern, served in self._compiled:
            if match := pattern.fullmatch(path):
                return served, match.groupdict()
        return [], {}

    @staticmethod
    def prefix(name: str) -> str:
        return dialect(name).http["prefix"]

    @staticmethod
    def last_word(name: str) -> str:
        """`messages`, `completions`: what a mistyped path is still told by."""
        return dialect(name).http["generate"]["path"].rpartition("/")[2]
