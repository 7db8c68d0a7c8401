"""Copies of filters over a training: the first stays, the newest is there, and a strip is laid as it should be."""

from __future__ import annotations

import numpy as np

from graphlab.lab.film import MOST, Film, moments_of, strip


def filled(steps: int, shape: tuple[int, ...] = (2, 1, 3, 3)) -> Film:
    film = Film(shape)
    for step in range(steps):
        film.take(step, np.full(shape, float(step)))
    return film


def test_of_many_some_are_kept_from_all_along_the_way() -> None:
    film = filled(1000)
    assert film.size <= MOST
    steps = film.steps.astype(int)
    assert steps[0] == 0
    assert len(set(np.diff(steps))) == 1
    assert film.copies[:, 0, 0, 0, 0].tolist() == steps.tolist()
    assert steps[-1] > 900


def test_the_newest_is_added_and_what_was_taken_back_is_forgotten() -> None:
    film = filled(5)
    assert [step for step, _ in moments_of(film, (9, np.zeros(film.shape)))] == [0, 1, 2, 3, 4, 9]
    assert [step for step, _ in moments_of(film, (2, np.zeros(film.shape)))] == [0, 1, 2, 3, 4]
    film.take(3, np.ones(film.shape))
    assert film.steps.tolist() == [0, 1, 2, 3]


def test_a_row_for_each_filter_and_a_column_for_each_moment() -> None:
    film = Film((3, 2, 2, 2))
    rng = np.random.default_rng(0)
    kept = [rng.normal(size=film.shape) for _ in range(9)]
    for step, values in enumerate(kept):
        film.take(10 * step, values)
    made = strip(film, None, 4, channel=1)
    assert made is not None
    assert made.steps == (0, 30, 50, 80)
    assert made.cells.shape == (3 * 3 - 1, 4 * 3 - 1)
    for row in range(3):
        for column, step in enumerate(made.steps):
            part = made.cells[3 * row : 3 * row + 2, 3 * column : 3 * column + 2]
            np.testing.assert_allclose(part, kept[step // 10][row, 1], rtol=1e-6)
    assert np.isnan(made.cells[2]).all()
    assert np.isnan(made.cells[:, 2]).all()


def test_what_shares_the_colours() -> None:
    film = Film((2, 1, 1, 2))
    film.take(0, np.array([1.0, -2.0, 0.0, 0.5]).reshape(2, 1, 1, 2))
    film.take(1, np.array([4.0, 0.0, 0.0, 1.0]).reshape(2, 1, 1, 2))

    def drawn(of: str) -> list[float]:
        made = strip(film, None, 5, of=of)
        assert made is not None
        assert made.scale == 4
        values = made.drawn
        return [float(v) for v in values[~np.isnan(values)]]

    assert drawn("layer") == [0.25, -0.5, 1.0, 0.0, 0.0, 0.125, 0.0, 0.25]
    assert drawn("filter") == [0.25, -0.5, 1.0, 0.0, 0.0, 0.5, 0.0, 1.0]
    assert drawn("picture") == [0.5, -1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]


def test_three_inputs_are_in_colour_and_the_strongest_comes_first() -> None:
    film = Film((2, 3, 2, 2))
    values = np.ones(film.shape)
    values[1] *= 5
    film.take(0, values)
    made = strip(film, None, 3, by_norm=True)
    assert made is not None
    assert made.filters == (1, 0)
    assert made.cells.shape == (5, 2, 3)
    assert made.steps == (0,)


def test_without_anything_there_is_no_strip() -> None:
    assert strip(Film((2, 1, 3, 3)), None, 4) is None
    only = strip(Film((2, 1, 3, 3)), (7, np.ones((2, 1, 3, 3))), 1)
    assert only is not None
    assert only.steps == (7,)
