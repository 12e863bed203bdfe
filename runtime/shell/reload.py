"""A policy file while the gateway runs: a new one is built and checked whole, then taken; a bad one changes nothing."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from generated.policy import Policy
from generated.providers import PROVIDERS
from runtime.core.diagnostic import render
from runtime.core.policy import parse, secret_source
from runtime.shell.app import Gateway
from runtime.shell.snapshot import Missing, from_policy
from runtime.shell.tls import server_context

POLL_S = 0.5  # a change is taken once two looks in a row saw the same: by then the file is written
Stamp = tuple[tuple[int, int, int] | None, ...]  # of each file: when it changed, its size, its inode


def read_policy(path: Path, environ: Mapping[str, str], quiet: bool = False, keys: bool = True) -> Policy | None:
    """The policy in a file; None if it is bad. What is wrong with it is printed, if not `quiet`; of `keys` if they matter."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no UTF-8 text"
        if not quiet:
            print(f"isogloss: {path} cannot be read: {reason}", file=sys.stderr)
        return None
    providers = {name: list(facts["dialects"]) for name, facts in PROVIDERS.items()}
    policy, diagnostics = parse(text, str(path), providers, environ)
    if not keys:
        diagnostics = [one for one in diagnostics if one.code != "E711"]
    if diagnostics and not quiet:
        print(render(diagnostics, {str(path): text}, "text"), file=sys.stderr, end="")
    return policy


class Watch:
    """Follows the policy file and the files its keys are in, by looking, and on SIGHUP without looking."""

    def __init__(
        self, path: Path, policy: Policy, gateway: Gateway, environ: Mapping[str, str], quiet: bool = False
    ) -> None:
        self.path, self.policy, self._gateway, self._environ = path, policy, gateway, environ
        self._quiet = quiet
        self._taken = self._last = self._stamp()

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        try:
            while True:
                await asyncio.sleep(POLL_S)
                self.look()
        finally:
            loop.remove_signal_handler(signal.SIGHUP)

    def look(self) -> None:
        stamp = self._stamp()
        if stamp == self._last != self._taken:
            self.reload()
        self._last = stamp

    def reload(self) -> bool:
        """Takes what the file says now; False, and nothing has changed, if it is bad."""
        self._taken = self._stamp()  # before it is read: a change in between is seen by the next look
        policy = read_policy(self.path, self._environ, self._quiet)
        if policy is None:
            self._say(f"{self.path} is bad as it is now; the policy before it keeps serving")
            return False
        snapshot, problems = from_policy(policy, self._environ, self._gateway.part)
        for problem in problems:
            self._say(problem)
        tls, live = policy.server.tls, self._gateway.tls
        if (tls is None) != (live is None):
            self._say("the new `tls` of `server` holds from the next start on")
        elif tls is not None:
            try:
                server_context(tls, live)
            except Missing as missing:
                self._say(f"server.tls: {missing}; what was shown before it is shown")
        if (policy.server.host, policy.server.port) != (self.policy.server.host, self.policy.server.port):
            self._say("the new address of `server` holds from the next start on")
        for name in ("state", "usage"):
            if getattr(policy, name) != getattr(self.policy, name):
                self._say(f"the new `{name}` holds from the next start on")
        self.policy = policy
        self._taken = self._last = self._stamp()  # the new policy may name other files
        self._gateway.take(snapshot)
        accounts = sum(len(pool.accounts) for pool in snapshot.pools.values())
        self._say(f"{self.path} is in force: {len(snapshot.pools)} pools, {accounts} accounts")
        return True

    def _say(self, text: str) -> None:
        if not self._quiet:
            print(f"isogloss: {text}", file=sys.stderr, flush=True)

    def _stamp(self) -> Stamp:
        keys = [account.key for pool in self.policy.pools.values() for account in pool.accounts]
        keys += [client.key for client in self.policy.clients]
        places = [
            Path(where).expanduser() for key in keys if key for kind, where in [secret_source(key)] if kind == "file"
        ]
        if (tls := self.policy.server.tls) is not None:
            places += [Path(tls.cert).expanduser(), Path(tls.key).expanduser()]
        return tuple(map(_stamp, [self.path, *places]))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
