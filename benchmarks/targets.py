"""How well the examples learn, trained anew from three seeds each: the share of held-out rows that they tell right, and
the bits per character of held-out text."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks import readme
from benchmarks.report import Direction, Report, Row
from graphlab.engine import Trainer
from graphlab.graph import Graph, rewire
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.lab import gabors

SEEDS = (0, 1, 2)
TARGETS = {
    "spirals": 97.0,
    "digits-mlp": 96.0,
    "digits-cnn": 98.0,
    "lenet-mnist": 97.5,
    "digits-vit": 93.0,
    "loop": 95.0,
    "languages": 95.0,
    "remember": 99.0,
    "resnet-shapes": 98.0,
    "unet-shapes": 97.0,  # of pixels
    "textures": 87.0,
}  # percent
EXACT = {
    "brackets": 98.0,
    "dates": 95.0,
    "writer": 75.0,
    "reverse": 99.0,
    "captions": 95.0,
}  # sequences right from end to end
COPY = {"LSTM": 99.0, "RNN": 20.0}  # percent of letters; whoever guesses has 12.5
COPY_IS: dict[str, Direction] = {"LSTM": "at least", "RNN": "at most"}
SUMS = {"lstm-cell": 0.002, "elman-cell": 0.14}  # mean squared error; whoever always says 1 has 0.167
SUMS_ARE: dict[str, Direction] = {"lstm-cell": "at most", "elman-cell": "at least"}
DRAWN = {"autoencoder": 60.0}  # percent of the variance of held-out pictures; eight principal axes draw 43
DETECTORS = 70.0  # percent of the first layer's filters that are edges or blobs; of fresh ones it is none
HELD_OUT = ("validation", "test")
BITS = {"names-rnn": 3.05, "names-lstm": 3.0, "names-gru": 3.05, "names-gpt": 3.06}  # per character


def main() -> int:
    arguments, rest = _options()
    if arguments.readme:
        return readme.write("targets")
    report = Report(
        "targets", "Held-out rows that the examples tell right after their epochs; three seeds each"
    )
    for key, measure in measures().items():
        if not arguments.only or any(part in key for part in arguments.only):
            report.add(measure())
    return report.finish(rest, keep=not arguments.only)


def measures() -> dict[str, Callable[[], Row]]:
    """What is measured, by the keys of the rows."""
    made = [(name, partial(row, name, target=target)) for name, target in TARGETS.items()]
    made += [(name, partial(row, name, target=target, metric="exact")) for name, target in EXACT.items()]
    made += [(f"copy ({layer})", partial(remembered, layer, target=t)) for layer, t in COPY.items()]
    made += [(f"adding ({cell})", partial(summed, cell, target=target)) for cell, target in SUMS.items()]
    made += [(name, partial(bits, name, target=target)) for name, target in BITS.items()]
    made += [(name, partial(drawn, name, target=target)) for name, target in DRAWN.items()]
    made.append(("textures (filters)", partial(detectors, target=DETECTORS)))
    return {f"{name}, seed {seed}": partial(measure, seed=seed) for name, measure in made for seed in SEEDS}


def _options() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--only", nargs="+", metavar="PART", help="rows whose key holds a part; no results are kept"
    )
    parser.add_argument("--readme", action="store_true", help="measure nothing; write the last results there")
    return parser.parse_known_args()


def row(name: str, seed: int, target: float, metric: str = "accuracy") -> Row:
    """Trains an example from a seed and says how well it does."""
    began = time.perf_counter()
    trainer = trained(name, seed)
    seconds = time.perf_counter() - began
    share, count = held_out(trainer, metric)
    told = f"{count:,} of {trainer.batches.count('train') + count:,} rows held out, {seconds:.1f} s"
    return Row(f"{name}, seed {seed}", 100 * share, "%", target, "at least", told)


def drawn(name: str, seed: int, target: float) -> Row:
    """Trains an example that draws its pictures again, and says how much of what makes them differ it draws."""
    began = time.perf_counter()
    trainer = trained(name, seed)
    seconds = time.perf_counter() - began
    share, axes, count = drawn_of(trainer)
    told = f"{count:,} rows held out, {seconds:.1f} s; as many principal axes draw {100 * axes:.0f} %"
    return Row(f"{name}, seed {seed}", 100 * share, "%", target, "at least", told)


def drawn_of(trainer: Trainer) -> tuple[float, float, int]:
    """The shares of the variance of the held-out pictures that the network and that as many principal axes draw."""
    data = trainer.batches.data
    assert data is not None
    x, held = (data.part(split)[0].reshape(len(data.part(split)[0]), -1) for split in ("train", "validation"))
    numbers = trainer.run.weights["net/encoder/narrow.bias"].size
    mean = x.mean(axis=0)
    axes = np.linalg.svd(x - mean, full_matrices=False)[2][:numbers]
    variance = float(np.square(held - mean).mean())
    left = float(np.square(held - mean - (held - mean) @ axes.T @ axes).mean())
    loss = trainer.evaluate("validation").loss
    return 1 - loss / variance, 1 - left / variance, len(held)


def detectors(seed: int, target: float) -> Row:
    """Trains on textures from a seed and says how many filters of the first layer have become edges or blobs."""
    began = time.perf_counter()
    graph = Graph(load(example("textures").path)[0].document)
    graph.configure(seed=seed)
    before = gabors.share(Trainer(graph).run.weights["conv.weight"])
    after = gabors.share(trained_from(graph, seed).run.weights["conv.weight"])
    told = f"r ≥ {gabors.GOOD} with a Gabor function or spot; {100 * before:.0f} % before training"
    told += f", {time.perf_counter() - began:.1f} s"
    return Row(f"textures (filters), seed {seed}", 100 * after, "%", target, "at least", told)


def remembered(layer: str, seed: int, target: float) -> Row:
    """Trains the copy memory with that layer, and says how many of the letters come back, 50 steps later."""
    began = time.perf_counter()
    graph = Graph(load(example("copy").path)[0].document)
    if layer == "RNN":
        forgetful(graph)
    trainer = trained_from(graph, seed)
    told = f"of {held_out(trainer)[1]:,} sequences held out, {time.perf_counter() - began:.1f} s"
    share = 100 * held_out(trainer)[0]
    return Row(f"copy ({layer}), seed {seed}", share, "%", target, COPY_IS[layer], told)


def forgetful(graph: Graph) -> None:
    """Puts an Elman network of the same size into the place of the LSTM, which begins as PyTorch's does."""
    graph.remove("keep")
    after, _ = rewire.replace(graph.document, graph.document.node("lstm").id, "RNN")
    graph.replace(after, "Replace by RNN")


