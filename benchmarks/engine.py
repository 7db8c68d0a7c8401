"""graphlab against its peers: the same networks, the same threads, interleaved in one process.

A training step is forward, the loss as a Python float, backward and the update, on a batch that is already in place.
Steps are taken ten at a time (one at a time where a step is long), as training does.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from benchmarks import readme
from benchmarks.networks import (
    Workload,
    alexnet,
    digits_cnn,
    elman_by_hand,
    encoder_layer,
    fused,
    lenet,
    micrograd_demo,
    mlp,
    resnet18,
    resnet50,
    unrolled,
    vgg16,
)
from benchmarks.peers.race import PEERS, limit_threads, race
from benchmarks.report import Report, Row

THREADS = (1, 2)  # of everybody alike; one is what graphlab takes by itself
WITH_SEVERAL = ("PyTorch", "JAX")  # the others gain nothing by it, or take minutes to compile


class Line(NamedTuple):
    """A workload by a short name, and how many times as fast as whom we want to be."""

    key: str
    make: Callable[[], Workload]
    targets: dict[str, float]


DIGITS = (784, 256, 128, 10)
LINES = (
    Line("scalar", micrograd_demo, {"PyTorch": 10, "micrograd": 10, "JAX": 1.2}),
    Line("xor", lambda: mlp((2, 8, 1), "Tanh", 4, name="XOR MLP"), {"PyTorch": 10}),
    Line("mlp-small", lambda: mlp((2, 8, 8, 1), "Tanh", 32), {"PyTorch": 12, "JAX": 1.2}),
    Line("mlp-sgd", lambda: mlp(DIGITS, "ReLU", 64), {"PyTorch": 1.3, "JAX": 1.2}),
    Line("mlp-adam", lambda: mlp(DIGITS, "ReLU", 64, "Adam"), {"PyTorch": 1.3, "JAX": 1.2}),
    Line("digits-cnn", lambda: digits_cnn(16), {"PyTorch": 2}),
    Line("lenet-1", lambda: lenet(1), {"PyTorch": 3, "JAX": 1.2}),
    Line("lenet-16", lambda: lenet(16), {"PyTorch": 3, "JAX": 1.2}),
    Line("lenet-64", lambda: lenet(64), {"PyTorch": 1.5, "JAX": 1.2}),
    Line("elman", elman_by_hand, {"PyTorch": 2.5}),
    Line("rnn", lambda: fused("RNN"), {"PyTorch": 3.5}),
    Line("lstm", lambda: fused("LSTM"), {"PyTorch": 1.3}),
    Line("gru", lambda: fused("GRU"), {"PyTorch": 1.3}),
    Line("unrolled-elman-loop", lambda: unrolled("RNN", "cell"), {"PyTorch": 2}),
    Line("unrolled-elman-layer", lambda: unrolled("RNN", "layer"), {"PyTorch": 1.3}),
    Line("unrolled-lstm-loop", lambda: unrolled("LSTM", "cell"), {"PyTorch": 1}),
    Line("unrolled-gru-loop", lambda: unrolled("GRU", "cell"), {"PyTorch": 1}),
    Line("attention", encoder_layer, {"PyTorch": 1.3}),
    Line("alexnet-forward", lambda: alexnet(1, "forward"), {"PyTorch": 2}),
    Line("alexnet-training", lambda: alexnet(8, "train"), {"PyTorch": 1.2}),
    Line("resnet-18", resnet18, {"PyTorch": 1}),
    Line("resnet-50", resnet50, {"PyTorch": 1}),
    Line("vgg-16", vgg16, {"PyTorch": 1}),
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if options.readme:
        return readme.write("engine")
    report = Report("engine", "How many times as fast as its peers graphlab is, same threads, interleaved")
    lines = [line for line in LINES if any(word in line.key for word in options.only or [""])]
    for threads in options.threads:
        peers = [name for name in options.peers if threads == 1 or name in WITH_SEVERAL]
        for row in rows(lines, threads, peers):
            print(row, flush=True)  # while the rest is measured
            report.add(row)
    return report.finish(["--check"] if options.check else [], keep=not options.only)


def rows(lines: Sequence[Line], threads: int, peers: Sequence[str]) -> Iterator[Row]:
    """Measured in a process of its own, because some peers settle their threads once and for all."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, fresh, initializer=limit_threads, initargs=(threads,)) as process:
        for line in lines:
            yield from process.submit(measure, line.key, threads, peers).result()


def measure(key: str, threads: int, peers: Sequence[str]) -> list[Row]:
    line = next(line for line in LINES if line.key == key)
    return race(line.make(), line.targets, peers, threads)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="engine", description=__doc__)
    keys = ", ".join(line.key for line in LINES)
    parser.add_argument("--only", nargs="+", metavar="PART", help=f"rows whose key holds a part: {keys}")
    parser.add_argument("--peers", nargs="+", choices=list(PEERS), default=list(PEERS))
    parser.add_argument("--threads", nargs="+", type=int, default=list(THREADS))
    parser.add_argument("--check", action="store_true", help="exit 1, naming each target that is missed")
    parser.add_argument("--readme", action="store_true", help="measure nothing; write the last results there")
    options = parser.parse_args(arguments)
    if options.only and not any(part in line.key for part in options.only for line in LINES):
        parser.error(f"no row is called that; there are {keys}")
    return options


if __name__ == "__main__":
    raise SystemExit(main())
