"""How well the examples learn, trained anew from three seeds each: the share of held-out rows that they tell right, and
the bits per character of held-out text."""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import readme
from benchmarks.report import Report, Row
from graphlab.engine import Trainer
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import example

SEEDS = (0, 1, 2)
TARGETS = {
    "spirals": 97.0,
    "digits-mlp": 96.0,
    "digits-cnn": 98.0,
    "lenet-mnist": 97.0,
    "digits-vit": 93.0,
}  # percent
HELD_OUT = ("validation", "test")
BITS = {"names-rnn": 3.05, "names-lstm": 3.0, "names-gru": 3.05, "names-gpt": 3.06}  # per character


def main() -> int:
    arguments, rest = _options()
    if arguments.readme:
        return readme.write("targets")
    report = Report(
        "targets", "Held-out rows that the examples tell right after their epochs; three seeds each"
    )
    for name, target in TARGETS.items():
        for seed in SEEDS:
            report.add(row(name, seed, target))
    for name, target in BITS.items():
        for seed in SEEDS:
            report.add(bits(name, seed, target))
    return report.finish(rest)


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--readme", action="store_true", help="measure nothing; write the last results there")
    return parser.parse_known_args()


def row(name: str, seed: int, target: float) -> Row:
    """Trains an example from a seed and says how well it does."""
    began = time.perf_counter()
    trainer = trained(name, seed)
    seconds = time.perf_counter() - began
    share, count = held_out(trainer)
    told = f"{count:,} of {trainer.batches.count('train') + count:,} rows held out, {seconds:.1f} s"
    return Row(f"{name}, seed {seed}", 100 * share, "%", target, "at least", told)


def bits(name: str, seed: int, target: float) -> Row:
    """Trains an example that writes from a seed and says how well it foresees characters."""
    began = time.perf_counter()
    trainer = trained(name, seed)
    seconds = time.perf_counter() - began
    found, count = bits_of(trainer)
    told = f"{count:,} characters held out, {seconds:.1f} s"
    return Row(f"{name}, seed {seed}", found, "bits", target, "at most", told)


def bits_of(trainer: Trainer) -> tuple[float, int]:
    """Bits per character of the held-out text, and how many characters that is."""
    found = [trainer.evaluate(split) for split in HELD_OUT if trainer.batches.count(split)]
    count = sum(part.count for part in found)
    total = sum(part.metrics["bits per character"] * part.count for part in found)
    data = trainer.batches.data
    return total / count, count * (data.target.shape[1] if data is not None and data.by_step else 1)


def trained(name: str, seed: int) -> Trainer:
    """The example after the epochs that its document wants: what `graphlab train NAME --seed SEED` does."""
    graph = Graph(load(example(name).path)[0].document)
    graph.configure(seed=seed)
    trainer = Trainer(graph)
    trainer.run.require_trainable()
    for _ in trainer.fit():
        pass
    return trainer


def held_out(trainer: Trainer) -> tuple[float, int]:
    """The share of the held-out rows that are told right, and how many there are."""
    found = [trainer.evaluate(split) for split in HELD_OUT if trainer.batches.count(split)]
    count = sum(part.count for part in found)
    return sum(part.metrics["accuracy"] * part.count for part in found) / count, count


if __name__ == "__main__":
    sys.exit(main())
