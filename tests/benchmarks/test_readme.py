"""The README's table of speeds is made from the last results."""

from __future__ import annotations

import pytest

from benchmarks import readme


def row(workload, peer, threads, ratio, spread=None, note=""):
    return {
        "workload": workload,
        "peer": peer,
        "threads": threads,
        "ratio": ratio,
        "spread": spread,
        "note": note,
    }


RESULTS = {
    "machine": "A machine",
    "rows": [
        row("small", "JAX 0.10", 1, 1.234, 0.1),
        row("small", "PyTorch 2.13", 1, 12.04, 0.2),
        row("large", "PyTorch 2.13", 1, 2, 1.5),
        row("large", "autograd", 1, None, note="not installed"),
        row("small", "JAX 0.10", 2, 1.1, 0.1),
        row("small", "PyTorch 2.13", 2, 11, 0.03),
    ],
}
TABLE = """\
| network | PyTorch 2.13 | PyTorch 2.13, 2 threads | JAX 0.10 | autograd |
| --- | --- | --- | --- | --- |
| small | 12 × ± 10% | 11 × ± 2% | 1.23 × ± 5% |  |
| large | 2 × ± 75% |  |  | not installed |

(Medians of the rounds, ± half of how far these differ. A machine.)"""


def test_a_line_for_each_workload_and_a_column_for_each_peer():
    assert readme.table(RESULTS) == TABLE


def test_only_what_stands_between_the_marks_is_replaced():
    text = f"before\n{readme.BEGIN}\nold figures\n{readme.END}\nafter\n"
    assert readme.with_table(text, RESULTS) == f"before\n{readme.BEGIN}\n\n{TABLE}\n\n{readme.END}\nafter\n"


def test_a_readme_without_marks_is_refused():
    with pytest.raises(ValueError, match="substring not found"):
        readme.with_table("no marks", RESULTS)


def test_the_readme_shows_the_results_that_are_kept():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_table(text, readme.last()) == text, "Run: python3 dev.py bench engine --readme"
