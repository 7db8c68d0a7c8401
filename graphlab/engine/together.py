"""Calls that the copies of a repeated cell make alike, done as one where they need not wait for one another.

What the input adds at every step, what each step adds to the gradient of a weight: T small products become one call of
NumPy that has the same T products made, each by the same call of BLAS, so that not a bit of the result is another. Only
such calls are put together whose result cannot depend on their company: additions and the like, which IEEE 754 says to
the bit, and products of matrices that a trial has shown to be the same.
"""

from __future__ import annotations

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided

from ..ops import Context
from .blocks import address, in_one_block, stacked
from .record import Call
from .scalars import arrays_of
from .unrolling import step_of

Array = npt.NDArray[Any]
Layout = tuple[tuple[tuple[int, ...], tuple[int, ...], Any], ...]  # shape, strides and type of each array
LARGE = 1 << 18  # bytes of a result from which on it does not matter how many calls there are
_EXACT = frozenset(
    [np.add, np.subtract, np.multiply, np.divide, np.negative, np.square, np.maximum, np.minimum]
)


class _Deed(NamedTuple):
    """What a call does, where that is known: `out` = kind(inputs)."""

    kind: Any  # a ufunc, np.copyto, or "dot"
    inputs: tuple[Array, ...]
    out: Array

    @property
    def arrays(self) -> tuple[Array, ...]:
        return (*self.inputs, self.out)

    @property
    def layout(self) -> Layout:
        return tuple((a.shape, a.strides, a.dtype) for a in self.arrays)


class _Line:
    """A call and what it touches: `reads` and `writes` are numbers of regions of memory."""

    __slots__ = ("addresses", "call", "deed", "family", "place", "reads", "writes")

    def __init__(self, call: Call, family: Any) -> None:
        self.call, self.family = call, family
        self.deed = _deed(call)
        self.addresses = tuple(map(address, self.deed.arrays)) if self.deed else ()
        self.place = 0
        self.reads: set[int] = set()
        self.writes: set[int] = set()


def together(nodes: Iterable[tuple[str, Sequence[Call]]]) -> list[Call]:
    """The calls of nodes, by key and in order; fewer that do the same where a cell is repeated."""
    listed = [(key, list(calls)) for key, calls in nodes]
    cells = {found[0] for key, _ in listed if (found := step_of(key)) is not None}
    is_plain = all(isinstance(call, partial) for _, calls in listed for call in calls)
    if not cells or not is_plain:
        return [call for _, calls in listed for call in calls]
    return _Sheet([line for key, calls in listed for line in _lines(key, calls, cells)]).fewer()


def _lines(key: str, calls: Sequence[Call], cells: set[str]) -> Iterator[_Line]:
    """Each call with the family of those like it: of the other copies, or of a node that goes through the steps."""
    copy, seen = step_of(key), dict[Any, int]()
    around = key.rpartition("/")[0] in cells
    for call in calls:
        line = _Line(call, None)
        if line.deed is not None and (copy or around):
            like = (line.deed.kind, line.deed.layout)
            count = seen[like] = seen.get(like, -1) + 1
            line.family = (copy[0], copy[2], count, like) if copy else (key, like)
        yield line


class _Sheet:
    """The calls in order. Each is moved only past such as do not touch what it writes, nor write what it reads."""

    def __init__(self, lines: list[_Line]) -> None:
        self.lines = lines
        self.touched: dict[int, list[int]] = {}  # by region, the places of the calls that read or write it
        self.written: dict[int, list[int]] = {}
        _find_regions(lines)
        for place, line in enumerate(lines):
            line.place = place
            self._enter(line)

    def fewer(self) -> list[Call]:
        families: dict[Any, list[_Line]] = {}
        for line in self.lines:
            if line.family is not None:
                families.setdefault(line.family, []).append(line)
        gone: set[int] = set()
        for family in (run for members in families.values() for run in _runs(members)):
            call = _as_one([line.deed for line in family if line.deed]) if len(family) > 1 else None
            target = self._meeting(family) if call is not None else None
            if call is not None and target is not None:
                gone |= {line.place for line in family} - {target.place}
                self._gather(family, target, call)
        return [line.call for place, line in enumerate(self.lines) if place not in gone]

    def _meeting(self, family: list[_Line]) -> _Line | None:
        """The first or the last of them, if all others can be moved there; else None."""
        places = {line.place for line in family}
        if not _is_peaceful(family):
            return None
        for target in (family[0], family[-1]):
            if all(self._can_move(line, target.place, places) for line in family):
                return target
        return None

    def _can_move(self, line: _Line, place: int, family: set[int]) -> bool:
        low, high = min(line.place, place), max(line.place, place)
        hindrances = [(self.touched, line.writes), (self.written, line.reads)]
        return not any(
            other not in family
            for places, regions in hindrances
            for region in regions
            for other in _between(places.get(region, ()), low, high)
        )

    def _gather(self, family: list[_Line], target: _Line, call: Call) -> None:
        for line in family:
            for places in (self.touched, self.written):
                for region in line.reads | line.writes:
                    if line.place in places.get(region, ()):
                        places[region].remove(line.place)
        target.reads = set().union(*(line.reads for line in family))
        target.writes = set().union(*(line.writes for line in family))
        target.call = call
        self._enter(target)

    def _enter(self, line: _Line) -> None:
        for places, regions in ((self.touched, line.reads | line.writes), (self.written, line.writes)):
            for region in regions:
                found = places.setdefault(region, [])
                found.insert(bisect_left(found, line.place), line.place)


