"""Sequence tasks by name: `sequence_task` adds one and its card; each makes `Rows` from its parameters and a seed."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..ops.catalogue import Bounds
from ..ops.spec import Spec
from ..ops.tasks import TASKS, Task, task
from . import store
from .checks import MOST_SEED, within
from .dataset import Data
from .givers import gives
from .targets import NONE

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int64]
Maker = Callable[..., "Rows"]

WRITTEN = ("x", "previous", "target", "lengths")  # the outputs of a task in which a sequence is to be written
SHORTEST = Bounds(0, 0, 1000)  # 0: all are as long as the longest
NOTHING = "·"  # character 0: nothing is there, nothing came before, nothing more comes
MOST_SAMPLES = 100_000
AGAIN = 4  # times as many rows are made where some came twice
SEED = Bounds(0, 0, MOST_SEED)

_makers: dict[str, Maker] = {}


@dataclass(frozen=True, eq=False)
class Rows:
    """Sequences as a task makes them.

    x: (rows, T) numbers of characters of `alphabet`, or (rows, …) floats. target: (rows,) or (rows, T) classes, NONE
    where nothing is asked; or (rows, 1) floats. lengths: how many steps of x count. previous: see `one_late`.
    """

    x: Array
    target: Array
    lengths: Ints | None = None
    previous: Ints | None = None
    alphabet: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()

    def columns(self) -> dict[str, Array]:
        """The arrays by the names of the outputs, in their order."""
        found = {"x": self.x, "previous": self.previous, "target": self.target, "lengths": self.lengths}
        return {name: array for name, array in found.items() if array is not None}

    def at(self, rows: Ints) -> Rows:
        """Only these rows."""
        kept: dict[str, Any] = {name: array[rows] for name, array in self.columns().items()}
        return replace(self, **kept)


def sequence_task(
    name: str,
    title: str,
    pattern: str,
    samples: int = 2000,
    outputs: tuple[str, ...] = ("x", "target", "lengths"),
    **parameters: Bounds,
) -> Callable[[Maker], Maker]:
    """Decorator: the function makes so many rows from its parameters and a seed; its docstring says what they are.

    It is called with what is within the bounds.
    """

    def decorate(make: Maker) -> Maker:
        takes = {"samples": Bounds(samples, 2, MOST_SAMPLES), **parameters, "seed": SEED}
        kept = functools.lru_cache(64)(lambda settings: _specs(make, takes, dict(settings)))

        def specs(settings: Mapping[str, int]) -> tuple[Spec, ...]:
            return kept(tuple(sorted(settings.items())))

        description = " ".join((make.__doc__ or "").split("\n\n")[0].split())
        TASKS[name] = Task(name, title, description, pattern, outputs, takes, specs)
        _makers[name] = make
        return make

    return decorate


def rows(name: str, **settings: int) -> Rows:
    """The rows of a task: `rows("copy", distance=50, seed=1)`. No two have the same x; so there may be fewer.

    DataError for an unknown task, or a parameter that it does not take or cannot have.
    """
    known = task(name)
    if unknown := sorted(set(settings) - set(known.parameters)):
        raise DataError(
            f"The task {name} has no parameter '{unknown[0]}'.",
            hint=f"It takes {', '.join(known.parameters)}.",
        )
    given = _checked(known.parameters, settings)
    wanted, each = given["samples"], sum(map(_size, known.specs(settings)))
    store.require_room(wanted * each, f"The task {name}", f"in {wanted:,} sequences ")
    found = _different(_makers[name](**{**given, "samples": wanted + wanted // 8}), wanted)
    if len(found.x) < wanted:  # some came twice
        found = _different(_makers[name](**{**given, "samples": AGAIN * wanted}), wanted)
    return found


def size_of(op: Any) -> int:
    """How many numbers the x of a Sequences node holds, without making it; 0 where it cannot be made."""
    try:
        known, settings = task(op.task), op.settings()
        samples = settings.get("samples", known.parameters["samples"].default)
        return int(samples) * _size(known.specs(settings)[0])
    except DataError:
        return 0


def lengths_of(rng: np.random.Generator, samples: int, length: int, shortest: int) -> Ints:
    """How long each sequence is: from shortest (0: length) to length, each as likely."""
    return rng.integers(shortest or length, length, samples, endpoint=True)


def one_late(target: Ints) -> Ints:
    """What came before each step of a text that is to be written: (rows, T), 0 first, and 0 past its end."""
    late: Ints = np.zeros_like(target)
    late[:, 1:] = np.maximum(target[:, :-1], 0)
    return late


def padded(texts: list[str], alphabet: tuple[str, ...], width: int) -> tuple[Ints, Ints]:
    """Texts as numbers of characters (rows, width), 0 past their end, and how long each is."""
    place = {character: k for k, character in enumerate(alphabet)}
    found = np.zeros((len(texts), width), np.int64)
    for row, text in enumerate(texts):
        found[row, : len(text)] = [place[character] for character in text]
    return found, np.array([len(text) for text in texts], np.int64)


def to_write(found: Ints, lengths: Ints) -> Ints:
    """Texts as targets: after the last character one 0 that ends it, and from there on nothing is asked."""
    steps = np.arange(found.shape[1])
    return np.where(steps <= lengths[:, None], found, NONE)


def _size(spec: Spec) -> int:
    return math.prod(size for size in spec.shape if isinstance(size, int))


def _specs(make: Maker, bounds: Mapping[str, Bounds], settings: dict[str, int]) -> tuple[Spec, ...]:
    """The shape of one row of each output. It does not depend on how many there are: two are made."""
    given = _checked(bounds, settings) | {"samples": 2}
    found = make(**given).columns().values()
    return tuple(Spec(array.shape[1:], "int" if array.dtype.kind == "i" else "float") for array in found)


def _checked(bounds: Mapping[str, Bounds], settings: Mapping[str, int]) -> dict[str, int]:
    given = {name: int(within(name, settings.get(name, b.default), b)) for name, b in bounds.items()}
    if given.get("shortest", 0) > given.get("length", 0):
        raise DataError(
            f"The shortest sequence cannot have {given['shortest']} characters where the longest has "
            f"{given['length']}.",
            hint=f"Set shortest to {given['length']} or less.",
        )
    return given


def _different(made: Rows, wanted: int) -> Rows:
    """So many rows of which no two have the same x; fewer where there are no more."""
    flat = np.ascontiguousarray(made.x.reshape(len(made.x), -1))
    _, first = np.unique(
        flat.view(np.dtype((np.void, flat.dtype.itemsize * flat.shape[1]))), return_index=True
    )
    return made.at(np.sort(first)[:wanted])


@gives("sequences")
def _of_sequences(op: Any) -> Data:
    """The rows of a Sequences node."""
    made = rows(op.task, **op.settings())
    more = {name: array for name, array in made.columns().items() if name not in ("x", "target")}
    return Data(
        made.x,
        made.target,
        task(op.task).title,
        made.classes,
        description=task(op.task).description,
        image_shape=made.x.shape[1:] if made.x.ndim == 4 else None,
        alphabet=made.alphabet,
        by_step=made.target.ndim == 2 and made.target.dtype.kind == "i",
        more=more,
    )
