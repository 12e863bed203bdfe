"""The limits of clients where several processes share a store; while that is away each process has its part of them."""

from typing import Any

from runtime.core.clients import Admitted, Clients, Denied, day_of
from runtime.core.limits import DAY, Limits
from runtime.shell.redis_store import CLIENTS, Reply, windows
from runtime.shell.shared import Shared, Used

SPANS = {"day": DAY, "month": 31 * DAY}


class SharedClients:
    """As Clients. While the store is there it decides, with the first account that a request asks for."""

    def __init__(self, clients: Clients, shared: Shared) -> None:
        self._shared = shared
        self._pending: dict[
            str, Clients
        ] = {}  # by lease, until the store has decided: those of the policy it came under
        self._open: dict[str, tuple[str, Clients]] = {}  # by lease: the client, and likewise
        self._gone: list[tuple[str, str]] = []  # client and lease, given back while the store was away
        shared.clients = self
        shared.join(CLIENTS, self)
        self.follow(clients)

    def follow(self, clients: Clients) -> None:
        """A new policy is in force."""
        self.clients = clients
        self._take_part()

    def admit(self, name: str, tokens: int, now: float) -> Admitted | Denied:
        """An admission that is not open is for the store to decide."""
        admitted = Admitted(name, tokens, now, open=False, id=self._shared.name())
        self._pending[admitted.id] = self.clients
        return admitted if self._shared.there else self.decide_alone(admitted) or admitted

    def decide_alone(self, admitted: Admitted) -> Denied | None:
        """Without the store."""
        clients = self._pending.pop(admitted.id, None)
        if clients is None:
            return None
        answer = clients.admit(admitted.client, admitted.tokens, admitted.at)
        if isinstance(answer, Denied):
            return answer
        self._opened(admitted, clients)
        return None

    def question(self, admitted: Admitted | None) -> dict[str, Any]:
        """What is added to the question for an account, if the store has not decided yet."""
        if admitted is None or (clients := self._pending.get(admitted.id)) is None:
            return {}
        return {"clients": CLIENTS, "admit": self._asked(clients, admitted) | {"tokens": admitted.tokens}}

    def decided(self, admitted: Admitted | None, reply: Reply) -> Denied | None:
        """The store's answer to that."""
        if admitted is None or (clients := self._pending.pop(admitted.id, None)) is None:
            return None
        if reply.denied is not None:
            wait = {"wait": reply.wait / 1000} if reply.wait else {}
            now = self._shared.clock()
            return clients.deny(admitted.client, reply.denied, admitted.tokens, now, used=reply.used, **wait)
        admitted.counted = reply.admitted
        clients.count(admitted.client, admitted.tokens, admitted.at)
        self._opened(admitted, clients)
        return None

    def end(self, admitted: Admitted, tokens: int, now: float) -> None:
        """As Clients.end. Where the store has not answered yet it hears of this second, and has the last word on both."""
        undecided = self._pending.pop(admitted.id, None)
        _, clients = self._open.pop(admitted.id, ("", undecided))
        if clients is None:
            return
        clients.end(admitted, tokens, now)
        if not self._shared.there:
            self._gone.append((admitted.client, admitted.id))
            return
        delta = tokens - admitted.tokens
        over = self._asked(clients, admitted) | {"at": admitted.counted or 0}
        # what was admitted without the store it has been told as a sum: only what is more can still be added
        over["delta"] = delta if admitted.counted or undecided else max(delta, 0)
        over["windows"] = [window for window in over["windows"] if window["name"].startswith("t")]
        over["periods"] = [budget["period"] for budget in over.pop("budgets")]
        self._shared.tell(CLIENTS, "finish", over)

    def _opened(self, admitted: Admitted, clients: Clients) -> None:
        admitted.open = True
        self._open[admitted.id] = (admitted.client, clients)

    def spent(self, used: dict[str, tuple[int, int]], day: str) -> None:
        """What was written down, should the store know of less."""
        spent = [
            (f"{period}:{when}", int(SPANS[period] * 1000), client, tokens)
            for client, both in used.items()
            for period, when, tokens in zip(SPANS, (day, day[:7]), both, strict=True)
        ]
        if spent:
            self._shared.tell(CLIENTS, "spent", {"spent": spent})

    def _asked(self, clients: Clients, admitted: Admitted) -> dict[str, Any]:
        rules, day = clients.rules(admitted.client), day_of(admitted.at)
        limits = (("day", day, rules.tokens_per_day), ("month", day[:7], rules.tokens_per_month))
        return {
            "client": admitted.client,
            "lease": admitted.id,
            "lease_ms": self._shared.lease_ms,
            "most": rules.max_concurrency or 0,
            "windows": windows(admitted.client, Limits(rules.rpm, rules.tpm), admitted.tokens),
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
        return {"leases": [(name, lease) for lease, (name, _) in self._open.items()], "gone": gone, "rests": []}

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
