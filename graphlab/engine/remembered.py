"""Remembered moments: copies of all that a run held at one time, within a budget, and how far two of them are apart.

What a run needs to go back is a matter of `moments`; these are for looking at, over updates, batches and edits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import GraphlabError
from .messages import NOW, Apart, Pair, Tensor, TensorKey
from .preview import block_of, preview, statistics

if TYPE_CHECKING:
    from .workspace import Workspace

Array = npt.NDArray[Any]
Arrays = Mapping[TensorKey, Array]
BUDGET = 512 << 20  # bytes of all moments together
PIECE = 1 << 20  # elements that are compared at a time
SMALL = 1 << 16  # bytes that are quicker compared as a string


@dataclass(frozen=True, slots=True)
class Held:
    """What a run held: its arrays, what each belongs to ("hidden.weight"), and which of them are learnt.

    left_out: bytes of the arrays that there was no room for.
    """

    arrays: Arrays
    names: Mapping[TensorKey, str]
    learnt: frozenset[TensorKey]
    left_out: tuple[int, ...] = ()


class Remembered:
    """The moments of one workspace by number. What did not change from one to the next is kept once."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._moments: dict[int, Held] = {}
        self._budget = budget

    def keep(self, number: int, space: Workspace) -> Held:
        """Copies what this pass has computed: what is learnt first, then the rest from small to large.

        GraphlabError when nothing of it finds room.
        """
        now = held_now(space)
        room = self.room
        kept: dict[TensorKey, Array] = {}
        left: list[int] = []
        for key in sorted(now.arrays, key=lambda key: (key not in now.learnt, now.arrays[key].nbytes)):
            array = now.arrays[key]
            same = self._same(key, array)
            if same is None and array.nbytes > room:
                left.append(array.nbytes)
                continue
            room -= array.nbytes if same is None else 0
            kept[key] = np.array(array) if same is None else same
        if left and not kept:
            raise GraphlabError(
                "There is no room to remember another moment.", hint="Delete some in the panel Moments."
            )
        found = self._moments[number] = Held(
            kept, {key: now.names[key] for key in kept}, now.learnt & kept.keys(), tuple(left)
        )
        return found

    def forget(self, numbers: Iterable[int] = ()) -> None:
        """These, or all."""
        for number in tuple(numbers) or tuple(self._moments):
            self._moments.pop(number, None)

    @property
    def room(self) -> int:
        """Bytes that are left."""
        return max(self._budget - self.bytes, 0)

    @property
    def bytes(self) -> int:
        """That all moments take together."""
        once = {id(array): array.nbytes for held in self._moments.values() for array in held.arrays.values()}
        return sum(once.values())

    def at(self, number: int, space: Workspace) -> Held:
        """A moment; NOW is the run as it is. GraphlabError for one that is not there."""
        if number == NOW:
            return held_now(space)
        if number not in self._moments:
            raise GraphlabError("That moment is not remembered any more.", hint="Choose another.")
        return self._moments[number]

    def _same(self, key: TensorKey, array: Array) -> Array | None:
        """What the newest moment with that array holds, if it is the same to the bit."""
        for held in reversed(self._moments.values()):
            before = held.arrays.get(key)
            if before is not None:
                return before if is_same(before, array) else None
        return None


def held_now(space: Workspace) -> Held:
    """Everything that the present pass has computed, not copied."""
    run, plan = space.run, space.run.plan
    arrays: dict[TensorKey, Array] = {}
    for end, slot in plan.parameters.items():
        arrays[TensorKey("value", *end)] = run.store.value(slot)
        if run.is_done(end[0], "backward"):
            arrays[TensorKey("grad", *end)] = run.store.grad(slot)
    learnt = frozenset(key for key in arrays if key.kind == "value")
    for end, slot in plan.states.items():
        arrays[TensorKey("value", *end)] = run.store.state(slot)
    if run.has_buffers:
        arrays |= dict(_computed(space))
    names = {key: f"{plan.nodes[key.node].path}.{key.socket}" for key in arrays}
    return Held(arrays, names, learnt)


def _computed(space: Workspace) -> Iterator[tuple[TensorKey, Array]]:
    """Outputs and their gradients, as far as the pass has come; a parameter that is a node is told as what it owns."""
    run, plan, values = space.run, space.run.plan, space.run.buffers.values
    owners = {node for node, _ in plan.parameters if not plan.nodes[node].inputs}
    for node in plan.nodes:
        if node in owners or not run.is_done(node, "forward"):
            continue
        is_back = run.is_done(node, "backward")
        for output in plan.op(node).results():
            yield TensorKey("value", node, output), values[node, output]
            gradient = run.buffers.gradients.get((node, output)) if is_back else None
            if gradient is not None:
                yield TensorKey("grad", node, output), gradient


