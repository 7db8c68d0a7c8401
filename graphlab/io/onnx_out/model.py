"""A graph as an ONNX model (opset 20, IR 10) for inference: nodes with readable names, parameters as initialisers.

Groups and repeated cells are laid out flat, their nodes named by their path: `block1/conv`, `rnn/t=3/tanh`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...engine import Run
from ...engine.flatten import End
from ...engine.plan import Plan
from ...engine.symbols import stands_for_parameter
from ...errors import SaveError, Unsupported
from ...graph import Document, Graph
from ...ops import Op, Spec
from ...ops.input import Constant
from ..results import Parts, default_of, dressed, parts_of
from ..saving import write_atomically
from . import elementwise, layers, losses, pictures, sequences, shapes  # noqa: F401  (their sayings)
from .speaking import CODES, FLOAT, INT, KINDS, Array, Speech, Step, Value, saying_of

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET, IR = 20, 10
MOST = 2**31 - 2**24  # bytes of numbers in a protobuf message
SMALL = 64  # elements of a constant that is written once for all


def to_onnx(
    source: Graph | Document | Run,
    path: str | Path | None = None,
    *,
    weights: Mapping[str, Array] | None = None,
    loss: bool = False,
) -> ModelProto:
    """A graph, document or run as an ONNX model; with `path` it is written there, too.

    The model predicts: dropout does nothing, batch norms use their running statistics. What only scores the predictions
    is left out, unless `loss`. `weights` by name; those of a run are its own, of a graph fresh ones.

    Raises:
        ProblemsError: the graph has faults. SaveError: onnx is not installed, the graph holds what ONNX cannot say (all
            of it is named), or the file cannot be written.
    """
    plan, numbers = dressed(source, weights or {})
    model = Writer(plan, numbers, loss).model()
    if path is not None:
        write_atomically(Path(path), model.SerializeToString())
    return model


def network_of(plan: Plan, loss: bool = False) -> Parts:
    """The part of a plan that predicts, or all of it."""
    nodes = {key: dict(node.inputs) for key, node in plan.nodes.items()}
    first = {key: plan.sockets(key)[0].name for key in nodes if plan.op(key).scalar_loss}
    outputs = {key: plan.op(key).results() for key in nodes}
    sources = {key for key in nodes if plan.op(key).source}
    return parts_of(nodes, {} if loss else first, outputs, sources)


class Writer:
    """Writes the model of a plan. `weights` by the names of slots."""

    def __init__(self, plan: Plan, weights: Mapping[str, Array], loss: bool = False) -> None:
        self._plan, self._weights = plan, weights
        self._parts = network_of(plan, loss)
        self._values: dict[End, tuple[str, str]] = {}  # name and kind
        self._constants: dict[str, Array] = {}
        self._alike: dict[tuple[Any, ...], str] = {}
        self._taken: set[str] = set()
        self._steps: list[Step] = []
        self._inputs: list[End] = []
        self._lacks: dict[str, str] = {}

    def model(self) -> ModelProto:
        """The model. SaveError where ONNX cannot say something, naming all of it."""
        require_onnx()
        for slot in (*self._plan.parameters.values(), *self._plan.states.values()):
            self._constants[self._free(slot.name)] = self._weights[slot.name]
        for key in self._parts.network:
            for name in self._plan.op(key).results():
                end = (key, name)
                self._values[end] = self._free(self._plan.end_name(end)), self._plan.inference.specs[end].kind
        for key in self._parts.network:
            try:
                self._write(key, self._plan.op(key))
            except Unsupported as error:
                self._lack(key, error.message)
        if self._lacks:
            raise SaveError(
                f"ONNX (opset {OPSET}) cannot say {'; '.join(self._lacks.values())}",
                hint="Replace these nodes, or export PyTorch or NumPy code.",
            )
        return self._made()

    def _lack(self, key: str, why: str) -> None:
        """Each reason once for each kind of op, with the first node that has it."""
        node = self._plan.nodes[key]
        self._lacks.setdefault(f"{node.op_name}: {why}", f"{node.path} ({node.op_name}): {why}")

    def _free(self, wish: str) -> str:
        name, number = wish, 1
        while name in self._taken:
            number += 1
            name = f"{wish}_{number}"
        self._taken.add(name)
        return name

    # One node

    def _write(self, key: str, op: Op) -> None:
        results = op.results()
        if op.source:
            self._inputs += [(key, name) for name in results if (key, name) in self._used]
            literal = default_of(op)
            if literal is not None:
                self._constants[self._values[key, results[0]][0]] = np.asarray(literal)
        elif stands_for_parameter(self._plan, key):
            slot = self._plan.parameters[key, op.sockets()[0].name]
            self._put(key, self._speech(key, op), [slot.name])
        elif isinstance(op, Constant):
            name, kind = self._values[key, results[0]]
            self._constants[name] = np.asarray(op.params["value"], KINDS[kind])
        else:
            saying = saying_of(op)
            if saying is None:
                raise Unsupported("there is no such operator.")
            speech = self._speech(key, op)
            found = saying(speech)
            self._put(key, speech, [v.name for v in ([found] if isinstance(found, Value) else found)])

    @cached_property
    def _used(self) -> set[End]:
        """What of the network is wired to something, and what it gives."""
        nodes = (self._plan.nodes[key] for key in self._parts.network)
        return {*self._parts.results, *(end for node in nodes for end in node.inputs.values())}

    def _speech(self, key: str, op: Op) -> Speech:
        """What is at each socket, with its shape."""
        plan, node = self._plan, self._plan.nodes[key]
        given: dict[str, tuple[str, str]] = {}
        specs: dict[str, Spec] = {}
        owned: dict[str, Array] = {}
        for socket in op.sockets():
            end, own = node.inputs.get(socket.name), (key, socket.name)
            if end is not None:
                given[socket.name], specs[socket.name] = self._values[end], plan.inference.specs[end]
            elif own in plan.parameters:
                slot = plan.parameters[own]
                given[socket.name], specs[socket.name] = (slot.name, "float"), Spec(slot.shape)
                owned[socket.name] = np.asarray(self._weights[slot.name])
            elif socket.name in op.params and not socket.learnable:
                number = np.asarray(op.params[socket.name], FLOAT)
                given[socket.name] = self._number(node.path, number), "float"
                specs[socket.name] = Spec(())
        for name in op.states:
            if (key, name) in plan.states:
                given[name] = plan.states[key, name].name, "float"
        specs |= {name: plan.inference.specs[key, name] for name in op.results()}
        return Speech(op, node.path, given, specs, owned, self._number, self._free)

    def _put(self, key: str, speech: Speech, found: Sequence[str]) -> None:
        """Takes the steps over; what they come to gets the node's own name."""
        plan, path = self._plan, self._plan.nodes[key].path
        made = {name for step in speech.steps for name in step.outputs}
        renamed: dict[str, str] = {}
        for output, name in zip(plan.op(key).results(), found, strict=False):
            wish = self._values[key, output][0]
            if name in made and name not in renamed:
                renamed[name] = wish
            elif (key, output) in self._used:
                speech.steps.append(Step("Identity", [name], [wish], {}, f"{wish}/Identity"))
        text = plan.op(key).formula
        for step in speech.steps:
            step.doc = f"{plan.nodes[key].op_name}: {text}" if text else plan.nodes[key].op_name
            step.name = path if step is speech.steps[-1] else step.name
            step.inputs = [renamed.get(name, name) for name in step.inputs]
            step.outputs = [renamed.get(name, name) for name in step.outputs]
        self._steps += speech.steps

    def _number(self, wish: str, values: Array) -> str:
        """The name of a constant; small ones that are alike are one."""
        if values.size > SMALL:
            name = self._free(f"{wish}/constant")
        else:
            alike = (values.dtype.str, values.shape, values.tobytes())
            if alike in self._alike:
                return self._alike[alike]
            name = self._alike[alike] = self._free(_title(values))
        self._constants[name] = values
        return name

    # The model

    def _made(self) -> ModelProto:
        from onnx import helper

        title = self._plan.document.name or "graph"
        results = [self._values[end][0] for end in self._parts.results]
        graph = helper.make_graph(
            [self._node(step) for step in self._steps],
            title,
            [self._info(end) for end in self._inputs],
            [self._info(end) for end in self._parts.results],
            self._initialisers(results),
            doc_string=f"{title}, drawn and written by graphlab.",
            value_info=[self._info(end) for end in self._between()],
        )
        model: ModelProto = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR,
            producer_name="graphlab",
        )
        return model

    def _node(self, step: Step) -> Any:
        from onnx import helper

        return helper.make_node(
            step.kind, step.inputs, step.outputs, name=step.name, doc_string=step.doc, **step.attributes
        )

    def _initialisers(self, results: Collection[str]) -> list[Any]:
        """Those constants that are used. SaveError where they are more than a file can hold."""
        from onnx import numpy_helper

        inputs = {self._values[end][0]: end for end in self._inputs}
        used = {name for step in self._steps for name in step.inputs} | set(results)
        kept = {name: np.asarray(v) for name, v in self._constants.items() if name in used}
        kept = {
            n: v.astype(INT if v.dtype.kind in "iu" else FLOAT) if v.dtype != bool else v
            for n, v in kept.items()
        }
        for name in inputs.keys() & kept.keys():
            kept[name] = kept[name].astype(KINDS[self._values[inputs[name]][1]])
        size = sum(values.nbytes for values in kept.values())
        if size > MOST:
            raise SaveError(
                f"The weights take {size:,} bytes; an ONNX file holds {MOST:,} at most.",
                hint="Export PyTorch code: its weights lie in a file beside it.",
            )
        return [numpy_helper.from_array(np.ascontiguousarray(v).reshape(v.shape), n) for n, v in kept.items()]

    def _between(self) -> Iterator[End]:
        """The values that are neither given nor results."""
        made = {name for step in self._steps for name in step.outputs}
        for end, (name, _) in self._values.items():
            if name in made and end not in self._parts.results:
                yield end

    def _info(self, end: End) -> Any:
        from onnx import helper

        name, kind = self._values[end]
        sizes = [
            size if isinstance(size, int) else str(size) for size in self._plan.inference.specs[end].shape
        ]
        return helper.make_tensor_value_info(name, CODES[kind], sizes)


def _title(values: Array) -> str:
    """What a small constant is called: 0.5, axes_1_2."""
    words = "_".join(
        f"{value:g}" if values.dtype.kind == "f" else str(value) for value in values.reshape(-1)[:6]
    )
    return words if values.ndim == 0 else f"[{words.replace('_', ', ')}]"


def require_onnx() -> None:
    """SaveError, with the way to get it, where the package onnx is not there."""
    from importlib.util import find_spec

    if find_spec("onnx") is None:
        raise SaveError(
            "Writing ONNX needs the package onnx.", hint='Install it by: pip install "graphlab[onnx]"'
        )
