"""`isogloss simulate --pool FILE`: what a policy would do under a load, by the gateway's own code and a clock that jumps."""

import argparse
import gc
import os
import random
import sys
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from generated.policy import Policy
from runtime.core.clients import Clients
from runtime.core.simulation import Arrival, Report, Simulation, Trouble, poisson
from runtime.shell.reload import read_policy
from runtime.shell.snapshot import from_policy

LOADS = ("poisson", "bursts", "outage", "storm", "slow")
COLOURS = ("#1f77b4", "#d62728")
WANTED = '{"at": 0.5, "model": "gpt-5", "seconds": 8, "tokens": 1000, "output": 300, "client": "alice"}'
PLOT_WIDTH, PLOT_HEIGHT, MARGIN = 900, 130, 40


class BadTrace(Exception):
    """The text says where, and what is wanted."""


def run(options: argparse.Namespace) -> int:
    """Prints the report; 2 for a policy or a trace that cannot be read."""
    reports: dict[str, Report] = {}
    for file in (options.pool, *([options.compare] if options.compare else [])):
        policy = read_policy(Path(file), os.environ, keys=False)
        if policy is None:
            return 2
        try:
            reports[file] = simulate(policy, options)
        except BadTrace as problem:
            print(f"isogloss: {problem}", file=sys.stderr)
            return 2
    print(table(reports), end="")
    if options.plot:
        try:
            Path(options.plot).write_text(picture(reports), encoding="utf-8")
        except OSError as problem:
            print(f"isogloss: {options.plot} cannot be written: {problem.strerror}", file=sys.stderr)
            return 2
    return 0


def simulate(policy: Policy, options: argparse.Namespace) -> Report:
    """One run; the same options, policy and seed give the same report."""
    random.seed(options.seed)  # the pools draw from here, too
    gc.freeze()  # what a run makes and drops has no cycles, and is soon gone
    gc.disable()
    snapshot, _ = from_policy(_without_secrets(policy), {})
    loads = options.load.split(",")
    if options.trace:
        load: Iterable[Arrival] = trace(Path(options.trace), policy)
        span = 0.0
    else:
        models = [name for rule in policy.models if (name := rule.name.replace("*", "any"))]
        load = poisson(
            options.rate, options.requests, models, options.seconds, random.random, "bursts" in loads, "slow" in loads
        )
        span = options.requests / options.rate
    return Simulation(
        snapshot.pools,
        snapshot.settings,
        snapshot.routes,
        Clients(policy.clients) if policy.clients else None,
        troubles(policy, loads, span),
        random.random,
    ).run(load)


def troubles(policy: Policy, loads: list[str], span: float) -> list[Trouble]:
    """In the middle third: an outage of the first account's provider, 429s from every other account, slow answers."""
    everyone = [(name, one) for name, pool in policy.pools.items() for one in pool.accounts]
    provider = everyone[0][1].provider
    struck = {
        "outage": [(name, one.name) for name, one in everyone if one.provider == provider],
        "storm": [(name, one.name) for name, one in everyone[::2]],
        "slow": [(name, one.name) for name, one in everyone],
    }
    return [Trouble(kind, span / 3, span * 2 / 3, frozenset(struck[kind])) for kind in loads if kind in struck]


def _without_secrets(policy: Policy) -> Policy:
    """No key is needed where no upstream is called."""
    pools = {
        name: replace(
            pool,
            accounts=[replace(one, key=None, proxy=None, proxy_auth=None, ca=None) for one in pool.accounts],
        )
        for name, pool in policy.pools.items()
    }
    return replace(policy, pools=pools, clients=[], server=replace(policy.server, operator_key=None))


def trace(path: Path, policy: Policy) -> Iterator[Arrival]:
    """The requests of a file of JSON lines, in the order of `at`. Raises BadTrace."""
    decode = msgspec.json.Decoder(Arrival).decode
    clients = {client.name for client in policy.clients}
    before, first = 0.0, None
    try:
        lines = path.open("rb")
    except OSError as problem:
        raise BadTrace(f"{path} cannot be read: {problem.strerror}") from None
    with lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                one = decode(line)
            except msgspec.MsgspecError as problem:
                raise BadTrace(
                    f"{path}:{number}: {problem}; a line reads {WANTED}, of which at and model must be"
                ) from None
            if first is None:
                first = one.at
            if one.at - first < before:
                raise BadTrace(f"{path}:{number}: `at` goes back; a trace is in the order of time")
            if one.client is not None and one.client not in clients:
                raise BadTrace(f"{path}:{number}: the policy has no client `{one.client}`")
            before = one.at - first
            yield replace(one, at=before)
    if first is None:
        raise BadTrace(f"{path} has no requests; a line of it reads {WANTED}")


