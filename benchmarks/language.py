"""How well the examples that write foresee held-out text, beside PyTorch models of the same size: with the same initial
weights, trained on the same batches at the same rates."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.networks.gpt import gpt
from benchmarks.report import Report, Row
from benchmarks.targets import BITS, HELD_OUT, bits_of
from graphlab.engine import Trainer
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import example

APART = 2.0  # percent that the two may differ
SEED = 0


class Recurrent(nn.Module):
    """Characters as vectors, a recurrent layer over all of them, a score for each next one: N×T → N×V×T."""

    def __init__(self, kind: str, characters: int, width: int, hidden: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(characters, width)
        self.layer = getattr(nn, kind)(width, hidden, batch_first=True)
        self.out = nn.Linear(hidden, characters)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.out(self.layer(self.embed(x))[0])
        return scores.transpose(1, 2)


def recurrent(trainer: Trainer) -> nn.Module:
    """The twin of names-rnn, names-lstm or names-gru, with its weights."""
    weights = trainer.run.weights
    node = next(n for n in trainer.run.document.nodes.values() if n.op in ("RNN", "LSTM", "GRU"))
    characters, width = weights["embed.weight"].shape
    twin = Recurrent(node.op, characters, width, int(node.params["hidden_size"]))
    names = {"embed": "embed", "layer": node.name, "out": "out"}
    with torch.no_grad():
        for name, parameter in twin.named_parameters():
            part, _, socket = name.partition(".")
            parameter.copy_(torch.from_numpy(np.array(weights[f"{names[part]}.{socket}"])))
    return twin


TWINS: dict[str, Callable[[Trainer], nn.Module]] = {
    "names-rnn": recurrent,
    "names-lstm": recurrent,
    "names-gru": recurrent,
    "names-gpt": gpt,
}


def main() -> int:
    arguments, rest = _options()
    report = Report("language", "Bits per character of held-out text, beside PyTorch trained the same way")
    for name in TWINS:
        if arguments.only in name:
            for row in rows(name):
                report.add(row)
    return report.finish(rest, keep=not arguments.only)


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--only", default="", help="the examples with this in their names; keeps no results")
    return parser.parse_known_args()


def rows(name: str) -> tuple[Row, Row]:
    """What an example comes to, and how far PyTorch's twin of it is from that."""
    graph = Graph(load(example(name).path)[0].document)
    graph.configure(seed=SEED)
    trainer = Trainer(graph)
    twin = TWINS[name](trainer)
    began = time.perf_counter()
    for _ in trainer.fit():
        pass
    seconds = time.perf_counter() - began
    ours, count = bits_of(trainer)
    began = time.perf_counter()
    train(twin, trainer)
    theirs = held_out(twin, trainer)
    told = f"{count:,} characters held out, {seconds:.1f} s; PyTorch {theirs:.3f}, {time.perf_counter() - began:.1f} s"
    return (
        Row(name, ours, "bits", BITS.get(name), "at most", told),
        Row(f"{name}, apart from PyTorch", 100 * abs(ours / theirs - 1), "%", APART, "at most"),
    )


def train(twin: nn.Module, trainer: Trainer) -> None:
    """As the trainer did: its batches in their order, its optimizer by PyTorch, its learning rates."""
    x, target = columns(trainer)
    training, optimizer = trainer.run.document.training, trainer.run.optimizer
    kind = {"Adam": torch.optim.Adam, "AdamW": torch.optim.AdamW}[training.optimizer]
    theirs = kind(twin.parameters(), lr=training.lr, weight_decay=training.weight_decay)
    for step in range(trainer.steps_done):
        rate = training.lr if optimizer.schedule is None else optimizer.schedule.rate(training.lr, step)
        for group in theirs.param_groups:
            group["lr"] = rate
        chosen = torch.from_numpy(np.array(trainer.rows_of(step)))
        theirs.zero_grad()
        F.cross_entropy(twin(x[chosen]), target[chosen]).backward()
        theirs.step()


def held_out(twin: nn.Module, trainer: Trainer) -> float:
    """Bits per character of the rows that were not trained on."""
    x, target = columns(trainer)
    chosen = torch.from_numpy(np.concatenate([trainer.batches.rows(split) for split in HELD_OUT]))
    twin.eval()
    with torch.no_grad():
        return float(F.cross_entropy(twin(x[chosen]), target[chosen])) / math.log(2)


def columns(trainer: Trainer) -> tuple[torch.Tensor, torch.Tensor]:
    """All rows, and their targets."""
    data = trainer.batches.data
    assert data is not None
    return torch.from_numpy(data.x.astype(np.int64)), torch.from_numpy(np.array(data.target))


if __name__ == "__main__":
    sys.exit(main())
