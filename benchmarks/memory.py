"""Peak memory of training and evaluation, graphlab against PyTorch eager: what the process grows to beyond before.

Each contender has a fresh process, in which it has trained something tiny already: much is imported only then. Linux
tells a process how large it was at most, and lets it begin anew; other systems do not.
"""

from __future__ import annotations

import gc
import multiprocessing
import re
import statistics
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.networks import Workload, alexnet, lenet, resnet50, vgg16
from benchmarks.peers import graphlab, pytorch, race
from benchmarks.report import Report, Row, number

WORKLOADS: dict[str, Callable[[], Workload]] = {
    "lenet": lambda: lenet(64),
    "alexnet": lambda: alexnet(8, "train"),
    "alexnet-forward": lambda: alexnet(1, "forward"),
    "resnet-50": resnet50,
    "vgg-16": vgg16,
}
TIMES = 3
TRAININGS = 3
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
MEGABYTE = 1e6


def main() -> int:
    report = Report("memory", "Peak memory, beyond what the process took before; a fresh one each")
    for key, make in WORKLOADS.items():
        report.add(row(key, make().name))
    return report.finish()


def row(key: str, name: str) -> Row:
    if not RESET.exists():
        return Row.absent(name, race.title("PyTorch"), "only Linux tells")
    theirs = statistics.median(in_fresh_process(key, "PyTorch") for _ in range(TIMES))
    ours = [in_fresh_process(key, "graphlab") for _ in range(TIMES)]
    return Row.figure(name, ours, "MB", peer=f"{race.title('PyTorch')}: {number(theirs)} MB")


def in_fresh_process(key: str, who: str) -> float:
    """Megabytes."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), race.limit_threads, (1,)) as process:
        return process.submit(growth, key, who).result()


def growth(key: str, who: str) -> float:
    """How many megabytes this process takes more, at most, while it trains, or evaluates."""
    contender = graphlab.fresh if who == "graphlab" else pytorch.contender
    contender(lenet(1)).steps()
    gc.collect()
    RESET.write_text("5")
    before = resident("VmRSS")
    training = contender(WORKLOADS[key]())
    for _ in range(TRAININGS):
        training.steps()
    return (resident("VmHWM") - before) / MEGABYTE


def resident(field: str) -> int:
    """Bytes in memory: VmRSS now, VmHWM at most."""
    found = re.search(rf"^{field}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return 1024 * int(found[1])


if __name__ == "__main__":
    raise SystemExit(main())
