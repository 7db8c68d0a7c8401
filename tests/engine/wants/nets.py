"""Small networks that look at pictures."""

from __future__ import annotations

import numpy as np

from graphlab.engine import Run
from graphlab.graph import Graph

CLASSES = 4


def small(*, channels: int = 2, side: int = 6, relu: str = "ReLU", loss: bool = True) -> Graph:
    """x → conv (3 maps) → relu → pool → flat → scores of four classes (→ loss)."""
    g = Graph("small")
    x = g.add("Input", name="x", shape=("N", channels, side, side))
    conv = g.add("Conv2d", x, name="conv", out_channels=3, kernel_size=3, padding=1)
    bend = g.add(relu, conv, name="relu")
    pool = g.add("MaxPool2d", bend, name="pool", kernel_size=2)
    scores = g.add("Linear", g.add("Flatten", pool, name="flat"), name="scores", units=CLASSES)
    if loss:
        target = g.add("Input", name="target", shape=("N",), dtype="int")
        g.add("CrossEntropyLoss", scores, target, name="loss")
    return g


def run_of(g: Graph, seed: int = 0) -> Run:
    return Run(g, dtype="float64", seed=seed)


def picture(*shape: int, seed: int = 3) -> np.ndarray:
    """(1, C, H, W) between 0 and 1."""
    return np.random.default_rng(seed).random((1, *shape))


def end(run: Run, name: str) -> tuple[str, str]:
    return run.names.end(name)


class ByHand:
    """The same network as `small` in plain NumPy, for one picture (C, H, W)."""

    def __init__(self, run: Run) -> None:
        names = "conv.weight", "conv.bias", "scores.weight", "scores.bias"
        self.filters, self.bias, self.weight, self.offset = (run.weights[name] for name in names)

    def forward(self, x: np.ndarray) -> np.ndarray:
        _, height, width = x.shape
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        self.conv = np.empty((len(self.filters), height, width))
        for c, i, j in np.ndindex(self.conv.shape):
            self.conv[c, i, j] = (padded[:, i : i + 3, j : j + 3] * self.filters[c]).sum() + self.bias[c]
        self.relu = np.maximum(self.conv, 0)
        windows = self.relu.reshape(len(self.relu), height // 2, 2, width // 2, 2)
        self.pool = windows.max(axis=(2, 4))
        return self.pool.reshape(-1) @ self.weight.T + self.offset

    def backward(self, dscores: np.ndarray, *, guided: bool = False) -> np.ndarray:
        """∂/∂x after `forward`; `drelu` is what came back to the result of relu."""
        dpool = (dscores @ self.weight).reshape(self.pool.shape)
        self.drelu = np.zeros_like(self.relu)
        for c, i, j in np.ndindex(self.pool.shape):
            window = self.relu[c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            a, b = np.unravel_index(window.argmax(), (2, 2))
            self.drelu[c, 2 * i + a, 2 * j + b] = dpool[c, i, j]
        dconv = self.drelu * (self.conv > 0)
        if guided:
            dconv = np.maximum(dconv, 0)
        _, height, width = self.relu.shape
        dx = np.zeros((self.filters.shape[1], height + 2, width + 2))
        for c, i, j in np.ndindex(dconv.shape):
            dx[:, i : i + 3, j : j + 3] += dconv[c, i, j] * self.filters[c]
        return dx[:, 1:-1, 1:-1]


def one_hot(label: int) -> np.ndarray:
    return np.eye(CLASSES)[label]
