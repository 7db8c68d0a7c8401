"""Numbers as a person types them."""

from __future__ import annotations

import math

import pytest

from graphlab.engine.arithmetic import evaluate
from graphlab.errors import ConditionError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/3", 1 / 3),
        ("sqrt(2)/4", math.sqrt(2) / 4),
        ("pi", math.pi),
        ("2e-3", 0.002),
        ("−0.5", -0.5),
        ("-x*2", -3.0),
        ("x + 1", 2.5),
        ("*2", 3.0),
        ("× 2", 3.0),
        ("/2", 0.75),
        ("÷ 1.5", 1.0),
        ("+= 0.5", 2.0),
        ("-=0.5", 1.0),
        ("/= 1 + 1", 0.75),
        ("-(1+2)**2", -9.0),
        ("2^3", 8.0),
        ("√(9)", 3.0),
        ("tanh(0)", 0.0),
        ("sigmoid(0)", 0.5),
        ("e", math.e),
    ],
)
def test_what_is_typed_comes_to(text, value):
    assert evaluate(text, x=1.5) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a number"),
        ("abc", "There is no abc"),
        ("1/0", "divides by zero"),
        ("x/(x-1.5)", "divides by zero"),
        ("1e999", "not finite"),
        ("9**9**9**9", "too large"),
        ("exp(1e6)", "too large"),
        ("sqrt(-1)", "root or logarithm"),
        ("(-8)**0.5", "root or logarithm"),
        ("log(0)", "root or logarithm"),
        ("x.norm", "not possible"),
        ("x[0]", "not possible"),
        ("__import__('os')", "no function __import__"),
        ("(lambda: 1)()", "not possible"),
        ("'1'", "not possible"),
        ("True", "not possible"),
        ("1 < 2", "not possible"),
        ("1 +", "cannot be read"),
        ("(1", "cannot be read"),
        ("1; 2", "cannot be read"),
        ("1" * 201, "at most 200"),
        ("sqrt(1, 2)", "not possible"),
        ("+= ", "not possible"),
    ],
)
def test_nonsense_is_refused_in_words(text, words):
    with pytest.raises(ConditionError, match=words):
        evaluate(text, x=1.5)


def test_where_no_number_stands_there_is_no_x():
    assert evaluate("1/4") == 0.25
    with pytest.raises(ConditionError, match="no x here"):
        evaluate("x*2")


def test_deeply_nested_text_is_refused_and_nothing_falls_over():
    with pytest.raises(ConditionError):
        evaluate("(" * 199)
    assert evaluate("-" * 150 + "1") == 1.0
