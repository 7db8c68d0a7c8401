"""A thousand random graphs against PyTorch's autograd: values and gradients of everything, in float64.

The graphs are made of whatever operations are registered and have a PyTorch expression. Values are used several times
or never, plugged twice into the same node, looked at through views, and shared as parameters of several layers. Each
graph is run three times on different inputs, so that what is compared comes from the calls the engine recorded.
"""

from __future__ import annotations

import random
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from graphlab import ops
from graphlab.engine import Run
from graphlab.errors import GraphlabError
from graphlab.graph import Graph
from graphlab.ops import Spec

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity

GRAPHS, IN_ONE_TEST = 1000, 50
LEAVES = [(), (3,), (2, 1), (2, 3), (4, 3), (2, 3, 4), (3, 2, 4), (1, 2, 4, 4), (2, 4, 6, 5), (1, 1)]
LARGEST = 400  # elements
# They jump, so that the last bit decides (of equal values, too); or are random, or not defined everywhere.
JUMPING = """Floor Ceil Round Sign Mod Equal NotEqual Greater GreaterOrEqual Less LessOrEqual And Or Not Xor
    ArgMax ArgMin Hardmax Hardshrink Threshold TopK Dropout Dropout1d Dropout2d AlphaDropout"""
PARTIAL = """Log Log1p Log2 Log10 Sqrt Pow Div Reciprocal Tan Asin Acos Atan2 Acosh Atanh Inverse Solve Std Norm
    Normalize PolarCoordinates CosineSimilarity PairwiseDistance CDist Standardise BCELoss KLDivLoss
    CosineEmbeddingLoss TripletMarginLoss PoissonNLLLoss GaussianNLLLoss Det"""  # of a singular matrix PyTorch gives 0
LEFT_OUT = {"Constant", "Parameter", *JUMPING.split(), *PARTIAL.split()}
SCOPE = {"torch": torch, "F": torch.nn.functional, "self": SimpleNamespace(training=True)}


def candidates():
    """(op class, the params of its examples); those with several results, of which there are few, several times."""
    found = [op for family in ops.by_category().values() for op in family]
    usable = [op for op in found if not op.source and not op.states and op.role in ("", "wire")]
    usable = [op for op in usable if op.__name__ not in LEFT_OUT]
    return [
        (op, [dict(e.params) for e in op.examples])
        for op in usable
        for _ in range(1 if len(op.outputs) == 1 else 4)
    ]


CANDIDATES = candidates()


