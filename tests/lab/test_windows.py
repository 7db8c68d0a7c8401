"""One window at a time against the engine: every op that slides, with every setting of its examples, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.lab.windows import Scene
from graphlab.lab.windows_back import as_correlation, banded, weight_correlation
from graphlab.ops import Context, Spec, get, registry
from graphlab.ops.context import Clock

SETTINGS = [
    ("Conv1d", {"out_channels": 4, "kernel_size": 3, "stride": 2, "padding": 2, "dilation": 2, "groups": 2}, (4, 11)),
    ("Conv1d", {"out_channels": 2, "kernel_size": 4, "padding": 5, "bias": False}, (1, 3)),
    ("Conv2d", {"out_channels": 3}, (2, 5, 6)),
    ("Conv2d", {"out_channels": 4, "kernel_size": (2, 3), "stride": (3, 2), "padding": (1, 0)}, (2, 8, 9)),
    ("Conv2d", {"out_channels": 6, "groups": 3, "dilation": (2, 1), "padding": 2, "stride": 2}, (3, 9, 7)),
    ("Conv2d", {"out_channels": 2, "kernel_size": 1, "stride": 2, "padding": 1}, (3, 4, 5)),
    ("MaxPool1d", {"kernel_size": 3, "stride": 1}, (2, 7)),
    ("MaxPool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (2, 6, 7)),
    ("MaxPool2d", {"kernel_size": 2, "dilation": (2, 3), "stride": 1}, (2, 6, 6)),
    ("AvgPool1d", {"kernel_size": 3, "padding": 1, "count_include_pad": False}, (2, 7)),
    ("AvgPool2d", {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (2, 6, 7)),
    ("AvgPool2d", {"kernel_size": 2, "stride": 3, "ceil_mode": True, "count_include_pad": False}, (1, 7, 5)),
    ("AdaptiveMaxPool1d", {"output_size": 3}, (2, 7)),
    ("AdaptiveMaxPool2d", {"output_size": (2, 3)}, (2, 5, 7)),
    ("AdaptiveAvgPool1d", {"output_size": 4}, (2, 6)),
    ("AdaptiveAvgPool2d", {"output_size": (3, 2)}, (2, 7, 5)),
    ("GlobalMaxPool1d", {}, (2, 5)),
    ("GlobalMaxPool2d", {}, (3, 4, 4)),
    ("GlobalAvgPool1d", {}, (2, 5)),
    ("GlobalAvgPool2d", {}, (3, 4, 4)),
]  # fmt: skip
CONVOLUTIONS = [setting for setting in SETTINGS if setting[0].startswith("Conv")]


class Case:
    """An op at work on one sample by the engine's own code, and the same as a scene."""

    def __init__(self, name, params, shape, x=None, ties=False):
        rng = np.random.default_rng(7)
        self.op = op = get(name)(**params)
        x = rng.normal(size=(1, *shape)) if x is None else np.asarray(x, float).reshape(1, *shape)
        self.x = np.round(x) if ties else x
        spec = Spec(self.x.shape)
        arrays = {k: rng.normal(size=s) for k, s in op.learnable(x=spec).items()}
        self.weight, self.bias = arrays.get("weight"), arrays.get("bias")
        given = {s.name: arrays.get(s.name) for s in op.sockets() if s.name != "x"}
        result = op.infer(spec, **{k: None if a is None else Spec(a.shape) for k, a in given.items()})
        self.y, ctx = np.zeros(result.shape), Context("n", Clock(), np.float64)
        op.forward(ctx, self.x, *given.values(), y=self.y)
        self.dy = rng.normal(size=self.y.shape)
        gradients = {
            f"d{k}": None if a is None else np.zeros_like(a) for k, a in {"x": self.x, **given}.items()
        }
        op.backward(ctx, self.dy, x=self.x, **given, y=self.y, **gradients)
        self.dx, self.dweight = gradients["dx"], gradients.get("dweight")
        self.sliding = op.sliding(self.x.shape)
        self.scene = Scene.of(self.sliding, self.x[0], self.weight, self.bias)
        self.upstream = self.image(self.dy[0])

    def image(self, array):
        """C×L as C×1×L."""
        return array[:, None] if array.ndim == 2 else array


