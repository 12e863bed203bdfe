"""Which of the accounts that may serve is asked first.

A strategy keeps the seats that are free and rested, in one shelf for each kind of account (those with the same model
list). Every change costs O(log n) comparisons. A lower priority number comes first in all of them.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from heapq import merge
from typing import Any, Protocol

from runtime.core.account import TURN, Seat

STARTING_LATENCY = 0.001  # seconds, of an account that has not been measured: it is tried, and in turn by its load


class Strategy(Protocol):
    measures: bool  # whether it ranks by latency

    def shelf(self) -> Any:
        """A new empty shelf."""

    def put(self, seat: Seat, now: float) -> None:
        """The seat is free."""

    def remove(self, seat: Seat) -> None:
        """It is not any more, or will be put back with another rank."""

    def move(self, seat: Seat, now: float) -> None:
        """It is still free, and may have another rank."""

    def candidates(self, shelves: Sequence[Any], now: float) -> Iterator[Seat]:
        """The seats on these shelves, best first. Whoever takes one stops here."""

    def score(self, seat: Seat, now: float) -> float:
        """What it is ranked by among those of its priority: the least comes first."""


class Ordered:
    """The first by rank: round robin, least busy and fill first differ in nothing else."""

    measures = False

    def __init__(self, rank: Callable[[Seat], tuple[int, ...]], unit: int = 1) -> None:
        self._rank, self._unit = rank, unit

    def shelf(self) -> list[Any]:
        return []

    def put(self, seat: Seat, now: float) -> None:
        seat.entry = (seat.account.priority, *self._rank(seat), seat.index, seat)
        insort(seat.shelf, seat.entry)

    def remove(self, seat: Seat) -> None:
        del seat.shelf[bisect_left(seat.shelf, seat.entry)]

    def move(self, seat: Seat, now: float) -> None:
        shelf = seat.shelf
        entry = (seat.account.priority, *self._rank(seat), seat.index, seat)
        if len(shelf) == 1:
            shelf[0] = seat.entry = entry
        elif entry != seat.entry:
            del shelf[bisect_left(shelf, seat.entry)]
            seat.entry = entry
            insort(shelf, entry)

    def candidates(self, shelves: Sequence[list[Any]], now: float) -> Iterator[Seat]:
        entries = shelves[0] if len(shelves) == 1 else merge(*shelves)
        return (entry[-1] for entry in entries)

    def score(self, seat: Seat, now: float) -> float:
        return self._rank(seat)[0] / self._unit


class Latency:
    """The better of two by chance: of latency times load, by weight. Two are enough to shun the slow, and no herd forms."""

    measures = True

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance

    def shelf(self) -> dict[int, list[Seat]]:
        return {}  # by priority

    def put(self, seat: Seat, now: float) -> None:
        seats = seat.shelf.setdefault(seat.account.priority, [])
        seat.entry = len(seats)
        seats.append(seat)

    def remove(self, seat: Seat) -> None:
        seats = seat.shelf[seat.account.priority]
        last = seats.pop()
        if last is not seat:
            seats[seat.entry], last.entry = last, seat.entry
        if not seats:
            del seat.shelf[seat.account.priority]

    def move(self, seat: Seat, now: float) -> None:
        pass  # a seat's place here says nothing of its rank

    def candidates(self, shelves: Sequence[dict[int, list[Seat]]], now: float) -> Iterator[Seat]:
        for priority in sorted({priority for shelf in shelves for priority in shelf}):
            parts = [shelf[priority] for shelf in shelves if priority in shelf]
            count = sum(map(len, parts))
            first = min(int(self._chance() * count), count - 1)
            other = (first + 1 + min(int(self._chance() * (count - 1)), count - 2)) % count if count > 1 else first
            pair = sorted({first, other}, key=lambda place: self.score(_at(parts, place), now))
            yield from (_at(parts, place) for place in pair)
            yield from (_at(parts, place % count) for place in range(first, first + count) if place % count not in pair)

    def score(self, seat: Seat, now: float) -> float:
        latency = max(seat.expected_latency(now), STARTING_LATENCY)
        return latency * (seat.in_flight + 1) / seat.account.weight


def _at(parts: Sequence[list[Seat]], place: int) -> Seat:
    for part in parts:
        if place < len(part):
            return part[place]
        place -= len(part)
    raise IndexError(place)


def _round_robin(seat: Seat) -> tuple[int, ...]:
    return (seat.turn,)


def _least_busy(seat: Seat) -> tuple[int, ...]:
    return (seat.in_flight, seat.turn)


def _fill_first(seat: Seat) -> tuple[int, ...]:
    return (-seat.account.weight,)


def strategy(name: str, chance: Callable[[], float]) -> Strategy:
    match name:
        case "round_robin":
            return Ordered(_round_robin, TURN)
        case "least_busy":
            return Ordered(_least_busy)
        case "fill_first":
            return Ordered(_fill_first)
        case "latency":
            return Latency(chance)
    raise ValueError(f"there is no strategy {name}")
