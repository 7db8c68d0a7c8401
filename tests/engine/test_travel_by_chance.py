"""Hands do what they like: train, step, go back, change things, take up branches. Known steps stay what they were.

GRAPHLAB_TEST_TRAVEL makes it longer, GRAPHLAB_TEST_SEED begins elsewhere.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from graphlab.engine.messages import SetElements
from graphlab.engine.trail import Trail
from graphlab.engine.workspace import Workspace
from tests.engine.test_travel import LONGER, Noted, go, held, network

SEED = int(os.environ.get("GRAPHLAB_TEST_SEED", "0"))


class Hand:
    """Does something, and keeps its own account of what each step of the present way held."""

    def __init__(self, seed: int, cuts: list[int]) -> None:
        self.cuts = cuts  # the steps at which ways parted, also those of which nothing is kept
        self.rng = np.random.default_rng(seed)
        self.graph = network(optimizer="Adam")
        self.space = Workspace(self.graph.document)
        self.noted: Noted = {0: held(self.space)}
        self.branches: dict[int, Noted] = {}

    @property
    def here(self) -> int:
        return self.space.run.steps_done

    def act(self) -> str:
        ways = [
            self.train,
            self.train,
            self.step,
            self.back,
            self.go,
            self.go,
            self.rate,
            self.batch,
            self.weight,
        ]
        ways += [self.freeze, self.optimizer, self.part, self.join, self.load]
        way = ways[self.rng.integers(len(ways))]
        way()
        self.account()
        return way.__name__

    def account(self) -> None:
        """Follows where ways part, and notes or checks what is held now."""
        travel = self.space.travel
        for left in travel.left:
            self.branches[left.number] = {s: bits for s, bits in self.noted.items() if s > left.at}
        for at in self.cuts:
            self.noted = {s: bits for s, bits in self.noted.items() if s < at}
        travel.left.clear()
        self.cuts.clear()
        self.noted = {
            s: bits for s, bits in self.noted.items() if travel.trail.first <= s <= travel.trail.end
        }
        left_out = travel.trail.fixed_at(self.here) is not None and travel._applied != self.here
        if not travel.is_past and not left_out:
            self.noted[self.here] = held(self.space)

    def check(self) -> None:
        steps = list(self.noted)
        for step in self.rng.choice(steps, min(6, len(steps)), replace=False).tolist():
            go(self.space, step)
            assert self.here == step
            assert held(self.space) == self.noted[step], step

    # What a hand does

    def train(self) -> None:
        for _ in range(self.rng.integers(1, 5)):
            self.space.train(int(self.rng.integers(1, 6)))
            self.account()

    def step(self) -> None:
        self.space.step(int(self.rng.integers(1, 2 * len(self.space.run.schedule))))

    def back(self) -> None:
        self.space.back(int(self.rng.integers(1, 2 * len(self.space.run.schedule))))

    def go(self) -> None:
        go(self.space, int(self.rng.integers(0, self.space.travel.trail.end + 1)))

    def _configure(self, **settings: Any) -> None:
        self.graph.replace(self.space.document, "then")
        self.graph.configure(**settings)
        self.space.load(self.graph.document)

    def rate(self) -> None:
        self._configure(lr=float(self.rng.choice([0.01, 0.02, 0.05])))

    def batch(self) -> None:
        self._configure(batch_size=int(self.rng.choice([8, 16])))

    def optimizer(self) -> None:
        self._configure(optimizer=str(self.rng.choice(["Adam", "SGD", "RMSprop"])))

    def freeze(self) -> None:
        self.graph.replace(self.space.document, "then")
        self.graph.set_flags("hidden", frozen=bool(self.rng.integers(2)))
        self.space.load(self.graph.document)

    def weight(self) -> None:
        node = self.graph["hidden"].id
        self.space.set_elements(SetElements(1, node, "weight", ((0, 0),), (float(self.rng.normal()),)))

    def load(self) -> None:
        self.space.set_weights({"out.bias": self.rng.normal(size=1).astype(np.float32)}, {})

    def part(self) -> None:
        self.space.travel.part()

    def join(self) -> None:
        trail = self.space.travel.trail
        numbers = [branch.number for branch in trail.branches if branch.number in self.branches]
        if numbers:
            number = int(self.rng.choice(numbers))
            kept = self.branches.pop(number)
            at = self.space.travel.join(number)
            self.account()
            self.noted = {s: bits for s, bits in self.noted.items() if s < at} | kept
            go(self.space, at)


@pytest.mark.parametrize("seed", range(SEED, SEED + 3 * LONGER))
def test_every_known_step_stays_what_it_was(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts: list[int] = []
    cut = Trail.cut
    monkeypatch.setattr(Trail, "cut", lambda trail, at, keep: cuts.append(at) or cut(trail, at, keep))
    hand = Hand(seed, cuts)
    done: list[str] = []
    try:
        for k in range(60):
            done.append(hand.act())
            if k % 10 == 9:
                hand.check()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {', '.join(done[-12:])}: {error}") from error
