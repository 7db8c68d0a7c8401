"""A process that keeps runs as the window does, each in a child that goes on until it is killed.

It reads a folder on a line of its standard input, prints the child's number, and goes on to the next when that is dead.
Before it writes, the child notes in `told` what steps it has been told of, and when.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np

from graphlab.engine.training import Report
from graphlab.graph import Graph
from graphlab.io import load, save
from graphlab.lab.runs import RunWriter, Start

BATCH, REST = 400, 0.005
FILE, RUNS, TOLD = "net.graphlab", "net.runs", "told"


def write_for_ever(home: Path) -> None:
    graph, _ = load(home / FILE)
    rng, began, step = np.random.default_rng(0), time.monotonic(), 0
    writer = RunWriter(home / RUNS, Start(graph.document, str(home / FILE)))
    told = open(home / TOLD, "ab", buffering=0)  # noqa: SIM115  (until it is killed)
    while True:
        told.write(f"{step + BATCH}\n".encode())
        writer.losses(step, np.arange(step, step + BATCH) / 7, time.monotonic() - began)
        step += BATCH
        writer.epoch(Report(step // BATCH, step, float(rng.random()), seconds=0.0))
        weights = {"hidden.weight": np.full((64, 64), step, np.float32)}
        writer.weights(graph.document, weights, step)
        save(graph, home / FILE, weights)
        time.sleep(REST)


def main() -> None:
    graph = Graph("net")
    graph.add("Linear", graph.add("Input", name="x", shape=("N", 64)), name="hidden", units=64)
    for line in sys.stdin:
        home = Path(line.strip())
        save(graph, home / FILE)
        child = os.fork()
        if not child:
            write_for_ever(home)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()
