"""How far back the gradient of a loss reaches through time: its norm at the states of recurrent layers, lag by lag.

Where a state of t steps before the last hardly changes the loss, nothing is learnt about what was read then.
(Hochreiter 1991; Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import GraphlabError, ProblemsError
from ..ops import Context
from ..ops.recurrent import Recurrent
from ..ops.state_flow import state_gradients
from ..ops.unroll import Unroll
from . import messages as m
from .aside import Aside
from .optimizers.clipping import clip_by_value, norm
from .pacing import Stopwatch
from .quiet import quiet
from .run import Run
from .sequences import Reader, part_names, readers
from .through_copies import from_last_copy, radii_of_cell, spectral_radii
from .unrolling import state_ends

if TYPE_CHECKING:
    from .workspace import Workspace

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]


def reached(space: Workspace, run_id: int, question: m.Reach) -> m.Reached:
    """Answered also where there is nothing to tell, so that whoever asked knows."""
    watch, run = Stopwatch(), space.asking.trained
    try:
        aside = space.asking.passes
        layers = reach(aside, space, question.last_alone)
    except GraphlabError as error:
        return m.Reached(run_id, question.request, run.steps_done, message=error.message, hint=error.hint)
    before, after = clipping(run)
    return m.Reached(
        run_id,
        question.request,
        run.steps_done,
        layers,
        before,
        after,
        len(aside.rows),
        aside.split,
        seconds=watch.seconds,
    )


def reach(aside: Aside, space: Workspace, last_alone: bool) -> tuple[m.ReachOfLayer, ...]:
    """That of every recurrent layer, on rows that are held out where there are some.

    Raises:
        ProblemsError: nothing here reads sequences, or there is no loss. DataError, FeedError, MemoryBudgetError.
    """
    plan = aside.run.plan
    found = readers(plan.inference)
    if not found:
        raise ProblemsError("No layer here reads a sequence.", hint="Add one, such as RNN, LSTM or GRU.")
    plan.require_goal()
    aside.feed(space.trainer)
    aside.forward()
    aside.backward()
    with quiet():
        return tuple(layer for reader in found for layer in _layers(aside, reader, last_alone))


def _layers(aside: Aside, reader: Reader, last_alone: bool) -> Iterator[m.ReachOfLayer]:
    if isinstance(reader.op, Unroll):
        return _unrolled(aside, reader, reader.op, last_alone)
    return _fused(aside, reader, reader.op, last_alone)


def _fused(aside: Aside, reader: Reader, op: Recurrent, last_alone: bool) -> Iterator[m.ReachOfLayer]:
    """The passes of one fused layer: all its layers and directions."""
    buffers, key = aside.buffers, reader.key
    upstream = {name: buffers.upstream((key, name)) for name in op.results()}
    if not any(array is not None and array.any() for array in upstream.values()):
        return  # the loss does not depend on it
    inputs = {s.name: a for s, a in zip(op.sockets(), buffers.inputs(key), strict=True)}
    outputs = {name: buffers.values[key, name] for name in op.results()}
    ctx = Context(key, buffers.contexts[key].clock, aside.run.plan.dtype)
    flows = state_gradients(op, ctx, inputs, outputs, upstream, last_alone=last_alone)
    names = part_names(op)
    for flow, name in zip(flows, names, strict=True):
        norms = {state: by_lag(array) for state, array in flow.arrays.items()}
        matrix = inputs[f"weight_hh{flow.tag}"]
        assert matrix is not None
        radii = spectral_radii(matrix, op.gate_names if op.gates > 1 else ("",))
        full = f"{reader.path} · {name}" if len(names) > 1 else reader.path
        yield m.ReachOfLayer(f"{key}{flow.tag}", full, reader.title, norms, radii)


def _unrolled(aside: Aside, reader: Reader, op: Unroll, last_alone: bool) -> Iterator[m.ReachOfLayer]:
    """A cell repeated: its states stand between the copies, one after each step."""
    buffers, plan = aside.buffers, aside.run.plan
    ends = state_ends(plan.inference.aliases, reader.key, op)
    found = from_last_copy(buffers, reader.key, op.steps) if last_alone else buffers.gradients
    norms: dict[str, Floats] = {}
    for (output, _), along in zip(op.pairs, ends.values(), strict=True):
        after = along[1:]
        shape = buffers.values[after[-1]].shape
        gradients = [np.zeros(shape) if found.get(end) is None else found[end] for end in after]
        norms[output] = by_lag(np.stack(gradients))
    every = (buffers.gradients.get(end) for along in ends.values() for end in along[1:])
    if any(array is not None and array.any() for array in every):  # else the loss does not depend on it
        radii = radii_of_cell(buffers, plan, ends.values())
        yield m.ReachOfLayer(reader.key, reader.path, reader.title, norms, radii)


def by_lag(gradients: Array) -> Floats:
    """T×… gradients of states, in the order of time, to their T norms, the last moment first."""
    flat = np.asarray(gradients, np.float64).reshape(len(gradients), -1)
    largest = np.abs(flat).max(axis=1, initial=0.0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)  # squares of 10⁻²⁰⁰ would be nothing
    found: Floats = (np.sqrt(((flat / scale[:, None]) ** 2).sum(axis=1)) * scale)[::-1]
    return found.copy()


def clipping(run: Run) -> tuple[float, float]:
    """The norm of the gradient of all parameters in the last step, before and after clipping; NaN before any."""
    if not run.has_buffers or run.cursor < run.backward_end or run.backward_end <= run.forward_end:
        return math.nan, math.nan
    optimizer, gradient = run.optimizer, run.store.trainable_gradient
    with quiet():
        before = after = norm(gradient)
        if optimizer.clip_value:
            clipped = np.empty_like(gradient)
            clip_by_value(gradient, optimizer.clip_value, clipped)
            after = norm(clipped)
    if optimizer.clip_norm:
        after *= min(1.0, optimizer.clip_norm / (after + 1e-6))
    return before, after
