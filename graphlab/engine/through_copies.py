"""What goes back from the last copy of a repeated cell to those before it, and how often each state is multiplied.

The gradients of a run are those of the whole loss, in which every step has a part. Here the last step's stands alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from .buffers import Buffers
from .flatten import End
from .plan import Edge, Plan
from .unrolling import copy_of

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
SQUARINGS = 24
LARGEST = 1024  # rows of a matrix whose spectral radius is found


def from_last_copy(buffers: Buffers, key: str, steps: int) -> dict[End, Array]:
    """After a whole backward pass: the gradients in all copies, of what comes into the last one from outside alone."""
    plan = buffers.plan
    within = _within(plan, key)
    last = copy_of(key, steps - 1)
    found: dict[End, Array] = {}
    for edge in plan.edges:
        if edge.source[0].startswith(last) and edge.target[0] not in within and edge in buffers.terms:
            _add(found, edge.source, buffers.terms[edge])
    edges = set(plan.edges)
    for node in reversed(within):
        _back(buffers, node, within, edges, found)
    return found


def _within(plan: Plan, key: str) -> dict[str, None]:
    """The copies and what stands between them, in the order of computing; not what puts their outputs together."""
    inside, out = f"{key}/", f"{key}/out "
    return dict.fromkeys(k for k in plan.nodes if k.startswith(inside) and not k.startswith(out))


def _back(
    buffers: Buffers, node: str, within: dict[str, None], edges: set[Edge], found: dict[End, Array]
) -> None:
    """One operation's backward, from what has come to its outputs to what of its inputs stands within."""
    plan = buffers.plan
    op = plan.op(node)
    upstream = [found.get((node, name)) for name in op.results()]
    sources = {
        socket: end
        for socket, end in plan.nodes[node].inputs.items()
        if end[0] in within and Edge(end, (node, socket)) in edges
    }
    if not sources or all(array is None for array in upstream):
        return
    targets: dict[str, Array | None] = {f"d{socket.name}": None for socket in op.sockets()}
    fresh = {socket: np.zeros_like(buffers.values[end]) for socket, end in sources.items()}
    if buffers.is_view(node):
        (socket, target), *_ = fresh.items()
        looked_at = op.view(target, *buffers.inputs(node)[1:])
        assert looked_at is not None
        looked_at[...] = upstream[0]
        _add(found, sources[socket], target)
        return
    targets |= {f"d{socket}": array for socket, array in fresh.items()}
    buffers.bind_own_backward(node, upstream, targets)()
    for socket, array in fresh.items():
        _add(found, sources[socket], array)


def _add(found: dict[End, Array], end: End, array: Array) -> None:
    found[end] = array.copy() if end not in found else found[end] + array


# How often a state is multiplied


def radii_of_cell(buffers: Buffers, plan: Plan, states: Iterable[list[End]]) -> dict[str, float]:
    """The spectral radius of each square matrix by which a cell multiplies a state, by the node that does it.

    A matrix with the rows of several gates below one another counts as so many; their names have a number.
    """
    begins = {ends[0] for ends in states}
    found: dict[str, float] = {}
    for key, node in plan.nodes.items():
        weight = _multiplies(buffers, plan, key, begins)
        if weight is None:
            continue
        count = len(weight) // weight.shape[1]
        name = node.path.rpartition("/")[2]
        names = (name,) if count == 1 else tuple(f"{name} {k + 1}" for k in range(count))
        found |= spectral_radii(weight, names)
    return dict(zip(("",), found.values(), strict=True)) if len(found) == 1 else found


def _multiplies(buffers: Buffers, plan: Plan, key: str, begins: set[End]) -> Array | None:
    """The matrix by which a node multiplies a state as it begins, if that has room for whole gates."""
    op = plan.op(key)
    if "weight" not in op.factors or not any(end in begins for end in plan.nodes[key].inputs.values()):
        return None
    named = zip(op.sockets(), buffers.inputs(key), strict=True)
    weight = next((array for socket, array in named if socket.name == "weight"), None)
    if weight is None or weight.ndim != 2 or not weight.shape[1] or len(weight) % weight.shape[1]:
        return None
    return weight


def spectral_radii(stacked: Array, names: tuple[str, ...]) -> dict[str, float]:
    """That of each of the square matrices that stand one below the other, by name."""
    parts = np.split(np.asarray(stacked, np.float64), len(names))
    return {name: spectral_radius(part) for name, part in zip(names, parts, strict=True)}


def spectral_radius(matrix: Floats) -> float:
    """The largest magnitude of an eigenvalue: lim ‖Aⁿ‖^(1/n), by squaring. NaN of what is too large or not finite."""
    size = len(matrix)
    if not size or size > LARGEST or not np.isfinite(matrix).all():
        return math.nan
    power, log, count = matrix, 0.0, 1
    for _ in range(SQUARINGS):
        length = float(np.linalg.norm(power))
        if not length:
            return 0.0
        log += math.log(length) / count
        power = power / length
        power = power @ power
        count *= 2
    last = float(np.linalg.norm(power))
    return math.exp(log + math.log(last) / count) if last else 0.0
