"""Published convolutions, poolings and shapes: the numbers in the window's cells, and the sizes on its wires."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from graphlab.cli.program import program
from graphlab.graph import Graph
from graphlab.io import save
from graphlab.ui.canvas import CanvasView, tooltips
from graphlab.ui.canvas.scene import SocketAt
from graphlab.ui.session import Session
from graphlab.ui.status_line import StatusLine
from tests.cases import drawn
from tests.cases.drawn import conv, figures
from tests.cases.walking import Read, Walk, listed, says
from tests.ui.window_trial import Make

# case, what of it, how it is drawn, and the expected matrix (or several: one for each channel)
WINDOWS: list[tuple[str, str, Callable[[Graph], None]]] = [
    ("d2l_corr2d", "Y", drawn.convolution("d2l_corr2d")),
    ("d2l_edge", "Y", drawn.convolution("d2l_edge")),
    ("d2l_edge", "Y_of_transpose", drawn.convolution("d2l_edge", transposed=True)),
    ("d2l_multi_in", "Y", drawn.convolution("d2l_multi_in")),
    ("d2l_multi_in_out", "Y", drawn.convolution("d2l_multi_in_out")),
    ("conv_arithmetic_numeric", "valid", drawn.convolution("conv_arithmetic_numeric")),
    (
        "conv_arithmetic_numeric",
        "pad1_stride2",
        drawn.convolution("conv_arithmetic_numeric", padding=1, stride=2),
    ),
    (
        "conv_arithmetic_numeric",
        "avg3",
        drawn.pooling("conv_arithmetic_numeric", "AvgPool2d", kernel_size=3, stride=1),
    ),
    (
        "conv_arithmetic_numeric",
        "max3",
        drawn.pooling("conv_arithmetic_numeric", "MaxPool2d", kernel_size=3, stride=1),
    ),
    ("d2l_pool", "max", drawn.pooling("d2l_pool", "MaxPool2d", kernel_size=2, stride=1)),
    ("d2l_pool", "avg", drawn.pooling("d2l_pool", "AvgPool2d", kernel_size=2, stride=1)),
    ("d2l_pool_stride", "a", drawn.pooling("d2l_pool_stride", "MaxPool2d", kernel_size=3, stride=3)),
    (
        "d2l_pool_stride",
        "b",
        drawn.pooling("d2l_pool_stride", "MaxPool2d", kernel_size=3, padding=1, stride=2),
    ),
    (
        "d2l_pool_stride",
        "c",
        drawn.pooling("d2l_pool_stride", "MaxPool2d", kernel_size=(2, 3), padding=(0, 1), stride=(2, 3)),
    ),
    ("riptutorial_conv1d", "", drawn.convolution_of_a_sequence),
]


def opened(draw: Callable[[Graph], Any]) -> Graph:
    g = Graph("case")
    draw(g)
    g.tidy()
    return Graph(g.document)


def published(case: str, key: str) -> np.ndarray:
    """The expected numbers as channels × rows × columns; a sequence is one row of one channel."""
    found = figures(case)["expected"]
    array = np.asarray(found[key] if key else found, float)
    return array.reshape((1,) * (3 - array.ndim) + array.shape)


@pytest.mark.parametrize(("case", "key", "draw"), WINDOWS, ids=lambda v: v if isinstance(v, str) else "")
def test_cells_and_explanations_say_what_is_published(
    case: str, key: str, draw: Callable[[Graph], None], make: Make, qtbot: Any
) -> None:
    walk, tolerance = Walk(make, qtbot, opened(draw)), figures(case)["tolerance"]
    assert walk.go("forward")[-1] == "Y"
    expected = published(case, key)
    is_line = not key
    for channel, rows in enumerate(expected):
        shown = walk.matrix("Y", (0,) if is_line else (0, channel))
        for r, row in enumerate(rows):
            for c, number in enumerate(row):
                assert says(shown[r][c], number, tolerance), (channel, r, c, shown)
                at = (0, 0, c) if is_line else (0, channel, r, c)
                assert says(walk.explained("Y", "value", at), number, tolerance)


@pytest.mark.parametrize(("case", "key", "draw"), WINDOWS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_command_line_says_them(
    case: str, key: str, draw: Callable[[Graph], None], tmp_path: Any
) -> None:
    file = tmp_path / "case.graphlab"
    save(opened(draw), file)
    expected, is_line = published(case, key), not key
    for place in np.ndindex(expected.shape):
        at = (0, 0, place[2]) if is_line else (0, *place)
        words = ["explain", str(file), "Y", "--at", ",".join(map(str, at))]
        told = CliRunner().invoke(program, words).stdout.splitlines()
        assert says(told[0].rpartition(" = ")[2], expected[place], figures(case)["tolerance"]), told
    last = CliRunner().invoke(program, ["run", str(file), "--step"]).stdout
    (line,) = [line for line in last.partition("Backward")[0].splitlines() if " Y " in line]
    low, high = expected.min(), expected.max()
    numbers = [float(text.replace("−", "-")) for text in listed(line.partition("Conv")[2] or line)]
    for number in (low, high):
        assert any(abs(found - number) <= 0.05 + 0.001 * abs(number) for found in numbers), line


# Shapes


def shape_text(*sizes: int) -> str:
    return "×".join(map(str, sizes))


def sized(kernel: int, stride: int, padding: int, dilation: int) -> tuple[str, dict[str, Any]]:
    params = {
        "out_channels": 1,
        "kernel_size": kernel,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
    }
    return "Conv2d", params


def transposed(kernel: int, stride: int, padding: int, extra: int) -> tuple[str, dict[str, Any]]:
    params = {"out_channels": 1, "kernel_size": kernel, "stride": stride, "padding": padding}
    return "ConvTranspose2d", params | {"output_padding": extra}


Case = tuple[tuple[int, ...], drawn.Layers, list[Any]]


def shape_cases() -> dict[str, Case]:
    """The shape of the input, the layers, and the shape after each (None for one that is not published)."""
    given, expected = figures("cs231n_alexnet_conv1")["given"], figures("cs231n_alexnet_conv1")["expected"]
    height, width, channels = given["in"]
    rows, columns, filters = expected["out"]
    first = [conv(96, 11, stride=4)]
    made: dict[str, Case] = {
        "alexnet conv1": ((1, channels, height, width), first, [(1, filters, rows, columns)])
    }
    lenet = figures("d2l_lenet_shapes")
    made["lenet"] = tuple(lenet["given"]["in"]), drawn.lenet(), list(map(tuple, lenet["expected"]["shapes"]))
    padded = figures("d2l_pad_stride_shapes")["expected"]
    settings = {"a": (3, 1, 1), "b": ((5, 3), (2, 1), 1), "c": (3, 1, 2), "d": ((3, 5), (0, 1), (3, 4))}
    for key, (kernel, padding, stride) in settings.items():
        made[f"d2l {key}"] = (1, 1, 8, 8), [conv(1, kernel, padding, stride)], [(1, 1, *padded[key])]
    case = figures("conv_arithmetic_shapes")
    for (size, *more), out in zip(case["given"]["list"], case["expected"], strict=True):
        made[f"arithmetic {size} {more}"] = (1, 1, size, size), [sized(*more)], [(1, 1, out, out)]
    case = figures("conv_arithmetic_transposed_shapes")
    for (size, *more), out in zip(case["given"]["list"], case["expected"], strict=True):
        made[f"transposed {size} {more}"] = (1, 1, size, size), [transposed(*more)], [(1, 1, out, out)]
    sizes = figures("alexnet_neurons_2_to_8")["given"]["layers"]
    after = dict(zip((2, 4, 5, 6, 9, 10, 11), sizes, strict=True))
    shapes = [(1, after[k][-1], *after[k][:-1]) if k in after else None for k in range(12)]
    made["alexnet"] = (1, 3, 227, 227), drawn.alexnet(), shapes
    return made


SHAPES = shape_cases()


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_stand_on_the_wires(name: str, qtbot: Any) -> None:
    shape, layers, expected = SHAPES[name]
    g = Graph("case")
    names = drawn.chain(g, shape, layers)
    after = len(names) + 1  # so that the last result has a wire, too
    g.add("Identity", names[-1], name=f"layer{after}", position=(340.0 * after, 0))
    session = Session(Graph(g.document), engine=False)
    canvas = CanvasView(session)  # a window around it would say no more of this
    qtbot.addWidget(canvas)
    canvas.resize(1440, 900)
    canvas.show()
    walk = Read(SimpleNamespace(session=session, canvas=canvas))
    texts = walk.painted()
    for k, sizes in enumerate(expected, 1):
        if sizes is not None:
            assert walk.on_wire(f"layer{k + 1}", "x", texts) == shape_text(*sizes), k
    session.close()


def test_the_weights_of_vgg16_are_counted_at_each_node(make: Make) -> None:
    case = figures("cs231n_vgg16_weights")["expected"]
    assert_counted(make, (1, 3, 224, 224), drawn.vgg16(), case["weights"], case["total_with_biases"])


def test_the_weights_of_alexnets_first_layer(make: Make) -> None:
    case = figures("cs231n_alexnet_conv1")["expected"]
    assert_counted(make, (1, 3, 227, 227), [conv(96, 11, stride=4)], [case["weights"]], case["params"])
    assert math.prod((1, *case["out"])) == case["neurons"]


def test_the_parameters_of_lenet(make: Make) -> None:
    total = figures("d2l_lenet_shapes")["expected"]["params"]
    assert_counted(make, (1, 1, 28, 28), drawn.lenet(), None, total)


def assert_counted(
    make: Make, shape: tuple[int, ...], layers: drawn.Layers, weights: list[int] | None, total: int
) -> None:
    """The shape of each weight stands in its socket's tooltip; the number of all in the status line's."""
    window = make(opened(partial(drawn.chain, shape=shape, layers=layers)))
    canvas, told = window.canvas, []
    for node in window.session.document.nodes.values():
        if "weight" in canvas.scene.shape(node.id).inputs:
            socket = SocketAt(node.id, "weight", True)
            tip = tooltips.of_socket(window.session.document, canvas.looks, socket)
            told.append(math.prod(int(size) for size in tip.partition("parameter, ")[2].split("×")))
    assert weights is None or told == weights
    tip = window.findChild(StatusLine).totals.toolTip()
    assert tip.startswith(f"{total:,} learnable numbers")


def test_every_published_case_is_walked_and_the_wrong_one_is_not() -> None:
    from tests.cases.test_walked_graphs import STORIES

    walked = {story.case for story in STORIES.values()} | {case for case, *_ in WINDOWS}
    walked |= {"cs231n_stable_softmax"}  # in test_built_by_hand
    walked |= {"cs231n_alexnet_conv1", "d2l_lenet_shapes", "d2l_pad_stride_shapes", "cs231n_vgg16_weights"}
    walked |= {"conv_arithmetic_shapes", "conv_arithmetic_transposed_shapes", "alexnet_neurons_2_to_8"}
    assert walked == drawn.REPRODUCED
    wrong = set(drawn.CASES) - drawn.REPRODUCED
    assert wrong == {"alexnet_neurons_1"}
