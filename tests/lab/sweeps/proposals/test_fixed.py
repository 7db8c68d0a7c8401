"""Grid, random, Latin hypercube and Sobol: what they try, and that each value is as likely as its space says."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from graphlab.errors import SettingsError
from graphlab.graph.sweep import Space, Sweep
from graphlab.lab.sweeps.proposals import extent, proposer
from graphlab.lab.sweeps.proposals.cube import mark, value_at

UNITS = Space("list", (8, 16, 32))
ACT = Space("choice", ("ReLU", "Tanh"))
LR = Space("log", (), 1e-4, 1e-1)
DECAY = Space("range", (), 0.0, 0.1)


def proposed(spaces, count=10_000, **settings):
    if settings["method"] == "sobol":
        pytest.importorskip("scipy", reason='pip install "graphlab[sweep]"')
    made = proposer(spaces, sweep := Sweep(**settings), extent(spaces, sweep, 1))
    most = min(count, made.expected or count)
    found = list(itertools.takewhile(lambda v: v is not None, (made.propose(k) for k in range(most))))
    return [dict(values) for values in found]


def test_a_grid_goes_through_all_settings_the_first_search_slowest():
    found = proposed({"units": UNITS, "act": ACT}, method="grid", trials=0)
    assert [tuple(v.values()) for v in found] == list(itertools.product((8, 16, 32), ("ReLU", "Tanh")))


def test_a_grid_of_whole_numbers_goes_by_their_step():
    found = proposed({"batch_size": Space("integer", (), 8, 30, 8)}, method="grid", trials=0)
    assert [v["batch_size"] for v in found] == [8, 16, 24]


def test_a_grid_of_more_than_the_trials_is_refused_and_says_both_numbers():
    with pytest.raises(SettingsError, match=r"6 settings.*5 trials.*random"):
        proposed({"units": UNITS, "act": ACT}, method="grid", trials=5)
    assert len(proposed({"units": UNITS, "act": ACT}, method="grid", trials=6)) == 6


def test_a_grid_without_measure_is_refused_before_it_is_made():
    with pytest.raises(SettingsError, match=r"1,000,000,000,000 settings"):
        proposed({"units": Space("integer", (), 1, 10**12)}, method="grid", trials=0)


def test_a_grid_over_a_range_is_refused_by_name():
    with pytest.raises(SettingsError, match=r"every number that lr may be"):
        proposed({"units": UNITS, "lr": LR}, method="grid", trials=0)


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_a_sweep_without_end_is_refused_unless_there_is_a_time(method):
    with pytest.raises(SettingsError, match="never ends by itself"):
        proposed({"lr": LR}, method=method, trials=0)
    assert len(proposed({"lr": LR}, 70, method=method, trials=0, seconds=60.0)) == 70


def test_a_latin_hypercube_needs_a_number_of_trials():
    with pytest.raises(SettingsError, match="how many trials"):
        proposed({"lr": LR}, method="lhs", trials=0, seconds=60.0)


@pytest.mark.parametrize("method", ["random", "lhs", "sobol"])
def test_nothing_is_tried_twice_and_a_small_space_is_tried_whole(method):
    spaces = {"units": UNITS, "act": ACT, "copies": Space("integer", (), 1, 4)}
    found = proposed(spaces, method=method, trials=100)
    assert len(found) == 24
    assert len(set(map(mark, found))) == 24


@pytest.mark.parametrize("method", ["random", "lhs", "sobol"])
def test_a_trial_depends_on_seed_and_number_alone(method):
    spaces = {"lr": LR, "units": UNITS}
    first, again, other = (proposed(spaces, method=method, trials=16, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_more_random_trials_begin_with_those_of_fewer():
    assert proposed({"lr": LR}, method="random", trials=20)[:5] == proposed(
        {"lr": LR}, method="random", trials=5
    )


@pytest.mark.parametrize("method", ["random", "lhs"])
def test_what_was_written_down_holds_and_is_not_tried_again(method):
    spaces = {"units": UNITS, "act": ACT}
    made = proposer(spaces, Sweep(method=method), 6)
    written = [{"units": 8, "act": "Tanh"}, {"units": 32, "act": "ReLU"}]
    found = [made.propose(k, written[k] if k < 2 else None) for k in range(6)]
    assert found[:2] == written
    assert len(set(map(mark, found))) == 6


def test_a_latin_hypercube_has_one_trial_in_each_slice_of_each_range():
    found = proposed({"lr": LR, "decay": DECAY}, method="lhs", trials=50)
    slices = sorted(int(50 * (math.log10(v["lr"]) + 4) / 3) for v in found)
    assert slices == list(range(50))
    assert sorted(int(50 * v["decay"] / 0.1) for v in found) == list(range(50))


def test_sobol_points_fill_each_eighth_of_each_pair_of_ranges_alike():
    """The (t, m, s)-net: 64 points in two dimensions have one in each elementary interval (Niederreiter 1992)."""
    found = proposed(
        {"a": Space("range", (), 0, 1), "b": Space("range", (), 0, 1)}, method="sobol", trials=64
    )
    points = np.array([[v["a"], v["b"]] for v in found])
    for sides in ((64, 1), (8, 8), (2, 32), (1, 64)):
        boxes = Counter(map(tuple, np.floor(points * sides).astype(int)))
        assert set(boxes.values()) == {1}
        assert len(boxes) == 64


@pytest.mark.parametrize(
    ("space", "wanted"),
    [
        (UNITS, {8: 1 / 3, 16: 1 / 3, 32: 1 / 3}),
        (ACT, {"ReLU": 1 / 2, "Tanh": 1 / 2}),
        (Space("integer", (), 2, 11, 3), {2: 1 / 4, 5: 1 / 4, 8: 1 / 4, 11: 1 / 4}),
        (Space("integer", (), 1, 3, log=True), {k: math.log((k + 1) / k) / math.log(4) for k in (1, 2, 3)}),
    ],
)
def test_finite_spaces_have_each_value_by_its_share_of_the_side(space, wanted):
    sides = (np.arange(12_000) + 0.5) / 12_000
    found = Counter(value_at(space, u) for u in sides)
    assert {value: count / 12_000 for value, count in found.items()} == pytest.approx(wanted, abs=2e-4)


def test_ranges_are_gone_through_evenly_and_log_ranges_by_factors():
    assert value_at(DECAY, 0.25) == pytest.approx(0.025)
    assert value_at(LR, 1 / 3) == pytest.approx(1e-3)
    for space in (LR, DECAY, Space("log", (), 0.1, 0.3), Space("range", (), -1e308, 1e308)):
        for u in (0.0, 1 - 2**-53):
            assert space.low <= value_at(space, u) <= space.high


def test_random_values_are_spread_as_their_space_says():
    found = np.array([v["lr"] for v in proposed({"lr": LR}, method="random", trials=2000)])
    counts, _ = np.histogram(np.log10(found), bins=10, range=(-4, -1))
    assert ((counts - 200) ** 2 / 200).sum() < 27.9, "chi², 9 degrees of freedom, p = 0.001"


def test_a_sweep_of_nothing_is_one_trial():
    for method in ("grid", "random", "lhs"):
        assert proposed({}, method=method, trials=0, seconds=1.0) == [{}]


def test_values_that_equal_one_another_in_python_are_still_others():
    space = {"keep": Space("choice", (1, 1.0, True, "1"))}
    found = proposed(space, method="random", trials=10)
    assert sorted(repr(v["keep"]) for v in found) == ["'1'", "1", "1.0", "True"]
