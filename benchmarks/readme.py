"""The README's tables of speeds, made from benchmarks/results, so that nobody types a figure."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from .report import RESULTS, number

README = Path(__file__).parents[1] / "README.md"
END = "<!-- until here -->"
ALONE = 1  # peers besides PyTorch eager are shown for one thread
BESIDE = "1,000 nodes"  # at which the canvas is shown beside its peers
DIGITS = {"%": 1, "MSE": 4}  # after the point; two of other units

Results = dict[str, Any]


def begin(name: str) -> str:
    """The mark above the table of a benchmark."""
    return f"<!-- made by `dev.py bench {name} --readme` -->"


def write(name: str, readme: Path = README) -> int:
    """Puts the table of the last results of a benchmark between its marks."""
    text = readme.read_text(encoding="utf-8")
    readme.write_text(with_table(text, name, last(name)), encoding="utf-8")
    return 0


def asked(about: str | None) -> bool:
    """Whether the command line wants the table written, and nothing measured."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--readme", action="store_true", help="measure nothing; write the last results there")
    return bool(parser.parse_known_args()[0].readme)


def last(name: str) -> Results:
    """What results/<name>.json holds."""
    found: Results = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def with_table(text: str, name: str, results: Results) -> str:
    """The README with one of its tables made anew. ValueError when it has no marks for it."""
    start = text.index(begin(name)) + len(begin(name))
    end = text.index(END, start)
    return f"{text[:start]}\n\n{TABLES[name](results)}\n\n{text[end:]}"


def engine(results: Results) -> str:
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


def canvas(results: Results) -> str:
    """A line for each thing a hand does, a column for each number of nodes, and how many times as fast as each peer."""
    rows = [(*row["workload"].split(": ", 1), row) for row in results["rows"]]
    sizes = list(dict.fromkeys(size for size, _, row in rows if not row["peer"]))
    peers = list(dict.fromkeys(row["peer"] for *_, row in rows if row["peer"]))
    cells = {
        (what, row["peer"] or size): row for size, what, row in rows if not row["peer"] or size == BESIDE
    }
    heads = [*sizes, *(f"as fast as {peer}, {BESIDE}" for peer in peers)]
    lines = [_line(["", *heads]), _line(["---"] * (1 + len(heads)))]
    for what in dict.fromkeys(what for _, what, _ in rows):
        found = [cells.get((what, column)) for column in (*sizes, *peers)]
        lines.append(_line([what, *("" if row is None else _short(row) for row in found)]))
    return "\n".join([*lines, "", f"(Medians, processor time of the window's thread. {results['machine']}.)"])


def targets(results: Results) -> str:
    """A line for each example, a column for each seed; what is wanted, and the command that does it again."""
    cells = {tuple(row["workload"].split(", ")): row for row in results["rows"]}
    names = list(dict.fromkeys(name for name, _ in cells))
    seeds = list(dict.fromkeys(seed for _, seed in cells))
    lines = [_line(["example", "held out", *seeds, "wanted", "command"])]
    lines.append(_line(["---"] * (4 + len(seeds))))
    for name in names:
        first = cells[name, seeds[0]]
        digits = DIGITS.get(first["unit"], 2)
        found = [f"{cells[name, seed]['value']:.{digits}f} {first['unit']}" for seed in seeds]
        sign = "≤" if first.get("direction") == "at most" else "≥"
        held_out, wanted = (
            first["peer"].split(" held out")[0],
            f"{sign} {number(first['target'])} {first['unit']}",
        )
        example = name.partition(" ")[0]
        lines.append(_line([name, held_out, *found, wanted, f"`graphlab train {example} --seed …`"]))
    about = "Share of the held-out rows that are told right"
    if any(row["unit"] == "bits" for row in results["rows"]):
        about += "; bits per character of held-out text"
    return "\n".join([*lines, "", f"({about}. {results['machine']}.)"])


def figures(results: Results) -> str:
    """A line for each figure: what came out, what is wanted."""
    lines = [_line(["", "measured", "wanted"]), _line(["---"] * 3)]
    for row in results["rows"]:
        wanted = "" if row["target"] is None else f"{row['direction']} {number(row['target'])} {row['unit']}"
        lines.append(_line([row["workload"], _short(row), wanted]))
    return "\n".join([*lines, "", f"(Medians of the rounds. {results['machine']}.)"])


def _short(row: Results) -> str:
    if row["note"]:
        return str(row["note"])
    figure = row["ratio"] if row["unit"] == "×" else row["value"]
    return f"{number(figure)} {row['unit']}"


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


TABLES: dict[str, Callable[[Results], str]] = {
    "engine": engine,
    "canvas": canvas,
    "targets": targets,
    "lab": figures,
    "sweeps": figures,
    "sweep_table": figures,
    "sweep_pictures": figures,
}
