"""What the answer to one picture rests on, by one method or another, each done in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import DataError, GoalError, SettingsError
from ..run import Run
from . import saliency
from .answer import Answer, answer_of, class_names
from .eye import Tones, tones_of
from .fooling import WIDEST, Fooled, chances_of, fooling
from .looker import Looker
from .occlusion import Occlusion

if TYPE_CHECKING:
    from ..training import Trainer

Array = npt.NDArray[Any]
METHODS = {
    "gradient": "Gradient",
    "times-input": "Gradient × input",
    "integrated": "Integrated gradients",
    "guided": "Guided back-propagation",
    "grad-cam": "Grad-CAM",
    "occlusion": "Occlusion",
    "fool": "Adversarial (FGSM)",
}
BASES = ("black", "mean", "white")


@dataclass(frozen=True)
class Why:
    """A question: see `messages.AskWhy`."""

    method: str = "gradient"
    label: int = -1
    layer: str = ""
    patch: int = 4
    stride: int = 2
    base: str = "black"
    towards: bool = False
    widest: float = WIDEST

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise SettingsError(f"There is no method '{self.method}'.", hint=f"Choose {', '.join(METHODS)}.")
        if self.base not in BASES:
            raise SettingsError(f"There is no base '{self.base}'.", hint=f"Choose {', '.join(BASES)}.")
        if not 0 < self.widest <= 1:
            raise SettingsError(
                f"The largest step cannot be {self.widest} of the span.", hint="Choose up to 1."
            )


@dataclass
class Reason:
    """What is known so far. map: (C, H, W) or (H, W); None before it is there. See `messages.Because`."""

    picture: Array
    chances: npt.NDArray[np.float64]
    label: int
    score: float
    classes: tuple[str, ...]
    tones: Tones
    map: Array | None = None
    coarse: Array | None = None
    integrated: saliency.Integrated | None = None
    fooled: Fooled | None = None
    layer: str = ""
    layers: tuple[tuple[str, str], ...] = ()
    done: int = 0
    total: int = 1

    @property
    def said(self) -> int:
        return int(np.nan_to_num(self.chances, nan=-np.inf).argmax())


class Asking:
    """One network asked about pictures, on a copy of its weights.

    ProblemsError: no picture leads to an answer. MemoryBudgetError.
    """

    def __init__(self, run: Run, trainer: Trainer | None = None) -> None:
        self.answer: Answer = answer_of(run.plan.inference)
        self.looker = Looker(run, self.answer.scores, self.answer.source)
        self.tones = tones_of(trainer, self.looker.eye)
        self.classes = class_names(trainer, self.answer.classes)
        self._trainer = trainer

    def sample(self, split: str, place: int) -> tuple[Array, int, int]:
        """A picture (1, C, H, W) of a split, its row of the data, and its class (−1 for none). DataError.

        Where there is no data, it is the picture that the input holds by itself, if it holds one, of the row −1.
        """
        trainer = self._trainer
        if trainer is None or trainer.batches.data is None:
            own = self.looker.run.plan.op(self.looker.eye.end[0]).literal()
            if own is not None and np.size(own):
                picture = self.looker.eye.pictures_of(np.asarray(own, np.float64))[:1]
                return picture, -1, -1
        rows = np.zeros(0, np.int64) if trainer is None else trainer.batches.rows(split)
        if trainer is None or trainer.batches.data is None or not len(rows):
            raise DataError(f"There are no {split} rows.", hint="Give a picture of your own.")
        if not 0 <= place < len(rows):
            raise DataError(f"There are {len(rows):,} {split} rows; there is no row {place:,}.")
        row, data = int(rows[place]), trainer.batches.data
        picture = self.looker.pictures_of(trainer, rows[place : place + 1]).astype(np.float64)
        has_class = bool(data.classes) and not data.by_step
        return picture, row, _class_of(data.target[row]) if has_class else -1

    def reason(self, picture: Any, why: Why) -> Iterator[Reason]:
        """Yields what is known of a picture, ever more of it; the last one is whole.

        Raises:
            FeedError: the picture does not fit. GoalError: no gradient, no maps, no such class. SettingsError.
        """
        looker, answer = self.looker, self.answer
        taken = looker.eye.taken(picture)
        scores = looker.values(taken)[0]
        chances = chances_of(answer.loss, scores)[0]
        label = int(np.nan_to_num(chances, nan=-np.inf).argmax()) if why.label < 0 else why.label
        if label >= answer.classes:
            raise GoalError(f"There is no class {label}.", hint=f"They go from 0 to {answer.classes - 1}.")
        unit = answer.unit(label)
        score = float(unit.says(scores)[0])
        plan = looker.run.plan
        layers = tuple((key, plan.nodes[key].path) for key, _ in saliency.maps_of(looker))
        begun = Reason(taken[0], chances, label, score, self.classes, self.tones, layers=layers)
        if why.method == "occlusion":
            yield from self._covered(begun, why, taken)
        elif why.method == "fool":
            yield from self._fooled(begun, why, taken)
        elif why.method == "integrated":
            yield from self._integrated(begun, why, taken)
        else:
            yield self._mapped(begun, why, taken)

    def base(self, name: str) -> Array:
        """A picture of one tone: what is there where nothing is."""
        tones = self.tones
        tone = {"black": tones.low, "mean": tones.mean, "white": tones.high}[name]
        return np.full((1, *self.looker.eye.shape), tone)

    def _fooled(self, begun: Reason, why: Why, picture: Array) -> Iterator[Reason]:
        loss, towards, widest = self.answer.loss, why.towards, why.widest
        work = fooling(self.looker, picture, begun.label, loss, self.tones, towards=towards, widest=widest)
        for found in work:
            if found is None:
                yield begun
            else:
                yield replace(begun, map=found.direction, fooled=found, done=1)

    def _integrated(self, begun: Reason, why: Why, picture: Array) -> Iterator[Reason]:
        unit = self.answer.unit(begun.label)
        for found in saliency.integrating(self.looker, picture, unit, self.base(why.base)):
            yield begun if found is None else replace(begun, map=found.map, integrated=found, done=1)

    def _mapped(self, begun: Reason, why: Why, picture: Array) -> Reason:
        looker, unit = self.looker, self.answer.unit(begun.label)
        if why.method == "grad-cam":
            chosen = next((end for end in saliency.maps_of(looker) if end[0] == why.layer), None)
            if why.layer and chosen is None:
                raise GoalError("That layer has no maps on the way to the scores.", hint="Choose another.")
            layer = chosen or saliency.last_maps(looker)
            coarse, large = saliency.grad_cam(looker, picture, unit, layer)
            return replace(begun, map=large, coarse=coarse, layer=layer[0], done=1)
        by = {
            "gradient": saliency.gradient,
            "times-input": saliency.times_input,
            "guided": saliency.guided,
        }[why.method]
        return replace(begun, map=by(looker, picture, unit), done=1)

    def _covered(self, begun: Reason, why: Why, picture: Array) -> Iterator[Reason]:
        fill = float(self.base(why.base)[0, 0, 0, 0])
        unit = self.answer.unit(begun.label)
        least = min(self.looker.eye.shape[1:])
        work = Occlusion(self.looker, picture, unit, min(why.patch, least), why.stride, fill)
        for _ in work.work():
            yield replace(begun, map=work.map, coarse=work.drops, done=work.done, total=work.total)


def _class_of(target: Any) -> int:
    """Of a target as class, column or one-hot."""
    given = np.atleast_1d(target)
    return int(given.argmax()) if len(given) > 1 else round(float(given[0]))
