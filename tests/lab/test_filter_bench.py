"""Filters with names do what is said of them, and go over pictures as the program's own convolution does."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import DataError, ShapeError
from graphlab.lab.filter_bench import (
    EDGES,
    NAMED,
    SIZES,
    applied,
    flipped,
    from_0_to_1,
    grey,
    is_balanced,
    named,
    normalised,
    recognised,
    resized,
    shade,
    window,
)
from graphlab.lab.filter_scene import scene

MODES = {"zeros": "constant", "mirror": "reflect", "repeat": "edge", "wrap": "wrap"}


def by_hand(picture: np.ndarray, kernel: np.ndarray, edges: str) -> np.ndarray:
    rows, columns = kernel.shape
    if edges != "none":
        ends = ((0, 0), ((rows - 1) // 2, rows // 2), ((columns - 1) // 2, columns // 2))
        picture = np.pad(picture, ends, mode=MODES[edges])  # type: ignore[call-overload]
    parts = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape, axis=(1, 2))
    return np.asarray((parts * kernel).sum(axis=(-2, -1)))


@pytest.mark.parametrize("edges", EDGES)
@pytest.mark.parametrize("shape", [(3, 3), (5, 5), (1, 3), (2, 4)])
def test_a_filter_goes_over_every_channel_by_itself(edges: str, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    picture, kernel = rng.random((3, 9, 11)), rng.normal(size=shape)
    np.testing.assert_allclose(
        applied(picture, kernel, edges), by_hand(picture, kernel, edges), rtol=1e-12, atol=1e-13
    )


@pytest.mark.parametrize("edges", EDGES)
def test_the_window_is_where_a_pixel_comes_from(edges: str) -> None:
    rng = np.random.default_rng(1)
    picture, kernel = rng.random((1, 9, 11)), rng.normal(size=(3, 5))
    top, bottom, left, right = window((4, 5), kernel, edges)
    part = picture[0, top:bottom, left:right]
    assert applied(picture, kernel, edges)[0, 4, 5] == pytest.approx(float((part * kernel).sum()), rel=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_every_filter_with_a_name_is_known_again(size: int) -> None:
    for each in NAMED:
        kernel = each.of(size)
        assert kernel.shape == (size, size)
        assert recognised(kernel) is each
        assert recognised(2.5 * kernel) is each
        assert recognised(kernel + np.eye(size) * 0.3) is not each


@pytest.mark.parametrize("size", SIZES)
def test_they_do_what_is_said_of_them(size: int) -> None:
    flat, side = np.full((1, 24, 24), 0.4), 24
    for each in NAMED:
        made = applied(flat, each.of(size), "repeat")
        np.testing.assert_allclose(made, 0.0 if is_balanced(each.of(size)) else 0.4, atol=1e-12)
    upright = np.tile((np.arange(side) > 11).astype(float), (side, 1))[None]
    lying = upright.transpose(0, 2, 1)
    sobel_x, sobel_y = named("Sobel x").of(size), named("Sobel y").of(size)
    assert applied(upright, sobel_x, "repeat").max() > 0.9
    assert applied(upright, sobel_x, "repeat").min() >= 0  # brighter to the right is plus
    assert not applied(upright, sobel_y, "repeat").any()
    assert applied(lying, sobel_y, "repeat").max() > 0.9
    assert not applied(lying, sobel_x, "repeat").any()
    ramp = np.tile(np.arange(side) / side, (side, 1))[None]
    inside = np.s_[:, 4:-4, 4:-4]
    np.testing.assert_allclose(applied(ramp, named("Laplacian").of(size), "repeat")[inside], 0, atol=1e-12)
    np.testing.assert_array_equal(applied(ramp, named("Identity").of(size)), ramp)
    moved = applied(ramp, named("Shift").of(size))
    np.testing.assert_array_equal(moved[:, :, size // 2 :], ramp[:, :, : -(size // 2)])
    blurred = applied(upright, named("Gaussian blur").of(size), "repeat")
    assert np.diff(blurred[0, 5]).max() < 1
    assert np.diff(blurred[0, 5]).min() >= 0
    sharp = applied(blurred, named("Sharpen").of(size), "repeat")
    assert np.diff(sharp[0, 5]).max() > np.diff(blurred[0, 5]).max()


def test_normalised_keeps_brightness_and_nothing_cannot_be() -> None:
    assert normalised(np.ones((3, 3))).sum() == pytest.approx(1)
    edge = normalised(named("Sobel x").of(5))
    assert edge[edge > 0].sum() == pytest.approx(1)
    assert edge.sum() == pytest.approx(0, abs=1e-12)
    with pytest.raises(DataError, match="are 0"):
        normalised(np.zeros((3, 3)))


def test_turned_twice_is_as_before_and_other_sizes_keep_the_middle() -> None:
    kernel = np.arange(9.0).reshape(3, 3)
    assert flipped(kernel)[0].tolist() == [8, 7, 6]
    np.testing.assert_array_equal(flipped(flipped(kernel)), kernel)
    larger = resized(kernel, 5)
    np.testing.assert_array_equal(larger[1:4, 1:4], kernel)
    assert larger.sum() == kernel.sum()
    np.testing.assert_array_equal(resized(larger, 3), kernel)


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(DataError, match="too large"):
        applied(np.zeros((1, 40, 40)), np.ones((16, 16)))
    with pytest.raises(ShapeError, match="too short"):
        applied(np.zeros((1, 2, 2)), np.ones((7, 7)), "mirror")
    with pytest.raises(ShapeError, match="does not fit"):
        applied(np.zeros((1, 2, 2)), np.ones((7, 7)), "none")


def test_a_balanced_result_is_grey_where_it_is_nothing() -> None:
    kernel = named("Sobel x").of(3)
    seen = shade(np.array([[[-2.0, 0.0, 1.0]]]), kernel)
    assert seen.tolist() == [[[0.0, 0.5, 0.75]]]
    assert shade(np.array([[[-2.0, 0.25, 9.0]]]), named("Identity").of(3)).tolist() == [[[0, 0.25, 1]]]
    assert shade(np.array([[[9.0]]]), np.ones((3, 3))).tolist() == [[[1.0]]]


def test_numbers_of_any_range_become_pictures() -> None:
    odd = np.array([[[np.nan, -1.0, 3.0, np.inf]]])
    assert from_0_to_1(odd).tolist() == [[[0, 0, 1, 1]]]
    assert from_0_to_1(np.array([[[0.2, 0.4]]])).tolist() == [[[0.2, 0.4]]]
    np.testing.assert_allclose(grey(np.ones((3, 2, 2))), np.ones((1, 2, 2)))


def test_a_scene_is_the_same_each_time_and_others_are_others() -> None:
    np.testing.assert_array_equal(scene(4), scene(4))
    assert scene(0).shape == (3, 96, 96)
    assert scene(0).min() >= 0
    assert scene(0).max() <= 1
    assert np.abs(scene(0) - scene(1)).mean() > 0.05
