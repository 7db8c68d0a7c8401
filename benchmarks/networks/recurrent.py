"""Character models: one-hot characters in, a score for each next character out, a loss at every step.

Time comes first: x is T×N×V. The Elman network is also drawn node by node, as lectures unroll it. Where a cell is
repeated by an Unroll node, the batch comes first, N×T×V.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from graphlab.graph import Graph

from .drawing import Ends, draw, inside
from .workload import Array, Workload, classes


class CharacterModel(nn.Module):
    """A recurrent layer over all steps, and one linear layer for all its states: T×N×V → T·N×V."""

    def __init__(self, kind: str, vocabulary: int, hidden: int) -> None:
        super().__init__()
        self.layer = getattr(nn, kind)(vocabulary, hidden)
        self.scores = nn.Linear(hidden, vocabulary)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.scores(self.layer(x)[0]).flatten(0, 1)
        return scores


class UnrolledElman(nn.Module):
    """The same with a cell that is called step by step: T×N×V and the first state N×H → T times N×V."""

    def __init__(self, vocabulary: int, hidden: int) -> None:
        super().__init__()
        self.cell = nn.RNNCell(vocabulary, hidden)
        self.scores = nn.Linear(hidden, vocabulary)

    def forward(self, x: torch.Tensor, h: torch.Tensor) -> list[torch.Tensor]:
        scores = []
        for step in x.unbind():
            h = self.cell(step, h)
            scores.append(self.scores(h))
        return scores


class CellLoop(nn.Module):
    """A cell called step by step, and one linear layer for all its states: N×T×V → N·T×V."""

    def __init__(self, kind: str, vocabulary: int, hidden: int) -> None:
        super().__init__()
        self.cell = getattr(nn, f"{kind}Cell")(vocabulary, hidden)
        self.scores = nn.Linear(hidden, vocabulary)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state, states = None, []
        for step in x.unbind(1):
            state = self.cell(step, state)
            states.append(state[0] if isinstance(state, tuple) else state)
        scores: torch.Tensor = self.scores(torch.stack(states, 1)).flatten(0, 1)
        return scores


class WholeLayer(nn.Module):
    """The same by the layer that does all steps at once."""

    def __init__(self, kind: str, vocabulary: int, hidden: int) -> None:
        super().__init__()
        self.cell = getattr(nn, kind)(vocabulary, hidden, batch_first=True)
        self.scores = nn.Linear(hidden, vocabulary)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.scores(self.cell(x)[0]).flatten(0, 1)
        return scores


class LossOfEachStep(nn.Module):
    """The mean of the cross-entropies of the steps; target is T×N."""

    def forward(self, scores: list[torch.Tensor], target: torch.Tensor) -> torch.Tensor:
        losses = [F.cross_entropy(at, wanted) for at, wanted in zip(scores, target.unbind(), strict=True)]
        return torch.stack(losses).mean()


@draw.register
def _(module: CharacterModel, g: Graph, path: str, x: Ends) -> Ends:
    layer = g.add(
        type(module.layer).__name__, x, name=inside(path, "layer"), hidden_size=module.layer.hidden_size
    )
    scores = draw(module.scores, g, inside(path, "scores"), layer["y"])
    return g.add("Flatten", scores, start_dim=0, end_dim=1)


@draw.register
def _(module: UnrolledElman, g: Graph, path: str, x: Ends, h: Ends) -> Ends:
    length, hidden = int(g.document.node("x").params["shape"][0]), module.cell.hidden_size
    shared = {name: _shared(g, name, tuple(p.shape)) for name, p in module.named_parameters()}
    w_ih, w_hh, b_ih, b_hh, w_y, b_y = shared.values()
    scores = []
    for step in _steps(g, x, length):
        seen = g.add("Linear", step, units=hidden, weight=w_ih, bias=b_ih)
        kept = g.add("Linear", h, units=hidden, weight=w_hh, bias=b_hh)
        h = g.add("Tanh", g.add("Add", seen, kept))
        scores.append(g.add("Linear", h, units=module.scores.out_features, weight=w_y, bias=b_y))
    return scores


@draw.register
def _(module: LossOfEachStep, g: Graph, path: str, scores: list[Ends], target: Ends) -> Ends:
    steps = _steps(g, target, len(scores))
    losses = [
        g.add("CrossEntropyLoss", at, wanted, name=f"{path}_{t}")
        for t, (at, wanted) in enumerate(zip(scores, steps, strict=True), 1)
    ]
    return g.add("Mean", g.add("Stack", *losses, dim=0), name=path)


@draw.register(CellLoop)
@draw.register(WholeLayer)
def _(module: CellLoop | WholeLayer, g: Graph, path: str, x: Ends) -> Ends:
    kind = type(module.cell).__name__.removesuffix("Cell")
    length = int(g.document.node("x").params["shape"][1])
    part = {"RNN": "elman-cell", "LSTM": "lstm-cell", "GRU": "gru-cell"}[kind]
    states = g.unroll(part, x, name=inside(path, "cell"), steps=length, hidden=module.cell.hidden_size)
    return g.add("Flatten", draw(module.scores, g, inside(path, "scores"), states), start_dim=0, end_dim=1)


def _shared(g: Graph, name: str, shape: tuple[int, ...]) -> Ends:
    return g.add("Parameter", name=name.replace(".", "_"), shape=shape)


def _steps(g: Graph, x: Ends, length: int) -> list[Ends]:
    """What x holds at each step of time."""
    parts = g.add("Split", x, sections=length, dim=0)
    return [g.add("Squeeze", parts[f"y{t}"], dim=0) for t in range(1, length + 1)]


def fused(kind: str, length: int = 32, batch: int = 32, hidden: int = 128, vocabulary: int = 65) -> Workload:
    """One node for all steps: kind is "RNN", "LSTM" or "GRU"."""
    return Workload(
        f"{kind} fused, {_sizes(length, batch, hidden, vocabulary)}",
        lambda: CharacterModel(kind, vocabulary, hidden),
        nn.CrossEntropyLoss(),
        {"x": _characters(length, batch, vocabulary), "target": classes(length * batch, count=vocabulary)},
        batch_first=False,
    )


def elman_by_hand(length: int = 32, batch: int = 32, hidden: int = 128, vocabulary: int = 65) -> Workload:
    """Elman's network, every step drawn: shared weights, a cell, scores and a loss each."""
    inputs = {
        "x": _characters(length, batch, vocabulary),
        "h": np.zeros((batch, hidden), np.float32),
        "target": classes(length, batch, count=vocabulary),
    }
    return Workload(
        f"Elman RNN unrolled node by node, {_sizes(length, batch, hidden, vocabulary)}",
        lambda: UnrolledElman(vocabulary, hidden),
        LossOfEachStep(),
        inputs,
        batch_first=False,
    )


