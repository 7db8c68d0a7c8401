"""Single numbers at full speed: recorded calls on 0-d arrays, turned into one Python function with local variables.

NumPy takes 150 ns to add two 0-d arrays and 35 ns to add two of its scalars, which round alike to the last bit. So a
graph drawn number by number is computed with scalars: they are read from the arrays where they are first needed and
written back at the end. The function's source is made here of operators and numbered names; nothing of a document gets
into it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided

from ..ops import Context
from .record import Call

Array = npt.NDArray[Any]
LEAST = 16  # calls on scalars; below, it is not worth a function

_FORMS: dict[Any, str] = {
    function: f"{function.__name__}({{0}})"
    for function in (np.sign, np.sqrt, np.exp, np.log, np.expm1, np.log1p, np.tanh, np.sin, np.cos)
}
_NAMES = {function.__name__: function for function in (*_FORMS, np.maximum, np.minimum)}
_FORMS |= {
    np.copyto: "{0}",
    np.add: "{0} + {1}",
    np.subtract: "{0} - {1}",
    np.multiply: "{0} * {1}",
    np.divide: "{0} / {1}",
    np.square: "{0} * {0}",
    np.negative: "-{0}",
    np.absolute: "abs({0})",
    np.greater: "one if {0} > {1} else zero",
    np.greater_equal: "one if {0} >= {1} else zero",
    np.less: "one if {0} < {1} else zero",
    np.less_equal: "one if {0} <= {1} else zero",
    # NumPy says what becomes of −0 and NaN; to ask it takes ten times as long.
    np.maximum: "{0} if {0} > {1} else {1} if {0} < {1} else maximum({0}, {1})",
    np.minimum: "{0} if {0} < {1} else {1} if {0} > {1} else minimum({0}, {1})",
}


def compiled(
    calls: Sequence[Call], lasting: Sequence[Array] | None, guard: Callable[[Call], Call]
) -> list[Call]:
    """Calls that do the same, those on scalars by one function; the very same calls where few are on scalars.

    `lasting` are the arrays that must be right in the end, besides all that other calls take: scalars that are nowhere
    else are not written back. None for all. `guard` wraps the calls that are no scalar's, in the function.
    """
    found = [is_scalar(call) for call in calls]
    if sum(found) < LEAST:
        return list(calls)
    function = _Function(
        [a for call, is_one in zip(calls, found, strict=True) if is_one for a in arrays_of(call)]
    )
    for call, is_one in zip(calls, found, strict=True):
        if is_one:
            function.compute(call)
        else:
            function.call(guard(call), arrays_of(call))
    return [function.finish(lasting)]


def is_scalar(call: Any) -> bool:
    """Whether it is a call of a known function on 0-d arrays of one float type alone."""
    if not isinstance(call, partial) or call.func not in _FORMS or not call.keywords.keys() <= {"out"}:
        return False
    arrays = (*call.args, *call.keywords.values())
    if not all(isinstance(array, np.ndarray) and not array.ndim for array in arrays):
        return False
    kind = arrays[0].dtype
    return kind.kind == "f" and all(array.dtype == kind for array in arrays)


class _Function:
    """The lines of the function so far, and the local variable that holds each number.

    Numbers are known by the address of their array. A variable is given its value once, so that it may stand for
    several numbers.
    """

    def __init__(self, arrays: Sequence[Array]) -> None:
        self.where = {id(array): _address(array) for array in arrays}
        self.arrays = {self.where[id(array)]: array for array in arrays}
        self.addresses = sorted(self.arrays)
        self.kind = arrays[0].dtype
        self.names: dict[str, Any] = {**_NAMES, "zero": self.kind.type(0), "one": self.kind.type(1)}
        self.lines: list[str] = []
        self.count = 0
        self.variables: dict[int, str] = {}  # what holds the present value; missing where the array does
        self.unwritten: set[int] = set()  # what the array does not hold yet
        self.first: dict[int, str] = {}  # what is read at the beginning
        self.shared: set[int] = set()  # what other calls take

    def compute(self, call: Any) -> None:
        inputs, out = _sides(call)
        values = [self._value(self.where[id(array)]) for array in inputs]
        target = self.where[id(out)]
        self.unwritten.add(target)
        if call.func is np.copyto:
            self.variables[target] = values[0]
        else:
            self.variables[target] = self._new("v")
            self.lines.append(f"{self.variables[target]} = {_FORMS[call.func].format(*values)}")

    def call(self, call: Call, arrays: Iterable[Array]) -> None:
        """Another call, which finds the numbers it may look at in their arrays, and may have changed them."""
        touched = set(self._within(arrays))
        self.shared |= touched
        self._write(touched & self.unwritten)
        self.unwritten -= touched
        for address in touched:
            self.variables.pop(address, None)
        self.lines.append(f"{self._new('call', call)}()")

    def finish(self, lasting: Sequence[Array] | None) -> Call:
        """The function, its numbers written back at the end."""
        kept = self.unwritten
        if lasting is not None:
            kept = kept & (self.shared | self.first.keys() | set(self._within(lasting)))
        self._write(kept)
        source = "\n    ".join(["def drain():", *self._reads(), *self.lines])
        exec(compile(source, "<scalars>", "exec"), self.names)
        function: Call = self.names["drain"]
        return function

    def _value(self, address: int) -> str:
        if address not in self.variables:
            name = self.variables[address] = self._new("v")
            if address in self.shared:  # another call may have changed it since the beginning
                self.lines.append(f"{name} = {self._new('a', self.arrays[address])}[()]")
            else:
                self.first[address] = name
        return self.variables[address]

    def _reads(self) -> Iterator[str]:
        for run in self._runs(self.first):
            names = ", ".join(self.first[address] for address in run)
            yield f"{names} = {self._new('a', self._array(run))}{'[()]' if len(run) == 1 else ''}"

    def _write(self, addresses: Iterable[int]) -> None:
        for run in self._runs(addresses):
            values = ", ".join(self.variables[address] for address in run)
            self.lines.append(f"{self._new('a', self._array(run))}[...] = {values}")

    def _runs(self, addresses: Iterable[int]) -> Iterator[list[int]]:
        """The addresses, those together that follow one another in the same memory: many numbers go quicker at once."""
        run: list[int] = []
        for address in sorted(addresses):
            base = self.arrays[address].base
            follows = run and address == run[-1] + self.kind.itemsize
            if follows and base is not None and base is self.arrays[run[-1]].base:
                run.append(address)
            else:
                yield from [run] if run else []
                run = [address]
        yield from [run] if run else []

    def _array(self, run: Sequence[int]) -> Array:
        """The array of a number, or one of several in a row."""
        first = self.arrays[run[0]]
        return first if len(run) == 1 else as_strided(first, (len(run),), (self.kind.itemsize,))

    def _new(self, letter: str, value: Any = None) -> str:
        """A name that is not in use; `value` is what it stands for outside the function, if anything."""
        self.count += 1
        name = f"{letter}{self.count}"
        if value is not None:
            self.names[name] = value
        return name

    def _within(self, arrays: Iterable[Array]) -> Iterator[int]:
        """The addresses of the numbers that lie in one of the arrays."""
        for array in arrays:
            low, high = byte_bounds(array)
            yield from self.addresses[bisect_left(self.addresses, low) : bisect_left(self.addresses, high)]


def _sides(call: Any) -> tuple[Sequence[Array], Array]:
    """What a call on scalars reads, and what it writes."""
    if call.func is np.copyto:
        return call.args[1:], call.args[0]
    if call.keywords:
        return call.args, call.keywords["out"]
    return call.args[:-1], call.args[-1]


def arrays_of(call: Any) -> Iterator[Array]:
    """Every array that a call can get at."""
    if isinstance(call, partial):
        yield from _held((getattr(call.func, "__self__", None), *call.args, *call.keywords.values()))


def _held(values: Iterable[Any]) -> Iterator[Array]:
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, Context):
            yield from value.arrays()
        elif isinstance(value, (list, tuple)):
            yield from _held(value)


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])
