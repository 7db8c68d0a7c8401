"""Cells drawn as groups, one use after the other with shared weights: what their numbers are, and their gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphlab.engine import Run
from graphlab.graph import Graph, parts

BATCH, STEPS, FEATURES, HIDDEN = 3, 4, 5, 6
STATES = {
    "elman-cell": "h",
    "lstm-cell": "hc",
    "gru-cell": "h",
    "peephole-lstm-cell": "hc",
    "mgu-cell": "h",
    "original-gru-cell": "h",
}
ROWS = {"elman-cell": 1, "lstm-cell": 4, "gru-cell": 3}

Arrays = dict[str, np.ndarray]


class Sequence:
    """STEPS uses of a cell; the goal is the sum of all y, each element times a number of its own."""

    def __init__(self, key: str, states: str | None = None, seed: int = 0, **settings: Any) -> None:
        rng = np.random.default_rng(seed)
        self.states = STATES[key] if states is None else states
        g = Graph("sequence")
        now = {s: g.add("Input", name=f"{s}_0", shape=("N", HIDDEN)) for s in self.states}
        feed: Arrays = {f"{s}_0": rng.standard_normal((BATCH, HIDDEN)) for s in self.states}
        given = []
        for t in range(STEPS):
            x = g.add("Input", name=f"x{t}", shape=("N", FEATURES))
            feed[f"x{t}"] = rng.standard_normal((BATCH, FEATURES))
            wires = {f"{s}_prev": now[s] for s in self.states}
            cell = g.add_part(key, x=x, name=f"step{t}", **(settings or {"hidden": HIDDEN}), **wires)
            g.set(cell, weights="shared")
            now = {s: cell[s] for s in self.states}
            given.append(cell["y"])
        weight = g.add("Input", name="w", shape=("N", STEPS, HIDDEN))
        feed["w"] = rng.standard_normal((BATCH, STEPS, HIDDEN))
        y = g.add("Stack", *given, name="y", dim=1)
        g.add("Sum", g.add("Mul", y, weight), name="goal")
        self.feed, self.shared = feed, f"{parts.named(key).title} (shared)/"
        self.run = Run(g, dtype="float64", input_gradients=True)
        self.run.feed(**feed)

    @property
    def x(self) -> np.ndarray:
        """N×T×features"""
        return np.stack([self.feed[f"x{t}"] for t in range(STEPS)], axis=1)

    def put(self, weights: Mapping[str, Any]) -> None:
        """Weights by "ih.weight"."""
        own = {self.of(name): name for name in self.run.parameters}
        for name, values in weights.items():
            self.run.set(own[name], values)

    def of(self, name: str) -> str:
        """The name within the cell of a parameter of the run; "ih weight.value" is the ih.weight that all share."""
        within = name.removeprefix(self.shared).removesuffix(".value")
        return ".".join(within.rsplit(" ", 1))

    def weights(self) -> Arrays:
        """Random ones for all its parameters, as large as those of a layer in training."""
        rng = np.random.default_rng(7)
        shapes = {self.of(n): v.shape for n, v in self.run.parameters.items()}
        return {name: rng.standard_normal(shape) / 2 for name, shape in shapes.items()}

    def results(self) -> tuple[np.ndarray, Arrays]:
        """y as N×T×hidden; the gradients of weights by "ih.weight", of x as N×T×features, and of the first states."""
        self.run.forward()
        self.run.backward()
        gradients = {self.of(n): np.array(g) for n, g in self.run.gradients.items()}
        gradients["x"] = np.stack([self.run.grad(f"x{t}") for t in range(STEPS)], axis=1)
        gradients |= {f"{s}_0": np.array(self.run.grad(f"{s}_0")) for s in self.states}
        return np.array(self.run.value("y")), gradients


def as_in_torch(weights: Mapping[str, np.ndarray]) -> Arrays:
    """The weights of a cell by the names that PyTorch's layers have for them."""
    return {
        f"{'weight' if w == 'weight' else 'bias'}_{n}_l0": v
        for k, v in weights.items()
        for n, w in [k.split(".")]
    }
