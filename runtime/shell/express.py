"""What follows from a request's head, found out once: programs send the same head again and again, with another length.

A Known is a head that llhttp has read. Bytes that are the same but for the number of their content-length mean the same, so
they are compared, and not read once more; and whose key it is, what may be asked for and what goes to which upstream is
the same, too, for as long as the policy is. What is not plain is left to the exchange: see `Front._express`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from runtime.core import catalogue, kept
from runtime.core.account import Account
from runtime.core.exchange import Attempt, preferred
from runtime.core.outcome import Outcome
from runtime.core.route import Route, Unknown
from runtime.core.translate import Peek, Translation
from runtime.shell import gateway as gate
from runtime.shell import incoming
from runtime.shell.lane_upstream import Wires, request_head
from runtime.shell.queue import Queue
from runtime.shell.snapshot import Line

LONGEST = 8 << 10  # bytes of a head that is kept
COURSES = 64  # models that are remembered for each head; their names come from clients
CUT = "\0"  # what stands for a request's id; no header has it
DIGITS = 9  # of a length that is compared; llhttp reads longer ones
ODD = ("transfer-encoding", "expect", "origin", "isogloss-operator", "isogloss-pin", "content-encoding", "upgrade")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})(?=\r\n)", re.IGNORECASE)
_encode = msgspec.json.encode


class Known:
    """A head, and all that follows from it while one policy is in force."""

    __slots__ = (
        *("_after", "_before", "_courses", "answer", "dialect", "headers", "id", "in_force", "query_string", "sent"),
        *("swift", "who"),
    )

    def __init__(self, before: bytes, after: bytes, message: Any) -> None:
        """The bytes before and after the number, and what llhttp made of them."""
        self._before, self._after = before, after
        self.headers, self.query_string = message.headers, message.query_string
        self.dialect: str = message.hot.dialect
        self.sent = incoming.sent(message)
        given = message.headers.get("x-request-id", "")
        self.id = given if gate.REQUEST_ID.fullmatch(given) else None
        self.in_force: gate.InForce | None = None
        self.answer: list[bytes] = []  # the head of an answer, cut where the request's id stands
        self.who: str | None = None
        self.swift = False  # whether its requests may go by this way
        self._courses: dict[tuple[str | None, bool | None], Course] = {}

    def body(self, data: bytes) -> bytes | None:
        """The body of a read that is this head again and a whole body; None if it is not."""
        before, after = self._before, self._after
        start = len(before)
        if data.startswith(before) and (end := data.find(b"\r", start, start + DIGITS + 1)) > 0:
            number, begins = data[start:end], end + len(after)
            if number.isdigit() and int(number) == len(data) - begins and data.startswith(after, end):
                return data[begins:]
        return None

    def under(self, gateway: gate.Gateway) -> None:
        """Finds out anew what it may, by another policy."""
        snapshot = gateway.in_force.snapshot
        self.in_force, self._courses = gateway.in_force, {}
        self.who = snapshot.client(incoming.credentials(self)) if snapshot.clients else None
        seen = gate.Seen(CUT, 0.0, gateway.in_force)
        seen.client = self.dialect
        lines = [f"{name}: {value}\r\n" for name, value in {**gate.JSON, **gate.own_headers(seen)}.items()]
        self.answer = "".join(["HTTP/1.1 200 OK\r\n", *lines]).encode().split(CUT.encode())
        keeps = gateway.kept is not None and kept.form(self.dialect) is not None  # what is kept goes the longer way
        self.swift = gateway.shared is None and not keeps and (self.who is not None or not snapshot.clients)

    def course(self, peek: Peek) -> Course | None:
        """Where a request for this model goes; None where that is not plain."""
        key = (peek.model, peek.stream)
        course = self._courses.get(key)
        try:
            route = self.in_force.snapshot.routes.find(peek.model, self.dialect)
        except (Unknown, AttributeError):
            return None
        if course is None or course.route is not route and course.route != route:
            if not peek.model or self.who is not None and not self.in_force.clients.allows(self.who, peek.model):
                return None
            if len(self._courses) >= COURSES:
                self._courses.clear()
            course = self._courses[key] = Course(self, peek, route)
        return course


class Course:
    """Where the requests of one head for one model go."""

    __slots__ = (
        "explains",
        "known",
        "legs",
        "model",
        "peek",
        "pool",
        "queue",
        "route",
        "seconds",
        "stream",
        "wants_key",
    )

    def __init__(self, known: Known, peek: Peek, route: Route) -> None:
        self.known, self.route, self.model, self.pool = known, route, peek.model, route.pools[0]
        usual = catalogue.dialect(known.dialect).rules.STREAM.get("default", False)
        self.stream = usual if peek.stream is None else peek.stream
        self.peek = Peek(peek.model, self.stream)
        queues = known.in_force.queues
        self.queue: Queue = queues[self.pool]
        pools = [queues[name].pool for name in route.pools]
        self.wants_key = any(pool.wants_key for pool in pools)
        self.explains = gate.explained(pools)
        self.seconds = known.in_force.snapshot.settings[self.pool].total
        if self.stream:
            self.seconds = min(self.seconds, known.in_force.snapshot.settings[self.pool].first_byte)
        self.legs: dict[str, Leg] = {}

    def translation(self, account: Account, dialect: str, now: float) -> Translation:
        known = self.known
        return gate.translation(known.in_force, known.dialect, known.who, self.route, self.peek, known.sent, now)(
            account, dialect, self.route.model
        )

    def leg(self, account: Account, wires: Wires, now: float) -> Leg | None:
        """The way to one account; None where it is not plain."""
        leg = self.legs.get(account.name)
        if leg is None or leg.account is not account:
            dialect = next(iter(preferred(account, self.known.dialect)), None)
            line = self.queue.line(account)
            if dialect is None or dialect == "canonical" or wires.spot(line) is None:
                return None
            leg = self.legs[account.name] = Leg(self, account, dialect, line, wires, now)
        return leg


class Leg:
    """What goes to one account: the upstream's head but for the id and the length, and what the log says of it."""

    __slots__ = (
        *("account", "counted", "dialect", "head", "line", "logged", "passes", "place", "quotas", "reader", "seconds"),
        *("spot", "used"),
    )

    def __init__(self, course: Course, account: Account, dialect: str, line: Line, wires: Wires, now: float) -> None:
        known, snapshot = course.known, course.known.in_force.snapshot
        self.account, self.dialect, self.line, self.spot = account, dialect, line, wires.spot(line)
        self.place, self.seconds = line.place, snapshot.connect[course.pool]
        self.reader = course.translation(account, dialect, now)  # of counts, where the answer is passed on
        self.passes = self.reader.passes
        passed_on = incoming.passed_on(CUT, known.sent)
        self.head = request_head(line, self.reader.outgoing(b""), course.stream, passed_on).split(CUT.encode())
        self.quotas = catalogue.faults(account.provider).quotas
        self.used = (known.who or "", course.pool, account.name, course.route.model)
        attempt = _encode([Attempt(account.name, dialect, Outcome.OK.value, 200)])
        who = b"" if known.who is None else b'"who":%b,' % _encode(known.who)
        self.logged = (
            b'"client":%b,"model":%b,"stream":%b,"status":200,"seconds":'
            % (_encode(known.dialect), _encode(course.model), _encode(course.stream)),
            b',%b"first_byte":' % who,
            b',"pool":%b,"account":%b,"upstream":%b' % (*map(_encode, (course.pool, account.name, dialect)),),
            b',"attempts":%b' % attempt,
        )
        self.counted = (known.dialect, 200), (account.name, Outcome.OK.value)


def learn(data: bytes, message: Any) -> tuple[bytes, bytes] | None:
    """The bytes of a head before and after its length, from the first read of a message; None where it is odd or not whole.

    Where the head ends is known for certain: so much of the read as llhttp did not take for the body.
    """
    end = data.find(b"\r\n\r\n") + 4
    headers: Mapping[str, str] = message.headers
    if not 4 < end <= LONGEST or message.size != len(data) - end or any(name in headers for name in ODD):
        return None
    if headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    found = _LENGTH.findall(data, 0, end)
    if len(found) != 1:
        return None
    at = _LENGTH.search(data, 0, end)
    return data[: at.start(1)], data[at.end(1) : end]
