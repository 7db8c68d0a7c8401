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
    assert readme.engine(RESULTS) == TABLE


CANVAS = {
    "machine": "A machine",
    "rows": [
        {"workload": "100 nodes: one edit", "unit": "ms", "value": 2.345, "peer": "", "note": ""},
        {"workload": "1,000 nodes: one edit", "unit": "ms", "value": 3, "peer": "", "note": ""},
        {"workload": "1,000 nodes: pictures", "unit": "Hz", "value": 29.87, "peer": "", "note": ""},
        {"workload": "100 nodes: one edit", "unit": "×", "ratio": 7, "peer": "Other 1.0", "note": ""},
        {"workload": "1,000 nodes: one edit", "unit": "×", "ratio": 41.26, "peer": "Other 1.0", "note": ""},
        {
            "workload": "1,000 nodes: one edit",
            "unit": "×",
            "ratio": None,
            "peer": "Third",
            "note": "not installed",
        },
        {"workload": "1,000 nodes: a race", "unit": "×", "ratio": 0.5, "peer": "Other 1.0", "note": ""},
    ],
}
CANVAS_TABLE = """\
|  | 100 nodes | 1,000 nodes | as fast as Other 1.0, 1,000 nodes | as fast as Third, 1,000 nodes |
| --- | --- | --- | --- | --- |
| one edit | 2.35 ms | 3 ms | 41.3 × | not installed |
| pictures |  | 29.9 Hz |  |  |
| a race |  |  | 0.5 × |  |

(Medians, processor time of the window's thread. A machine.)"""


def test_the_canvas_has_a_line_for_each_gesture_and_its_peers_at_one_size():
    assert readme.canvas(CANVAS) == CANVAS_TABLE


def test_only_what_stands_between_the_marks_of_a_table_is_replaced():
    marks = readme.begin("engine"), readme.begin("canvas")
    text = f"before\n{marks[0]}\nold\n{readme.END}\nbetween\n{marks[1]}\nold too\n{readme.END}\nafter\n"
    once = readme.with_table(text, "canvas", CANVAS)
    assert once == text.replace("old too", f"\n{CANVAS_TABLE}\n")
    assert readme.with_table(once, "engine", RESULTS) == once.replace("\nold\n", f"\n\n{TABLE}\n\n")


def test_targets_have_a_line_for_each_example_and_a_column_for_each_seed():
    told = "120 of 400 rows held out, 1.1 s"
    rows = [
        {"workload": f"spirals, seed {k}", "value": 97.5 + k, "unit": "%", "target": 97.0, "peer": told}
        for k in (0, 1)
    ]
    assert readme.targets({"machine": "A machine", "rows": rows}).splitlines()[2] == (
        "| spirals | 120 of 400 rows | 97.5 % | 98.5 % | ≥ 97 % | `graphlab train spirals --seed …` |"
    )


def test_a_readme_without_marks_is_refused():
    with pytest.raises(ValueError, match="substring not found"):
        readme.with_table("no marks", "engine", RESULTS)


SHOWN = [name for name in readme.TABLES if readme.begin(name) in readme.README.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", SHOWN)
def test_the_readme_shows_the_results_that_are_kept(name):
    text = readme.README.read_text(encoding="utf-8")
    command = f"python3 dev.py bench {name} --readme"
    assert readme.with_table(text, name, readme.last(name)) == text, f"Run: {command}"


def test_the_readme_shows_the_engine_against_its_peers():
    assert "engine" in SHOWN


def test_figures_with_and_without_targets_and_ratios_stand_in_lines():
    rows = [
        {
            "workload": "a ratio",
            "unit": "×",
            "ratio": 1.92,
            "target": 1.8,
            "direction": "at least",
            "note": "",
        },
        {"workload": "a time", "unit": "ms", "value": 37.4, "target": None, "direction": "", "note": ""},
    ]
    lines = readme.figures({"machine": "A machine", "rows": rows}).splitlines()
    assert lines[2:4] == ["| a ratio | 1.92 × | at least 1.8 × |", "| a time | 37.4 ms |  |"]
