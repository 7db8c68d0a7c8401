"""The README's table of speeds, made from benchmarks/results/engine.json, so that nobody types a figure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .report import RESULTS, number

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- made by `dev.py bench engine --readme` -->", "<!-- until here -->"
ALONE = 1  # peers besides PyTorch eager are shown for one thread

Results = dict[str, Any]


def write(readme: Path = README) -> int:
    """Puts the table of the last results between the marks."""
    text = readme.read_text(encoding="utf-8")
    readme.write_text(with_table(text, last()), encoding="utf-8")
    return 0


def last() -> Results:
    """What results/engine.json holds."""
    found: Results = json.loads((RESULTS / "engine.json").read_text(encoding="utf-8"))
    return found


def with_table(text: str, results: Results) -> str:
    """The README with its table made anew. ValueError when it has no marks for it."""
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    return f"{text[:before]}\n\n{table(results)}\n\n{text[after:]}"


def table(results: Results) -> str:
    """A line for each workload, a column for each peer and number of threads, and what machine it was."""
    columns = list(dict.fromkeys(_column(row) for row in results["rows"] if _is_shown(row)))
    columns.sort(key=lambda column: not column.startswith("PyTorch"))
    workloads = dict.fromkeys(row["workload"] for row in results["rows"])
    cells = {(row["workload"], _column(row)): _cell(row) for row in results["rows"]}
    lines = [_line(["network", *columns]), _line(["---"] * (1 + len(columns)))]
    lines += [
        _line([workload, *(cells.get((workload, column), "") for column in columns)])
        for workload in workloads
    ]
    return "\n".join(
        [*lines, "", f"(Medians of the rounds, ± half of how far these differ. {results['machine']}.)"]
    )


def _is_shown(row: Results) -> bool:
    return bool(row["peer"].startswith("PyTorch") or row["threads"] == ALONE)


def _column(row: Results) -> str:
    many = "" if row["threads"] == ALONE else f", {row['threads']} threads"
    return f"{row['peer']}{many}"


def _cell(row: Results) -> str:
    if row["note"]:
        return str(row["note"])
    return f"{number(row['ratio'])} × ± {row['spread'] / 2:.0%}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
