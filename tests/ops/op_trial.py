"""Runs one operation on arrays, without an engine: what the tests in this folder share."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from graphlab.ops import Clock, Context, Spec, make
from graphlab.ops.example import Draw


class Trial:
    """An op with its input arrays; `forward()` and `backward()` allocate what a plan would.

    `inputs` holds every socket's array in order: data, learnables (None when absent), literals as 0-d arrays.
    """

    def __init__(self, name, params=None, arrays=None, dtype="float64", seed=0, training=True):
        self.op = make(name, {k: _frozen(v) for k, v in (params or {}).items()})
        self.dtype = np.dtype(dtype)
        self.rng = np.random.default_rng(seed)
        clock = Clock(seed)
        clock.training = training
        self.ctx = Context(name, clock, self.dtype)
        self.inputs = self._complete(dict(arrays or {}))
        self.outputs = {}

    @classmethod
    def of(cls, op, example, dtype="float64", seed=0, **more):
        """The trial of an example: the same numbers whatever the dtype."""
        rng = np.random.default_rng(seed)
        arrays = {name: draw.sample(rng) for name, draw in example.arguments.items()}
        return cls(op.__name__, example.params, arrays, dtype, seed + 1, **more)

    def _complete(self, given):
        arrays = {name: self._cast(array) for name, array in given.items()}
        self.literals = set()
        sockets = self.op.sockets()
        specs = {s.name: self._spec(s, arrays) for s in sockets if not s.learnable}
        shapes = self.op.learnable(**specs) if any(s.learnable for s in sockets) else {}
        for socket in sockets:
            if socket.name in arrays:
                continue
            if socket.learnable:
                shape = shapes.get(socket.name)
                arrays[socket.name] = None if shape is None else self._cast(Draw(shape).sample(self.rng))
            else:
                self.literals.add(socket.name)
                arrays[socket.name] = np.asarray(self.op.params[socket.name], self.dtype)
        return {s.name: arrays[s.name] for s in sockets}

    def _cast(self, array):
        array = np.ascontiguousarray(array).reshape(np.shape(array))
        return array.astype(np.int64) if array.dtype.kind in "iu" else array.astype(self.dtype)

    def _spec(self, socket, arrays):
        return spec_of(arrays[socket.name]) if socket.name in arrays else Spec(())

    @property
    def specs(self):
        return {name: None if array is None else spec_of(array) for name, array in self.inputs.items()}

    def inferred(self):
        """The specs of the outputs by name."""
        found = self.op.infer(**self.specs)
        found = found if isinstance(found, tuple) else (found,)
        return dict(zip(self.op.results(), found, strict=True))

    def forward(self):
        """The output arrays by name, freshly allocated and filled with rubbish before the call."""
        self.outputs = {}
        for name, spec in self.inferred().items():
            dtype = self.dtype if spec.kind == "float" else np.dtype(np.int64)
            self.outputs[name] = np.full(spec.shape, 77, dtype)
        self.op.forward(self.ctx, *self.inputs.values(), **self.outputs)
        return self.outputs

    @property
    def y(self):
        return next(iter(self.outputs.values()))

    def differentiable(self):
        """The sockets that a gradient can flow to."""
        arrays = {name: a for name, a in self.inputs.items() if a is not None and name not in self.literals}
        return [name for name, a in arrays.items() if a.dtype.kind == "f"]

    def backward(self, dy, skip=()):
        """The gradients by socket name; those in `skip` are asked for with None. After `forward()`."""
        wanted = [name for name in self.differentiable() if name not in skip]
        targets = {name: np.full(self.inputs[name].shape, -55, self.dtype) for name in wanted}
        d = {f"d{name}": targets.get(name) for name in self.inputs}
        self.op.backward(self.ctx, dy, **self.inputs, **self.outputs, **d)
        return targets


def spec_of(array):
    return Spec(array.shape, "int" if array.dtype.kind == "i" else "float")


def run(name, /, params=None, **arrays):
    """The first output of one forward call in float64."""
    trial = Trial(name, params, {k: np.asarray(v) for k, v in arrays.items()})
    trial.forward()
    return trial.y


def published(case):
    """A case of tests/cases/published_cases.json by id; figures known to be wrong as published are refused."""
    path = Path(__file__).parents[1] / "cases" / "published_cases.json"
    cases = {c["id"]: c for c in json.loads(path.read_text(encoding="utf-8"))["cases"]}
    assert cases[case]["status"] == "reproduced"
    return cases[case]


def _frozen(value):
    return tuple(_frozen(v) for v in value) if isinstance(value, (list, tuple)) else value