def _runs(family: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The members in order, those together whose arrays lie at equal distances: the first copy may begin elsewhere."""
    run: list[_Line] = []
    steps: tuple[int, ...] = ()
    for line in family:
        now = tuple(b - a for a, b in zip(run[-1].addresses, line.addresses, strict=True)) if run else ()
        if len(run) > 1 and now != steps:
            yield run
            run = []
        run.append(line)
        steps = now
    yield run


def _between(places: Sequence[int], low: int, high: int) -> Sequence[int]:
    return places[bisect_right(places, low) : bisect_left(places, high)]


def _is_peaceful(family: list[_Line]) -> bool:
    """Whether none of them touches what another writes."""
    written = [region for line in family for region in line.writes]
    if len(set(written)) == len(written):
        own = {region: line for line in family for region in line.writes}
        return all(own.get(region, line) is line for line in family for region in line.reads)
    whole = stacked([line.deed.out for line in family if line.deed])
    is_read = any(line.reads & set(written) for line in family)
    return whole is not None and not is_read and _is_injective(whole)


def _is_injective(array: Array) -> bool:
    """Whether no two of its elements lie in the same place, for all that its strides tell."""
    reach = array.itemsize
    for stride, size in sorted((abs(s), n) for s, n in zip(array.strides, array.shape, strict=True) if n > 1):
        if stride < reach:
            return False
        reach += stride * (size - 1)
    return True


def _find_regions(lines: Sequence[_Line]) -> None:
    """Tells each line what regions of memory it touches; arrays that overlap are in the same region."""
    found = []
    for line in lines:
        for writes, arrays in zip((False, True), _touched(line), strict=True):
            found += [(*byte_bounds(array), line, writes) for array in arrays if array.size]
    region, end = -1, 0
    for low, high, line, writes in sorted(found, key=lambda each: each[0]):
        if low >= end:
            region += 1
        end = max(end, high)
        (line.writes if writes else line.reads).add(region)


def _touched(line: _Line) -> tuple[Sequence[Array], Sequence[Array]]:
    """The arrays that a call reads, and those that it writes; what is not known of it is taken to be written."""
    if line.deed is not None:
        return line.deed.inputs, (line.deed.out,)
    call: Any = line.call
    function, named = call.func, call.keywords.get("out")
    if isinstance(function, np.ufunc):
        return _only_arrays(call.args[: function.nin]), _only_arrays((*call.args[function.nin :], named))
    if isinstance(getattr(function, "__self__", None), np.ufunc):  # such as np.add.reduce
        return _only_arrays(call.args), _only_arrays((named,))
    rooms = [room for a in call.args if isinstance(a, Context) for room in a.clock.passing.values()]
    return (), (*arrays_of(call), *rooms)


def _only_arrays(values: Iterable[Any]) -> list[Array]:
    return [value for value in values if isinstance(value, np.ndarray)]


def _deed(call: Any) -> _Deed | None:
    function, args, named = call.func, call.args, call.keywords
    if not named.keys() <= {"out"} or not all(isinstance(a, np.ndarray) for a in (*args, *named.values())):
        return None
    arrays = (*args, *named.values())
    if function in _EXACT:
        return _Deed(function, arrays[:-1], arrays[-1]) if len(arrays) == function.nin + 1 else None
    if function is np.copyto and len(arrays) == 2:
        return _Deed(function, arrays[1:], arrays[0])
    mine = getattr(function, "__self__", None)
    if isinstance(mine, np.ndarray) and function.__name__ == "dot" and len(arrays) == 2:
        return _Deed("dot", (mine, arrays[0]), arrays[1])
    return None


def _as_one(deeds: Sequence[_Deed]) -> Call | None:
    """A call that does what all of them do, if there is one; they are alike in kind and layout."""
    kind, inputs, out = deeds[0]
    if out.nbytes >= LARGE or (kind == "dot" and not _same_in_stacks(deeds[0].layout)):
        return None
    many = stacked([deed.out for deed in deeds])
    ndim = 0 if kind == "dot" else out.ndim
    rest = [stacked(arrays, ndim) for arrays in zip(*(deed.inputs for deed in deeds), strict=True)]
    if many is None or many is out or any(array is None for array in rest):
        return None
    if kind == "dot":
        is_vector = inputs[0].ndim == 1 and rest[0] is not inputs[0]
        return None if is_vector else partial(np.matmul, *rest, many)
    if kind is np.copyto:
        return partial(np.copyto, many, *rest)
    if kind in (np.maximum, np.minimum):  # which take no third position
        return partial(kind, *rest, out=many)
    return partial(kind, *rest, many)


@functools.lru_cache(maxsize=1024)
def _same_in_stacks(layout: Layout) -> bool:
    """Whether products of matrices so laid out come to the same bits one by one and as a stack; tried with two."""
    if [len(shape) for shape, _, _ in layout] not in ([2, 2, 2], [1, 2, 1]):
        return False
    a, b, out = (_two(*each) for each in layout)
    if a[0].ndim == 1:
        a[1] = a[0]
    alone = [x.dot(y, z).copy() for x, y, z in zip(a, b, out, strict=True)]
    stacks: list[Any] = [stacked(arrays) for arrays in (a, b, out)]
    np.matmul(*stacks)
    return all(one.tobytes() == other.tobytes() for one, other in zip(alone, out, strict=True))


def _two(shape: tuple[int, ...], strides: tuple[int, ...], dtype: Any) -> list[Array]:
    """Two arrays of random numbers, laid out like that and one behind the other."""
    size = sum(abs(s) * (n - 1) for s, n in zip(strides, shape, strict=True)) // dtype.itemsize + 1
    rows = in_one_block(2, (size,), dtype)
    for k, row in enumerate(rows):
        row[...] = np.random.default_rng(k).standard_normal(size)
    return [as_strided(row, shape, strides) for row in rows]