def is_same(a: Array, b: Array) -> bool:
    """To the bit, NaN and the sign of zero included."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if a.nbytes <= SMALL:
        return a.tobytes() == b.tobytes()
    bits = f"u{a.dtype.itemsize}"
    return np.array_equal(np.ascontiguousarray(a).view(bits), np.ascontiguousarray(b).view(bits))


def compare(a: Held, b: Held) -> tuple[Apart, ...]:
    """How far all arrays are apart, the largest relative change first; what only one of them has comes last."""
    came_from = _pairs(a.arrays, b.arrays)
    rows = [_apart(key, b, a.arrays.get(came_from[key]) if key in came_from else None) for key in b.arrays]
    former = set(came_from.values())
    for key in a.arrays:
        if key not in former:
            size = _norm(a.arrays[key])
            rows.append(_alone(key, a, size, math.nan, "only A"))
    return tuple(sorted(rows, key=_rank))


def _pairs(a: Arrays, b: Arrays) -> dict[TensorKey, TensorKey]:
    """Where each array of B stood in A: under the same key, or where grouping or ungrouping put it."""
    from .workspace import former_ends  # which holds what is remembered

    found: dict[TensorKey, TensorKey] = {}
    for kind in ("value", "grad"):
        old, new = ({(k.node, k.socket): None for k in side if k.kind == kind} for side in (a, b))
        for end, former in former_ends(old, new).items():
            found[TensorKey(kind, *end)] = TensorKey(kind, *former)
    return found


def _rank(row: Apart) -> tuple[int, float, str]:
    size = math.inf if math.isnan(row.relative) else row.relative
    return bool(row.state), -size, row.name


def _apart(key: TensorKey, held: Held, before: Array | None) -> Apart:
    now = held.arrays[key]
    if before is None:
        return _alone(key, held, math.nan, _norm(now), "only B")
    if before.shape != now.shape:
        return _alone(key, held, _norm(before), _norm(now), "other shape")
    name, learnt = held.names[key], key in held.learnt
    if is_same(before, now):
        size = _norm(now)
        return Apart(key, name, now.shape, size, size, 0.0, 0.0, 1.0 if size else math.nan, "", learnt)
    aa, bb, dd, ab = _sums(before, now)
    a, b, d = math.sqrt(aa), math.sqrt(bb), math.sqrt(dd)
    relative = d / a if a else (math.inf if d else 0.0)
    cosine = ab / (a * b) if a * b else math.nan
    cosine = max(-1.0, min(1.0, cosine)) if math.isfinite(cosine) else math.nan
    return Apart(key, name, now.shape, a, b, d, relative, cosine, "", learnt)


def _alone(key: TensorKey, held: Held, a: float, b: float, state: str) -> Apart:
    nan, shape = math.nan, held.arrays[key].shape
    return Apart(key, held.names[key], shape, a, b, nan, nan, nan, state, key in held.learnt)


def _sums(a: Array, b: Array) -> tuple[float, float, float, float]:
    """Of a², b², (b − a)² and a·b, in float64, piece by piece so that large arrays need no second copy."""
    sums = np.zeros(4)
    flat_a, flat_b = a.reshape(-1), b.reshape(-1)
    for start in range(0, flat_a.size, PIECE):
        p = flat_a[start : start + PIECE].astype(np.float64)
        q = flat_b[start : start + PIECE].astype(np.float64)
        d = q - p
        sums += (p.dot(p), q.dot(q), d.dot(d), p.dot(q))
    aa, bb, dd, ab = sums.tolist()
    return aa, bb, dd, ab


def _norm(array: Array) -> float:
    if array.size <= PIECE:
        flat = array.reshape(-1).astype(np.float64)
        return math.sqrt(flat.dot(flat))
    return math.sqrt(_sums(array, array)[0])


def look_at(a: Held, b: Held, key: TensorKey, limit: int, run: int = 0, request: int = 0) -> Pair:
    """One array in both, by its key in B (or in A), with the difference where the shapes agree."""
    former = _pairs(a.arrays, b.arrays).get(key, key)
    before, now = a.arrays.get(former), b.arrays.get(key)
    both = before is not None and now is not None and before.shape == now.shape
    apart = None if not both or before is None or now is None else now.astype(np.float64) - before
    first, second, difference = (_shown(key, side, limit) for side in (before, now, apart))
    k, cosine = _along(a, b, former, key, apart)
    return Pair(run, request, key, first, second, difference, k, cosine)


def _shown(key: TensorKey, array: Array | None, limit: int) -> Tensor | None:
    if array is None:
        return None
    if array.dtype.kind != "i":
        return preview(key, array, True, limit)
    block = np.array(array[block_of(array.shape, limit)])
    return Tensor(key, array.shape, array.dtype.name, True, statistics(array), block)


def _along(
    a: Held, b: Held, former: TensorKey, key: TensorKey, apart: Array | None
) -> tuple[float | None, float | None]:
    """How much of the gradient the change of a parameter is, and how well it points against it."""
    if apart is None or key not in b.learnt:
        return None, None
    gradient = a.arrays.get(TensorKey("grad", former.node, former.socket))
    if gradient is None:
        gradient = b.arrays.get(TensorKey("grad", key.node, key.socket))
    if gradient is None or gradient.shape != apart.shape:
        return None, None
    gg, dd, _, gd = _sums(gradient, apart)
    if not (gg and dd and math.isfinite(gg * dd)):
        return None, None
    return -gd / gg, gd / math.sqrt(gg * dd)
