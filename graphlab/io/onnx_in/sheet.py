"""Operators of an ONNX file drawn as nodes, one after the other, on a sheet that is still without places and groups.

The shapes of what was drawn are known at every moment, so that each operator is tried as what it will be: an op that
would be at fault is not taken. What none of ours can be is a placeholder that says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...engine.finding import find
from ...engine.flat import End, FlatNode
from ...errors import ShapeError, TooLargeError, Unsupported
from ...ops import Dim, Op, Spec, freeze, get, make
from ...ops.interchange import from_onnx
from .folding import MOST_WRITTEN, folded
from .model import Fed, Model, Operator, shortest
from .older import modern
from .rewriting import Rewriting, as_linear
from .spreading import class_token, gathered, spread
from .tensors import Array
from .values import FEW, Apart, Filled, Spread, Value, Wire, is_open, is_uniform
from .words import ENDS, shared_front, word_of, word_of_value

LONGEST_TEXT = 200
MALFORMED = (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError, ZeroDivisionError)
PLACEHOLDER = "Foreign"
ONE = np.zeros((1, 1))
MOST = float(np.finfo(np.float32).max)


@dataclass
class Drawn:
    """A node: its op and params, what it is called in the file ("" for nothing), and what goes into its sockets.

    weights: the numbers that its sockets, and what it keeps, begin with. spec: of its first output, where known.
    """

    key: str
    op: str
    params: dict[str, Any]
    word: str = ""
    instead: str = ""
    inputs: dict[str, End] = field(default_factory=dict)
    weights: dict[str, Array] = field(default_factory=dict)
    frozen: bool = False
    spec: Spec | None = None

    @property
    def category(self) -> str:
        return get(self.op).category


class Sheet:
    """The nodes of a model, flat, by key.

    inputs: the node of each input of the model. results: what gives its outputs. lost: of each placeholder why it is
    one.

    `free`: whether inputs made for a batch of one take a batch of any size.
    """

    def __init__(self, model: Model, free: bool) -> None:
        self.nodes: dict[str, Drawn] = {}
        self.lost: dict[str, str] = {}
        self.inputs: dict[str, str] = {}
        self.results: list[End] = []
        self._model, self._free = model, free
        self._values: dict[str, Value] = {"": None, **model.known}
        self._specs: dict[End, Spec] = {}
        self._uses = model.uses
        self._shared: dict[str, Wire] = {}
        self._origin: dict[str, str] = {}  # of known results: the weights they were made of
        self._written = 0
        self._learn = {
            name for name, array in model.known.items() if array.dtype.kind == "f" and array.size > 1
        }
        self._next = 1
        for fed in model.inputs:
            self._feed(fed)
        for name, reason in model.lost.items():
            self._values[name] = self._placeholder(Operator("Initialiser", name, outputs=(name,)), reason)[0]
        takers = model.takers
        for operator in model.operators:
            if operator.results and operator.results[0] in self._values:
                continue  # drawn as a part of another
            layer = as_linear(operator, takers, self._values) if operator.results else None
            self._draw(layer or operator)
        self._end(model.outputs)
        front = shared_front(node.word for node in self.nodes.values())
        for node in self.nodes.values():  # what all begin with tells nothing
            node.word = node.word[len(front) :].lstrip(ENDS) if front.endswith("/") else node.word

    # What is fed

    def _feed(self, fed: Fed) -> None:
        if not fed.kind or fed.shape is None:
            why = "The file does not say its shape." if fed.kind else "It is no array of numbers."
            self._values[fed.name] = self._placeholder(Operator("Input", fed.name, outputs=(fed.name,)), why)[
                0
            ]
            return
        shape = tuple(self._size(size, axis, len(fed.shape)) for axis, size in enumerate(fed.shape))
        if 0 in shape:
            why = f"It has no numbers: its shape is {list(shape)}."
            self._values[fed.name] = self._placeholder(Operator("Input", fed.name, outputs=(fed.name,)), why)[
                0
            ]
            return
        node = self._put("Input", {"shape": shape, "dtype": fed.kind, "stand_in": "noise"}, fed.name, "input")
        self.inputs[fed.name] = node.key
        spec = Spec(tuple(Dim(size) if isinstance(size, str) else size for size in shape), fed.kind)
        self._values[fed.name] = self._wire(node, "y", spec)

    def _size(self, size: int | str, axis: int, ndim: int) -> int | str:
        """A size as our Input has it: N for the batch, a word for what else is open."""
        if axis == 0 and (isinstance(size, str) or (self._free and size == 1 and ndim > 1)):
            return "N"
        if isinstance(size, str):
            word = "".join(c if c.isalnum() and c.isascii() else "_" for c in size)
            return word if word.isidentifier() and word != "N" else f"D{axis}"
        return size

    # What is computed

    def _draw(self, operator: Operator) -> None:
        inputs = [self._values[name] for name in operator.inputs]
        try:
            results = self._carried_out(operator, inputs)
        except Unsupported as error:
            results = self._placeholder(operator, error.message)
        except MALFORMED as error:
            why = f"Its inputs or attributes are not what ONNX asks for ({type(error).__name__}: {error})."
            results = self._placeholder(operator, why[:LONGEST_TEXT])
        for name, value in zip(operator.results, results, strict=False):
            self._values[name] = value

    def _carried_out(self, operator: Operator, inputs: list[Value]) -> Sequence[Value]:
        """The results of an operator; what has to be computed is drawn. Unsupported."""
        if operator.subgraphs:
            raise Unsupported(
                f"It holds a graph of its own, which is chosen or repeated while it runs ({operator.kind})."
            )
        if operator.domain:
            raise Unsupported(f"It belongs to {operator.domain}, which is not ONNX's own.")
        attributes, inputs = modern(operator.kind, operator.attributes, inputs, self._model.opset)
        if operator.kind == "Squeeze" and isinstance(inputs[0], Apart) and leaves_out(inputs[0], inputs[1:]):
            return [inputs[0].wire]
        inputs = [self._with_axis(each) if isinstance(each, Apart) else each for each in inputs]
        if operator.kind == "Expand" and (same := spread(inputs)) is not None:
            self._learn.update(operator.results if operator.inputs[0] in self._learn else ())
            return [same]
        token = class_token(operator.kind, attributes.get("axis", 0), inputs)
        if token is not None:
            return self._in_front(token, inputs[1], operator)
        inputs, is_spread = gathered(operator.kind, inputs)
        results = self._computed(operator, attributes, inputs)
        return [
            Spread(each) if is_spread and isinstance(each, np.ndarray | Wire) else each for each in results
        ]

    def _in_front(self, token: Array, x: Value, operator: Operator) -> list[Value]:
        """A vector in front of every sequence: what attention gathers a class in."""
        assert isinstance(x, Wire)
        y = self._more("ClassToken", {}, x=x)
        node = self.nodes[y.node]
        node.word = word_of(operator, operator.inputs)
        node.weights["token"] = token
        return [y]

    def _computed(
        self, operator: Operator, attributes: dict[str, Any], inputs: list[Value]
    ) -> Sequence[Value]:
        """The results of an operator in today's form."""
        known = folded(operator.kind, attributes, inputs)
        if known is not None:
            self._note_written(known[0])
            if self._may_learn(operator, known[0]):
                self._learn.update(operator.results)
                names = [name for name in operator.inputs if name in self._learn]
                self._origin |= {name: self._origin.get(n, n) for name in operator.results for n in names[:1]}
            return known
        wanted = [name for name in operator.outputs if self._uses[name]]
        change = Rewriting(operator.kind, attributes, inputs, self._free, self._more)
        if change.result is not None:
            return [change.result]
        if any(
            isinstance(each, Filled) or (isinstance(each, np.ndarray) and is_open(each))
            for each in change.inputs
        ):
            raise Unsupported("It takes a size that is not known before data arrives.")
        count = max(1, operator.outputs.index(wanted[-1]) + 1) if wanted else 1
        return self._made(operator, change, count)

    def _note_written(self, result: Array | Filled) -> None:
        """TooLargeError when what is worked out beforehand comes to more than anybody needs."""
        if isinstance(result, np.ndarray) and result.flags.owndata:
            self._written += result.size
        if self._written > MOST_WRITTEN:
            raise TooLargeError(
                f"{self._model.path.name} computes {self._written:,} numbers of constants.",
                hint="Let the program that wrote it work them out (constant folding).",
            )

    def _may_learn(self, operator: Operator, result: Array | Filled) -> bool:
        """Whether a known result is weights: made of weights, or an array of one number in the place of weights."""
        if isinstance(result, Filled):
            return False
        in_their_place = operator.kind == "ConstantOfShape" and result.size > 1
        return result.dtype.kind == "f" and (
            in_their_place or bool(self._learn.intersection(operator.inputs))
        )

    def _made(self, operator: Operator, change: Rewriting, count: int) -> Sequence[Value]:
        """The node of one operator."""
        word = word_of(operator, operator.inputs[1:])
        shared = self._with_shared(operator, change.inputs)
        trial = _Trial(self._specs)
        form = change.kind, change.attributes
        if shared is None:
            op, wired = from_onnx(*form, change.inputs, count, trial.fits)
        else:
            try:
                op, wired = from_onnx(*form, shared, count, trial.fits)
            except Unsupported:  # it has to know the numbers: then it has a copy of them
                op, wired = from_onnx(*form, change.inputs, count, trial.fits)
        node = self._put(type(op).__name__, _changed(op), word, type(op).__name__.lower())
        self._plug(node, op, wired, operator)
        outputs = op.onnx_outputs or op.results()
        specs = dict(zip(op.results(), trial.specs, strict=False))
        node.spec = next(iter(trial.specs), None)
        results: list[Value] = [self._wire(node, name, specs.get(name)) for name in outputs]
        if op.category == "Recurrent":
            results[0] = self._by_direction(results[0], change.attributes)
        return results

    def _by_direction(self, y: Value, attributes: Mapping[str, Any]) -> Value:
        """What a recurrent layer gives at each step, as ONNX has it: with an axis for the direction."""
        assert isinstance(y, Wire)
        if attributes.get("direction") != "bidirectional":
            return Apart(y, 2 if attributes.get("layout", 0) else 1)
        if attributes.get("layout", 0) or y.spec is None or not isinstance(y.spec.shape[2], int):
            raise Unsupported("Both directions are told apart only where the steps come first (layout = 0).")
        steps, width = y.spec.shape[0], y.spec.shape[2] // 2
        first = steps if isinstance(steps, int) else -1
        if not isinstance(y.spec.shape[1], int) and first < 0:
            raise Unsupported("Neither the number of steps nor that of examples is known.")
        count = y.spec.shape[1] if isinstance(y.spec.shape[1], int) else -1
        split = self._more("Reshape", {"shape": (first, count, 2, width)}, x=y)
        return self._more("Permute", {"dims": (0, 2, 1, 3)}, x=split)

    def _with_axis(self, apart: Apart) -> Wire:
        return self._more("Unsqueeze", {"dim": apart.axis}, x=apart.wire)

    def _with_shared(self, operator: Operator, inputs: list[Value]) -> list[Value] | None:
        """The inputs with weights that several operators use as nodes of their own; None where there are none."""
        by_array = {
            id(self._values[name]): name
            for name in operator.inputs
            if self._uses[name] > 1 and name in self._learn and self._model.known.get(name, ONE).ndim > 1
        }  # vectors that are alike are kept once by those who write files; they are not meant to be shared
        named = [by_array.get(id(value)) for value in inputs]
        if not any(named):
            return None
        return [
            value if name is None else self._shared_parameter(name)
            for name, value in zip(named, inputs, strict=True)
        ]

    def _shared_parameter(self, name: str) -> Wire:
        if name not in self._shared:
            array = self._values[name]
            assert isinstance(array, np.ndarray)
            self._shared[name] = self._given(array, name, learns=True)
        return self._shared[name]

    def _plug(self, node: Drawn, op: Op, wired: Mapping[str, Any], operator: Operator) -> None:
        """Wires, weights, numbers that stand in the node itself, and nodes for arrays that none of these can hold."""
        sockets = {socket.name: socket for socket in op.sockets()}
        learns = any(name in self._learn for name in operator.inputs)
        for name, value in wired.items():
            if isinstance(value, Wire):
                node.inputs[name] = (value.node, value.output)
            elif name not in sockets or sockets[name].learnable:
                _begin(node, op, name, value)
            elif _is_literal(op, name, value, learns):
                node.params[name] = float(value)
            else:
                word = next((n for n in operator.inputs if self._values[n] is value), "")
                word = word_of_value(self._origin.get(word, word))
                learnt = learns and value.dtype.kind == "f" and value.size > 1
                given = self._given(np.asarray(value), word, learnt, node.word)
                node.inputs[name] = (given.node, given.output)

    def _given(self, array: Array, word: str, learns: bool, of: str = "") -> Wire:
        """A node for an array: a Parameter, or a Constant; a large one is a Parameter that does not learn."""
        if not array.size or array.ndim > 8:
            raise Unsupported(f"It takes an array of the shape {list(array.shape)}.")
        floats = array.dtype.kind == "f"
        if not learns and array.size <= FEW and np.isfinite(array).all():
            kind = "int" if array.dtype.kind in "iu" else "float"
            value = (array if kind == "int" else array.astype(np.float64)).tolist()
            node = self._put("Constant", {"value": value, "dtype": kind}, word or of, "constant")
            return self._wire(node, "y", Spec(array.shape, kind))
        if not floats and array.dtype.kind != "b":
            raise Unsupported(f"It takes {array.size:,} whole numbers, which are too many for a Constant.")
        if floats and not np.isfinite(array).all():  # an infinite mask: what is as good as infinite
            array = np.nan_to_num(array, nan=0.0, posinf=MOST, neginf=-MOST)
        node = self._put("Parameter", {"shape": array.shape}, word or of, "parameter")
        _begin(node, node_op(node), "value", array.astype(np.float32) if array.dtype.kind == "b" else array)
        node.frozen = not learns
        return self._wire(node, "y", Spec(array.shape))

    def _more(self, op: str, params: Mapping[str, Any], **inputs: Wire) -> Wire:
        """One more node, for an operator that needs several of ours. Unsupported where it does not fit."""
        trial = _Trial(self._specs)
        try:
            trial.fits(make(op, {name: freeze(params[name]) for name in params}), inputs)
        except ShapeError as error:
            raise Unsupported(error.message) from error
        node = self._put(op, params, "", op.lower())
        node.inputs = {socket: (wire.node, wire.output) for socket, wire in inputs.items()}
        return self._wire(node, "y", next(iter(trial.specs), None))

    # Placeholders

    def _placeholder(self, operator: Operator, reason: str) -> list[Wire]:
        called = f"{operator.domain}.{operator.kind}" if operator.domain else operator.kind
        values = [self._values[name] for name in operator.inputs]
        wires = [(f"x{k + 1}", value) for k, value in enumerate(values) if isinstance(value, Wire)]
        arrays = {
            f"input {name}"[:60]: f"{value.dtype} {list(value.shape)}"
            for name in operator.inputs
            if isinstance(value := self._values[name], np.ndarray)
        }
        shown = {name[:60]: _told(value) for name, value in operator.attributes.items()}
        results = operator.results
        gives = tuple(f"y{k + 1}" for k in range(len(results))) if len(results) > 1 else ("y",)
        params = {
            "operator": called,
            "reason": reason,
            "attributes": tuple(sorted({**arrays, **shown}.items())),
            "takes": tuple(socket for socket, _ in wires),
            "gives": gives,
        }
        node = self._put(PLACEHOLDER, params, word_of(operator, operator.inputs[1:]), operator.kind.lower())
        node.inputs = {socket: (value.node, value.output) for socket, value in wires}
        self.lost[node.key] = f"{called}: {reason}"
        return [self._wire(node, name, None) for name in gives]

    # The sheet

    def _put(self, op: str, params: Mapping[str, Any], word: str, instead: str) -> Drawn:
        node = Drawn(f"n{self._next}", op, {key: freeze(params[key]) for key in params}, word, instead)
        self._next += 1
        self.nodes[node.key] = node
        return node

    def _wire(self, node: Drawn, output: str, spec: Spec | None) -> Wire:
        if spec is not None:
            self._specs[node.key, output] = spec
        if node.spec is None:
            node.spec = spec
        return Wire(node.key, output, spec)

    def _end(self, outputs: Iterable[str]) -> None:
        """What the model gives: an array that is known beforehand stands there as a node."""
        for name in outputs:
            value = self._values.get(name)
            value = self._with_axis(value) if isinstance(value, Apart) else value
            if isinstance(value, np.ndarray) and not is_open(value):
                value = self._given(value, name, name in self._learn)
            if isinstance(value, Wire):
                self.results.append((value.node, value.output))


