"""Predict first: one of four answers is right, no two look alike, and a wrong one is told why."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.data import load
from graphlab.errors import DataError
from graphlab.lab.filter_bench import applied, grey
from graphlab.lab.filter_quiz import APART, Quiz, apart
from graphlab.lab.filter_scene import scene


def pictures() -> list[np.ndarray]:
    digits, mnist = (load(name, layout="image").x for name in ("digits", "mnist5k"))
    return [grey(scene(0)), grey(scene(3)), np.asarray(digits[5], float), np.asarray(mnist[900], float)]


@pytest.mark.parametrize(("k", "size"), [(0, 3), (1, 7), (2, 3), (3, 3), (3, 7)])
def test_no_two_answers_look_alike(k: int, size: int) -> None:
    picture = pictures()[k]
    quiz = Quiz(picture, seed=k, size=size)
    for _ in range(12):
        question = quiz.ask()
        assert len({choice.name for choice in question.choices}) == 4
        for i, one in enumerate(question.choices):
            for other in question.choices[:i]:
                distance = np.sqrt(((one.seen - other.seen) ** 2).mean())
                assert distance >= 0.75 * APART, (one.name, other.name)
                bytes_apart = np.abs(np.rint(255 * one.seen) - np.rint(255 * other.seen))
                assert bytes_apart.max() >= 50, (one.name, other.name)


def test_the_right_answer_is_what_the_filter_makes_and_no_other_is() -> None:
    picture = grey(scene(1))
    question = Quiz(picture, seed=5).ask()
    made = applied(picture, question.kernel, "repeat")
    same = [np.allclose(made, choice.result) for choice in question.choices]
    assert same == [k == question.right for k in range(4)]


def test_every_filter_is_asked_once_before_any_comes_again_and_the_place_varies() -> None:
    quiz = Quiz(grey(scene(0)), seed=2)
    questions = [quiz.ask() for _ in range(20)]
    names = [q.choices[q.right].name for q in questions]
    assert len(set(names)) == len(names)
    assert {q.right for q in questions} == {0, 1, 2, 3}
    again = Quiz(grey(scene(0)), seed=2)
    assert [again.ask().right for _ in range(20)] == [q.right for q in questions]


def test_the_verdict_says_why() -> None:
    quiz = Quiz(grey(scene(0)), seed=0)
    question = next(q for q in iter(quiz.ask, None) if q.choices[q.right].name == "Sobel y")
    assert question.verdict(question.right).startswith("Right, Sobel y: rows of opposite sign that sum to 0")
    wrong = (question.right + 1) % 4
    told = question.verdict(wrong)
    assert told.startswith(f"No, {wrong + 1} is made by {question.choices[wrong].name}")
    assert told.endswith(f"It makes {question.right + 1}.")


def test_a_picture_that_is_only_moved_looks_alike() -> None:
    picture = grey(scene(0))
    assert apart(picture, np.roll(picture, 2, axis=2)) == pytest.approx(0, abs=1e-12)
    assert apart(picture, 1 - picture) > 0.2


def test_a_flat_picture_is_refused() -> None:
    with pytest.raises(DataError, match="Too little happens"):
        Quiz(np.full((1, 20, 20), 0.5))