@pytest.fixture(params=SETTINGS, ids=lambda s: f"{s[0]}-{SETTINGS.index(s)}")
def case(request):
    return Case(*request.param)


@pytest.fixture(params=CONVOLUTIONS, ids=lambda s: f"{s[0]}-{SETTINGS.index(s)}")
def convolution(request):
    return Case(*request.param)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


def test_every_convolution_and_pooling_tells_its_windows():
    names = {n for n in registry.names() if "Pool" in n or n in ("Conv1d", "Conv2d")}
    silent = {n for n in names if get(n).sliding is get("Add").sliding}
    assert silent <= {"LPPool1d", "LPPool2d"}
    assert len(names - silent) == 14


def test_each_channel_of_the_result_is_the_engines(case):
    for out, wanted in enumerate(case.image(case.y[0])):
        close(case.scene.output(out), wanted)


def test_each_window_comes_to_the_engines_number(case):
    for at, wanted in np.ndenumerate(case.image(case.y[0])):
        close(case.scene.look(at).result, wanted)


def test_what_channels_add_comes_to_the_whole(convolution):
    scene, sliding = convolution.scene, convolution.sliding
    parts = sum(scene.output(0, channel) for channel in sliding.group(0))
    close(parts + (0 if scene.bias is None else scene.bias[0]), scene.output(0))
    look = scene.look((0, 0, 0))
    close(look.sums, [scene.look((0, 0, 0), channel).result for channel in sliding.group(0)])


def test_what_windows_send_back_is_the_engines_gradient(case):
    for (channel, *place), wanted in np.ndenumerate(case.image(case.dx[0])):
        close(case.scene.sent_to(channel, tuple(place), case.upstream).total, wanted)


def test_the_gradient_at_once_is_the_engines(case):
    for channel, wanted in enumerate(case.image(case.dx[0])):
        close(case.scene.input_gradient(channel, case.upstream), wanted)


def test_windows_one_after_another_send_the_same_gradient(case):
    scene, sliding = case.scene, case.sliding
    found = np.zeros((sliding.channels, *sliding.image))
    for at in np.ndindex(*case.upstream.shape):
        look = scene.look(at)
        for channel in look.channels:
            part = scene.sent_by(at, case.upstream, channel)
            for u, v in np.argwhere(~look.outside):
                found[channel, look.rows[u], look.columns[v]] += part[u, v]
    close(found, case.image(case.dx[0]))


def test_an_element_lies_in_the_windows_that_see_it(case):
    scene, sliding = case.scene, case.sliding
    for place in np.ndindex(*sliding.image):
        seen = {tuple(window) for window in scene.windows_over(place).tolist()}
        rows = [{int(p) for p in sliding.rows.places(i)} for i in range(sliding.rows.count)]
        columns = [{int(p) for p in sliding.columns.places(j)} for j in range(sliding.columns.count)]
        wanted = {
            (i, j) for i, j in np.ndindex(*sliding.size) if place[0] in rows[i] and place[1] in columns[j]
        }
        assert seen == wanted


def test_windows_lie_where_the_footprint_says(case):
    for axis, windows in zip((-2, -1), (case.sliding.rows, case.sliding.columns), strict=True):
        if axis == -2 and case.sliding.field == 1:
            continue
        found = np.zeros((windows.count, windows.size), bool)
        places, inside = windows.grid()
        found[np.nonzero(inside)[0], places[inside]] = True
        told = case.op.footprint(axis % case.x.ndim, case.x.shape, case.y.shape)
        assert told is None or np.array_equal(told.taps, found)


