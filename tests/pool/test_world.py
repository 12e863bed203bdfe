"""No slot is lost or doubled, nobody is passed over, no rest is cut short, no limit is exceeded: whatever happens."""

from __future__ import annotations

import os
from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.pool.world import World

STEPS = 1_000_000
PER_WORLD = 2000
PARTS = 4  # run side by side where there are several cores
SEED = int(os.environ.get("POOL_SEED", "1"))

numbers = st.integers(0, 2**28 - 1)  # two of fourteen bits
seen = Counter()


class Machine(RuleBasedStateMachine):
    @initialize(n=numbers)
    def begin(self, n: int) -> None:
        self.world = World(n & 16383)
        seen["steps"] += 1

    @rule(n=numbers)
    def arrive(self, n: int) -> None:
        self.world.arrive(n & 16383, n >> 14)
        self.checked()

    @rule(n=numbers)
    def answer(self, n: int) -> None:
        self.world.answer(n & 16383, n >> 14)
        self.checked()

    @rule(n=numbers)
    def pass_time(self, n: int) -> None:
        self.world.pass_time(n)
        self.checked()

    @rule(n=numbers)
    def leave(self, n: int) -> None:
        self.world.leave(n)
        self.checked()

    @rule(n=numbers)
    def leave_at_hand_off(self, n: int) -> None:
        self.world.leave_at_hand_off(n)
        self.checked()

    @rule(n=numbers)
    def reload(self, n: int) -> None:
        self.world.reload(n & 16383)
        self.checked()

    def checked(self) -> None:
        self.world.check()
        seen["steps"] += 1


@pytest.mark.parametrize("part", range(2))
def test_a_hundred_thousand_steps(part: int) -> None:
    seen.clear()
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=140,
            stateful_step_count=400,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            database=None,
        ),
    )
    assert seen["steps"] >= 50_000


@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_steps(part: int) -> None:
    """The same model under a plain loop. A failure names the world to begin with: POOL_SEED and its number."""
    served = refused = 0
    for number in range(part, STEPS // PER_WORLD, PARTS):
        chance = Random(f"{SEED} {number}")
        world = World(chance.getrandbits(14))
        for step in range(PER_WORLD):
            bits = chance.getrandbits(35)
            try:
                world.step((bits >> 28) * 100 >> 7, bits & 16383, bits >> 14 & 16383)
            except BaseException as wrong:
                wrong.add_note(f"POOL_SEED={SEED}, world {number}, step {step}")
                raise
        served, refused = served + world.served, refused + world.refused
    assert served > STEPS / PARTS / 10 and refused > STEPS / PARTS / 50  # both sides were seen
