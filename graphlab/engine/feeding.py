"""What goes into a run from outside: names, shapes and types checked, sizes such as N found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import FeedError
from ..ops import Dim, Spec, stream
from ..ops.places import bracketed, first
from .flatten import End
from .plan import Plan

Array = npt.NDArray[Any]


class Feed:
    """Arrays for the outputs of the plan's sources, cast to the run's dtype, and the sizes that they imply."""

    def __init__(self, arrays: Mapping[End, Array], sizes: Mapping[str, int]) -> None:
        self.arrays = dict(arrays)
        self.sizes = dict(sizes)


def make_feed(plan: Plan, given: Mapping[str, Any], before: Feed | None = None) -> Feed:
    """Checks what was given by name: "x", or "data.target" for a source with several outputs.

    Sources that are not named keep what was fed `before`, else their own literal.

    Raises:
        FeedError: a name is no source of the graph, a shape or type does not fit, or a number is NaN or infinite.
    """
    ends = {_end(plan, name): (name, value) for name, value in given.items()}
    arrays: dict[End, Array] = {}
    sizes: dict[str, int] = {}
    for end in source_ends(plan):
        if end in ends:
            name, value = ends[end]
            arrays[end] = _checked(plan, end, name, value, sizes)
    kept = [end for end in source_ends(plan) if end not in arrays]
    for end in kept:
        value = _kept(plan, end, before)
        if value is not None:
            name = plan.nodes[end[0]].path
            arrays[end] = _checked(plan, end, name, value, sizes)
    return Feed(arrays, sizes)


def source_ends(plan: Plan) -> list[End]:
    """Every output that is fed from outside."""
    return [(key, name) for key in plan.nodes if plan.op(key).source for name in plan.op(key).results()]


def made_up(plan: Plan, given: Mapping[str, Any], rows: int, seed: int) -> dict[str, Any]:
    """What was given by name, and random numbers (class 0, where classes are asked for) for what has nothing to give.

    An open size is `rows`, unless what was given decides it. FeedError as for `make_feed`.
    """
    known = make_feed(plan, given)
    specs = {end: plan.inference.specs[end] for end in source_ends(plan)}
    sizes = dict.fromkeys((n for spec in specs.values() for n in spec.names), rows) | known.sizes
    rng = stream(seed, "made up")
    made: dict[str, Any] = {}
    for (key, output), spec in specs.items():
        if (key, output) not in known.arrays:
            shape = spec.at(sizes)
            values = rng.standard_normal(shape) if spec.kind == "float" else np.zeros(shape, np.int64)
            made[f"{plan.nodes[key].path}.{output}"] = values
    return {**given, **made}


def require_fed(plan: Plan, feed: Feed | None) -> Feed:
    """FeedError, naming the source, when one has nothing to give."""
    for end in source_ends(plan):
        if feed is None or end not in feed.arrays:
            spec, path = plan.inference.specs[end], plan.nodes[end[0]].path
            raise FeedError(
                f"{path} has not been fed.",
                hint=f"Feed it an array of {spec}, give it a value, or use a Dataset.",
                node=path,
            )
    return feed or Feed({}, {})


def _end(plan: Plan, name: str) -> End:
    path, dot, output = name.partition(".")
    key = plan.names.get(path)
    sources = {plan.nodes[k].path: k for k, _ in source_ends(plan)}
    if key is None or path not in sources:
        raise FeedError(
            f"There is no input '{name}'.", hint=f"The inputs are: {', '.join(sources) or 'none'}."
        )
    outputs = plan.op(key).results()
    if dot and output not in outputs:
        raise FeedError(f"{path} has no output '{output}'.", hint=f"It has: {', '.join(outputs)}.", node=path)
    return key, output if dot else outputs[0]


def _kept(plan: Plan, end: End, before: Feed | None) -> Any:
    if before is not None and end in before.arrays:
        return before.arrays[end]
    return plan.op(end[0]).literal()


def _checked(plan: Plan, end: End, name: str, value: Any, sizes: dict[str, int]) -> Array:
    spec = plan.inference.specs[end]
    array = _as_array(value, name)
    _match(spec, array.shape, name, sizes)
    if spec.kind == "int":
        return _as_indices(array, name)
    if array.dtype.kind not in "fiub":
        raise FeedError(f"{name} takes numbers, not {_kind(array)}.", node=name)
    with np.errstate(over="ignore"):  # what the dtype cannot hold becomes infinite
        cast = np.asarray(array, dtype=plan.dtype, order="C")
    if not np.isfinite(cast).all():
        place = first(~np.isfinite(cast))
        large = f", too large for {plan.dtype}" if np.isfinite(array[place]) else ""
        raise FeedError(
            f"What was fed to {name} holds {array[place]} at {list(place)}{large}.",
            hint="Clean the data.",
            node=name,
        )
    return cast


def _as_array(value: Any, name: str) -> Array:
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise FeedError(
            f"What was fed to {name} is no array: its rows differ in length.", node=name
        ) from error
    if array.dtype == object:
        raise FeedError(f"What was fed to {name} is no array of numbers.", node=name)
    return array


def _as_indices(array: Array, name: str) -> Array:
    if array.dtype.kind == "f":
        wrong = ~(array == np.floor(array)) | ~np.isfinite(array)
        if wrong.any():
            place = first(wrong)
            raise FeedError(
                f"{name} takes whole numbers (class indices), but {name}{bracketed(place)} is {array[place]:g}.",
                hint="Round it, or set dtype of the input to float.",
                node=name,
            )
        array = array.astype(np.int64)
    if array.dtype.kind not in "iub":
        raise FeedError(f"{name} takes whole numbers (class indices), not {_kind(array)}.", node=name)
    return np.ascontiguousarray(array, dtype=np.int64)


def _kind(array: Array) -> str:
    """What an array holds that is no array of numbers."""
    return {"U": "text", "S": "text", "c": "complex numbers", "M": "dates"}.get(
        array.dtype.kind, str(array.dtype)
    )


def _match(spec: Spec, shape: tuple[int, ...], name: str, sizes: dict[str, int]) -> None:
    """Compares a real shape with the asked one; binds sizes such as N on first sight."""
    given = "×".join(map(str, shape)) or "a single number"
    if len(shape) != len(spec.shape):
        raise FeedError(
            f"{name} takes {spec}, but was fed {given}.", hint="The number of axes differs.", node=name
        )
    for size, real in zip(spec.shape, shape, strict=True):
        if isinstance(size, Dim):
            (symbol,) = size.names
            bound = sizes.setdefault(symbol, real)
            fits, why = (
                bound == real and real > 0,
                f"{symbol} is {bound} elsewhere." if bound != real else "It is empty.",
            )
        else:
            fits, why = size == real, f"An axis of {size} was fed {real}."
        if not fits:
            raise FeedError(f"{name} takes {spec}, but was fed {given}.", hint=why, node=name)