@pytest.mark.parametrize("name", ["MaxPool2d", "AdaptiveMaxPool2d", "GlobalMaxPool2d"])
def test_among_equals_the_first_wins_as_in_the_engine(name):
    params = {"MaxPool2d": {"kernel_size": 3, "stride": 1}, "AdaptiveMaxPool2d": {"output_size": 2}}.get(
        name, {}
    )
    case = Case(name, params, (2, 5, 5), ties=True)
    close(np.array([case.scene.input_gradient(c, case.upstream) for c in range(2)]), case.dx[0])
    close(case.scene.sent_to(0, (2, 2), case.upstream).total, case.dx[0, 0, 2, 2])


# Gradients are convolutions


def test_the_gradient_of_the_input_is_a_full_convolution_with_the_flipped_filter(convolution):
    turned = as_correlation(convolution.scene, convolution.upstream)
    for channel, wanted in enumerate(convolution.image(convolution.dx[0])):
        close(turned.output(channel), wanted)
        close(turned.look((channel, 0, 0)).result, wanted[0, 0])


def test_the_gradient_of_the_filter_is_a_convolution_with_the_gradient(convolution):
    sliding, wanted = convolution.sliding, convolution.dweight
    wanted = wanted[:, :, None] if wanted.ndim == 3 else wanted
    for out in range(sliding.outputs):
        for local, channel in enumerate(sliding.group(out)):
            turned = weight_correlation(convolution.scene, convolution.upstream, out, channel)
            close(turned.output(0), wanted[out, local])


def test_a_convolution_of_a_sequence_is_a_product_with_a_banded_matrix(convolution):
    scene, sliding = convolution.scene, convolution.sliding
    if sliding.field == 1:
        for channel in sliding.group(1):
            close(banded(scene, 1, channel) @ scene.x[channel, 0], scene.output(1, channel)[0])
            gradient = banded(scene, 1, channel).T @ convolution.upstream[1, 0]
            close(gradient, scene.input_gradient(channel, convolution.upstream, out=1)[0])


# The lecture's figures


def vector(filter_=(1, 2, 1)):
    sliding = get("Conv1d")(out_channels=1, bias=False).sliding((1, 1, 6))
    return Scene.of(sliding, [[2, 3, 1, 3, 2, 1]], [[list(filter_)]])


def test_the_vector_of_the_lecture():
    scene = vector()
    assert scene.output(0).tolist() == [[9, 8, 9, 8]]
    look = scene.look((0, 0, 2))
    assert look.products.ravel().tolist() == [1, 6, 2]
    assert banded(scene, 0, 0).tolist() == [
        [1, 2, 1, 0, 0, 0],
        [0, 1, 2, 1, 0, 0],
        [0, 0, 1, 2, 1, 0],
        [0, 0, 0, 1, 2, 1],
    ]


@pytest.mark.parametrize(
    ("op", "params", "wanted"),
    [
        ("MaxPool1d", {"kernel_size": 3, "stride": 1}, [3, 3, 3, 3]),
        ("AvgPool1d", {"kernel_size": 3, "stride": 1}, [2, 7 / 3, 2, 2]),
        ("GlobalMaxPool1d", {}, [3]),
        ("GlobalAvgPool1d", {}, [2]),
    ],
)
def test_the_poolings_of_the_lecture(op, params, wanted):
    scene = Scene.of(get(op)(**params).sliding((1, 1, 6)), [[2, 3, 1, 3, 2, 1]])
    close(scene.output(0)[0], wanted)


def test_a_weight_on_padding_is_left_out_of_the_matrix():
    sliding = get("Conv1d")(out_channels=1, bias=False, padding=1, stride=2).sliding((1, 1, 4))
    found = banded(Scene.of(sliding, [[0, 0, 0, 0]], [[[1, 2, 3]]]), 0, 0)
    assert found.tolist() == [[2, 3, 0, 0], [0, 1, 2, 3]]