class _Trial:
    """Whether an op could stand here, by the shapes it would be given. `specs`: of its results, if they are known."""

    def __init__(self, known: Mapping[End, Spec]) -> None:
        self._known = known
        self.specs: tuple[Spec, ...] = ()

    def fits(self, op: Op, wired: Mapping[str, Any]) -> None:
        """ShapeError or Unsupported when it could not."""
        known, inputs = dict[End, Spec](), dict[str, End]()
        owned = {}
        sockets = {socket.name: socket for socket in op.sockets()}
        for name, value in wired.items():
            if isinstance(value, Wire):
                inputs[name] = (value.node, value.output)
                if value.spec is not None:
                    known[inputs[name]] = value.spec
            elif name not in sockets or sockets[name].learnable:
                owned[name] = value
            else:
                inputs[name] = ("", name)
                known["", name] = Spec(value.shape, "int" if value.dtype.kind in "iu" else "float")
        found = find(FlatNode("it", "it", type(op).__name__, op, inputs), known)
        if found.problems:
            fault = found.problems[0]
            raise ShapeError(fault.message, hint=fault.hint, socket=fault.socket)
        shapes = {end[1]: shape for end, shape in (*found.learnables, *found.states)}
        for name, value in owned.items():
            if not isinstance(value, np.ndarray):
                raise Unsupported(f"Its {name} is computed in the graph.")
            if found.is_healthy and shapes.get(name) != value.shape:
                raise Unsupported(
                    f"Its {name} has the shape {list(value.shape)}, not {list(shapes.get(name, ()))}."
                )
        self.specs = tuple(spec for _, spec in found.specs)