class Twins:
    """A graph and the same in PyTorch, grown node by node; `values` are those that may be used further."""

    def __init__(self, seed):
        self.choose, self.rng = random.Random(seed), np.random.default_rng(seed)
        self.graph = Graph()
        self.values = []  # (reference, spec)
        self.tensors = {}  # by "node.output" or, for parameters a node owns, "node.socket"
        self.inputs, self.owned = {}, {}
        for k in range(self.choose.randint(2, 5)):
            self.leaf(self.choose.choice(LEAVES), learnable=k % 2 == 1)
        if self.choose.random() < 0.5:
            self.input("indices", self.rng.integers(0, 2, 2))

    def leaf(self, shape, learnable):
        numbers = self.rng.uniform(-1.5, 1.5, shape)
        name = f"leaf{len(self.tensors)}"
        if not learnable:
            return self.input(name, numbers)
        self.graph.add("Parameter", name=name, shape=shape)
        self.owned[f"{name}.value"] = numbers
        return self.keep(f"{name}.y", torch.tensor(numbers, requires_grad=True))

    def input(self, name, numbers):
        kind = "int" if numbers.dtype.kind == "i" else "float"
        self.graph.add("Input", name=name, shape=numbers.shape, dtype=kind)
        self.inputs[name] = numbers
        return self.keep(f"{name}.y", torch.tensor(numbers, requires_grad=kind == "float"))

    def keep(self, reference, tensor):
        if any(tensor is other for other in self.tensors.values()):
            tensor = tensor.view_as(tensor)  # PyTorch gave the very same object back, which has one gradient
        if tensor.requires_grad:
            tensor.retain_grad()
        self.tensors[reference] = tensor
        kind = "int" if tensor.dtype == torch.int64 else "float"
        self.values.append((reference, Spec(tuple(tensor.shape), kind)))
        return reference

    def grow(self):
        """Adds a random operation on random values, if they fit."""
        op, params = self.choose.choice(CANDIDATES)
        op = op(**(self.choose.choice(params) if params else {}))
        wires, owned = self.wires(op)
        specs = {s.name: self.spec(wires, owned, s) for s in op.sockets()}
        found = op.infer(**specs)
        found = found if isinstance(found, tuple) else (found,)
        if any(np.prod(spec.shape) > LARGEST for spec in found):
            return
        name = f"{type(op).__name__}{len(self.tensors)}"
        tensors = self.in_torch(op, name, wires, owned)
        for shape_of, tensor in zip(found, tensors, strict=False):
            assert shape_of.shape == tuple(tensor.shape), name
        if not all(torch.isfinite(t).all() and (t.abs() < 100).all() for t in tensors):
            return
        self.graph.add(type(op).__name__, name=name, **op.params)
        for socket, source in wires.items():
            self.graph.connect(source, f"{name}.{socket}")
        for socket, tensor in owned.items():
            self.owned[f"{name}.{socket}"] = tensor.detach().numpy().copy()
            self.tensors[f"{name}.{socket}"] = tensor
        for output, tensor in zip(op.results(), tensors, strict=False):
            self.keep(f"{name}.{output}", tensor)

    def wires(self, op):
        """Which value goes into which socket, and tensors for the learnable ones that stay unplugged."""
        wires = {}
        for socket in op.sockets():
            fitting = [r for r, spec in self.values if socket.kind in ("any", spec.kind)]
            if socket.must_be_wired or (not socket.learnable and self.choose.random() < 0.8):
                wires[socket.name] = self.choose.choice(fitting)
        specs = dict(self.values)
        data = {
            s.name: specs[wires[s.name]] if s.name in wires else Spec(())
            for s in op.sockets()
            if not s.learnable
        }
        learnable = any(s.learnable for s in op.sockets())
        owned = {}
        for socket, shape in (op.learnable(**data) if learnable else {}).items():
            alike = [r for r, spec in self.values if spec == Spec(tuple(shape))]
            if alike and self.choose.random() < 0.5:
                wires[socket] = self.choose.choice(alike)
            elif self.choose.random() < 0.3 and 0 not in shape:
                wires[socket] = self.leaf(shape, learnable=True)
            else:
                owned[socket] = torch.tensor(self.rng.uniform(-1, 1, shape), requires_grad=True)
        return wires, owned

    def spec(self, wires, owned, socket):
        if socket.name in wires:
            return dict(self.values)[wires[socket.name]]
        if socket.name in owned:
            return Spec(tuple(owned[socket.name].shape))
        return None if socket.learnable else Spec(())

    def in_torch(self, op, name, wires, owned):
        scope, names = dict(SCOPE), {}
        for socket in op.sockets():
            variable = names[socket.name] = f"t_{socket.name}"
            if socket.name in wires:
                scope[variable] = self.tensors[wires[socket.name]]
            elif socket.name in owned:
                scope[variable] = owned[socket.name]
            elif socket.learnable:
                names[socket.name] = "None"
            else:
                scope[variable] = torch.tensor(op.params[socket.name], dtype=torch.float64)
        expression = op.emit_torch(**names)
        if not expression:
            raise NotImplementedError(type(op).__name__)
        result = eval(expression, scope)
        return list(result) if isinstance(result, (tuple, list)) else [result]

    def close(self):
        """A scalar goal that some of the values lead to; the others are dead branches."""
        usable = [r for r, spec in self.values if spec.kind == "float" and 0 not in spec.shape]
        chosen = self.choose.sample(usable, min(len(usable), self.choose.randint(1, 4)))
        total = None
        for k, reference in enumerate([*chosen, usable[-1]]):
            self.graph.add("Mean", name=f"mean{k}")
            self.graph.connect(reference, f"mean{k}.x")
            mean = self.keep(f"mean{k}.y", self.tensors[reference].mean())
            if total is not None:
                self.graph.add("Add", name=f"total{k}")
                self.graph.connect(total, f"total{k}.a")
                self.graph.connect(mean, f"total{k}.b")
                mean = self.keep(f"total{k}.y", self.tensors[total] + self.tensors[mean])
            total = mean
        return total