def unrolled(
    kind: str, against: str, length: int = 32, batch: int = 32, hidden: int = 128, vocabulary: int = 65
) -> Workload:
    """A cell of ordinary nodes, repeated by an Unroll node, against a loop over PyTorch's "cell", or its whole "layer".

    kind is "RNN", "LSTM" or "GRU".
    """
    model = {"cell": CellLoop, "layer": WholeLayer}[against]
    other = f"{kind}Cell in a loop" if against == "cell" else f"nn.{kind}"
    return Workload(
        f"{kind} cell unrolled, against {other}, {_sizes(length, batch, hidden, vocabulary)}",
        lambda: model(kind, vocabulary, hidden),
        nn.CrossEntropyLoss(),
        {
            "x": np.ascontiguousarray(_characters(length, batch, vocabulary).swapaxes(0, 1)),
            "target": classes(length * batch, count=vocabulary),
        },
        batch_first=False,
    )


def _sizes(length: int, batch: int, hidden: int, vocabulary: int) -> str:
    return f"T={length} B={batch} H={hidden} V={vocabulary}"


def _characters(length: int, batch: int, vocabulary: int) -> Array:
    one_hot: Array = np.eye(vocabulary, dtype=np.float32)
    return one_hot[classes(length, batch, count=vocabulary, seed=0)]
