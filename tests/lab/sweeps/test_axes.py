"""Where values stand on the axes of pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.graph.sweep import Space
from graphlab.lab.sweeps.axes import axis, measured, search_axes, told, values_of
from graphlab.lab.sweeps.kept import KeptSweep

from .made import made_sweep


def test_decades_of_a_log_range_are_equally_wide():
    rate = axis("lr", [], Space("log", (), 1e-4, 1e-1))
    assert rate.shares([1e-4, 1e-3, 1e-2, 1e-1]) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert rate.value(-2) == pytest.approx(0.01)
    assert np.isnan(rate.places([0, -1, None, "a"])).all()


def test_listed_values_stand_one_after_the_other():
    units = axis("units", [], Space("list", (8, 16, 64)))
    assert list(units.places([64, 8, 8.0, 7])) == pytest.approx([2, 0, 0, math.nan], nan_ok=True)
    assert units.value(1.2) == 16
    switch = axis("bias", [], Space("choice", (True, False)))
    assert list(switch.places([False, 1])) == pytest.approx([1, math.nan], nan_ok=True)


def test_whole_numbers_come_back_whole():
    size = axis("batch_size", [], Space("integer", (), 4, 256, log=True))
    assert size.value(math.log10(31.7)) == 32


def test_kind_is_told_by_the_values_where_no_space_is_known():
    assert axis("a", [3, 1, 2]).values == (1, 2, 3)
    assert axis("a", ["b", "a", "b"]).values == ("a", "b")
    assert axis("a", [10.0**k for k in range(-5, 5)]).kind == "log"
    assert axis("a", list(range(1, 21))).kind == "linear"


def test_costs_go_by_the_logarithm_where_they_span_much():
    assert measured("flops", [1e3, 1e6]).kind == "log"
    assert measured("accuracy", [0.8, 0.9, math.nan]).kind == "linear"
    assert measured("flops", [0, 1e6], logarithmic=True).kind == "linear"
    assert measured("flops", []).high == 1


def test_axes_of_a_sweep_come_in_the_order_of_its_searches(tmp_path):
    sweep = KeptSweep(made_sweep(tmp_path))
    assert [(a.name, a.kind) for a in search_axes(sweep)] == [
        ("hidden.units", "listed"), ("lr", "log"), ("optimizer", "words"),
    ]  # fmt: skip
    first = sweep.trials[0]
    assert values_of([first], "accuracy", "accuracy") == [first.score]
    assert values_of([first], "flops", "accuracy") == [first.flops]
    assert told(first.values).startswith(f"hidden.units {first.values['hidden.units']}, lr ")
