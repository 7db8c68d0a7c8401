"""What a long training takes more and more of: memory over 100,000 steps, with every step of them within reach.

The engine as its process runs it, in a fresh process; after a warm-up of 10,000 steps, in which states are kept as
often as they ever are.
"""

from __future__ import annotations

import io
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from benchmarks.memory import MEGABYTE, resident
from benchmarks.report import Report, Row

STEPS, WARM_UP = 100_000, 10_000
MOST = 20.0  # MB
GRAPHS = ("xor", "digits-mlp")


def main() -> int:
    report = Report("lasting", f"Memory that {STEPS:,} steps of training add, with time travel")
    for name in GRAPHS:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            grown = process.submit(growth, name).result()
        report.add(Row.figure(name, [grown], "MB", target=MOST))
    return report.finish()


def growth(name: str) -> float:
    """Megabytes between the end of the warm-up and the last step."""
    from graphlab.engine import messages as m
    from graphlab.engine.host import Host
    from graphlab.graph.codec import to_bytes
    from graphlab.io import load
    from graphlab.io.examples import example

    class Silent(Host):
        def _send(self, event: m.Event) -> None: ...

    host = Silent(io.BytesIO(), io.BytesIO())
    host._carry_out(m.Load(1, to_bytes(load(example(name).path)[0].document), False))

    def train(steps: int) -> int:
        host._carry_out(m.Train(steps))
        while host.state == "training":
            host._train_on()
        return resident("VmRSS")

    before = train(WARM_UP)
    return (train(STEPS - WARM_UP) - before) / MEGABYTE


if __name__ == "__main__":
    raise SystemExit(main())
