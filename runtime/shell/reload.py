"""A policy file while the gateway runs: a new one is built and checked whole, then taken; a bad one changes nothing."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from generated.policy import Policy
from generated.providers import PROVIDERS
from runtime.core.diagnostic import render
from runtime.core.policy import parse, secret_source
from runtime.shell.gateway import Gateway
from runtime.shell.snapshot import Missing, Snapshot, from_policy
from runtime.shell.tls import server_context

POLL_S = 0.5  # a change is taken once two looks in a row saw the same: by then the file is written
Stamp = tuple[int, int, int]  # of a file: when it changed, its size, its inode


def stamp_of(path: Path) -> Stamp | None:
    """None where there is no file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def read_policy(path: Path, environ: Mapping[str, str], quiet: bool = False, keys: bool = True) -> Policy | None:
    """The policy in a file; None if it is bad. What is wrong with it is printed, if not `quiet`; of `keys` if they matter."""
    text = read_text(path, quiet)
    return None if text is None else understood(text, path, environ, quiet, keys)


def read_text(path: Path, quiet: bool = False) -> str | None:
    """The text of a policy file; None if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no UTF-8 text"
        if not quiet:
            print(f"isogloss: {path} cannot be read: {reason}", file=sys.stderr)
        return None


def understood(
    text: str, path: Path, environ: Mapping[str, str], quiet: bool = False, keys: bool = True
) -> Policy | None:
    """As `read_policy`, of a text that was read already."""
    providers = {name: list(facts["dialects"]) for name, facts in PROVIDERS.items()}
    policy, diagnostics = parse(text, str(path), providers, environ)
    if not keys:
        diagnostics = [one for one in diagnostics if one.code != "E711"]
    if diagnostics and not quiet:
        print(render(diagnostics, {str(path): text}, "text"), file=sys.stderr, end="")
    return policy


def files(path: Path, policy: Policy) -> list[Path]:
    """The policy file, and those that it names for keys and certificates."""
    accounts = [account for pool in policy.pools.values() for account in pool.accounts]
    keys = {policy.server.operator_key, *(client.key for client in policy.clients)}
    keys |= {key for account in accounts for key in (account.key, account.proxy_auth)}
    named = {where for key in keys if key for kind, where in [secret_source(key)] if kind == "file"}
    named |= {account.ca for account in accounts if account.ca}
    named |= {where for account in accounts if (where := account.settings.get("credentials"))}
    if (tls := policy.server.tls) is not None:
        named |= {tls.cert, tls.key}
    return [path, *(Path(where).expanduser() for where in sorted(named))]


class Watch:
    """Follows the policy file and the files its keys are in, by looking, and on SIGHUP without looking.

    `read` is the stamp the policy file had before `policy` was read from it, if not the present one: what came since is
    taken by `catch_up`. `keep` is told of the text of each new policy that is taken.
    """

    def __init__(
        self,
        path: Path,
        policy: Policy,
        gateway: Gateway,
        environ: Mapping[str, str],
        quiet: bool = False,
        read: Stamp | None = None,
        keep: Callable[[bytes], None] | None = None,
    ) -> None:
        self.path, self._gateway, self._environ = path, gateway, environ
        self._quiet, self._keep = quiet, keep
        self.policy, self._files = policy, files(path, policy)
        self._last = self._stamps()
        self._taken = (read or self._last[0], *self._last[1:])

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        told = asyncio.Event()
        loop.add_signal_handler(signal.SIGHUP, told.set)
        try:
            while True:
                try:
                    await asyncio.wait_for(told.wait(), POLL_S)
                except TimeoutError:
                    await self.look()
                else:
                    told.clear()
                    await self.reload()
        finally:
            loop.remove_signal_handler(signal.SIGHUP)

    async def catch_up(self) -> None:
        """Takes what came since the policy was read: while this process started, or before it was started again."""
        if self._last != self._taken:
            await self.reload()

    async def look(self) -> None:
        stamps = self._stamps()
        if stamps == self._last != self._taken:
            await self.reload()
        else:
            self._last = stamps

    async def reload(self) -> bool:
        """Takes what the file says now; False, and nothing has changed, if it is bad."""
        self._taken = self._last = self._stamps()  # before they are read: a change in between is seen by the next look
        # beside the loop: a file of ten thousand accounts takes seconds, and streams go on meanwhile
        built = await asyncio.to_thread(self._build)
        if built is None:
            self._say(f"{self.path} is bad as it is now; the policy before it keeps serving")
            return False
        policy, text, stamps, snapshot, problems = built
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
        for name in ("state", "usage", "responses"):
            if getattr(policy, name) != getattr(self.policy, name):
                self._say(f"the new `{name}` holds from the next start on")
        self.policy, self._files = policy, files(self.path, policy)
        self._taken = self._last = (self._taken[0], *stamps)
        self._gateway.take(snapshot)
        if self._keep is not None:
            try:
                self._keep(text.encode())
            except OSError as problem:
                self._say(f"{self.path} cannot be kept for a worker to come: {problem.strerror}")
        accounts = sum(len(pool.accounts) for pool in snapshot.pools.values())
        self._say(f"{self.path} is in force: {len(snapshot.pools)} pools, {accounts} accounts")
        return True

    def _build(self) -> tuple[Policy, str, list[Stamp | None], Snapshot, list[str]] | None:
        """All of it but the swap; with the stamps that the other files had before they were read."""
        text = read_text(self.path, self._quiet)
        policy = None if text is None else understood(text, self.path, self._environ, self._quiet)
        if policy is None:
            return None
        stamps = [stamp_of(file) for file in files(self.path, policy)[1:]]
        return policy, text, stamps, *from_policy(policy, self._environ, self._gateway.part)

    def _stamps(self) -> tuple[Stamp | None, ...]:
        return tuple(map(stamp_of, self._files))

    def _say(self, text: str) -> None:
        if not self._quiet:
            print(f"isogloss: {text}", file=sys.stderr, flush=True)
