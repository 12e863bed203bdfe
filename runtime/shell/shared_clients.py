"""The limits of clients where several processes share a store; while that is away each process has its part of them."""

from typing import Any

from runtime.core.clients import Admitted, Clients, Denied, day_of
from runtime.core.limits import DAY, Limits
from runtime.shell.redis_store import CLIENTS, Admission, Away, windows
from runtime.shell.shared import Shared, Used

SPANS = {"day": DAY, "month": 31 * DAY}


class SharedClients:
    """`clients` are those of the policy in force; an admission goes to those of the policy that its request came under."""

    def __init__(self, clients: Clients, shared: Shared) -> None:
        self._shared = shared
        self._open: dict[str, str] = {}  # leases: the client
        self._gone: list[tuple[str, str]] = []  # client and lease, given back while the store was away
        self.follow(clients)
        shared.join(CLIENTS, self)

    def follow(self, clients: Clients) -> None:
        """A new policy is in force."""
        self.clients = clients
        self._take_part()

    async def admit(self, clients: Clients, name: str, tokens: int, now: float) -> Admitted | Denied:
        """As Clients.admit."""
        answer, lease = Admission(), self._shared.name()
        if self._shared.there:
            try:
                question = self._question(clients, name, tokens, now) | {"lease": lease}
                answer = await self._shared.store.ask(CLIENTS, "admit", question, Admission)
            except Away as away:
                self._shared.lost(str(away))
        if answer.denied is not None:
            wait = {"wait": answer.wait / 1000} if answer.wait else {}
            return clients.deny(name, answer.denied, tokens, now, used=answer.used, **wait)
        admitted = clients.count(name, tokens, now) if answer.at else clients.admit(name, tokens, now)
        if isinstance(admitted, Admitted):
            admitted.id, admitted.counted = lease, answer.at or None
            self._open[lease] = name
        return admitted

    def end(self, clients: Clients, admitted: Admitted, tokens: int, now: float) -> None:
        """As Clients.end."""
        if self._open.pop(admitted.id, None) is None:
            return
        clients.end(admitted, tokens, now)
        if not self._shared.there:
            self._gone.append((admitted.client, admitted.id))
            return
        delta = tokens - admitted.tokens
        over = self._question(clients, admitted.client, 0, admitted.at)
        over |= {"lease": admitted.id, "at": admitted.counted or 0}
        over["delta"] = delta if admitted.counted else max(delta, 0)
        over["windows"] = [window for window in over["windows"] if window["name"].startswith("t")]
        over["periods"] = [budget["period"] for budget in over.pop("budgets")]
        self._shared.tell(CLIENTS, "finish", over)

    def spent(self, used: dict[str, tuple[int, int]], day: str) -> None:
        """What was written down, should the store know of less."""
        spent = [
            (f"{period}:{when}", int(SPANS[period] * 1000), client, tokens)
            for client, both in used.items()
            for period, when, tokens in zip(SPANS, (day, day[:7]), both, strict=True)
        ]
        if spent:
            self._shared.tell(CLIENTS, "spent", {"spent": spent})

    def _question(self, clients: Clients, name: str, tokens: int, now: float) -> dict[str, Any]:
        rules, day = clients.rules(name), day_of(now)
        limits = (("day", day, rules.tokens_per_day), ("month", day[:7], rules.tokens_per_month))
        return {
            "client": name,
            "lease_ms": self._shared.lease_ms,
            "most": rules.max_concurrency or 0,
            "tokens": tokens,
            "windows": windows(name, Limits(rules.rpm, rules.tpm), tokens),
            "budgets": [
                {
                    "name": f"tokens_per_{period}",
                    "period": f"{period}:{when}",
                    "limit": limit or 0,
                    "span": int(SPANS[period] * 1000),
                }
                for period, when, limit in limits
            ],
        }

    # -- as a member

    def held(self) -> dict[str, Any]:
        gone, self._gone = self._gone, []
        return {"leases": [(name, lease) for lease, name in self._open.items()], "gone": gone, "rests": []}

    def used(self, everything: bool) -> Used:
        return self.clients.tell(everything)

    def alone(self) -> None:
        self._take_part()

    def together(self) -> None:
        self._take_part()

    def freed(self) -> None:
        """Clients do not wait."""

    def _take_part(self) -> None:
        self.clients.split(self._shared.part)
        self.clients.part(apart=not self._shared.there)
