"""What units want and what answers rest on, in one call each, for notebooks and the command line.

Each takes a Run or a Trainer, works on a copy of its weights, and leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import Run, Trainer
from ..engine.wants.climb import Climb, Knobs
from ..engine.wants.dream import Dream, Sleep
from ..engine.wants.eye import Eye, Tones, Unit, eye_of, tones_of
from ..engine.wants.looker import Looker
from ..engine.wants.top import COUNT, Best, Top
from ..engine.wants.why import Asking, Reason, Why

Array = npt.NDArray[Any]
Source = Run | Trainer


@dataclass(frozen=True, eq=False)
class Wanted:
    """What a unit wants.

    picture: (C, H, W); `begun` is what it began with. curve: what the unit said, step by step. tones: which numbers
    pixels may have.
    """

    title: str
    picture: Array
    begun: Array
    curve: npt.NDArray[np.float64]
    tones: Tones


def wants(
    source: Source, node: str, at: int | Sequence[int] = (), *, begin: Any = None, **knobs: Any
) -> Wanted:
    """The picture at which a unit says most, found by gradient ascent.

    at: which unit of the node's output: a channel, class or unit, (channel, row, column), or () for the whole layer.
    begin: a picture to begin with instead of noise. knobs: see `engine.wants.climb.Knobs`, such as steps=300, seed=1.

    Raises:
        UnknownNodeError, GoalError: there is no such unit. ProblemsError: no picture leads there. SettingsError.
    """
    looker, unit = _seen(source, node, at)
    tones = tones_of(_trainer(source), looker.eye)
    climb = Climb(looker, unit, Knobs(**knobs), tones, begin)
    for _ in climb.work():
        pass
    return Wanted(climb.title, climb.picture[0], climb.begun[0], np.array(climb.curve), tones)


def best_samples(
    source: Trainer, node: str, at: int | Sequence[int] = (), *, split: str = "train", count: int = COUNT
) -> Best:
    """The samples of the data at which a unit says most. DataError without data; else as `wants`."""
    looker, unit = _seen(source, node, at)
    top = Top([looker], source, [unit], split, count)
    for _ in top.work():
        pass
    return top.best[0]


def why(
    source: Source, picture: Any, method: str = "gradient", *, split: str = "train", **more: Any
) -> Reason:
    """What the answer to a picture rests on; `map` has it, `chances` what is said.

    picture: (C, H, W), or the number of a row of `split`. method: "gradient", "times-input", "integrated", "guided",
    "grad-cam", "occlusion" or "fool". more: see `engine.wants.why.Why`, such as label=3, patch=5, towards=True.

    Raises:
        ProblemsError: no picture leads to an answer. FeedError, DataError: it does not fit, there is no such row.
        GoalError, SettingsError: no such class, layer or method.
    """
    asking = Asking(_run(source), _trainer(source))
    if np.ndim(picture) == 0:
        picture, _, _ = asking.sample(split, int(picture))
    return list(asking.reason(picture, Why(method, **more)))[-1]


def dream(source: Source, picture: Any, node: str, at: int | Sequence[int] = (), **sleep: Any) -> Array:
    """A picture of any size, made more like what a layer (or one channel of it) sees in it: (C, H, W).

    sleep: see `engine.wants.dream.Sleep`, such as octaves=4, steps=30. Raises as `wants`, and FeedError for no picture.
    """
    looker, unit = _seen(source, node, at)
    dreamt = Dream(looker, picture, unit, Sleep(**sleep), tones_of(_trainer(source), looker.eye))
    for _ in dreamt.work():
        pass
    found: Array = dreamt.picture[0]
    return found


def eye_for(source: Source) -> Eye:
    """Where pictures go in. ProblemsError where none do."""
    return eye_of(_run(source).plan.inference)


def tones_for(source: Source) -> Tones:
    """Which numbers the pixels of pictures have. ProblemsError where none go in."""
    return tones_of(_trainer(source), eye_for(source))


def _seen(source: Source, node: str, at: int | Sequence[int]) -> tuple[Looker, Unit]:
    run = _run(source)
    end = run.names.end(node)
    place = (int(at),) if isinstance(at, (int, np.integer)) else tuple(int(i) for i in at)
    return Looker(run, end), Unit(end, place)


def _run(source: Source) -> Run:
    return source.run if isinstance(source, Trainer) else source


def _trainer(source: Source) -> Trainer | None:
    return source if isinstance(source, Trainer) else None
