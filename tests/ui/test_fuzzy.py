"""Search finds what people mean: beginnings first, then words, then scattered letters."""

from __future__ import annotations

import pytest

from graphlab.ui.fuzzy import match, score


def best(query: str, *texts: str) -> str:
    return max(texts, key=lambda text: score(query, text))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("con", "Conv2d"),
        ("mp", "MaxPool2d"),
        ("ce", "CrossEntropyLoss"),
        ("mse", "MSELoss"),
        ("lin", "Linear"),
    ],
)
def test_the_meant_operation_comes_first(query: str, wanted: str) -> None:
    assert best(query, "Conv2d", "MaxPool2d", "CrossEntropyLoss", "MSELoss", "Linear", "Softmax") == wanted


def test_letters_out_of_order_do_not_fit() -> None:
    assert match("xam", "Max") is None
    assert score("xam", "Max") == 0


def test_the_letters_found_are_named() -> None:
    found = match("mp", "MaxPool2d")
    assert found is not None
    assert found.positions == (0, 3)


def test_an_empty_query_fits_everything() -> None:
    assert match("", "anything") is not None
