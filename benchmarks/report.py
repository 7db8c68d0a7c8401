"""What every benchmark shares: rows with their targets, a table, a JSON file, and `--check`.

A benchmark measures and hands over rows; nothing here measures anything but time.

    def main() -> int:
        report = Report("engine", "Training steps, graphlab against PyTorch eager")
        ours, peer = interleaved(step, torch_step)
        report.add(Row.ratio("XOR-size MLP", ours, peer, target=10, peer="PyTorch 2.13"))
        return report.finish()
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, Self

import numpy as np
import threadpoolctl
from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"

Direction = Literal["at least", "at most"]


@dataclass(frozen=True)
class Row:
    """One measured figure. `spread` is how far repetitions differ: (max − min) / median, 0.1 being 10 %.

    `note` stands in the place of a figure that could not be measured.
    """

    workload: str
    value: float
    unit: str = "×"
    target: float | None = None
    direction: Direction = "at least"
    peer: str = ""
    spread: float | None = None
    threads: int | None = None
    note: str = ""

    @classmethod
    def ratio(
        cls,
        workload: str,
        ours: Sequence[float],
        peers: Sequence[float],
        *,
        target: float | None,
        peer: str,
        threads: int | None = None,
    ) -> Self:
        """How many times faster than the peer: the median of the ratios of neighbouring runs (seconds
        each).
        """
        ratios = [theirs / mine for mine, theirs in zip(ours, peers, strict=True)]
        middle, spread = statistics.median(ratios), _spread(ratios)
        return cls(workload, middle, "×", target, "at least", peer, spread, threads)

    @classmethod
    def absent(cls, workload: str, peer: str, note: str, threads: int | None = None) -> Self:
        """A row that nothing was measured for, and why. It has no target to miss."""
        return cls(workload, math.nan, "×", peer=peer, threads=threads, note=note)

    @classmethod
    def figure(
        cls,
        workload: str,
        values: Sequence[float],
        unit: str,
        *,
        target: float | None = None,
        direction: Direction = "at most",
        peer: str = "",
    ) -> Self:
        """The median of repeated measurements in `unit`."""
        return cls(workload, statistics.median(values), unit, target, direction, peer, _spread(values))

    @property
    def met(self) -> bool:
        """Whether the target is reached. NaN reaches nothing; a row without target has nothing to miss."""
        if self.target is None:
            return True
        return self.value >= self.target if self.direction == "at least" else self.value <= self.target

    @property
    def result(self) -> str:
        return self.note or f"{number(self.value)} {self.unit}"

    def __str__(self) -> str:
        against = f" against {self.peer}" if self.peer else ""
        return f"{self.title}: {self.result}{against}"

    @property
    def title(self) -> str:
        """The workload, and the threads if they were said."""
        if self.threads is None:
            return self.workload
        return f"{self.workload}, {self.threads} thread{'' if self.threads == 1 else 's'}"

    @property
    def goal(self) -> str:
        return "" if self.target is None else f"{self.direction} {number(self.target)} {self.unit}"


@dataclass
class Report:
    """The rows of one benchmark, by the name of its file."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    machine: str = field(default_factory=lambda: _machine())

    def add(self, row: Row) -> None:
        self.rows.append(row)

    def finish(self, arguments: Sequence[str] | None = None, keep: bool = True) -> int:
        """Prints the table and (to `keep` it) writes results/<name>.json. With `--check`: 1 if a row falls short,
        which it names.
        """
        parser = argparse.ArgumentParser(prog=self.name, description=self.title)
        parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
        check = parser.parse_args(arguments).check
        console = Console()
        console.print(self.table())
        if keep:
            self.write()
        short = [row for row in self.rows if not row.met]
        if check:
            for row in short:
                console.print(f"[red]short:[/] {row}, wanted {row.goal}")
        return int(check and bool(short))

    def table(self) -> Table:
        table = Table(title=self.title, title_justify="left", caption=self.machine, caption_justify="left")
        for heading, justify in (
            ("workload", "left"),
            ("result", "right"),
            ("target", "right"),
            ("peer", "left"),
        ):
            table.add_column(heading, justify="right" if justify == "right" else "left")
        table.add_column("spread", justify="right")
        for row in self.rows:
            colour = "dim" if row.target is None else "green" if row.met else "red"
            spread = "" if row.spread is None else f"{row.spread:.0%}"
            table.add_row(row.title, f"[{colour}]{row.result}[/]", row.goal, row.peer, spread)
        return table

    def write(self) -> Path:
        """results/<name>.json: the machine, and every row with `ratio` (or `value` and `unit`) and whether
        met.
        """
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{self.name}.json"
        rows = [_plain(row) for row in self.rows]
        content = {"benchmark": self.name, "title": self.title, "machine": self.machine, "rows": rows}
        path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return path


def interleaved(
    *contenders: Callable[[], object], rounds: int = 9, seconds: float = 0.1
) -> tuple[list[float], ...]:
    """Seconds per call of each contender in each round. They take turns, so that a busy moment hits all
    alike.
    """
    counts = [_calls_in(contender, seconds) for contender in contenders]
    times: tuple[list[float], ...] = tuple([] for _ in contenders)
    for _ in range(rounds):
        for contender, count, seen in zip(contenders, counts, times, strict=True):
            seen.append(timed(contender, count) / count)
    return times


def timed(function: Callable[[], object], count: int = 1) -> float:
    """Seconds that `count` calls take together."""
    start = time.perf_counter()
    for _ in range(count):
        function()
    return time.perf_counter() - start


def cpu_time(function: Callable[[], object]) -> float:
    """Seconds of the processor that a call takes in this thread, however busy the machine is."""
    start = time.thread_time()
    function()
    return time.thread_time() - start


def number(value: float) -> str:
    """Three significant digits, thousands in groups: 0.0123, 1.5, 37,000."""
    return f"{float(f'{value:.3g}'):,.10g}"


def _calls_in(function: Callable[[], object], seconds: float) -> int:
    """How many calls fill that time; also warms up."""
    count = 1
    while (taken := timed(function, count)) < seconds / 2:
        count *= 2
    return max(1, round(count * seconds / taken))


def _spread(values: Sequence[float]) -> float:
    middle = statistics.median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


def _plain(row: Row) -> dict[str, object]:
    plain = asdict(row) | {"met": row.met, "value": row.value if math.isfinite(row.value) else None}
    if row.unit == "×":
        plain["ratio"] = plain.pop("value")
    return plain


def _machine() -> str:
    """What figures depend on: processor, system, Python, NumPy, its BLAS's kernel, and what else was running."""
    system, python = f"{platform.system()} {platform.machine()}", platform.python_version()
    numpy = f"NumPy {np.__version__} with {', '.join(_kernels()) or 'a BLAS that does not tell its kernel'}"
    return f"{_processor()}, {os.cpu_count()} cores, {system}, Python {python}, {numpy}{_load()}"


def _load() -> str:
    """How busy other programs kept the machine in the minute before; Windows does not tell."""
    return f", load before {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""


def _kernels() -> list[str]:
    """E.g. ["OpenBLAS SkylakeX"]: what each BLAS that is loaded computes with."""
    names = {"openblas": "OpenBLAS", "mkl": "MKL", "blis": "BLIS"}
    return [
        f"{names.get(blas['internal_api'], blas['internal_api'])} {blas.get('architecture', '')}".strip()
        for blas in threadpoolctl.threadpool_info()
        if blas["user_api"] == "blas"
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
