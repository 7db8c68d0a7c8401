"""What an operation is given to say itself in ONNX: its inputs as values, and a way to put down one ONNX node after
another.

A saying is a function of a `Speech` that gives the value, or values, of the operation, such as `o.x * o.Sigmoid(o.x)`.
Sayings are found by the name of the op; an op that has none says itself by the names it gives (`Op.onnx`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import Unsupported
from ...ops import Op, Spec
from ...ops.spec import Dim, Shape

Array = npt.NDArray[Any]
Attributes = Mapping[str, Any]
Saying = Callable[["Speech"], "Value | Sequence[Value]"]

FLOAT, INT, BOOL = np.dtype(np.float32), np.dtype(np.int64), np.dtype(bool)
KINDS: dict[str, np.dtype[Any]] = {"float": FLOAT, "int": INT, "bool": BOOL}
CODES = {"float": 1, "int": 7, "bool": 9}  # onnx.TensorProto's numbers
NOTHING = ""
FAR = 2**63 - 1  # behind the end of every axis

sayings: dict[str, Saying] = {}


def says(*names: str) -> Callable[[Saying], Saying]:
    """Makes a function the saying of the ops of these names."""

    def keep(saying: Saying) -> Saying:
        sayings.update(dict.fromkeys(names, saying))
        return saying

    return keep


@dataclass(slots=True)
class Step:
    """One ONNX node to be."""

    kind: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]
    name: str
    doc: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A value in the ONNX graph. Sums and products of values, and with numbers, are ONNX nodes, too."""

    speech: Speech = field(repr=False)
    name: str
    kind: str = "float"

    def __add__(self, other: Any) -> Value:
        return self.speech.Add(self, other)

    def __radd__(self, other: Any) -> Value:
        return self.speech.Add(other, self)

    def __sub__(self, other: Any) -> Value:
        return self.speech.Sub(self, other)

    def __rsub__(self, other: Any) -> Value:
        return self.speech.Sub(other, self)

    def __mul__(self, other: Any) -> Value:
        return self.speech.Mul(self, other)

    def __rmul__(self, other: Any) -> Value:
        return self.speech.Mul(other, self)

    def __truediv__(self, other: Any) -> Value:
        return self.speech.Div(self, other)

    def __rtruediv__(self, other: Any) -> Value:
        return self.speech.Div(other, self)

    def __neg__(self) -> Value:
        return self.speech.Neg(self)


