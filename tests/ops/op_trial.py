"""Runs one operation on arrays, without an engine: what the tests in this folder share."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from graphlab.engine.record import record
from graphlab.ops import Clock, Context, Spec, make
from graphlab.ops.example import Draw

AUGMENTATION = ("RandomShift", "RandomHorizontalFlip", "RandomVerticalFlip", "RandomCrop", "RandomRotation")

# PyTorch, and the other dtype, draw other masks: compared as they are when evaluated.
RANDOM = ("Dropout", "Dropout1d", "Dropout2d", "AlphaDropout", "GaussianNoise", *AUGMENTATION)


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
        self.states, self.next_states = self._keep()
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

    def _keep(self):
        """What the op keeps from step to step: its arrays now, and what a forward pass wants them to be."""
        learnable = {s.name for s in self.op.sockets() if s.learnable}
        data = {name: spec for name, spec in self.specs.items() if name not in learnable}
        shapes = self.op.state_shapes(**data) if self.op.states else {}
        now = {name: np.full(shape, self.op.states[name], self.dtype) for name, shape in shapes.items()}
        after = {name: array.copy() for name, array in now.items()}
        for name in now:
            self.ctx.bind_state(name, now[name], after[name])
        return now, after

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

    def upstream(self, seed=7):
        """A gradient for every output; None where one of several carries none. After `forward()`."""
        rng, arrays = np.random.default_rng(seed), list(self.outputs.values())
        carries = [len(arrays) == 1 or a.dtype.kind == "f" for a in arrays]
        return tuple(
            rng.standard_normal(a.shape) if c else None for a, c in zip(arrays, carries, strict=True)
        )

    def weighted(self, upstream):
        """The number whose gradient is asked for: the sum of all outputs, weighted by their upstream gradients."""
        pairs = zip(self.outputs.values(), upstream, strict=True)
        return sum(np.sum(dy * y) for y, dy in pairs if dy is not None)

    def backward(self, dy, skip=()):
        """The gradients by socket name; those in `skip` are asked for with None. After `forward()`.

        `dy` is the gradient of the first output, or a tuple with one (or None) for each.
        """
        upstream = dy if isinstance(dy, tuple) else (dy, *[None] * (len(self.outputs) - 1))
        wanted = [name for name in self.differentiable() if name not in skip]
        targets = {name: np.full(self.inputs[name].shape, -55, self.dtype) for name in wanted}
        d = {f"d{name}": targets.get(name) for name in self.inputs}
        self.op.backward(self.ctx, *upstream, **self.inputs, **self.outputs, **d)
        return targets


def spec_of(array):
    return Spec(array.shape, "int" if array.dtype.kind == "i" else "float")


def run(name, /, params=None, **arrays):
    """The first output of one forward call in float64."""
    trial = Trial(name, params, {k: np.asarray(v) for k, v in arrays.items()})
    trial.forward()
    return trial.y


def recorded(name, params=None, /, **arrays):
    """Whether forward and backward can be carried out again without the Python around them (engine/record.py)."""
    trial = Trial(name, params, arrays)
    upstream = tuple(np.ones_like(y) for y in trial.forward().values())
    d = {f"d{n}": None if a is None else np.zeros_like(a) for n, a in trial.inputs.items()}
    wanted = [gradient for gradient in d.values() if gradient is not None]
    forth = (trial.op.forward, (trial.ctx, *trial.inputs.values()), trial.outputs)
    back = (trial.op.backward, (trial.ctx, *upstream), trial.inputs | trial.outputs | d)
    for function, args, named in (forth, back):
        function(*args, **named)  # once, so that what is done only once is done
    return record(*forth, list(trial.outputs.values())) is not None and record(*back, wanted) is not None


def published(case):
    """A case of tests/cases/published_cases.json by id; figures known to be wrong as published are refused."""
    path = Path(__file__).parents[1] / "cases" / "published_cases.json"
    cases = {c["id"]: c for c in json.loads(path.read_text(encoding="utf-8"))["cases"]}
    assert cases[case]["status"] == "reproduced"
    return cases[case]


def _frozen(value):
    return tuple(_frozen(v) for v in value) if isinstance(value, (list, tuple)) else value


def assert_agrees_with_pytorch(trial):
    """Values and gradients of a trial in float64 are those of the op's PyTorch expression, if it has one."""
    import torch

    names = {name: "None" if a is None else f"t_{name}" for name, a in trial.inputs.items()}
    expression = trial.op.emit_torch(**names)
    if not expression:
        return
    tensors = {name: torch.tensor(a) for name, a in trial.inputs.items() if a is not None}
    for name in trial.differentiable():
        tensors[name].requires_grad_(True)
    scope = {
        "torch": torch,
        "F": torch.nn.functional,
        "self": SimpleNamespace(training=trial.ctx.training),
    }
    y = eval(expression, scope | {names[name]: tensor for name, tensor in tensors.items()})
    results = y if isinstance(y, (tuple, list)) else (y,)
    for (name, array), result in zip(trial.forward().items(), results, strict=False):
        np.testing.assert_allclose(array, result.detach().numpy(), rtol=1e-9, atol=1e-9, err_msg=name)
    dy = trial.upstream()[: len(results)]
    dy += (None,) * (len(trial.outputs) - len(dy))
    carrying = [(r, d) for r, d in zip(results, dy, strict=False) if r.requires_grad]  # comparisons do not
    if carrying:
        torch.autograd.backward([r for r, _ in carrying], [torch.tensor(d) for _, d in carrying])
    for name, gradient in trial.backward(dy).items():
        expected = tensors[name].grad
        expected = np.zeros_like(gradient) if expected is None else expected.numpy()
        np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-9, err_msg=name)