def grown(seed):
    """A random graph of up to 14 operations with its twin, and the reference of its goal."""
    twins = Twins(seed)
    for _ in range(twins.choose.randint(4, 40)):
        try:
            twins.grow()
        except (GraphlabError, NotImplementedError, RuntimeError, IndexError, ValueError, AttributeError):
            continue  # it does not fit
    return twins, twins.close()


def compare(seed):
    twins, goal = grown(seed)
    run = Run(twins.graph, goal=goal.partition(".")[0], dtype="float64")
    run.plan.require_healthy()
    for name, numbers in twins.owned.items():
        run.set(name, numbers)
    for attempt in range(3):
        others = {n: a * 0.5 if a.dtype.kind == "f" else a for n, a in twins.inputs.items()}
        run.feed(**(twins.inputs if attempt == 2 else others))
        run.forward()
        run.backward()
    if twins.tensors[goal].requires_grad:
        twins.tensors[goal].backward()
    keys = {node.path: key for key, node in run.plan.nodes.items()}
    for reference, tensor in twins.tensors.items():
        name, _, place = reference.partition(".")
        if reference in twins.owned:
            agree(run.gradients[reference], gradient(tensor), f"gradient of {reference}, seed {seed}")
            continue
        agree(run.value(reference), tensor.detach().numpy(), f"{reference}, seed {seed}")
        if name not in keys:  # a point that a wire leads through: its gradient is a part of its source's
            continue
        if tensor.requires_grad and (keys[name], place) in run.buffers.gradients:
            found = run.buffers.gradients[keys[name], place]
            agree(found, gradient(tensor), f"gradient of {reference}, seed {seed}")
    return len(twins.tensors)


def gradient(tensor):
    return np.zeros(tuple(tensor.shape)) if tensor.grad is None else tensor.grad.numpy()


def agree(found, expected, what):
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * scale, err_msg=what)


@pytest.fixture(autouse=True)
def in_float64():
    """What PyTorch makes anew, such as the 0 and 1 of a comparison, as exact as the rest."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.mark.parametrize("first", range(0, GRAPHS, IN_ONE_TEST))
def test_values_and_gradients_are_those_of_pytorch(first):
    for seed in range(first, first + IN_ONE_TEST):
        compare(seed)


def test_the_graphs_are_as_tangled_as_they_should_be():
    uses, kinds, seen = [], set(), Counter()
    for seed in range(40):
        document = grown(seed)[0].graph.document
        kinds |= {node.op for node in document.nodes.values()}
        uses += [len(document.consumers(node.id)) for node in document.nodes.values()]
        seen.update(peculiarities(document))
    assert max(uses) >= 4
    assert uses.count(0) > 40  # dead branches, besides the goals
    assert len(kinds) > 60
    assert min(seen[what] for what in PECULIAR) >= 5, seen


PECULIAR = ("plugged twice into one node", "shared parameter", "several results", "view", "diamond")


def peculiarities(document):
    """Which of the things that a wrong gradient may hide behind are in this graph."""
    for node in document.nodes.values():
        sources = [edge.source for edge in document.inputs_of(node.id).values()]
        if len(set(sources)) < len(sources):
            yield "plugged twice into one node"
        if node.op == "Parameter" and len(document.consumers(node.id)) > 1:
            yield "shared parameter"
        if len(ops.make(node.op, node.params).results()) > 1 and document.consumers(node.id):
            yield "several results"
        if node.op in ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity") and document.consumers(
            node.id
        ):
            yield "view"
        roots = [upstream(document, source) for source in set(sources)]
        if len(roots) > 1 and set.intersection(*roots):
            yield "diamond"


def upstream(document, node):
    """The node itself and everything that it depends on."""
    found, waiting = set(), [node]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += [edge.source for edge in document.inputs_of(here).values()]
    return found
