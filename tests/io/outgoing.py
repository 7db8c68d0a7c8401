"""Graphs of all examples of an operation, and numbers to feed: what the tests of other programs' formats share."""

from __future__ import annotations

import numpy as np

import graphlab.data
from graphlab.engine import Run
from graphlab.engine.feeding import source_ends
from graphlab.errors import ShapeError
from graphlab.graph import Graph
from graphlab.io.results import default_of
from graphlab.ops import Dim, Spec

assert graphlab.data  # gives the Dataset op its cards


def made_up(plan, rows: int = 3):
    """Numbers for all that has none of its own."""
    rng, fed = np.random.default_rng(0), {}
    for end in [end for end in source_ends(plan) if default_of(plan.op(end[0])) is None]:
        spec = plan.inference.specs[end]
        shape = spec.at(dict.fromkeys(spec.names, rows))
        fed[plan.end_name(end)] = (
            rng.normal(size=shape) if spec.kind == "float" else rng.integers(1, 3, shape)
        )
    return fed


def specs_of(arrays, batch):
    """What goes into an op, with an open batch where it has one."""
    found = {}
    for name, array in arrays.items():
        shape = (Dim(batch), *array.shape[1:]) if array.ndim > 1 else array.shape
        found[name] = Spec(shape, "int" if array.dtype.kind == "i" else "float")
    return found


def open_batch(op, arrays, batch) -> bool:
    """Whether the op can be said for any number of examples."""
    sizes = {array.shape[0] for array in arrays.values() if array.ndim > 1}
    if len(sizes) != 1:
        return False
    specs = specs_of(arrays, batch)
    learnt = {s.name for s in op.sockets() if s.learnable}
    literals = {s.name: Spec(()) for s in op.sockets() if s.name not in specs and not s.learnable}
    try:
        data = {n: spec for n, spec in (specs | literals).items() if n not in learnt}
        shapes = op.learnable(**data) if learnt else {}
        owned = {n: Spec(shapes[n]) if n in shapes else None for n in learnt if n not in specs}
        op.infer(**{**specs, **literals, **owned})
    except ShapeError:
        return False
    return True


def run_of_examples(cls, opened: bool = True, dtype: str = "float32") -> Run:
    """One graph with all examples of an op that are not empty, fed with their numbers."""
    g, fed = Graph(cls.__name__), {}
    for k, example in enumerate(cls.examples):
        rng = np.random.default_rng(k)
        arrays = {name: draw.sample(rng) for name, draw in example.arguments.items()}
        if any(array.size == 0 for array in arrays.values()):
            continue
        node = g.add(cls.__name__, name=f"it {k}", **example.params)
        op = g.document.node(f"it {k}").make()
        batch = f"N{k}" if opened and open_batch(op, arrays, f"N{k}") else None
        for name, array in arrays.items():
            shape = (batch, *array.shape[1:]) if batch and array.ndim > 1 else array.shape
            kind = "int" if array.dtype.kind == "i" else "float"
            g.connect(g.add("Input", name=f"{name} {k}", shape=shape, dtype=kind), node, name)
            fed[f"{name} {k}"] = array
    run = Run(g, dtype=dtype)
    if fed:
        run.feed(**fed)
    for name, values in run.weights.items():
        if name.endswith("running_mean"):
            run.set(name, np.linspace(-0.5, 0.7, values.size))
    return run
