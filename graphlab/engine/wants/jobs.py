"""What a host does when it is asked what units want and what answers rest on: each in small pieces, on a copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .. import messages as m
from ..experiments.jobs import Job
from .climb import Climb, Knobs
from .dream import Dream, Sleep
from .eye import Tones, Unit, tones_of
from .field import EffectiveField
from .looker import Looker, lookers
from .top import Top
from .why import Asking, Reason, Why

if TYPE_CHECKING:
    from ..workspace import Workspace

Array = npt.NDArray[Any]
WHOLE = {"steps", "blur_every", "jitter", "seed", "octaves"}  # settings that are counted


class Climbing(Job):
    """Pictures that climb, one step each in turn."""

    def __init__(self, space: Workspace, wish: m.StartClimb) -> None:
        super().__init__(wish.request)
        knobs, units = Knobs(**_settings(wish.knobs)), _units(wish.units)
        run = space.asking.trained
        self._step = run.steps_done
        by_end = lookers(run, [unit.end for unit in units], wish.source)
        self._tones = _tones(space, next(iter(by_end.values()), None))
        self._climbs = [Climb(by_end[unit.end], unit, knobs, self._tones, wish.begin) for unit in units]
        self._work = self._in_turn()

    def _in_turn(self) -> Iterator[None]:
        for _ in zip(*(climb.work() for climb in self._climbs), strict=True):
            yield

    def told(self, run: int) -> m.Climbed:
        climbs = self._climbs
        return m.Climbed(
            run,
            self.request,
            self._step,
            tuple(climb.picture[0].astype(np.float32) for climb in climbs),
            tuple(np.array(climb.curve, np.float64) for climb in climbs),
            (self._tones.low, self._tones.high),
            sum(climb.done for climb in climbs),
            sum(climb.knobs.steps for climb in climbs),
            self.is_done,
        )


class Searching(Job):
    """The samples at which units say most."""

    def __init__(self, space: Workspace, wish: m.FindBest) -> None:
        super().__init__(wish.request)
        run, units = space.asking.trained, _units(wish.units)
        self._step = run.steps_done
        by_end = lookers(run, [unit.end for unit in units], wish.source)
        found = [by_end[unit.end] for unit in units]
        self._top = Top(found, space.trainer, units, wish.split, max(1, min(wish.count, 64)))
        self._work = self._top.work()

    def told(self, run: int) -> m.FoundBest:
        top = self._top
        best = tuple(
            m.BestOfUnit(each.values, each.rows, each.pictures.astype(np.float32), each.peaks)
            for each in top.best
        )
        return m.FoundBest(
            run, self.request, self._step, best, top.split, top.done, top.total, top.of, self.is_done
        )


class Explaining(Job):
    """What an answer rests on."""

    share = 0.1

    def __init__(self, space: Workspace, wish: m.AskWhy) -> None:
        super().__init__(wish.request)
        run = space.asking.trained
        self._step, self._wish = run.steps_done, wish
        why = Why(
            wish.method, wish.label, wish.layer, wish.patch, wish.stride, wish.base, wish.towards, wish.widest
        )
        asking = Asking(run, space.trainer)
        picture, self._row, self._true = wish.picture, -1, -1
        if picture is None:
            picture, self._row, self._true = asking.sample(wish.split, wish.place)
        self._reason: Reason | None = None
        self._work = self._known(asking.reason(picture, why))

    def _known(self, reasons: Iterator[Reason]) -> Iterator[None]:
        for self._reason in reasons:
            yield

    def told(self, run: int) -> m.Because:
        found = self._reason
        if found is None:
            return m.Because(run, self.request, self._step, self._wish.method)
        summed, fooled = found.integrated, found.fooled
        return m.Because(
            run,
            self.request,
            self._step,
            self._wish.method,
            found.picture.astype(np.float32),
            found.chances,
            found.label,
            found.score,
            None if found.map is None else found.map.astype(np.float32),
            found.coarse,
            0.0 if summed is None else summed.gap,
            0.0 if summed is None else summed.after - summed.before,
            0 if summed is None else summed.steps,
            None if fooled is None else fooled.sizes,
            None if fooled is None else fooled.chances,
            found.layer,
            found.layers,
            found.classes,
            (found.tones.low, found.tones.high),
            self._row,
            self._true,
            found.done,
            found.total,
            self.is_done,
        )


class Dreaming(Job):
    """A picture that is dreamt upon."""

    def __init__(self, space: Workspace, wish: m.StartDream) -> None:
        super().__init__(wish.request)
        run, (unit,) = space.asking.trained, _units([wish.unit])
        self._step = run.steps_done
        looker = Looker(run, unit.end, wish.source)
        self._tones = _tones(space, looker)
        self._dream = Dream(looker, wish.picture, unit, Sleep(**_settings(wish.sleep)), self._tones)
        self._work = self._dream.work()

    def told(self, run: int) -> m.Dreamt:
        dream = self._dream
        return m.Dreamt(
            run,
            self.request,
            self._step,
            dream.picture[0].astype(np.float32),
            dream.begun[0].astype(np.float32),
            np.array(dream.curve),
            (self._tones.low, self._tones.high),
            dream.done,
            dream.total,
            self.is_done,
        )


class Fielding(Job):
    """On which pixels a unit depends, and how much."""

    share = 0.05

    def __init__(self, space: Workspace, wish: m.MapField) -> None:
        super().__init__(wish.request)
        run, (unit,) = space.asking.trained, _units([wish.unit])
        self._step = run.steps_done
        looker = Looker(run, unit.end, wish.source)
        self._field = EffectiveField(
            looker, space.trainer, unit, wish.split, max(1, min(wish.rows, 256)), wish.pictures
        )
        self._work = self._field.work()

    def told(self, run: int) -> m.FieldMapped:
        field = self._field
        return m.FieldMapped(
            run, self.request, self._step, field.map, field.split, field.done, field.total, self.is_done
        )


JOBS: dict[type, Any] = {  # each made of the space and the wish
    m.StartClimb: Climbing,
    m.FindBest: Searching,
    m.AskWhy: Explaining,
    m.StartDream: Dreaming,
    m.MapField: Fielding,
}
ANSWERS: dict[type[Job], Any] = {
    Climbing: m.Climbed,
    Searching: m.FoundBest,
    Explaining: m.Because,
    Dreaming: m.Dreamt,
    Fielding: m.FieldMapped,
}


def _units(sought: Sequence[m.Sought]) -> list[Unit]:
    return [Unit((each.node, each.socket), tuple(each.at)) for each in sought]


def _settings(given: dict[str, float]) -> dict[str, Any]:
    return {name: int(value) if name in WHOLE else float(value) for name, value in given.items()}


def _tones(space: Workspace, looker: Looker | None) -> Tones:
    return Tones() if looker is None else tones_of(space.trainer, looker.eye)