def leaves_out(x: Apart, axes: Sequence[Value]) -> bool:
    """Whether a Squeeze leaves out the axis of the direction, which is not there."""
    return any(isinstance(each, np.ndarray) and each.tolist() == [x.axis] for each in axes)


def node_op(node: Drawn) -> Op:
    return make(node.op, node.params)


def _changed(op: Op) -> dict[str, Any]:
    """The params that differ from what they would be anyway; sizes that are the same on all axes as one number."""
    found = {}
    for name, value in op.params.items():
        if (
            name in ("kernel_size", "stride", "padding", "dilation")
            and isinstance(value, tuple)
            and len(set(value)) == 1
        ):
            value = value[0]
        if value != op.params_of[name].default:
            found[name] = value
    return found


def _begin(node: Drawn, op: Op, name: str, value: Array) -> None:
    """What a socket begins with: one number in its params where all are alike, else an array of weights."""
    if is_uniform(value) and value.size > FEW and f"{name}_init" in op.params_of:
        node.params |= {f"{name}_init": "constant", f"{name}_gain": shortest(float(value.flat[0]))}
        return
    node.weights[name] = value if value.dtype.kind == "f" else value.astype(np.float32)


def _is_literal(op: Op, name: str, value: Array, learns: bool) -> bool:
    """Whether a number can stand in the node itself."""
    socket = next(socket for socket in op.sockets() if socket.name == name)
    return (
        socket.literal is not None
        and value.ndim == 0
        and value.dtype.kind != "O"
        and bool(np.isfinite(value))
    )


def _told(value: Any) -> Any:
    """An attribute as a placeholder shows it."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {list(value.shape)}" if value.size > 8 else str(value.tolist())
    if isinstance(value, tuple) and len(value) > 16:
        return f"{len(value)} values"
    return value[:LONGEST_TEXT] if isinstance(value, str) else value
