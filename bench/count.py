"""Instructions for a request, by valgrind: the same on a busy machine as on an idle one.

python -m bench.count [--gate] [WORK ...]     prints millions of instructions a request, for works of bench.drive

A run of few requests and one of more are told apart: what starting costs falls out. Hashes have a fixed seed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HISTORY = ROOT / "bench" / "history.jsonl"
FEW, MORE = 5, 25
ALLOWED = 1.25
WORKS = [
    *("chat-chat-small", "messages-messages-small", "messages-chat-small", "chat-messages-small"),
    *("chat-chat-burst", "messages-chat-burst", "chat-messages-burst", "chat-chat-paced", "messages-chat-paced"),
    *("chat-chat-large", "messages-chat-large", "chat-messages-large"),
]


def instructions(work: str) -> float:
    """Of one request. Raises SystemExit where valgrind is not there or the run fails."""
    if shutil.which("valgrind") is None:
        raise SystemExit("bench: valgrind is needed to count instructions")
    return (_counted(work, MORE) - _counted(work, FEW)) / (MORE - FEW)


def _counted(work: str, count: int) -> int:
    valgrind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    python = [sys.executable, "-m", "bench.drive", work]
    environ = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONMALLOC": "pymalloc", "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([*python, "0"], cwd=ROOT, env=environ, capture_output=True)  # compiles what is not
    command = [*valgrind, *python, str(count)]
    said = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=900)
    found = re.search(r"I +refs: +([\d,]+)", said.stderr)
    if said.returncode or found is None:
        raise SystemExit(f"bench: {work} fails under valgrind:\n{said.stderr[-2000:]}")
    return int(found[1].replace(",", ""))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.count", description=__doc__)
    parser.add_argument("work", nargs="*", default=WORKS)
    parser.add_argument("--gate", action="store_true", help="fail where it is over 25 %% more than was recorded last")
    parser.add_argument("--record", metavar="WHAT", help="append the counts to bench/history.jsonl under this remark")
    asked = parser.parse_args()
    version = platform.python_version_tuple()
    python, found = f"{version[0]}.{version[1]}", {}
    for work in asked.work:
        found[work] = round(instructions(work) / 1e6, 3)
        print(f"{work}: {found[work]:.3f} M", flush=True)
    recorded = [json.loads(line) for line in HISTORY.read_text().splitlines()] if HISTORY.exists() else []
    known = [entry["instructions"] for entry in recorded if "instructions" in entry and entry["python"] == python]
    if asked.record:
        entry = {"day": time.strftime("%Y-%m-%d", time.gmtime()), "what": asked.record, "python": python}
        with HISTORY.open("a") as history:
            history.write(json.dumps({**entry, "instructions": found}) + "\n")
    if not asked.gate:
        return 0
    if not known:
        print(f"bench: nothing is recorded for Python {python}; `python -m bench.count --record WHAT` does it")
        return 0
    worse = [work for work, count in found.items() if count > known[-1].get(work, count) * ALLOWED]
    for work in worse:
        print(f"bench: {work}: {found[work]:.3f} M instructions, and it was {known[-1][work]:.3f} M", file=sys.stderr)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
