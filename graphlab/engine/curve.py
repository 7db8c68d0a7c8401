"""An operation of one number as a curve: what it gives, and its slope, computed by its own forward and backward.

Elementwise operations are drawn over their input, losses over one prediction. For what depends on more than one number
at once, or on chance, there is no curve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import GraphlabError
from ..ops import Clock, Context, Op, Spec

Floats = NDArray[np.float64]
POINTS, LOSS_POINTS = 401, 201  # losses are computed one by one
WIDE = (-5.0, 5.0)  # what is looked at first
_CLASSES = 2  # of a loss that chooses among classes: the right one, and one other, whose score is 0


@dataclass(frozen=True)
class Subject:
    """What of an operation is drawn: the socket along the axis, and what the others hold.

    `target` names the socket that holds what a loss compares with, "" if there is none. `is_class`: it holds a class,
    and the prediction is the score of that class.
    """

    variable: str
    target: str = ""
    is_class: bool = False
    is_loss: bool = False

    @property
    def has_target(self) -> bool:
        """Whether there is a number to choose that the prediction is compared with."""
        return bool(self.target) and not self.is_class


@dataclass(frozen=True)
class Curve:
    """y = f(x) and its slope at as many places; NaN where the function is not defined."""

    x: Floats
    y: Floats
    slope: Floats


def subject(op: Op) -> Subject | None:
    """What of it can be drawn; None when it is no function of one number."""
    found = _loss(op) if op.scalar_loss or op.category == "Loss" else _elementwise(op)
    return found if found is not None and _works(op, found) else None


def curve(
    op: Op,
    drawn: Subject,
    span: tuple[float, float] = WIDE,
    target: float = 1.0,
    points: int = 0,
) -> Curve:
    """The curve over a span of the axis. `target`: what a loss compares with."""
    x = np.linspace(*span, points or (LOSS_POINTS if drawn.is_loss else POINTS))
    with np.errstate(all="ignore"):
        if drawn.is_loss:
            pairs = np.array([_loss_at(op, drawn, value, target) for value in x])
            y, slope = pairs[:, 0], pairs[:, 1]
        else:
            y, slope = _values(op, drawn, x)
    defined = np.isfinite(y)
    return Curve(x, np.where(defined, y, np.nan), np.where(defined & np.isfinite(slope), slope, np.nan))


def natural_span(op: Op, drawn: Subject, target: float = 1.0) -> tuple[float, float]:
    """The part of the axis worth seeing: where the function is defined, if that is only a small part."""
    hint = _hinted(op, drawn)
    if hint is not None:
        return hint
    wide = curve(op, drawn, WIDE, target, 201)
    there = wide.x[np.isfinite(wide.y)]
    if not len(there) or there[-1] - there[0] > 0.45 * (WIDE[1] - WIDE[0]):
        return WIDE
    margin = 0.1 * max(there[-1] - there[0], 0.5)
    return float(there[0] - margin), float(there[-1] + margin)


def _hinted(op: Op, drawn: Subject) -> tuple[float, float] | None:
    """Chances lie between 0 and 1: the loss's examples say so."""
    if not drawn.is_loss:
        return None
    draws = [e.arguments[drawn.variable] for e in op.examples if drawn.variable in e.arguments]
    low, high = (draws[0].low, draws[0].high) if draws else (None, None)
    return (0.0, 1.0) if low is not None and high is not None and low >= 0 and high <= 1 else None


def _elementwise(op: Op) -> Subject | None:
    if op.role or not (op.elementwise or op.category == "Activation") or len(op.results()) != 1:
        return None
    data = [socket for socket in op.sockets() if not socket.learnable]
    wired = [socket for socket in data if socket.must_be_wired]
    if len(wired) > 1 or not data:
        return None
    return Subject((wired or data)[0].name)


