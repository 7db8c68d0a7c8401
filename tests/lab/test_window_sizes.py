"""The size of a result as a calculation, and settings that cannot be."""

from __future__ import annotations

import re

import numpy as np
import pytest

from graphlab.lab.window_sizes import calculation, refitted, tried
from graphlab.ops import Spec, get


def test_the_size_is_told_with_its_numbers():
    op = get("Conv2d")(out_channels=1, stride=2, padding=1)
    assert calculation(op, (1, 1, 28, 28)) == (
        "height = width = ⌊(28 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 14, 1 left over",
    )


def test_axes_that_differ_are_told_apart():
    lines = calculation(get("Conv2d")(out_channels=1), (1, 1, 5, 7))
    assert [line.split(" = ")[0] for line in lines] == ["height", "width"]
    assert [line.rsplit(" = ")[-1] for line in lines] == ["3", "5"]


def test_a_sequence_has_a_length():
    op = get("MaxPool1d")(kernel_size=3, stride=1)
    assert calculation(op, (1, 1, 6)) == ("length = (6 + 2·0 − 1·(3 − 1) − 1) / 1 + 1 = 4",)


@pytest.mark.parametrize("size", range(3, 12))
@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize(("k", "s", "p"), [(3, 1, 0), (3, 2, 1), (2, 3, 1), (2, 2, 0)])
def test_what_is_told_is_how_many_there_are(size, ceil, k, s, p):
    op = get("MaxPool1d")(kernel_size=k, stride=s, padding=p, ceil_mode=ceil)
    (line,) = calculation(op, (1, 1, size))
    told = int(re.findall(r"\+ 1(?: − 1)? = (\d+)", line)[0])
    assert told == op.infer(Spec((1, 1, size))).shape[2]


def test_whole_pooling_has_no_calculation():
    assert calculation(get("GlobalMaxPool2d")(), (1, 1, 5, 7)) == ()


def test_a_trial_slides_as_it_would():
    found = tried(get("Conv2d")(out_channels=2), (1, 3, 8, 8), {}, kernel_size=5, padding=2)
    assert found.why == ""
    assert found.sliding.size == (8, 8)


def test_a_window_that_does_not_fit_says_why():
    found = tried(get("Conv1d")(out_channels=1), (1, 1, 6), {}, dilation=4)
    assert found.sliding is None
    assert "does not fit into sequences of 6" in found.why
    assert "less, or use more padding" in found.hint
    assert found.lines == (
        "length = (6 + 2·0 − 4·(3 − 1) − 1) / 1 + 1 < 1: the window reaches over 9, and there are 6",
    )


def test_params_that_cannot_be_say_why():
    found = tried(get("MaxPool2d")(), (1, 1, 6, 6), {}, padding=2)
    assert found.op is None
    assert "more than half" in found.why


def test_a_filter_that_is_wired_keeps_its_shape():
    given = {"weight": Spec((1, 1, 2, 2))}
    op = get("Conv2d")(out_channels=1, kernel_size=2, bias=False)
    assert tried(op, (1, 1, 3, 3), given).why == ""
    assert "weight is 1×1×2×2" in tried(op, (1, 1, 3, 3), given, kernel_size=3).why


@pytest.mark.parametrize(
    ("kernel", "wanted"), [(5, [0, 1, 2, 3, 0]), (4, [1, 2, 3, 0]), (1, [2]), (2, [1, 2])]
)
def test_a_filter_of_another_size_keeps_its_middle(kernel, wanted):
    assert refitted(np.array([[[1, 2, 3]]]), (kernel,)).tolist() == [[wanted]]
