"""Receptive fields: by the rule, against published ones, and against where gradients come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.engine.asked import Asked
from graphlab.engine.inference import infer
from graphlab.graph import Graph
from graphlab.lab.receptive import Field, fields, layer_by_layer

Build = Callable[[Graph, Any], None]


def plain(g: Graph, x: Any) -> None:
    a = g.add("Conv2d", x, name="a", out_channels=2, kernel_size=3, padding=1)
    b = g.add("AvgPool2d", g.add("Softplus", a, name="bent"), name="b", kernel_size=2)
    g.add("Conv2d", b, name="out", out_channels=1, kernel_size=(3, 2), stride=(1, 2))


def dilated(g: Graph, x: Any) -> None:
    a = g.add("Conv2d", x, name="a", out_channels=2, kernel_size=3, padding=2, dilation=2)
    g.add("Conv2d", a, name="out", out_channels=1, kernel_size=2, dilation=3, padding=1)


def residual(g: Graph, x: Any) -> None:
    """One way is longer, and two convolutions of other sizes are joined."""
    a = g.add("Conv2d", x, name="a", out_channels=2, kernel_size=3, padding=1)
    b = g.add("Conv2d", a, name="b", out_channels=2, kernel_size=3, padding=1)
    total = g.add("Add", a, b, name="total")
    wide = g.add("Conv2d", total, name="wide", out_channels=1, kernel_size=(1, 5), padding=(0, 2))
    tall = g.add("Conv2d", total, name="tall", out_channels=1, kernel_size=(5, 1), padding=(2, 0))
    g.add("Concat", wide, tall, name="out")


def up_and_down(g: Graph, x: Any) -> None:
    """As in a U-Net: halved, doubled, and joined with what was before."""
    a = g.add("Conv2d", x, name="a", out_channels=1, kernel_size=3, padding=1)
    low = g.add(
        "Conv2d",
        g.add("AvgPool2d", a, name="pool"),
        name="low",
        out_channels=1,
        kernel_size=3,
        padding=1,
    )
    up = g.add("ConvTranspose2d", low, name="up", out_channels=1, kernel_size=2, stride=2)
    smooth = g.add("Upsample", low, name="smooth", scale_factor=2.0, mode="bilinear")
    g.add("Concat", a, g.add("Add", up, smooth, name="both"), name="joined")
    g.add("Conv2d", "joined", name="out", out_channels=1, kernel_size=3)


def framed(g: Graph, x: Any) -> None:
    p = g.add("Pad", x, name="pad", pad=(2, 1, 1, 2), mode="reflect")
    n = g.add("BatchNorm2d", p, name="norm")
    r = g.add("LocalResponseNorm", n, name="local")
    g.add("MaxPool2d", g.add("Dropout2d", r, name="drop"), name="out", kernel_size=3, stride=2)


def network(build: Build, shape: tuple[int, int, int] = (1, 12, 12)) -> Graph:
    g = Graph("net")
    rng = np.random.default_rng(0)
    x = g.add("Input", name="x", value=rng.random((1, *shape)).tolist())
    build(g, x)
    return Graph(g.document)


def made(graph: Graph, shape: tuple[int, int, int] = (1, 12, 12)) -> dict[str, Field]:
    """By the names of nodes."""
    found = infer(graph)
    all_of = fields(found, (graph.document.node("x").id, "y"), shape)
    return {found.nodes[key].path: field for (key, _), field in all_of.items()}


def supports(graph: Graph, name: str) -> dict[tuple[int, int], np.ndarray]:
    """Of every unit of a layer: the pixels on which all its channels together depend, with positive weights."""
    run = Run(graph, dtype="float64")
    run.clock.training = False
    rng = np.random.default_rng(1)
    for slot in run.plan.parameters.values():
        run.store.value(slot)[...] = rng.uniform(0.5, 1.0, slot.shape)
    run.forward()
    shape = run.value(name).shape
    found: dict[tuple[int, int], np.ndarray] = {}
    asked = Asked(run, name, (0,) * len(shape))
    for _, channel, row, column in np.ndindex(shape):
        asked.turn_to((0, channel, row, column))
        asked.backward()
        there = np.abs(asked.grad("x")[0]).sum(axis=0) > 0
        found[row, column] = found.get((row, column), np.zeros_like(there)) | there
    return found


def box_of(there: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


@pytest.mark.parametrize("build", [plain, dilated, residual, up_and_down], ids=lambda build: build.__name__)
def test_a_unit_sees_the_pixels_that_its_gradient_comes_from(build: Build) -> None:
    graph = network(build)
    field = made(graph)["out"]
    for (row, column), there in supports(graph, "out").items():
        assert field.box(row, column) == box_of(there), (row, column)


@pytest.mark.parametrize("build", [plain, dilated], ids=lambda build: build.__name__)
def test_along_one_path_it_is_exact_to_the_pixel(build: Build) -> None:
    graph = network(build)
    field = made(graph)["out"]
    for (row, column), there in supports(graph, "out").items():
        np.testing.assert_array_equal(
            there, field.rows.seen[row][:, None] & field.columns.seen[column][None, :]
        )


def test_maxima_norms_and_mirrored_edges_see_no_less_than_their_gradient() -> None:
    graph = network(framed)
    field = made(graph)["out"]
    for (row, column), there in supports(graph, "out").items():
        may = field.rows.seen[row][:, None] & field.columns.seen[column][None, :]
        assert not (there & ~may).any()
    assert field.rows.reach is None  # the mirror keeps no step


def test_size_stride_and_start_of_alexnet_are_the_published_ones() -> None:
    """Araujo, Norris and Sim 2019, table of AlexNet (v2): pool5 sees 195, in steps of 32."""
    g = Graph("alexnet")
    y = g.add("Input", name="x", shape=("N", 3, 224, 224))
    for name, op, settings in (
        ("conv1", "Conv2d", {"out_channels": 4, "kernel_size": 11, "stride": 4}),
        ("pool1", "MaxPool2d", {"kernel_size": 3, "stride": 2}),
        ("conv2", "Conv2d", {"out_channels": 4, "kernel_size": 5, "padding": 2}),
        ("pool2", "MaxPool2d", {"kernel_size": 3, "stride": 2}),
        ("conv3", "Conv2d", {"out_channels": 4, "kernel_size": 3, "padding": 1}),
        ("conv4", "Conv2d", {"out_channels": 4, "kernel_size": 3, "padding": 1}),
        ("conv5", "Conv2d", {"out_channels": 4, "kernel_size": 3, "padding": 1}),
        ("pool5", "MaxPool2d", {"kernel_size": 3, "stride": 2}),
    ):
        y = g.add(op, y, name=name, **settings)
    found = made(g, (3, 224, 224))
    assert [
        found[name].size[0] for name in ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5")
    ] == [
        *(11, 19, 51, 67, 99, 131, 163),
    ]
    assert found["pool5"].size == (195, 195)
    assert found["pool5"].stride == (32, 32)
    assert found["conv1"].start == (5, 5)
    inference = infer(g)
    rows = list(layer_by_layer(inference, fields(inference, (g.document.node("x").id, "y"), (3, 224, 224))))
    assert [row.name for row in rows][:3] == ["x", "conv1", "pool1"]


@pytest.mark.parametrize(("part", "size"), [("ResNet-18", 435), ("ResNet-50", 427), ("VGG-16", 212)])
def test_deep_networks_see_as_far_as_they_should(part: str, size: int) -> None:
    """VGG-16 as published there. Residual networks by arithmetic, along their longest path, with the stride in the
    first 3×3 convolution of a stage: each 3×3 adds twice the stride so far, after 7 + 2·2 of the stem.
    """
    stages = {"ResNet-18": (4, 4, 4, 4), "ResNet-50": (3, 4, 6, 3)}.get(part)
    if stages:
        first, *others = stages
        sums = [11 + 8 * first, *((2 + 4 * (n - 1)) * 2 ** (k + 2) for k, n in enumerate(others))]
        assert sum(sums) == size
    g = Graph(part)
    g.add_part(part, g.add("Input", name="x", shape=("N", 3, 224, 224)))
    found = infer(g)
    all_of = fields(found, (g.document.node("x").id, "y"), (3, 224, 224))
    assert max(field.size[0] for field in all_of.values() if field.rows.reach) == size


def test_whole_layers_see_everything_and_sequences_have_one_row() -> None:
    g = Graph("line")
    x = g.add("Input", name="x", shape=("N", 2, 20))
    a = g.add("Conv1d", x, name="a", out_channels=2, kernel_size=5, dilation=2)
    g.add("Softmax", a, name="soft", dim=2)
    g.add("GlobalAvgPool1d", a, name="mean")
    found = made(g, (2, 20))
    assert found["a"].shape == (1, 12)
    assert found["a"].size == (1, 9)
    assert found["a"].box(0, 3) == (0, 1, 3, 12)
    assert found["soft"].box(0, 3) == found["mean"].box(0, 0) == (0, 1, 0, 20)


def test_rows_of_pixels_become_pictures_by_a_reshape() -> None:
    g = Graph("flat")
    x = g.add("Input", name="x", shape=("N", 64))
    image = g.add("Reshape", x, name="image", shape=(-1, 1, 8, 8))
    g.add("Conv2d", image, name="a", out_channels=2)
    g.add("Linear", x, name="beside", units=3)
    found = made(g, (1, 8, 8))
    assert set(found) == {"image", "a"}
    assert found["a"].box(0, 1) == (0, 3, 1, 4)