def _loss(op: Op) -> Subject | None:
    wired = [socket for socket in op.sockets() if socket.must_be_wired]
    if len(wired) == 1:
        return Subject(wired[0].name, is_loss=True)
    if len(wired) != 2 or wired[0].kind != "float":
        return None
    first, second = wired
    draws = [e.arguments[second.name] for e in op.examples if second.name in e.arguments]
    is_class = second.kind == "int" or bool(draws and draws[0].kind == "int")
    return Subject(first.name, second.name, is_class, is_loss=True)


def _works(op: Op, drawn: Subject) -> bool:
    """Whether it computes there, each number by itself, and the same each time."""
    sample = np.array([0.3, 0.6, 0.9, 0.4])
    try:
        with np.errstate(all="ignore"):
            if drawn.is_loss:
                return bool(np.isfinite(_loss_at(op, drawn, 0.3, 1.0)).all())
            whole, slope = _values(op, drawn, sample)
            turned, _ = _values(op, drawn, sample[::-1].copy(), seed=1)
            single, _ = _values(op, drawn, sample[:1])
    except (GraphlabError, ValueError, TypeError):
        return False
    apart = np.array_equal(whole, turned[::-1], equal_nan=True) and np.allclose(
        single, whole[:1], equal_nan=True
    )
    return bool(apart and slope.shape == sample.shape)


def _loss_at(op: Op, drawn: Subject, value: float, target: float) -> tuple[float, float]:
    """(loss, slope) of one prediction."""
    given: dict[str, NDArray[Any]]
    if drawn.is_class:
        scores = np.zeros((1, _CLASSES))
        scores[0, 0] = value
        given = {drawn.variable: scores, drawn.target: np.zeros(1, np.int64)}
    else:
        given = {drawn.variable: np.array([[value]])}
        if drawn.target:
            given[drawn.target] = np.array([[target]])
    loss, slope = _computed(op, given, drawn.variable)
    return float(loss.reshape(-1)[0]), float(slope.reshape(-1)[0])


def _values(op: Op, drawn: Subject, x: Floats, seed: int = 0) -> tuple[Floats, Floats]:
    y, slope = _computed(op, {drawn.variable: x}, drawn.variable, seed)
    return y.astype(np.float64), slope


def _computed(
    op: Op, given: Mapping[str, NDArray[Any]], variable: str, seed: int = 0
) -> tuple[NDArray[Any], Floats]:
    """(result, gradient of its sum with respect to the variable). GraphlabError where the op refuses."""
    inputs = _inputs(op, given)
    specs = {name: _spec(array) for name, array in inputs.items()}
    found = op.infer(**specs)
    result = found[0] if isinstance(found, tuple) else found
    shape, name = tuple(int(size) for size in result.shape), op.results()[0]  # type: ignore[arg-type]
    y = np.zeros(shape, np.float64 if result.kind == "float" else np.int64)
    context = Context(type(op).__name__, Clock(seed), np.float64)
    op.forward(context, *inputs.values(), **{name: y})
    slope = np.zeros(given[variable].shape)
    wanted = {f"d{socket}": slope if socket == variable else None for socket in inputs}
    if result.kind == "float":
        op.backward(context, np.ones(shape), **inputs, **{name: y}, **wanted)
    return y, slope


def _inputs(op: Op, given: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any] | None]:
    """All sockets in order: what is given, numbers that they hold, parameters as they begin."""
    sockets = op.sockets()
    arrays: dict[str, NDArray[Any] | None] = {}
    for socket in sockets:
        if socket.name in given:
            arrays[socket.name] = given[socket.name]
        elif not socket.learnable:
            arrays[socket.name] = np.asarray(op.params[socket.name], np.float64)
    learnt = {socket.name for socket in sockets if socket.learnable}
    shapes = op.learnable(**{name: _spec(array) for name, array in arrays.items()}) if learnt else {}
    for name in learnt:
        begins = op.start(name) if name in shapes else None
        arrays[name] = None if begins is None else np.broadcast_to(begins, shapes[name]).astype(np.float64)  # type: ignore[arg-type]
    return {socket.name: arrays[socket.name] for socket in sockets}


def _spec(array: NDArray[Any] | None) -> Spec | None:
    return None if array is None else Spec(array.shape, "int" if array.dtype.kind in "iu" else "float")
