"""Pictures made ready for a network: known values, and what is said when they do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.fixes import fixes
from graphlab.engine.inference import infer
from graphlab.errors import ParamError, ShapeError
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial


def run(name: str, x: np.ndarray, **params: object) -> np.ndarray:
    return Trial(name, params, {"x": x}).forward()["y"]


def test_resize_down_takes_a_weighted_mean_of_what_is_covered_and_keeps_what_is_even():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    down = run("Resize", x, size=2)
    np.testing.assert_allclose(down.mean(), x.mean())
    even = run("Resize", np.full((1, 3, 7, 5), 0.3), size=(3, 9))
    np.testing.assert_allclose(even, 0.3)
    assert run("Resize", x, size=4).tolist() == x.tolist()


def test_fine_lines_do_not_flicker():
    """Every second row is white; an Upsample that only looks at the nearest rows makes it all black or all white."""
    x = np.zeros((1, 1, 64, 64))
    x[:, :, ::2] = 1
    np.testing.assert_allclose(run("Resize", x, size=16)[..., 1:-1, :], 0.5, atol=0.01)


def test_center_crop_takes_the_middle():
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    assert run("CenterCrop", x, size=3).tolist() == x[:, :, 1:4, 1:4].tolist()
    assert run("CenterCrop", x, size=(2, 5)).tolist() == x[:, :, 1:3].tolist()
    with pytest.raises(ShapeError, match="6×6 does not fit into pictures of 5×5"):
        run("CenterCrop", x, size=6)


def test_normalize_has_the_numbers_of_well_known_sets():
    grey = np.full((1, 1, 2, 2), 0.1307)
    np.testing.assert_allclose(run("NormalizeChannels", grey, preset="MNIST"), 0, atol=1e-12)
    colours = np.array([0.485, 0.456 + 0.224, 0.406 - 0.225]).reshape(1, 3, 1, 1)
    np.testing.assert_allclose(
        run("NormalizeChannels", colours, preset="ImageNet").ravel(), [0, 1, -1], atol=1e-12
    )
    with pytest.raises(ShapeError, match=r"1 channels, but the numbers \(ImageNet\) are for 3") as caught:
        run("NormalizeChannels", grey, preset="ImageNet")
    assert "RGB" in caught.value.hint
    with pytest.raises(ParamError, match="mean has 3 numbers, std has 2"):
        make("NormalizeChannels", {"mean": (1.0, 2.0, 3.0), "std": (1.0, 2.0)})


def test_grey_weighs_colours_as_the_eye_does_and_rgb_repeats():
    colours = np.eye(3).reshape(3, 3, 1, 1)
    np.testing.assert_allclose(run("Grayscale", colours).ravel(), [0.299, 0.587, 0.114])
    grey = np.full((1, 1, 2, 2), 0.25)
    np.testing.assert_allclose(run("Grayscale", run("RGB", grey)), grey)
    with pytest.raises(ShapeError, match="neither grey"):
        make("Grayscale", {}).infer(Spec((Dim("N"), 4, 8, 8)))


@pytest.mark.parametrize("op", ["Resize", "CenterCrop", "NormalizeChannels", "Grayscale", "RGB"])
def test_flat_rows_are_no_pictures(op: str):
    with pytest.raises(ShapeError, match="no batch of pictures"):
        make(op, {}).infer(Spec((Dim("N"), 784)))


def test_pictures_of_another_size_or_mode_are_offered_what_makes_them_fit():
    graph = Graph()
    a = graph.add("Input", name="a", shape=("N", 3, 20, 30))
    b = graph.add("Input", name="b", shape=("N", 3, 28, 28))
    graph.add("Concat", a, b, dim=1, name="both")
    found = infer(graph.document)
    labels = [str(fix) for fix in fixes(graph.document, found, found.problems[0])]
    assert any(
        "Insert Resize → N×3×28×28" in label or "Insert Resize → N×3×20×30" in label for label in labels
    )
    graph = Graph()
    photo = graph.add("Picture", name="photo")
    weight = graph.add("Parameter", name="w", value=np.ones((2, 1, 3, 3)).tolist())
    graph.connect(weight, graph.add("Conv2d", photo, name="conv", out_channels=2), "weight")
    found = infer(graph.document)
    assert str(fixes(graph.document, found, found.problems[0])[0]) == "Insert Grayscale → 1×1×96×96"
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", 1, 8, 8))
    graph.add("NormalizeChannels", x, preset="ImageNet", name="normal")
    found = infer(graph.document)
    labels = [str(fix) for fix in fixes(graph.document, found, found.problems[0])]
    assert "Insert RGB → N×3×8×8" in labels
