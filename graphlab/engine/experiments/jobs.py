"""Experiments that the engine's process does between looks at its inbox: each in small pieces, with word of how far."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import messages as m
from ..pacing import Pace, Stopwatch
from ..training import Trainer
from .cut import Cut, View, gradient_cut, parameter_cut, path_cut, random_cut, view_of
from .loss_map import Losses, LossMap
from .race import Race, Racer, Standing, order
from .rates import RateFinder
from .travelled import Travelled

Array = npt.NDArray[Any]
ASTRAY = 20.0  # times as far as half of all places, from where it began
REPORT = 0.1  # seconds between two words of progress
# of the time, while the run trains: what is drawn by the way, what is waited for
OF_A_PICTURE, OF_A_WISH = 0.01, 0.5


class Job:
    """Work in pieces. `share` of the time is what it takes while the run trains."""

    share = OF_A_WISH

    def __init__(self, request: int) -> None:
        self.request = request
        self.is_done = False
        self._work: Iterator[None] = iter(())
        self._told = self._due = 0.0

    def go_on(self, seconds: float, shared: bool) -> bool:
        """Works for so long, if it is its turn; whether there is something to tell."""
        began = now = time.perf_counter()
        if shared and began < self._due:
            return False
        for _ in self._work:
            now = time.perf_counter()
            if now >= began + seconds:
                break
        else:
            self.is_done, now = True, time.perf_counter()
        self._due = now + (now - began) * (1 / self.share - 1)
        if not self.is_done and now < self._told + REPORT and not self.is_ripe():
            return False
        self._told = now
        return True

    def is_ripe(self) -> bool:
        """Whether something is to be told at once."""
        return False

    def told(self, run: int) -> m.Event:
        """What there is until now."""
        raise NotImplementedError


class Mapping(Job):
    """A loss surface, and afterwards the plane on which ways are drawn. ExperimentError, NumericsError, …"""

    share = OF_A_PICTURE

    def __init__(self, trainer: Trainer, ways: Ways, wish: m.MapLoss, before: Mapping | None = None) -> None:
        super().__init__(wish.request)
        self._step: int
        self.map: LossMap
        run = trainer.run
        losses = Losses(trainer, max(1, wish.rows))
        if before is not None and wish.stay and before.map.cut.kind == wish.kind:
            cut, self._step = before.map.cut, before._step
        else:
            cut, self._step = _cut(trainer, losses, ways, wish), run.steps_done
        view: View = wish.view or view_of(cut, ways.on(cut, run.store.trainable))
        losses.place[...] = run.store.trainable
        self.map = LossMap(losses, cut, view, wish.seconds)
        self._origin = cut.find(run.store.trainable[None])[0]
        self._rows, self._of = len(losses.rows), losses.of
        self._work = self.map.work()
        self._side = 0
        self._shown: dict[str, int] = {}  # the last step that was told of each way
        self._pace = Pace(1 / 30, 0.02)

    def is_ripe(self) -> bool:
        return self.map.side != self._side

    def told(self, run: int) -> m.LossMapped:
        found, cut = self.map, self.map.cut
        grid = found.losses if self._side != found.side else None
        self._side = found.side
        return m.LossMapped(
            run,
            self.request,
            self._step,
            cut.kind,
            found.view,
            cut.names,
            cut.shares,
            cut.exact,
            (float(self._origin[0]), float(self._origin[1])),
            found.here,
            grid,
            found.done,
            found.total,
            self._rows,
            self._of,
            self.is_done,
        )

    def walked(self, run: int, name: str, way: Travelled, now: tuple[int, Array] | None) -> m.Walked | None:
        """What is new of a way; `now`: the step and place that its weights are at."""
        shown = self._shown.get(name, -1)
        if way.steps and way.steps[-1] < shown:
            shown = -1
        fresh = [k for k, step in enumerate(way.steps) if step > shown]
        steps, places = [way.steps[k] for k in fresh], [way.places[k] for k in fresh]
        if steps:
            self._shown[name] = steps[-1]
        if now is not None:
            steps, places = [*steps, now[0]], [*places, now[1]]
        if not steps:
            return None
        points = self.map.cut.find(np.stack(places))
        return m.Walked(run, self.request, np.array(steps, np.int64), points, name, now is not None)

    def frame(self, run: int, trainer: Trainer, way: Travelled, hurry: bool) -> Iterator[m.Event]:
        """Where the run is, as often as it costs next to nothing."""
        if not hurry and not self._pace.is_due():
            return
        watch = Stopwatch()
        found = self.walked(run, "", way, (trainer.steps_done, trainer.run.store.trainable))
        self._pace.done(watch)
        if found is not None:
            yield found


class Finding(Job):
    """Learning rates tried one after the other. SettingsError, MemoryBudgetError."""

    def __init__(self, trainer: Trainer, wish: m.FindRate) -> None:
        super().__init__(wish.request)
        self._finder = RateFinder(trainer, wish.low, wish.high, wish.steps)
        self._work = self._finder.work()

    def told(self, run: int) -> m.RatesTried:
        found, said = self._finder, self._finder.suggestion
        pair = (said.steepest, said.tenth) if said is not None else None
        curves = found.rates, found.losses, found.smoothed
        return m.RatesTried(run, self.request, *curves, found.steps, pair, found.why, self.is_done)


class Racing(Job):
    """A race. ExperimentError, SettingsError, MemoryBudgetError."""

    def __init__(self, trainer: Trainer, wish: m.StartRace) -> None:
        super().__init__(wish.request)
        racers = [Racer(name, lr) for name, lr in wish.racers]
        self._race = Race(trainer, racers, wish.steps, wish.fresh)
        self._work = self._race.work()
        self._first = 0

    @property
    def ways(self) -> dict[str, Travelled]:
        """The way of each racer, by name."""
        return {runner.racer.name: runner.travelled for runner in self._race.runners}

    def told(self, run: int) -> m.Raced:
        race, first = self._race, self._first
        losses = race.losses(first)
        self._first = race.done  # a racer whose turn comes later has more to tell from there
        standings = race.standings()
        return m.Raced(
            run,
            self.request,
            first,
            losses,
            _looks(race),
            tuple(map(_lap, standings)),
            tuple(order(standings)),
            race.done,
            race.steps,
            self.is_done,
        )


class Ways:
    """The ways that a surface may be laid along: that of the run, and those of a race."""

    def __init__(self, own: Travelled, racers: dict[str, Travelled]) -> None:
        self.own, self.racers = own, racers

    def places(self) -> Array:
        """(places, parameters) of all; of a racer that went astray only what is not far from the others."""
        found = [way.array() for way in (self.own, *self.racers.values()) if way.places]
        if not self.racers or not found:
            return found[0] if found else np.zeros((0, 0))
        both: Array = np.concatenate(found)
        with np.errstate(all="ignore"):
            away = np.linalg.norm((both - both[0]).astype(np.float64), axis=1)
        middle = float(np.median(away[np.isfinite(away)]))
        near: Array = both[away <= (ASTRAY * middle or np.inf)]
        return near

    def on(self, cut: Cut, here: Array) -> npt.NDArray[np.float64]:
        """(n, 2): where they are on a plane, and where the weights are."""
        places = self.places()
        both = np.concatenate([places, here[None]]) if len(places) else here[None]
        return cut.find(both)[:, :2]


def _cut(trainer: Trainer, losses: Losses, ways: Ways, wish: m.MapLoss) -> Cut:
    run = trainer.run
    plan, here = run.plan, run.store.trainable
    if wish.kind == "path":
        return path_cut(plan, here, ways.places())
    if wish.kind == "gradient":
        return gradient_cut(plan, here, losses.gradient(), _last_update(trainer, ways.own))
    if wish.kind == "parameters":
        return parameter_cut(plan, here)
    return random_cut(plan, here, wish.seed)


def _last_update(trainer: Trainer, way: Travelled) -> Array | None:
    """How the last update moved the weights, or what is known of the way just before; None before the first."""
    run = trainer.run
    here = run.store.trainable
    moment = run.moment
    if moment is not None:
        before: Array = moment.parameters[: len(here)]
        return here - before
    earlier = [place for step, place in zip(way.steps, way.places, strict=True) if step < run.steps_done]
    return here - earlier[-1] if earlier else None


def _lap(found: Standing) -> m.Lap:
    values = {f.name: getattr(found, f.name) for f in dataclasses.fields(found)}
    return m.Lap(**values)


def _looks(race: Race) -> Array:
    """(racers, looks, 2): NaN where there was none."""
    count = max((len(runner.looked) for runner in race.runners), default=0)
    found = np.full((len(race.runners), count, 2), np.nan)
    for rows, runner in zip(found, race.runners, strict=True):
        for row, (step, result) in zip(rows, runner.looked, strict=False):
            row[:] = step, result.loss
    return found