class Speech:
    """One operation of the graph on its way into ONNX.

    `o["x"]` is the value at a socket (None where nothing is there), `o.spec("x")` its shape, `o.op` the operation;
    `o.Relu(x, …)` puts down an ONNX node and gives its value. `owned` tells which sockets hold parameters of its own,
    with their numbers; `number` makes a constant known to the whole model and gives its name, `free` gives a name that
    nothing has yet.
    """

    def __init__(
        self,
        op: Op,
        path: str,
        given: Mapping[str, tuple[str, str]],
        specs: Mapping[str, Spec],
        owned: Mapping[str, Array],
        number: Callable[[str, Array], str],
        free: Callable[[str], str],
    ) -> None:
        self.op, self.path, self.specs, self.owned = op, path, specs, owned
        self.steps: list[Step] = []
        self._given, self._number, self._free = given, number, free

    def __getitem__(self, socket: str) -> Value | None:
        found = self._given.get(socket)
        return None if found is None else Value(self, *found)

    @cached_property
    def x(self) -> Value:
        """What is at the first socket."""
        return self.at(self.op.sockets()[0].name)

    def at(self, socket: str) -> Value:
        """The value at a socket that must be there."""
        found = self[socket]
        if found is None:
            raise Unsupported(f"Nothing is wired to {socket}.")
        return found

    def spec(self, socket: str) -> Spec:
        return self.specs[socket]

    def shape(self, socket: str = "") -> Shape:
        return self.specs[socket or self.op.sockets()[0].name].shape

    def ndim(self, socket: str = "") -> int:
        return len(self.shape(socket))

    def axis(self, dim: int, socket: str = "") -> int:
        """`dim` counted from the front."""
        return dim % max(1, self.ndim(socket))

    # Nodes

    def __getattr__(self, kind: str) -> Callable[..., Value]:
        """`o.Relu(x)`: an ONNX node of that kind with one result. `kind=` says what the result is, if no number."""
        if not kind[:1].isupper():
            raise AttributeError(kind)

        def put(*inputs: Any, of: str = "", **attributes: Any) -> Value:
            return self.put(kind, inputs, 1, of, attributes)[0]

        return put

    def put(
        self, kind: str, inputs: Sequence[Any], count: int, of: str = "", attributes: Attributes | None = None
    ) -> list[Value]:
        """An ONNX node with so many results, of the kind `of` ("float", "int", "bool"; that of its first input)."""
        values = self._values(inputs)
        of = of or next((v.kind for v in values if v is not None), "float")
        name = self._free(f"{self.path}/{kind}")
        outputs = [name if count == 1 else f"{name}:{k}" for k in range(count)]
        names = [NOTHING if value is None else value.name for value in values]
        while names and names[-1] == NOTHING:
            names.pop()
        kept = {key: value for key, value in (attributes or {}).items() if value is not None}
        self.steps.append(Step(kind, names, outputs, kept, name))
        return [Value(self, output, of) for output in outputs]

    def _values(self, inputs: Sequence[Any]) -> list[Value | None]:
        """Inputs as values: numbers become constants of the kind of what stands beside them."""
        beside = next((v.kind for v in inputs if isinstance(v, Value)), "float")
        found: list[Value | None] = []
        for value in inputs:
            if value is None or isinstance(value, Value):
                found.append(value)
            else:
                found.append(self.number(value, beside if beside != "bool" else "float"))
        return found

    # Constants

    def number(self, value: Any, kind: str = "float") -> Value:
        """A number or an array as a constant."""
        return Value(self, self._number(self.path, np.asarray(value, KINDS[kind])), kind)

    def ints(self, values: Sequence[int]) -> Value:
        """A row of whole numbers, such as axes or sizes."""
        return self.number(np.asarray(values, INT).reshape(-1), "int")

    def parameter(self, name: str, values: Array) -> Value:
        """An array made of parameters that ONNX wants in another form."""
        return Value(self, self._number(f"{self.path}.{name}", np.asarray(values, FLOAT)))

    # Kinds

    def cast(self, value: Value, kind: str = "float") -> Value:
        return value if value.kind == kind else self.Cast(value, of=kind, to=CODES[kind])

    def truth(self, value: Value) -> Value:
        """True where it is not 0."""
        return self.cast(value, "bool")

    def floats(self, *values: Any) -> list[Any]:
        """The same as numbers with a point, if they are not all whole."""
        if all(isinstance(v, Value) and v.kind == "int" for v in values):
            return list(values)
        return [self.cast(v) if isinstance(v, Value) else v for v in values]

    # Shapes

    def reshape(self, x: Value, shape: Shape) -> Value:
        """x in another shape, of which sizes may be open."""
        open_ = [size for size in shape if isinstance(size, Dim)]
        if len(open_) == 1 and 0 not in shape:
            return self.Reshape(x, self.ints([-1 if isinstance(size, Dim) else size for size in shape]))
        more = {"allowzero": 1} if 0 in shape else {}
        return self.Reshape(x, self.sizes(shape), **more)

    def sizes(self, shape: Shape) -> Value:
        """A shape as a value; sizes that are open are taken from what goes in."""
        if not any(isinstance(size, Dim) for size in shape):
            return self.ints([int(size) for size in shape])  # type: ignore[arg-type]
        parts = [self._size(size) for size in shape]
        return parts[0] if len(parts) == 1 else self.Concat(*parts, axis=0)

    def _size(self, size: Any) -> Value:
        if not isinstance(size, Dim):
            return self.ints([size])
        for socket, spec in self.specs.items():
            value = self[socket]
            for axis, other in enumerate(spec.shape):
                if value is not None and other == size:
                    return self.Shape(value, of="int", start=axis, end=axis + 1)
        raise Unsupported(f"Its size {size} is not a size of what goes in.")

    def count(self, socket: str, axes: Sequence[int]) -> Value | float:
        """How many elements there are along these axes."""
        shape = [self.shape(socket)[axis] for axis in axes]
        known = float(np.prod([size for size in shape if not isinstance(size, Dim)]))
        total: Any = known
        for size in shape:
            if isinstance(size, Dim):
                total = self.Squeeze(self.cast(self._size(size))) * total
        return total  # type: ignore[no-any-return]

    def cut(self, x: Value, axis: int, start: int, end: int, step: int = 1) -> Value:
        """The elements from `start` to `end` along an axis."""
        return self.Slice(x, self.ints([start]), self.ints([end]), self.ints([axis]), self.ints([step]))

    def one_hot(self, x: Value, ndim: int, count: int, axis: int) -> Value:
        """1 at the class of each index along a new axis, 0 elsewhere."""
        row = x if ndim else self.Reshape(x, self.ints([1]))
        depth, numbers = self.number(count, "int"), self.number([0.0, 1.0])
        found = self.OneHot(row, depth, numbers, of="float", axis=axis if ndim else -1)
        return found if ndim else self.Squeeze(found, self.ints([0]))

    def swapped(self, x: Value, ndim: int, one: int, other: int) -> Value:
        """x with two axes swapped."""
        order = list(range(ndim))
        order[one], order[other] = order[other], order[one]
        return self.Transpose(x, perm=order)


def by_names(o: Speech) -> Value | Sequence[Value]:
    """The op as its names say: `Op.onnx`, with params as attributes (`Op.onnx_params` the other way round)."""
    op = o.op
    theirs = {ours: name for name, ours in op.onnx_params.items() if ours}
    sockets = {socket.name for socket in (*op.inputs, *op.sockets())} | {op.grows}
    plain = {n: v for n, v in op.params.items() if n not in sockets and not n.endswith(("_init", "_gain"))}
    attributes = {theirs.get(name, name): _attribute(value) for name, value in plain.items()}
    inputs = o.floats(*(o[socket.name] for socket in op.sockets()))
    results = op.onnx_outputs or op.results()
    found = o.put(op.onnx[0], inputs, len(results), "", attributes)
    order = dict(zip(results, found, strict=True))
    return [order[name] for name in op.results()]


def _attribute(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return list(value) if isinstance(value, tuple) else value


# Ops whose reading asks for more than names (Op.from_onnx), but whose writing does not.
BY_NAMES = frozenset(
    {
        "Div",
        "GlobalAvgPool1d",
        "GlobalAvgPool2d",
        "GlobalMaxPool1d",
        "GlobalMaxPool2d",
        "SELU",
        "ScatterElements",
    }
)


def saying_of(op: Op) -> Saying | None:
    """How an op says itself; None where ONNX has nothing for it."""
    found = sayings.get(type(op).__name__)
    if found is not None:
        return found
    overrides = type(op).from_onnx.__func__ is not Op.from_onnx.__func__  # type: ignore[attr-defined]
    if op.onnx and (not overrides or type(op).__name__ in BY_NAMES):
        return by_names
    return None
