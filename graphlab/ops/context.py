"""What a run hands to an operation besides arrays: randomness, scratch space, and whether it is training."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt


class Clock:
    """The state that all contexts of a run share: which step it is, and whether it trains."""

    __slots__ = ("seed", "step", "training")

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.step = 0
        self.training = True


class Context:
    """One node's view of its run.

    `rng()` is a function of (seed, step, node) only, so that any step can be computed again exactly.
    `zero`, `half` and `one` are those numbers as 0-d arrays of the run's dtype: NumPy takes twice as long
    for a Python number.
    """

    __slots__ = ("_key", "_scratch", "clock", "dtype", "half", "node", "one", "zero")

    def __init__(self, node: str, clock: Clock, dtype: Any = np.float32) -> None:
        self.node = node
        self.clock = clock
        self.dtype = np.dtype(dtype)
        self.zero, self.half, self.one = (np.array(number, self.dtype) for number in (0, 0.5, 1))
        self._scratch: dict[Any, npt.NDArray[Any]] = {}
        self._key: tuple[int, npt.NDArray[np.uint64]] | None = None

    @property
    def training(self) -> bool:
        return self.clock.training

    def rng(self) -> np.random.Generator:
        """A generator that gives the same numbers whenever (seed, step, node) are the same."""
        if self._key is None or self._key[0] != self.clock.seed:
            self._key = (self.clock.seed, stream_key(self.clock.seed, self.node))
        return np.random.Generator(np.random.Philox(key=self._key[1], counter=[0, 0, 0, self.clock.step]))

    def scratch(self, name: str, shape: tuple[int, ...], dtype: Any = None) -> npt.NDArray[Any]:
        """An array kept from call to call under that name; its content is whatever was left there."""
        array = self._scratch.get(name)
        if array is None or array.shape != shape or (dtype is not None and array.dtype != dtype):
            array = np.empty(shape, dtype or self.dtype)
            self._scratch[name] = array
        return array

    def kept(self, name: str) -> npt.NDArray[Any] | None:
        """What `forward` left in that scratch array for its own `backward`; None after `forget`."""
        return self._scratch.get(name)

    def forget(self) -> None:
        """For when inputs change without a `forward`: the next backward then computes it all itself."""
        self._scratch.clear()


def stream_key(seed: int, *parts: str) -> npt.NDArray[np.uint64]:
    """A Philox key for an independent stream named by `parts`."""
    digest = hashlib.blake2b(repr((int(seed), *parts)).encode(), digest_size=16).digest()
    return np.frombuffer(digest, dtype=np.uint64).copy()


def stream(seed: int, *parts: str) -> np.random.Generator:
    """The random generator of the stream named by `parts`: the same arguments give the same numbers."""
    return np.random.Generator(np.random.Philox(key=stream_key(seed, *parts)))
