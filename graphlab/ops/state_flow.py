"""What a fused recurrent layer held at every moment, and what reaches its states on the way back.

The fast path (recurrence.py) adds these gradients up in one place and keeps none. Here they are formed again, beside
it, from the gradients inside the gates that a backward pass leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .base import Array, Context

if TYPE_CHECKING:
    from .recurrence import Pass
    from .recurrent import Recurrent


@dataclass(frozen=True)
class Flow:
    """One pass (a layer in one direction): arrays of T×N×hidden by name, in the order in which it is computed.

    tag: "_l0", "_l1_reverse" …
    """

    tag: str
    arrays: dict[str, Array]


def held(op: Recurrent, ctx: Context, inputs: Mapping[str, Array | None]) -> list[Flow]:
    """Gates and states of every pass, from what goes into the operation. `ctx`: one of its own."""
    passes = op.walk(ctx, inputs)
    return [
        Flow(part.tag, {name: _in_order(part, a) for name, a in op.held(part).items()}) for part in passes
    ]


def state_gradients(
    op: Recurrent,
    ctx: Context,
    inputs: Mapping[str, Array | None],
    outputs: Mapping[str, Array],
    upstream: Mapping[str, Array | None],
    *,
    last_alone: bool = False,
) -> list[Flow]:
    """The gradient of each state after each moment, of every pass.

    upstream: the gradients of the outputs. last_alone: only what comes into the last moment counts, which is the loss
    of that moment alone where the losses of all are added up. `ctx`: one of its own.
    """
    came = {name: upstream.get(name) for name in op.results()}
    dy = came["y"]
    if last_alone and dy is not None:
        came["y"] = _last_moments(op, dy)
    nothing = dict.fromkeys((f"d{name}" for name in inputs), None)
    op.backward(ctx, *came.values(), **inputs, **outputs, **nothing)
    passes = op.walk_again(ctx, inputs)
    return _back_through(op, passes, came)


def _last_moments(op: Recurrent, dy: Array) -> Array:
    """What comes into the moment that each direction computes last; 0 elsewhere. Laid out as it came."""
    kept = np.zeros_like(dy)
    there, here = (kept.swapaxes(0, 1), dy.swapaxes(0, 1)) if op.batch_first else (kept, dy)
    there[-1, :, : op.hidden_size] = here[-1, :, : op.hidden_size]
    there[0, :, op.hidden_size :] = here[0, :, op.hidden_size :]
    return kept


def _back_through(op: Recurrent, passes: list[Pass], came: Mapping[str, Array | None]) -> list[Flow]:
    """From the top layer down: what comes into a layer is what the one above hands to its input."""
    dy = came["y"]
    flowing = None if dy is None else dy.swapaxes(0, 1) if op.batch_first else dy
    found: list[Flow] = []
    for first in range(len(passes) - op.directions, -1, -op.directions):
        layer = passes[first : first + op.directions]
        flows: list[Flow] = []
        for k, part in enumerate(layer):
            width = slice(k * part.hidden, (k + 1) * part.hidden)
            ends = {s: a[first + k] for s in op.states_of if (a := came.get(f"{s}_n")) is not None}
            flows.append(_of_pass(op, part, None if flowing is None else flowing[:, :, width], ends))
        found = flows + found
        flowing = sum(
            (d @ part.w_ih[k] for part in layer for k, d in enumerate(op.slopes_of_x(part))),
            start=np.zeros(layer[0].x.shape, layer[0].x.dtype),
        )
    return found


def _of_pass(op: Recurrent, part: Pass, dy: Array | None, ends: Mapping[str, Array]) -> Flow:
    """dhₜ = dyₜ + Σ (gradient inside a gate at t + 1)·U + gate · dhₜ₊₁, where the state is handed on besides."""
    inside, held_then = op.slopes_of_state(part), op.held(part)
    carried = held_then.get(op.carries.get("h", ""))
    dh = np.zeros_like(held_then["h"])
    later: int | None = None
    for t in reversed(part.steps):
        if later is None:
            dh[t] += ends.get("h", part.ctx.zero)
        else:
            for gate, weights in zip(inside, part.w_hh, strict=True):
                dh[t] += gate[later] @ weights
            if carried is not None:
                dh[t] += carried[later] * dh[later]
        if dy is not None:
            dh[t] += dy[t]
        later = t
    found = {"h": dh}
    if "c" in op.states_of:
        found["c"] = _of_cells(op, part, dh, ends.get("c"))
    return Flow(part.tag, {name: _in_order(part, array) for name, array in found.items()})


def _of_cells(op: Recurrent, part: Pass, dh: Array, end: Array | None) -> Array:
    """dcₜ = dhₜ · oₜ · (1 − tanh²(cₜ)) + fₜ₊₁ · dcₜ₊₁"""
    held_then = op.held(part)
    kept = held_then[op.carries["c"]]
    dc: Array = dh * held_then["o"] * (1 - np.tanh(held_then["c"]) ** 2)
    later: int | None = None
    for t in reversed(part.steps):
        if later is not None:
            dc[t] += kept[later] * dc[later]
        elif end is not None:
            dc[t] += end
        later = t
    return dc


def _in_order(part: Pass, array: Array) -> Array:
    """A copy with the moment that is computed first at the front."""
    return (array[::-1] if part.reverse else array).copy()
