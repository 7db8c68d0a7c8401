"""How operations explain their numbers: the call that is explained, and what holds for any operation.

An operation explains an element of its result by `Op.explain`, and what an element of an input does to its results by
`Op.influence`. What stands here is what they do unless overridden: one row of the Jacobian is `backward` with a
gradient of one 1 and else 0, which is exact.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .context import Context
from .explanation import Array, Elements, Term, elements, number, plain, rest, sum_of_products
from .explanation_text import figure

if TYPE_CHECKING:
    from .base import Op

AT_LEAST, PATIENCE = (
    8,
    0.1,
)  # rows of the Jacobian that are computed whatever they take; seconds for more of them
EFFORT = 4_000_000  # elements that one explanation may go through by calls of `backward`

Place = tuple[int, ...]


class Influence(NamedTuple):
    """Which elements of an output an element of an input changes (their places), and how fast: by those factors.

    others: what those come to in the gradient that are not among the places, as one term.
    """

    output: str
    places: Array
    factors: tuple[Elements, ...]
    others: Term | None = None


class Call:
    """One call of an operation as it stands in a run, with the gradients of its outputs where they are known.

    The arrays are those of the run and only read. `ctx` is one of its own for the same step, so that what is computed
    again here leaves the run as it is. `keep`: how many terms are told one by one.
    """

    def __init__(
        self,
        op: Op,
        ctx: Context,
        inputs: Mapping[str, Array | None],
        outputs: Mapping[str, Array],
        upstream: Mapping[str, Array | None] | None = None,
        keep: int = 50,
        offsets: Mapping[str, Place] | None = None,
    ) -> None:
        self.op, self.ctx, self.keep = op, ctx, keep
        self.inputs, self.outputs = dict(inputs), dict(outputs)
        self.upstream = dict(upstream or {})
        self._offsets = dict(offsets or {})

    # Elements

    def array(self, name: str) -> Array:
        """An input or output by name."""
        found = self.inputs.get(name)
        return self.outputs[name] if found is None else found

    def has(self, name: str) -> bool:
        return self.inputs.get(name) is not None

    def at(self, name: str, *index: Any) -> Term:
        """An element of an input or output; of an array that is broadcast, the one that stands for that place."""
        array = self.array(name)
        return self.elements(name, np.array([within(index, array.shape)]).reshape(1, array.ndim)).term(0)

    def elements(self, name: str, places: Array) -> Elements:
        """Elements of an input or output at places (m × axes)."""
        found = elements(name, self.array(name), places)
        return found._replace(places=self.outside(name, found.places))

    def line(self, name: str, index: Sequence[int | slice]) -> Elements:
        """The elements that an index with slices picks, in their order."""
        return self.elements(name, picked(self.array(name).shape, index))

    def gradients(self, output: str, places: Array) -> Elements:
        """Elements of the gradient of an output."""
        gradient = self.upstream[output]
        assert gradient is not None
        return elements(output, gradient, places, "grad")

    def state(self, name: str, *index: int) -> Term:
        """An element of what the operation keeps from step to step."""
        return elements(name, self.ctx.state(name), np.array([index])).term(0)

    def outside(self, name: str, places: Array) -> Array:
        """Places in the whole, where this is a part of a call."""
        offset = self._offsets.get(name)
        return places if offset is None else places + np.array(offset, np.int64)

    # Computing again

    def again(self, **changed: Array) -> dict[str, Array]:
        """The outputs, computed again with some inputs changed."""
        outputs = {name: np.zeros_like(array) for name, array in self.outputs.items()}
        self.op.forward(self.fresh(), *(self.inputs | changed).values(), **outputs)
        return outputs

    def slopes(self, upstream: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """`backward` from those gradients of outputs to those inputs."""
        dys = [self._gradient_of(name, upstream) for name in self.outputs]
        targets = {name: np.zeros_like(self.array(name)) for name in wanted}
        named = {f"d{name}": targets.get(name) for name in self.inputs}
        arrays = {**self.inputs, **self.outputs, **named}
        with np.errstate(all="ignore"):
            self.op.backward(self.fresh(), *dys, **arrays)
        return targets

    def _gradient_of(self, name: str, upstream: Mapping[str, Array]) -> Array | None:
        if name in upstream:
            return upstream[name]
        return None if len(self.outputs) > 1 else np.zeros_like(self.outputs[name])

    def row(self, output: str, at: Place, wanted: Sequence[str]) -> dict[str, Array]:
        """The derivatives of one element of an output by every element of those inputs."""
        one = np.zeros_like(self.outputs[output])
        one[at] = 1
        return self.slopes({output: one}, wanted)

    def fresh(self) -> Context:
        """A context in which nothing is left of any call, for the same step and with the same states."""
        ctx = Context(self.ctx.node, self.ctx.clock, self.ctx.dtype)
        for name in self.op.states:
            try:
                now = self.ctx.state(name)
            except KeyError:
                continue
            ctx.bind_state(name, now, now.copy())
        return ctx

    @property
    def floats(self) -> list[str]:
        """The inputs that a gradient can flow to."""
        kinds = {socket.name: socket.kind for socket in self.op.sockets()}
        return [
            n for n, a in self.inputs.items() if a is not None and a.dtype.kind == "f" and kinds[n] != "int"
        ]

    # Parts

    def part(self, name: str, at: Place) -> tuple[Call, Place]:
        """The call cut down to what an element can have to do with, and its place there.

        Along axes that the operation does not mix (`Op.apart`) one place is left.
        """
        cuts: dict[str, dict[int, int]] = {}
        for axes in self.op.apart(**self._shapes()):
            axis = axes.get(name)
            if axis is None or self.array(name).shape[axis] == 1:
                continue
            for other, other_axis in axes.items():
                if self._is_there(other) and self.array(other).shape[other_axis] > 1:
                    cuts.setdefault(other, {})[other_axis] = at[axis]
        if not cuts:
            return self, at
        offsets = {n: tuple(cut.get(k, 0) for k in range(self.array(n).ndim)) for n, cut in cuts.items()}
        inside = Call(
            self.op,
            self.ctx,
            {n: _cut(a, cuts.get(n, {})) for n, a in self.inputs.items()},
            {n: _cut(a, cuts.get(n, {})) for n, a in self.outputs.items()},
            {n: _cut(a, cuts.get(n, {})) for n, a in self.upstream.items()},
            self.keep,
            offsets,
        )
        return inside, tuple(i - offsets[name][k] if name in offsets else i for k, i in enumerate(at))

    def _is_there(self, name: str) -> bool:
        return self.has(name) or name in self.outputs

    def _shapes(self) -> dict[str, Place]:
        arrays = {n: a for n, a in self.inputs.items() if a is not None} | self.outputs
        return {name: array.shape for name, array in arrays.items()}


def explain(call: Call, output: str, at: Place) -> Term:
    """How an element of an output came about, for an operation that says nothing of it itself."""
    if call.op.elementwise:
        return of_its_place(call, output, at)
    part, inside = call.part(output, at)
    wanted = part.floats
    if part.outputs[output].dtype.kind != "f" or not wanted:
        return of_the_whole(part, output, inside, {})
    rows = part.row(output, inside, wanted)
    if not any(set(part.op.saves(name)) & {*wanted, *part.outputs} for name in wanted):
        found = of_a_line(part, output, inside, rows)
        if found is not None:
            return found
    return of_the_whole(part, output, inside, rows)


def of_its_place(
    call: Call, output: str, at: Place, formula: str = "", letters: Mapping[str, str] = MappingProxyType({})
) -> Term:
    """Of an elementwise operation: its formula, with the numbers at that place of each input put in.

    `letters`: what the formula calls the inputs, where that is not their name.
    """
    parts = {name: call.at(name, *at) for name, array in call.inputs.items() if array is not None}
    ones = {name: call.array(name)[within(at, call.array(name).shape)] for name in parts}
    inputs = {name: np.array([value]) for name, value in ones.items()}
    outputs = {output: np.zeros(1, call.outputs[output].dtype)}
    call.op.forward(call.fresh(), *inputs.values(), **outputs)
    written = [
        {name: part.label or figure(part.value) for name, part in parts.items()},
        {name: _bracketed(part.value) for name, part in parts.items()},
    ]
    words = [
        formula_with(call.op, texts | {letter: texts[n] for letter, n in letters.items()}, formula)
        for texts in written
    ]
    return Term("op", float(outputs[output][0]), tuple(parts.values()), symbols=words[0], numbers=words[1])


def of_a_line(call: Call, output: str, at: Place, rows: Mapping[str, Array]) -> Term | None:
    """Of an operation whose derivatives are constants: each input times its derivative, and what is added to them.

    None where that does not come to the value.
    """
    products = []
    for name, row in rows.items():
        places = np.argwhere(row)
        if len(places):
            slopes = elements(name, row, places).values
            factor = () if np.all(slopes == 1) else (plain(slopes, f"∂{output}/∂{name}"),)
            products.append((call.elements(name, places), *factor))
    added = call.again(**{name: np.zeros_like(call.array(name)) for name in rows})[output][at]
    plus = [number(float(added))] if added or not products else []
    found = sum_of_products(*products, plus=plus, keep=call.keep)
    value = float(call.outputs[output][at])
    size = sum(abs(part.value) for part in found.parts) + abs(value)
    tolerance = 1e-9 if call.ctx.dtype == np.float64 else 1e-4
    is_near = math.isfinite(size) and abs(found.value - value) <= tolerance * size
    return found if is_near or found.value == value else None


def of_the_whole(call: Call, output: str, at: Place, rows: Mapping[str, Array]) -> Term:
    """The operation itself, computed again, and the elements on which the result depends, each with its derivative.

    Where there is no derivative, because the result jumps, all elements that it looks at.
    """
    found = [(name, places, row) for name, row in rows.items() if len(places := np.argwhere(row))]
    if found:
        slopes = np.concatenate([elements(name, row, places).values for name, places, row in found])
        leaves = [call.elements(name, places) for name, places, _ in found]
    else:
        there = {name: array for name, array in call.inputs.items() if array is not None}
        leaves = [call.line(name, (slice(None),) * array.ndim) for name, array in there.items()]
        slopes = np.full(sum(len(each.values) for each in leaves), math.nan)
    worth = np.abs(np.concatenate([each.values for each in leaves] or [np.zeros(0)]))
    worth = worth if math.isnan(slopes[:1].sum()) else worth * np.abs(slopes)
    starts = np.cumsum([0, *(len(each.values) for each in leaves)])
    parts = []
    for k in np.argsort(-worth, kind="stable")[: call.keep]:
        which = int(np.searchsorted(starts, k, "right")) - 1
        leaf, slope = leaves[which].term(int(k - starts[which])), float(slopes[k])
        parts.append(leaf if math.isnan(slope) else replace(leaf, slope=slope))
    if len(worth) > len(parts):
        parts.append(rest(0.0, len(worth) - len(parts)))
    text = formula_with(call.op, {name: name for name in call.inputs})
    return Term("op", float(call.again()[output][at]), tuple(parts), symbols=text, numbers=text)


def influence(call: Call, socket: str, at: Place) -> list[Influence]:
    """Which elements of the outputs an element of an input changes and how fast, for any operation."""
    if call.op.elementwise:
        return [at_its_places(call, socket, at)]
    part, inside = call.part(socket, at)
    return [
        _column(part, socket, inside, output, upstream)
        for output, upstream in part.upstream.items()
        if upstream is not None and upstream.size
    ]


def at_its_places(call: Call, socket: str, at: Place) -> Influence:
    """Of an elementwise operation: the places of the output where that element was used."""
    (output, result), shape = next(iter(call.outputs.items())), call.array(socket).shape
    index: list[int | slice] = [slice(None)] * (result.ndim - len(shape))
    index += [slice(None) if size == 1 else i for i, size in zip(at, shape, strict=True)]
    places = picked(result.shape, index)
    arrays = {
        name: None if array is None else _gathered(array, spread(places, array.shape))
        for name, array in call.inputs.items()
    }
    line = Call(call.op, call.ctx, arrays, {output: _gathered(result, places)})
    slopes = line.slopes({output: np.ones(len(places), result.dtype)}, [socket])[socket]
    return Influence(output, places, (plain(slopes, f"∂{output}/∂{socket}"),))


def _column(call: Call, socket: str, at: Place, output: str, upstream: Array) -> Influence:
    """The derivatives of an output's elements by one input element: each is a row of the Jacobian of its own.

    Where there are too many, those that an attempt shows to matter most, and what the others come to together.
    """
    arrays = [array for array in (*call.inputs.values(), *call.outputs.values()) if array is not None]
    limit = max(1, min(max(call.keep, 64), EFFORT // max(1, sum(array.size for array in arrays))))
    places, began = np.argwhere(upstream), time.perf_counter()
    is_all = len(places) <= limit
    if not is_all:
        places = _likeliest(call, socket, at, output, upstream)
    slopes: list[float] = []
    for place in places[:limit]:
        slopes.append(float(call.row(output, tuple(place), [socket])[socket][at]))
        if len(slopes) >= AT_LEAST and time.perf_counter() - began > PATIENCE:
            break
    told, remaining = places[: len(slopes)], None
    if not is_all or len(told) < len(places):
        left = upstream.copy()
        left[tuple(told.T)] = 0
        amount = float(call.slopes({output: left}, [socket])[socket][at])
        if amount:  # also of what changes so little that the attempt did not show it
            remaining = rest(amount, max(1, len(places) - len(told)))
    factor = plain(np.array(slopes), f"∂{output}/∂{socket}")
    return Influence(output, call.outside(output, told), (factor,), remaining)


def _likeliest(call: Call, socket: str, at: Place, output: str, upstream: Array) -> Array:
    """The places of an output that change with an element, where they have a gradient, the most important first.

    An attempt tells which they are, never how fast they change.
    """
    changed = call.array(socket).copy()
    changed[at] += 1e-2 * max(1.0, abs(float(changed[at])))
    with np.errstate(all="ignore"):
        weight = np.abs((call.again(**{socket: changed})[output] - call.outputs[output]) * upstream)
    places = np.argwhere(weight)
    return places[np.argsort(-weight[tuple(places.T)], kind="stable")]


def gradient(call: Call, socket: str, at: Place) -> Term:
    """What the operation hands back to an element of an input: each upstream gradient times its derivative."""
    products: list[tuple[Elements, ...]] = []
    others: list[Term] = []
    for each in call.op.influence(call, socket, at):
        if len(each.places) and call.upstream.get(each.output) is not None:
            kept = [factor for factor in each.factors if factor.name or not np.all(factor.values == 1)]
            products.append((call.gradients(each.output, each.places), *kept))
        others += [] if each.others is None else [each.others]
    return sum_of_products(*products, plus=others, keep=call.keep)


# Places


def picked(shape: Sequence[int], index: Sequence[int | slice]) -> Array:
    """The places (m × axes) that an index of ints and slices picks from an array of that shape."""
    axes = [
        np.arange(size)[i] if isinstance(i, slice) else np.array([i])
        for i, size in zip(index, shape, strict=True)
    ]
    if not axes:
        return np.zeros((1, 0), np.int64)
    grid = np.meshgrid(*axes, indexing="ij")
    return np.stack([line.reshape(-1) for line in grid], axis=1)


def spread(places: Array, shape: Sequence[int]) -> Array:
    """The places in an array of that shape, broadcast, that stand at those of the result."""
    own = places[:, places.shape[1] - len(shape) :]
    return np.where(np.array(shape, np.int64) == 1, 0, own) if len(shape) else own


def within(index: Sequence[int], shape: Sequence[int]) -> Place:
    """The place in an array of that shape, broadcast, that stands at one of the result."""
    own = index[len(index) - len(shape) :] if len(shape) else ()
    return tuple(0 if size == 1 else int(i) for i, size in zip(own, shape, strict=True))


def _gathered(array: Array, places: Array) -> Array:
    return array[tuple(places.T)] if array.ndim else np.full(len(places), array)


def _cut(array: Array | None, cut: Mapping[int, int]) -> Any:
    if array is None or not cut:
        return array
    index = tuple(slice(cut[k], cut[k] + 1) if k in cut else slice(None) for k in range(array.ndim))
    return np.ascontiguousarray(array[index])


# Formulas

_SUPERSCRIPT = {"eˣ": "exp(x)", "e⁻ˣ": "exp(−x)", "e⁻|ˣ|": "exp(−|x|)"}


def formula_with(op: Op, texts: Mapping[str, str], formula: str = "") -> str:
    """The right side of the op's formula (or another), with something put in for its inputs and its params."""
    own = op.formula.partition("=")[2].strip() if op.formula.startswith(("y =", "loss =")) else op.formula
    text = formula or own
    for power, plain_text in _SUPERSCRIPT.items():
        text = text.replace(power, plain_text)
    known = dict(texts)
    for name, param in op.params_of.items():
        if name not in known and isinstance(op.params[name], (int, float)):
            for word in {name, param.symbol or name}:
                known.setdefault(word, figure(float(op.params[name])))
    words = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
    if not words:
        return text
    # x² is x, squared; min( is the function, min the bound
    found = re.sub(rf"(?<![\w])({words})(?![^\W²³]|\()", lambda match: known[match[1]], text)
    found = re.sub(r"\(\((−[^()]*)\)\)", r"(\1)", found)  # a bracket around a negative number is enough
    return re.sub(r"^\((−[^()]*)\)(?= [+−<>=]|$)", r"\1", found)


def _bracketed(value: float) -> str:
    text = figure(value)
    return f"({text})" if text.startswith("−") else text