def assert_may_lie_scattered(trial):
    """Inputs and upstream gradients whose elements lie apart and in another order give the same."""
    expected = {name: array.copy() for name, array in trial.forward().items()}
    dy = np.random.default_rng(7).standard_normal(trial.y.shape)
    wanted = trial.backward(dy)
    inputs = {name: scattered(array) for name, array in trial.inputs.items()}
    trial.op.forward(trial.ctx, *inputs.values(), **trial.outputs)
    for name, array in trial.outputs.items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-9, atol=1e-12)
    targets = {name: np.full(array.shape, -55.0) for name, array in wanted.items()}
    upstream = [scattered(dy), *[None] * (len(trial.outputs) - 1)]
    d = {f"d{name}": targets.get(name) for name in inputs}
    trial.op.backward(trial.ctx, *upstream, **inputs, **trial.outputs, **d)
    for name, gradient in targets.items():
        np.testing.assert_allclose(gradient, wanted[name], rtol=1e-9, atol=1e-12, err_msg=name)


def assert_rounded_is_close(exact, rounded):
    """A trial in float32 gives what the same in float64 gives, but for rounding."""
    exact.forward()
    rounded.forward()
    assert rounded.y.dtype == np.float32 or rounded.y.dtype.kind == "i"
    for name, array in exact.outputs.items():
        np.testing.assert_allclose(rounded.outputs[name], array, rtol=1e-4, atol=1e-5, err_msg=name)
    dy = exact.upstream()
    wanted = exact.backward(dy)
    short = tuple(None if d is None else d.astype(np.float32) for d in dy)
    for name, gradient in rounded.backward(short).items():
        assert gradient.dtype == np.float32
        np.testing.assert_allclose(gradient, wanted[name], rtol=1e-3, atol=1e-4, err_msg=name)


def scattered(array):
    """A copy whose elements lie apart and in another order, as those of a slice or of a transposed matrix."""
    if array is None or not array.ndim:
        return array
    wide = np.zeros((*array.shape[::-1], 8), array.dtype)[..., 0].transpose()
    wide[...] = array
    return wide
