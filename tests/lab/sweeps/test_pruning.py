"""Rungs and brackets against published tables, and who goes on from them."""

from __future__ import annotations

import random

import pytest

from graphlab.graph.sweep import Sweep
from graphlab.lab.sweeps.pruning import Asha, Hyperband, brackets, round_of


def test_brackets_of_81_by_3_are_those_of_table_1_of_li_et_al_2018():
    table = {
        4: [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        3: [(34, 3), (11, 9), (3, 27), (1, 81)],
        2: [(15, 9), (5, 27), (1, 81)],
        1: [(8, 27), (2, 81)],
        0: [(5, 81)],
    }
    assert {b.s: list(zip(b.sizes, b.epochs, strict=True)) for b in brackets(81, 3)} == table


def test_brackets_of_8_by_2_are_those_that_mlr3hyperband_documents():
    table = [[(8, 1), (4, 2), (2, 4), (1, 8)], [(6, 2), (3, 4), (1, 8)], [(4, 4), (2, 8)], [(4, 8)]]
    assert [list(zip(b.sizes, b.epochs, strict=True)) for b in brackets(8, 2)] == table


def test_no_rung_is_below_the_fewest_epochs_and_the_last_has_all():
    for most in range(1, 100):
        for keep in (2, 3, 4):
            for least in (1, 2, 5):
                for bracket in brackets(most, keep, least):
                    assert bracket.epochs[0] >= min(least, most)
                    assert bracket.epochs[-1] == most
                    assert list(bracket.epochs) == sorted(set(bracket.epochs))
                    assert bracket.sizes[-1] >= 1


def test_brackets_follow_one_another_and_the_last_is_cut_to_the_trials_there_are():
    pruning = Hyperband(9, 1, 3, trials=20)
    first, second, third = (pruning.bracket(k) for k in (0, 9, 14))
    assert (first.sizes, second.sizes, third.sizes) == ((9, 3, 1), (5, 1), (3,))
    again = pruning.bracket(17)
    assert (again.start, again.sizes) == (17, (3, 1, 1))
    assert pruning.together(19) == 17


def test_hyperband_takes_the_best_of_a_whole_rung_whatever_their_order():
    scores = {k: random.Random(k).random() for k in range(9)}
    best = sorted(scores, key=scores.__getitem__)[-3:]
    for seed in range(5):
        pruning = Hyperband(9, 1, 3)
        order = random.Random(seed).sample(range(9), 9)
        for k in order[:-1]:
            pruning.reached(k, 0, scores[k])
            assert pruning.verdicts() == []
        pruning.reached(order[-1], 0, scores[order[-1]])
        assert {trial for trial, rung, goes_on in pruning.verdicts() if goes_on} == set(best)


def test_trials_that_failed_are_not_waited_for_in_hyperband():
    pruning = Hyperband(9, 1, 3)
    for k in range(7):
        pruning.left(k, 0)
    pruning.reached(7, 0, 0.5)
    pruning.reached(8, 0, -float("inf"))
    assert pruning.verdicts() == [(7, 0, True), (8, 0, False)]


def test_a_bracket_that_got_fewer_trials_is_judged_when_that_is_known():
    pruning = Hyperband(9, 1, 3)
    for k in range(6):
        pruning.reached(k, 0, float(k))
    assert pruning.verdicts() == []
    pruning.limit(6)
    assert sorted(trial for trial, _, goes_on in pruning.verdicts() if goes_on) == [4, 5]


def test_rungs_of_asha_are_powers_below_the_whole_fit():
    assert Asha(81, 1, 3).rungs(0) == (1, 3, 9, 27)
    assert Asha(100, 2, 4).rungs(5) == (2, 8, 32)
    assert Asha(1, 1, 3).rungs(0) == ()


def plain_asha(scores: list[float], keep: int) -> list[bool]:
    """Who goes on, as the paper says it: among the top 1/keep of those that came up to then, at least one."""
    found = []
    for k in range(len(scores)):
        order = sorted(range(k + 1), key=lambda j: (-scores[j], j))
        found.append(k in order[: max(1, (k + 1) // keep)])
    return found


@pytest.mark.parametrize("keep", [2, 3, 5])
def test_asha_lets_go_on_the_best_of_those_that_came_before(keep):
    scores = [random.Random(f"{keep} {k}").choice([0.1, 0.2, 0.3, 0.4]) for k in range(60)]
    pruning = Asha(100, 1, keep)
    for k in random.Random(keep).sample(range(60), 60):
        pruning.reached(k, 0, scores[k])
    assert [goes_on for _, _, goes_on in pruning.verdicts()] == plain_asha(scores, keep)


def test_asha_waits_for_trials_with_lower_numbers_and_not_for_higher_ones():
    pruning = Asha(9, 1, 3)
    pruning.reached(1, 0, 0.9)
    pruning.reached(2, 0, 0.1)
    assert pruning.verdicts() == []
    pruning.reached(0, 0, 0.5)
    assert pruning.verdicts() == [(0, 0, True), (1, 0, True), (2, 0, False)]
    pruning.left(2, 1)
    pruning.reached(1, 1, 0.9)
    assert pruning.verdicts() == [], "trial 0 may still come to the second rung"
    pruning.left(0, 1)
    assert pruning.verdicts() == [(1, 1, True)]


def test_what_is_no_number_does_not_go_on():
    pruning = Asha(9, 1, 3)
    pruning.reached(0, 0, -float("inf"))
    assert pruning.verdicts() == [(0, 0, False)]


def test_a_sweep_by_hyperband_that_names_no_number_is_one_round():
    assert round_of(Sweep(trials=0, pruning="hyperband"), 81) == 81 + 34 + 15 + 8 + 5
    assert round_of(Sweep(trials=0, pruning="asha"), 81) == 0
    assert round_of(Sweep(trials=0, pruning="hyperband", seconds=60), 81) == 0