def summed(cell: str, seed: int, target: float) -> Row:
    """Trains the adding problem with that cell, and says how far off its sums are."""
    began = time.perf_counter()
    graph = Graph(load(example("adding").path)[0].document)
    if cell != "lstm-cell":
        graph.swap_cell("lstm", cell)
    trainer = trained_from(graph, seed)
    found = [trainer.evaluate(split) for split in HELD_OUT]
    count = sum(part.count for part in found)
    error = sum(part.loss * part.count for part in found) / count
    told = f"{count:,} rows held out, {time.perf_counter() - began:.1f} s"
    return Row(f"adding ({cell}), seed {seed}", error, "MSE", target, SUMS_ARE[cell], told)


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
    return trained_from(Graph(load(example(name).path)[0].document), seed)


def trained_from(graph: Graph, seed: int) -> Trainer:
    """The same of a graph at hand."""
    graph.configure(seed=seed)
    trainer = Trainer(graph)
    trainer.run.require_trainable()
    for _ in trainer.fit():
        pass
    return trainer


def held_out(trainer: Trainer, metric: str = "accuracy") -> tuple[float, int]:
    """The share of the held-out rows that are told right, and how many there are."""
    found = [trainer.evaluate(split) for split in HELD_OUT if trainer.batches.count(split)]
    count = sum(part.count for part in found)
    return sum(part.metrics[metric] * part.count for part in found) / count, count


if __name__ == "__main__":
    sys.exit(main())