def table(reports: dict[str, Report]) -> str:
    """The reports side by side."""
    reasons = sorted({reason for report in reports.values() for reason in report.refused})
    accounts = sorted({account for report in reports.values() for account in report.accounts})
    rows: list[tuple[str, list[str]]] = [("", list(reports))]

    def row(name: str, value: Any) -> None:
        rows.append((name, [value(report) for report in reports.values()]))

    row("requests", lambda r: f"{r.requests}")
    row("served", lambda r: f"{r.served} ({_share(r.served, r.requests)})")
    row("cut in mid-stream", lambda r: f"{r.cut}")
    row("refused", lambda r: f"{r.refused.total()} ({_share(r.refused.total(), r.requests)})")
    for reason in reasons:
        row(f"  {reason}", lambda r, reason=reason: f"{r.refused[reason]}")
    row("retries", lambda r: f"{r.retries}")
    for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        row(f"queue wait {name}", lambda r, part=part: f"{r.wait(part):.3f} s")
    row("virtual time", lambda r: f"{r.ended:.0f} s")
    for account in accounts:
        rows.append((f"{account[0]}/{account[1]}", [""] * len(reports)))
        for name in ("attempts", "served", "failed", "rests", "rested", "busy", "most"):
            row(f"  {_WORDS.get(name, name)}", lambda r, a=account, n=name: _number(r, a, n))
    widths = [
        max(len(name) for name, _ in rows),
        *(max(len(cells[n]) for _, cells in rows) for n in range(len(reports))),
    ]
    lines = [
        "  ".join([name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))])
        for name, cells in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


_WORDS = {"rested": "time at rest", "busy": "mean in flight", "most": "most in flight"}


def _number(report: Report, account: tuple[str, str], name: str) -> str:
    one = report.accounts.get(account)
    if one is None:
        return "-"
    value = getattr(one, name)
    if name == "busy":
        return f"{value / max(report.ended, 1e-9):.1f}"
    return f"{value:.0f} s" if name == "rested" else f"{value}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.2f} %"


def picture(reports: dict[str, Report]) -> str:
    """An SVG: what was served, refused, tried again and waiting over time, one panel each, one colour for each policy."""
    names = list(next(iter(reports.values())).series)
    height = MARGIN + len(names) * (PLOT_HEIGHT + MARGIN)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PLOT_WIDTH + 2 * MARGIN} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{PLOT_WIDTH + 2 * MARGIN}" height="{height}" fill="white"/>',
    ]
    for n, (file, colour) in enumerate(zip(reports, COLOURS, strict=False)):
        parts.append(f'<text x="{MARGIN + n * PLOT_WIDTH // 2}" y="16" fill="{colour}">{escape(file)}</text>')
    for n, name in enumerate(names):
        top = MARGIN + n * (PLOT_HEIGHT + MARGIN)
        most = max(max(report.series[name]) for report in reports.values()) or 1.0
        parts.append(f'<text x="{MARGIN}" y="{top - 5}">{name}, to {most:.4g}</text>')
        parts.append(
            f'<rect x="{MARGIN}" y="{top}" width="{PLOT_WIDTH}" height="{PLOT_HEIGHT}" fill="none" stroke="#ccc"/>'
        )
        for report, colour in zip(reports.values(), COLOURS, strict=False):
            values = report.series[name]
            points = " ".join(
                f"{MARGIN + PLOT_WIDTH * i / (len(values) - 1):.1f},{top + PLOT_HEIGHT * (1 - value / most):.1f}"
                for i, value in enumerate(values)
            )
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    ends = " / ".join(f"{report.ended:.0f} s" for report in reports.values())
    parts.append(f'<text x="{MARGIN}" y="{height - 12}">0 to {ends} of virtual time</text>')
    return "\n".join([*parts, "</svg>", ""])
