"""Fits that are made up: a curve that is a function of the values and the seed, in parts as a worker gives them."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphlab.graph.sweep import Search, Space, Sweep
from graphlab.lab.sweeps.planner import Planner
from graphlab.lab.sweeps.records import Done, Epoch, Fit, Key, Proposal, Task
from graphlab.lab.sweeps.trials import Trial

EPOCHS = 27
LR = Search("", "lr", Space("log", (), 1e-4, 1e-1))
DECAY = Search("", "weight_decay", Space("range", (), 0.0, 0.1))
BATCH = Search("", "batch_size", Space("integer", (), 8, 64, 8))
OPTIMIZER = Search("", "optimizer", Space("choice", ("SGD", "Adam")))


def accuracy(values: Mapping[str, Any], seed: int, epoch: int) -> float:
    """Best at lr = 0.01; rises with the epochs, crossing others on its way."""
    lr = float(values.get("lr", 0.01))
    best = 0.95 - 0.1 * (math.log10(lr) + 2) ** 2 - 2 * float(values.get("weight_decay", 0.0))
    slow = 1 + 5 * lr * 10 + (seed % 3) * 0.5
    chance = random.Random(f"{sorted(values.items())} {seed} {epoch}").uniform(-0.02, 0.02)
    return max(0.0, best * (1 - math.exp(-epoch / slow)) + chance)


def bad(values: Mapping[str, Any], key: Key) -> int:
    """The epoch in which a fit fails, 0 never: some do."""
    chance = random.Random(f"{sorted(values.items())} {key.repeat} {key.fold}")
    return chance.randint(1, EPOCHS) if chance.random() < 0.15 else 0


def never(values: Mapping[str, Any], key: Key) -> int:
    return 0


def do(task: Task, fails: Callable[[Mapping[str, Any], Key], int] = never, stops: int = EPOCHS) -> Done:
    """What a worker gives back. stops: epochs after which a fit ends by itself."""
    begun = json.loads(task.state)["epoch"] if task.state else 0
    goal, last = task.until or EPOCHS, min(EPOCHS, stops)
    failing = fails(task.values, task.key)
    assert begun < goal, "a part has epochs"
    epochs = [_epoch(task, e) for e in range(1, min(goal, last) + 1) if not failing or e < failing]
    if failing and failing <= min(goal, last):
        return Done(Fit(task.key, "failed", task.seed, task.metric, epochs=epochs, error="NaN"), log="NaN")
    score = epochs[-1].validation_metrics["accuracy"]
    fit = Fit(task.key, "done", task.seed, task.metric, score, None, epochs[-1].epoch, epochs)
    state = json.dumps({"epoch": goal}).encode() if goal < last else b""
    return Done(fit, state=state)


def _epoch(task: Task, epoch: int) -> Epoch:
    value = accuracy(task.values, task.seed, epoch)
    return Epoch(epoch, 10 * epoch, 1 - value, {}, 1 - value, {"accuracy": value})


@dataclass
class Kept:
    """What was written of a sweep; once more a `Known`, as a kept sweep is."""

    fits_each: int = 1
    proposals: dict[int, Proposal] = field(default_factory=dict)
    lines: list[Fit] = field(default_factory=list)

    @property
    def trials(self) -> dict[int, Trial]:
        by: dict[int, dict[Key, Fit]] = {}
        for line in self.lines:
            by.setdefault(line.key.trial, {}).setdefault(line.key, line)
        return {
            k: Trial(
                k, p.values, tuple(f for _, f in sorted(by.get(k, {}).items())), self.fits_each, "accuracy"
            )
            for k, p in self.proposals.items()
        }

    @property
    def told(self) -> dict[Key, Fit]:
        """All lines, each key once."""
        assert len({line.key for line in self.lines}) == len(self.lines), "a fit was written twice"
        return {line.key: line for line in self.lines}


def drive(
    planner: Planner,
    kept: Kept,
    workers: int = 1,
    chance: random.Random | None = None,
    work: Callable[[Task], Done] = do,
    most: int = 1_000_000,
) -> int:
    """Does a sweep with so many workers, who end by chance, until it is over or `most` tasks were done; how many."""
    running: list[Task] = []
    count = 0
    while not planner.is_over and count < most:
        proposals, tasks = planner.tasks(workers - len(running))
        for proposal in proposals:
            assert proposal.trial not in kept.proposals, "a trial was proposed twice"
            kept.proposals[proposal.trial] = proposal
        kept.lines.extend(planner.lines())
        running.extend(tasks)
        if planner.is_over:
            break
        assert running, "it waits for nothing"
        place = chance.randrange(len(running)) if chance else 0
        kept.lines.extend(planner.take(work(running.pop(place))))
        count += 1
    return count


def sweep(*searches: Search, **settings: Any) -> Sweep:
    return Sweep(searches or (LR, DECAY), **settings)
