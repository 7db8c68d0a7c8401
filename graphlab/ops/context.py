"""What a run hands to an operation besides arrays: randomness, scratch space, what it keeps, whether it trains."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

LINE = 64  # bytes of a cache line, and of the widest vector instruction


class Clock:
    """The state that all contexts of a run share: which step it is, and whether it trains.

    `in_pieces` says whether BLAS multiplies matrices quicker piece by piece (see matrix.py).
    """

    __slots__ = ("in_pieces", "ones", "passing", "seed", "step", "training")

    def __init__(self, seed: int = 0, in_pieces: bool = False) -> None:
        self.seed = seed
        self.step = 0
        self.training = True
        self.in_pieces = in_pieces
        self.passing: dict[tuple[str, str], npt.NDArray[Any]] = {}
        self.ones: dict[tuple[int, str], npt.NDArray[Any]] = {}


class Context:
    """One node's view of its run.

    `rng()` is a function of (seed, step, node) only, so that any step can be computed again exactly.
    `zero`, `half` and `one` are those numbers as 0-d arrays of the run's dtype: NumPy takes twice as long
    for a Python number.

    What an op keeps from step to step (its `states`) never changes during a step: a training `forward` writes into
    `next_state` what is to be, and the update puts it in force. So a pass can be repeated and taken back at will.
    """

    __slots__ = ("_key", "_scratch", "_states", "clock", "dtype", "half", "node", "one", "zero")

    def __init__(self, node: str, clock: Clock, dtype: Any = np.float32) -> None:
        self.node = node
        self.clock = clock
        self.dtype = np.dtype(dtype)
        self.zero, self.half, self.one = (number(value, self.dtype) for value in (0.0, 0.5, 1.0))
        self._scratch: dict[Any, npt.NDArray[Any]] = {}
        self._states: dict[str, tuple[npt.NDArray[Any], npt.NDArray[Any]]] = {}
        self._key: tuple[int, npt.NDArray[np.uint64]] | None = None

    @property
    def training(self) -> bool:
        return self.clock.training

    @property
    def in_pieces(self) -> bool:
        return self.clock.in_pieces

    def holds(self, test: Callable[..., bool], *args: Any) -> bool:
        """`test(*args)`, a question about the numbers in arrays that the op was handed.

        While it is answered with yes, as it was at first, what the op does may be repeated without asking the op; with
        any other question about numbers, the op itself is called at every step. `test` changes nothing.
        """
        return test(*args)

    def rng(self) -> np.random.Generator:
        """A generator that gives the same numbers whenever (seed, step, node) are the same."""
        if self._key is None or self._key[0] != self.clock.seed:
            self._key = (self.clock.seed, stream_key(self.clock.seed, self.node))
        return np.random.Generator(np.random.Philox(key=self._key[1], counter=[0, 0, 0, self.clock.step]))

    def scratch(self, name: str, shape: tuple[int, ...], dtype: Any = None) -> npt.NDArray[Any]:
        """An array kept from call to call under that name; its content is whatever was left there."""
        array = self._scratch.get(name)
        if array is None or array.shape != shape or (dtype is not None and array.dtype != dtype):
            array = aligned(shape, dtype or self.dtype)
            self._scratch[name] = array
        return array

    def ones(self, count: int) -> npt.NDArray[Any]:
        """A vector of so many ones that cannot be changed; all nodes of a run have the same."""
        found = self.clock.ones.get((count, self.dtype.str))
        if found is None:
            found = self.clock.ones[count, self.dtype.str] = aligned((count,), self.dtype)
            found.fill(1)
            found.flags.writeable = False
        return found

    def passing(self, name: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """An array for the present call alone: all nodes of a run use the same memory under that name.

        So the large arrays of one node lie in the cache when the next needs its own.
        """
        count, key = math.prod(shape), (name, self.dtype.str)
        room = self.clock.passing.get(key)
        if room is None or room.size < count:
            room = self.clock.passing[key] = aligned((count,), self.dtype)
        return room[:count].reshape(shape)

    def state(self, name: str) -> npt.NDArray[Any]:
        """What the op keeps under that name, as it was at the beginning of the step. It is only read."""
        return self._states[name][0]

    def next_state(self, name: str) -> npt.NDArray[Any]:
        """Where a training `forward` writes what `state(name)` is to be after the update; unwritten, it stays."""
        return self._states[name][1]

    def bind_state(self, name: str, now: npt.NDArray[Any], after: npt.NDArray[Any]) -> None:
        """Says which arrays `state` and `next_state` give. For whoever owns them."""
        self._states[name] = (now, after)

    def kept(self, name: str) -> npt.NDArray[Any] | None:
        """What `forward` left in that scratch array for its own `backward`; None after `forget`."""
        return self._scratch.get(name)

    def arrays(self) -> Iterator[npt.NDArray[Any]]:
        """Every array that the op can ask for: scratch as far as there is any, and states."""
        yield from self._scratch.values()
        for pair in self._states.values():
            yield from pair

    def forget(self) -> None:
        """For when inputs change without a `forward`: the next backward then computes it all itself."""
        self._scratch.clear()


@functools.cache
def number(value: float, dtype: Any) -> npt.NDArray[Any]:
    """A number as a 0-d array that cannot be changed, the same one each time."""
    found = np.array(value, dtype)
    found.flags.writeable = False
    return found


def aligned(shape: tuple[int, ...], dtype: Any) -> npt.NDArray[Any]:
    """An uninitialised array that begins at a cache line: small products of matrices are a quarter faster on it."""
    return _placed(np.empty, shape, dtype)


def cleared(shape: tuple[int, ...], dtype: Any) -> npt.NDArray[Any]:
    """The same, filled with zeros. Of a large one the system gives a page when it is first used, and not before."""
    return _placed(np.zeros, shape, dtype)


def _placed(make: Callable[..., npt.NDArray[Any]], shape: tuple[int, ...], dtype: Any) -> npt.NDArray[Any]:
    kind = np.dtype(dtype)
    count = math.prod(shape)
    room = make(count * kind.itemsize + LINE, np.uint8)
    start = -room.__array_interface__["data"][0] % LINE
    found: npt.NDArray[Any] = room[start : start + count * kind.itemsize].view(kind).reshape(shape)
    return found


def stream_key(seed: int, *parts: str) -> npt.NDArray[np.uint64]:
    """A Philox key for an independent stream named by `parts`."""
    digest = hashlib.blake2b(repr((int(seed), *parts)).encode(), digest_size=16).digest()
    return np.frombuffer(digest, dtype=np.uint64).copy()


def stream(seed: int, *parts: str) -> np.random.Generator:
    """The random generator of the stream named by `parts`: the same arguments give the same numbers."""
    return np.random.Generator(np.random.Philox(key=stream_key(seed, *parts)))
