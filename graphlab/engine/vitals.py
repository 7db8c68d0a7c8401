"""What is measured of each node to tell how a network is doing: dead or saturated units, sizes of gradients."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from .messages import TensorKey, Vital
from .row_order import row_orders

if TYPE_CHECKING:
    from .training import Trainer
    from .workspace import Workspace

Array = npt.NDArray[Any]
MANY = 1024  # rows that dead units are looked for in
PATIENCE = 0.25  # seconds for that
NEAR = 0.01  # of the range between its bounds: so near one of them a value counts as saturated


def vitals(space: Workspace) -> tuple[Vital, ...]:
    """Of every node that the present pass has computed, by what its arrays hold now."""
    plan, orders = space.run.plan, row_orders(space.trainer)
    found = [vital for key in plan.nodes if (vital := _vital(space, key)) is not None]
    found = [replace(vital, order=orders[vital.node]) if vital.node in orders else vital for vital in found]
    silent = {vital.node for vital in found if vital.dead}
    if (
        space.trainer is None
        or not silent
        or space.trainer.batches.count("train") <= space.trainer.batch_size
    ):
        return tuple(found)
    dead, looked = _dead_in_many(space.trainer, silent, {vital.node: vital.units for vital in found})
    return tuple(replace(v, dead=dead[v.node], looked=looked[v.node]) if v.node in dead else v for v in found)


def _dead_in_many(
    trainer: Trainer, nodes: set[str], units: dict[str, int]
) -> tuple[dict[str, int], dict[str, int]]:
    """How many units of those nodes give 0 for more rows than one batch has, and for how many rows.

    A unit that is silent in one batch may well answer to the next.
    """
    output = {key: (key, trainer.run.plan.op(key).results()[0]) for key in nodes}
    silent = {key: np.ones(units[key], bool) for key in nodes}
    looked, began = dict.fromkeys(nodes, 0), time.perf_counter()
    for values in trainer.passes(MANY):
        for key, end in output.items():
            matrix = units_of(values[end])
            silent[key] &= (matrix == 0).all(axis=0)
            looked[key] += len(values[end])
        if time.perf_counter() - began > PATIENCE:
            break
    return {key: int(silent[key].sum()) for key in nodes}, looked


def _vital(space: Workspace, key: str) -> Vital | None:
    op = space.run.plan.op(key)
    results = op.results()
    value = _fresh(space, TensorKey("value", key, results[0])) if results else None
    if value is None or value.dtype.kind != "f" or not value.size:
        return None
    gradient = _fresh(space, TensorKey("grad", key, results[0]))
    owned = [
        array
        for socket in op.sockets()
        if (array := _fresh(space, TensorKey("grad", key, socket.name))) is not None
        and (key, socket.name) in space.run.plan.parameters
    ]
    units = units_of(value)
    return Vital(
        node=key,
        examples=units.shape[0],
        units=units.shape[1],
        dead=int((units == 0).all(axis=0).sum()) if op.dies else 0,
        saturated=_saturated(value, op.saturates),
        is_constant=bool(units.shape[0] > 1 and not (units != units[0]).any()),
        gradient=-1.0 if gradient is None else _rms(gradient),
        parameters=-1.0 if not owned else _rms(np.concatenate([a.reshape(-1) for a in owned])),
    )


def _fresh(space: Workspace, key: TensorKey) -> Array | None:
    found = space.of_run(key)
    return found[0] if found is not None and found[1] else None


def units_of(value: Array) -> Array:
    """A value as (examples and places, units): channels are the units of images, the last axis those of all else."""
    if value.ndim == 4:
        return np.moveaxis(value, 1, -1).reshape(-1, value.shape[1])
    return value.reshape(-1, value.shape[-1]) if value.ndim else value.reshape(1, 1)


def _saturated(value: Array, bounds: tuple[float, float] | None) -> float:
    """The share of values that lie near one of the bounds."""
    if bounds is None:
        return 0.0
    low, high = bounds
    near = NEAR * (high - low) / 2
    return float(np.count_nonzero((value < low + near) | (value > high - near)) / value.size)


def _rms(array: Array) -> float:
    """The size of a typical element."""
    return float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0
