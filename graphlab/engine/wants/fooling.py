"""Adversarial examples: the same small step for every pixel, up or down, that makes the loss as large as it can.

The fast gradient sign method of Goodfellow, Shlens and Szegedy 2015: x + ε·sign(∂loss/∂x). Targeted, it goes down the
loss of the class that the network is to see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...ops import Clock, Context
from ...ops.chances import softmax_of
from ...ops.loss import Loss
from ..verdicts import LEAST
from .eye import Tones
from .looker import Looker

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
PLACES = 61  # of the slider
WIDEST = 0.3  # of the span of tones


@dataclass(frozen=True)
class Fooled:
    """What comes of a step of each size, clipped to the tones that pixels may have.

    direction: (C, H, W), −1, 0 or 1. sizes: (places,), from 0. chances: (places, classes). losses: −ln of the chance of
    `label`. label: the class that it goes away from; with `towards` the class that it goes to.
    """

    direction: Array
    sizes: Floats
    chances: Floats
    label: int
    towards: bool

    @property
    def losses(self) -> Floats:
        return np.asarray(-np.log(np.clip(self.chances[:, self.label], LEAST, 1)) + 0.0)

    @property
    def said(self) -> npt.NDArray[np.int64]:
        return np.asarray(self.chances.argmax(axis=1), np.int64)

    @property
    def flips(self) -> int | None:
        """The place of the least step after which something else is said (or what it goes towards); None for none."""
        said = self.said
        found = np.flatnonzero(said == self.label if self.towards else said != said[0])
        return int(found[0]) if len(found) else None


def shown(picture: Array, direction: Array, size: float, tones: Tones) -> Array:
    """The picture after a step of that size."""
    return np.clip(picture + size * direction, tones.low, tones.high)


def fool(
    looker: Looker,
    picture: Array,
    label: int,
    loss: Loss | None,
    tones: Tones,
    *,
    towards: bool = False,
    widest: float = WIDEST,
) -> Fooled:
    """Steps of all sizes up to `widest` of the span of tones. The looker's values are scores, a row for each picture.

    loss: the one that judges those scores; None for the cross-entropy of their softmax.
    """
    found = next(filter(None, fooling(looker, picture, label, loss, tones, towards=towards, widest=widest)))
    assert isinstance(found, Fooled)
    return found


def fooling(
    looker: Looker,
    picture: Array,
    label: int,
    loss: Loss | None,
    tones: Tones,
    *,
    towards: bool = False,
    widest: float = WIDEST,
) -> Iterator[Fooled | None]:
    """The same a few steps at a time: None after each, and what was found in the end."""
    judged = judge_of(loss, label)
    slopes = looker.slopes(picture, lambda scores: judged(scores)[1]).slopes[0]
    direction = np.sign(slopes) * (-1 if towards else 1)
    sizes = np.linspace(0, widest * tones.span, PLACES)
    scores = []
    for k in range(0, len(sizes), looker.few):
        some = sizes[k : k + looker.few].tolist()
        steps = np.concatenate([shown(picture, direction, size, tones) for size in some])
        scores.append(looker.values(steps)[0])
        yield None
    yield Fooled(direction, sizes, chances_of(loss, np.concatenate(scores)), label, towards)


def chances_of(loss: Loss | None, scores: Array) -> Floats:
    """(rows, classes): what scores say of each class."""
    flat = scores.reshape(len(scores), -1).astype(np.float64)
    if loss is None:
        return np.asarray(softmax_of(flat), np.float64)
    told = np.asarray(loss.chances(flat) if loss.tells_classes else flat, np.float64)
    return np.hstack((1 - told, told)) if told.shape[1] == 1 else told


def judge_of(loss: Loss | None, label: int) -> Callable[[Array], tuple[float, Array]]:
    """From the scores of some rows to the loss of that class, and its gradient with respect to them."""

    def by_softmax(scores: Array) -> tuple[float, Array]:
        chances = np.asarray(softmax_of(scores.reshape(len(scores), -1).astype(np.float64)))
        slope = chances.copy()
        slope[:, label] -= 1
        of_label = np.clip(chances[:, label], LEAST, 1)
        return float(-np.log(of_label).sum()), slope.reshape(scores.shape).astype(scores.dtype)

    def by_loss(scores: Array) -> tuple[float, Array]:
        assert loss is not None
        clock = Clock()
        clock.training = False
        ctx = Context("fooled", clock, scores.dtype)
        target = _target(loss, scores, label)
        value = np.zeros((len(scores),) if loss.reduction == "none" else (), scores.dtype)
        if loss.reduction == "none" and not loss.tells_classes:
            value = np.zeros_like(scores)
        slope = np.zeros_like(scores)
        loss.forward(ctx, scores, target, loss=value)
        loss.backward(
            ctx, np.ones_like(value), input=scores, target=target, loss=value, dinput=slope, dtarget=None
        )
        return float(value.sum()), slope

    return by_softmax if loss is None else by_loss


def _target(loss: Loss, scores: Array, label: int) -> Array:
    """What the loss is told of that class, in the form that it takes: an index, a column, or one 1 among zeros."""
    ints = any(socket.name == "target" and socket.kind == "int" for socket in loss.sockets())
    if ints or (loss.tells_classes and scores.ndim > 1 and scores.shape[1] > 1):
        return np.full(len(scores), label, np.int64)
    if scores.ndim == 1 or scores.shape[1] == 1:
        return np.full_like(scores, label)
    target = np.zeros_like(scores)
    target[:, label] = 1
    return target
