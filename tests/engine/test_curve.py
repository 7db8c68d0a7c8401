"""Operations of one number as curves: the right ones, with slopes that finite differences confirm."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.curve import WIDE, Curve, curve, natural_span, subject
from graphlab.ops import by_category, get, names

DRAWN = [name for name in names() if not get(name).role and subject(get(name)()) is not None]


def curve_of(name: str, target: float = 1.0, **params: object) -> Curve:
    op = get(name)(**params)
    drawn = subject(op)
    assert drawn is not None
    return curve(op, drawn, natural_span(op, drawn, target), target)


@pytest.mark.parametrize("name", DRAWN)
def test_the_slope_is_that_of_the_curve(name: str) -> None:
    found = curve_of(name)
    assert np.isfinite(found.y).sum() > 50
    measured = np.gradient(found.y, found.x)
    both = np.isfinite(measured) & np.isfinite(found.slope)
    off = np.abs(measured - found.slope)[both] / (1 + np.abs(found.slope[both]))
    assert np.median(off) < 1e-3
    assert np.mean(off > 0.05) < 0.1  # kinks and jumps are few


def test_every_activation_of_one_number_is_drawn() -> None:
    left_out = {op.__name__ for op in by_category()["Activation"]} - set(DRAWN)
    assert left_out == {"GLU", "Hardmax", "LogSoftmax", "Softmax", "Softmin"}


@pytest.mark.parametrize(
    "name", ["GaussianNoise", "RandnLike", "Softmax", "AddN", "Add1", "Conv2d", "Linear"]
)
def test_what_is_no_function_of_one_number_is_not_drawn(name: str) -> None:
    assert name not in DRAWN


def test_params_move_the_curve() -> None:
    plain, steep = curve_of("LeakyReLU"), curve_of("LeakyReLU", negative_slope=0.5)
    assert plain.y[0] == pytest.approx(-0.05)
    assert steep.y[0] == pytest.approx(-2.5)
    assert steep.slope[0] == 0.5


def test_a_loss_is_least_at_its_target() -> None:
    for target in (-2.0, 0.5):
        found = curve_of("MSELoss", target)
        assert found.x[np.argmin(found.y)] == pytest.approx(target, abs=0.03)


def test_a_class_loss_is_drawn_over_the_score_of_the_right_class() -> None:
    found = curve_of("CrossEntropyLoss")
    assert found.y == pytest.approx(np.log1p(np.exp(-found.x)))


def test_the_axis_is_where_the_function_is_defined() -> None:
    op = get("Asin")()
    drawn = subject(op)
    assert drawn is not None
    low, high = natural_span(op, drawn)
    assert WIDE[0] < low < -1 < 1 < high < WIDE[1]
    assert np.isnan(curve(op, drawn, WIDE).y[0])


def test_a_probability_lies_between_0_and_1() -> None:
    op = get("BCELoss")()
    drawn = subject(op)
    assert drawn is not None
    assert natural_span(op, drawn) == (0.0, 1.0)
