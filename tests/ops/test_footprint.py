"""Where an operation says it looks, along an axis of pictures or sequences, against where a change is noticed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.lab.receptive import footprint_of
from tests.ops.op_trial import Trial
from tests.ops.test_every_op import CALLED

BIG = ("MaxPool", "AdaptiveMaxPool", "GlobalMaxPool")  # they look everywhere, and one wins
OPS = [cls for cls in CALLED if not cls.elementwise and cls.category != "Loss"]


def cases(cls: Any) -> list[tuple[Any, str, int]]:
    """(example, socket, axis) wherever pictures or sequences of floats go in."""
    return [
        (example, name, axis)
        for example in cls.examples
        for name, draw in example.arguments.items()
        for axis in range(2, len(draw.shape))
        if len(draw.shape) in (3, 4) and 0 not in draw.shape
    ]


LOOKING = [cls for cls in OPS if cases(cls)]


def noticed(cls: Any, example: Any, name: str, axis: int) -> np.ndarray | None:
    """(places of the result, places of the input): whether a change at the one changes the other. Several are tried."""
    trial = Trial.of(cls, example, training=False)
    for socket in trial.inputs:
        if "weight" in socket and trial.inputs[socket] is not None:
            trial.inputs[socket] = np.abs(trial.inputs[socket]) + 0.1  # so that nothing cancels
    before = trial.inputs[name]
    rng = np.random.default_rng(3)
    found: np.ndarray | None = None
    for _ in range(24 if cls.__name__.startswith(BIG) else 2):
        start = rng.normal(size=before.shape)
        trial.inputs[name] = start
        y = trial.forward()[trial.op.results()[0]].copy()
        if y.ndim != before.ndim or y.ndim <= axis:
            return None
        found = np.zeros((y.shape[axis], before.shape[axis]), bool) if found is None else found
        for place in range(before.shape[axis]):
            moved = start.copy()
            at = (slice(None),) * axis + (place,)
            moved[at] += 9.0 + rng.random(moved[at].shape)
            trial.inputs[name] = moved
            after = trial.forward()[trial.op.results()[0]]
            changed = np.abs(after - y) > 1e-12
            found[:, place] |= changed.any(axis=tuple(k for k in range(y.ndim) if k != axis))
    return found


@pytest.mark.parametrize("cls", LOOKING, ids=lambda cls: cls.__name__)
def test_it_looks_where_a_change_is_noticed_and_nowhere_else(cls: Any) -> None:
    for example, name, axis in cases(cls):
        trial = Trial.of(cls, example, training=False)
        shapes = trial.inputs[name].shape, tuple(trial.inferred()[trial.op.results()[0]].shape)
        if trial.inputs[name].dtype.kind != "f" or len(shapes[0]) != len(shapes[1]):
            continue
        told = footprint_of(trial.op, axis, *shapes)
        found = noticed(cls, example, name, axis) if told is not None else None
        if told is None or found is None:  # it may look everywhere
            continue
        assert told.taps.shape == found.shape
        assert not (found & ~told.taps).any(), "it looks where it does not say"
        if trial.op.footprint(axis, *shapes) is not None:
            np.testing.assert_array_equal(found, told.taps)


@pytest.mark.parametrize(
    "cls", [cls for cls in LOOKING if cls.category == "Layer"], ids=lambda cls: cls.__name__
)
def test_a_rule_holds_in_the_middle(cls: Any) -> None:
    for example, name, axis in cases(cls):
        trial = Trial.of(cls, example, training=False)
        told = trial.op.footprint(
            axis, trial.inputs[name].shape, trial.inferred()[trial.op.results()[0]].shape
        )
        if told is None or told.step is None:
            continue
        for place, taps in enumerate(told.taps):
            first = place * told.step.stride + told.step.first
            last = first + told.step.extent - 1
            there = np.flatnonzero(taps)
            if there.size and first >= 0 and last < len(taps):
                assert (there[0], there[-1]) == (first, last)
            assert not there.size or (there[0] >= first and there[-1] <= last)
