"""The gradient check in full: whose fault it is, kinks, chosen nodes, inputs, samples, slices."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.engine import Run, check_gradients
from graphlab.engine import messages as m
from graphlab.engine.check_slices import CheckInSlices
from graphlab.engine.differences import compare
from graphlab.engine.gradient_check import Checking
from graphlab.errors import UnknownNodeError
from graphlab.graph import Graph
from graphlab.ops import Op, Socket, registry
from tests.engine.networks import xor_feed, xor_graph


class WrongCube(Op):
    """x³, whose author forgot the 3 of the derivative."""

    category = "Activation"
    formula = "y = x³"
    inputs = (Socket("x"),)

    def infer(self, x):
        return x

    def forward(self, ctx, x, *, y):
        np.multiply(x * x, x, out=y)

    def backward(self, ctx, dy, *, x, y, dx):
        if dx is not None:
            np.multiply(dy, x * x, out=dx)


@pytest.fixture
def with_wrong_op(monkeypatch):
    registry.names()
    monkeypatch.setitem(registry._ops, "WrongCube", WrongCube)


def cubed() -> Run:
    """x → hidden → cube (wrong) → out → loss."""
    g = Graph()
    x, t = g.add("Input", name="x", shape=("N", 2)), g.add("Input", name="target", shape=("N", 1))
    cube = g.add("WrongCube", g.add("Linear", x, name="hidden", units=3), name="cube")
    g.add("MSELoss", g.add("Linear", cube, name="out", units=1), t, name="loss")
    run = Run(g)
    rng = np.random.default_rng(0)
    run.feed(x=rng.normal(size=(5, 2)), target=rng.normal(size=(5, 1)))
    return run


def found(report, name):
    return next(check for check in report.checks if check.name == name)


def test_a_wrong_operation_is_named_and_not_only_those_it_leads_astray(with_wrong_op):
    report = check_gradients(cubed())
    assert not report.passed
    assert report.culprits == ("cube",)
    assert {name for name, error in report.errors.items() if error > 1e-6} == {
        "hidden.weight",
        "hidden.bias",
    }
    wire = found(report, "cube.x")
    assert not wire.passed
    assert wire.numeric == pytest.approx(3 * wire.analytic, rel=1e-6)
    assert all(check.passed for check in report.checks if check.kind == "wire" and check.key != wire.key)


def test_only_the_chosen_nodes_are_checked_and_a_group_is_all_inside():
    g = xor_graph()
    run = Run(g)
    run.feed(**xor_feed())
    report = check_gradients(run, nodes=["out"])
    assert report.errors.keys() == {"out.weight", "out.bias"}
    assert {check.name for check in report.checks if check.kind == "wire"} == {
        "out.x",
        "out.weight",
        "out.bias",
    }
    g.group("hidden", "tanh", name="cell")
    run = Run(g)
    run.feed(**xor_feed())
    assert check_gradients(run, nodes=["cell"]).errors.keys() == {"cell/hidden.weight", "cell/hidden.bias"}
    with pytest.raises(UnknownNodeError, match="nobody"):
        check_gradients(run, nodes=["nobody"])


def test_a_node_without_parameters_is_checked_by_what_it_hands_back():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    report = check_gradients(run, nodes=["tanh"])
    assert not report.errors
    (wire,) = report.checks
    assert (wire.kind, wire.name) == ("wire", "tanh.x")
    assert 0 < wire.tried <= wire.size
    assert wire.error < 1e-7


def test_a_parameter_node_is_checked_with_the_node_that_it_feeds():
    g = Graph()
    w = g.add("Parameter", name="w", value=(1.0, -2.0))
    g.add("Sum", g.add("Mul", w, w, name="square"), name="total")
    assert check_gradients(Run(g), nodes=["square"]).errors.keys() == {"w.value"}


def test_inputs_are_checked_when_asked_for(with_wrong_op):
    report = check_gradients(cubed(), inputs=True)
    assert report.errors["x.x" if "x.x" in report.errors else "x.y"] > 1e-3
    assert found(report, next(n for n in report.errors if n.startswith("target."))).passed


def kinked(op: str, value, **params) -> Run:
    g = Graph()
    w = g.add("Parameter", name="w", value=value)
    g.add("Sum", g.add(op, w, name="bend", **params), name="total")
    return Run(g)


def test_relu_at_zero_is_a_kink_and_no_error():
    report = check_gradients(kinked("ReLU", (0.0, 1.0, -1.0)))
    assert report.passed
    check = found(report, "w.value")
    assert (check.kinks, check.kink, check.kink_at) == (1, "kink", (0,))
    assert check.about_kinks.startswith("1 of 3 elements stands at a kink: the slopes on either side differ")


def test_a_kink_beside_the_point_is_no_error_either():
    report = check_gradients(kinked("ReLU", (3e-6, -3e-6)))
    assert report.passed
    assert found(report, "w.value").kinks == 0


def test_a_tie_of_a_maximum_is_a_kink():
    g = Graph()
    w = g.add("Parameter", name="w", value=(((1.0, 1.0), (0.5, 0.25)),))
    pooled = g.add("MaxPool2d", g.add("Reshape", w, shape=(1, 1, 2, 2)), name="pool", kernel_size=2)
    g.add("Sum", pooled)
    report = check_gradients(Run(g))
    assert report.passed
    assert found(report, "w.value").kinks == 2


def test_a_wrong_gradient_at_a_kink_is_wrong_all_the_same(monkeypatch):
    def wrong(self, ctx, dy, *, x, y, dx):
        if dx is not None:
            dx[...] = -dy

    monkeypatch.setattr(registry.get("ReLU"), "backward", wrong)
    report = check_gradients(kinked("ReLU", (0.0,)))
    assert not report.passed
    assert found(report, "w.value").kink == "kink"


def test_a_value_that_jumps_has_no_slope():
    check = found(check_gradients(kinked("Round", (0.5, 0.2))), "w.value")
    assert check.passed
    assert check.kink == "jump"


def test_at_the_border_of_where_there_is_a_value_the_other_side_counts():
    verdict = compare(lambda v: v**1.5 if v >= 0 else float("nan"), 0.0, 0.0, 1.0)
    assert (verdict.kink, verdict.error) == ("edge", pytest.approx(0.0, abs=0.01))


def test_what_is_detached_stays_as_it_is():
    g = Graph()
    w = g.add("Parameter", name="w", value=(2.0, 3.0))
    fixed = g.add("Detach", w, name="fixed")
    g.add("Sum", g.add("Mul", w, fixed, name="product"), name="total")
    report = check_gradients(Run(g))
    assert report.passed
    assert found(report, "w.value").numeric in (pytest.approx(2.0), pytest.approx(3.0))


def test_large_parameters_are_sampled_and_it_is_said():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 40))
    g.add("Sum", g.add("Linear", x, name="layer", units=30), name="total")
    run = Run(g)
    run.feed(x=np.ones((2, 40)))
    check = found(check_gradients(run, most=50), "layer.weight")
    assert (check.size, check.tried) == (1200, 50)


def test_what_nobody_can_move_by_its_gradient_is_not_blamed_for_rounding():
    """A bias before a softmax that shifts all alike has a gradient of about 0."""
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    b = g.add("Parameter", name="b", value=0.3)
    loss = g.add("CrossEntropyLoss", g.add("Add", x, b), g.add("Input", name="t", shape=("N",), dtype="int"))
    run = Run(g, goal=loss.name)
    run.feed(x=np.random.default_rng(0).normal(size=(4, 3)), t=[0, 1, 2, 0])
    assert check_gradients(run).passed


def test_where_time_is_short_some_parameters_are_left_to_the_check_of_their_node(with_wrong_op):
    g = Graph()
    h = g.add("Input", name="x", shape=("N", 2))
    for k in range(40):
        h = g.add("Tanh", g.add("Linear", h, name=f"layer{k}", units=2))
    g.add("Sum", g.add("WrongCube", h, name="cube"), name="total")
    run = Run(g)
    run.feed(x=np.ones((2, 2)))
    checking = Checking(run, seconds=1e-9)
    for _ in checking.work():
        pass
    report = checking.report()
    assert len(report.errors) == 16
    assert report.left_out == 80 - 16
    assert all(check.tried <= 4 for check in report.checks)
    assert report.culprits == ("cube",)


def test_it_goes_in_slices_and_says_how_far_it_is():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    checking = Checking(run)
    counts = [checking.done for _ in checking.work()]
    assert counts == list(range(1, checking.total + 1))
    assert checking.report().passed


def test_what_was_found_until_it_was_stopped_is_kept():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    check = CheckInSlices(run, m.GradientCheck())
    progress = check.go_on(7, 0.0)
    assert isinstance(progress, m.Checking)
    assert (progress.run, progress.done) == (7, 1)
    assert not check.is_done
    found = check.found(7, stopped=True)
    assert found.stopped
    assert len(found.checks) == 1
    assert isinstance(check.go_on(7, 60.0), m.Checked)
    assert check.is_done


def test_a_small_kink_is_one_too_and_a_small_mistake_is_none():
    """Beside gradients ten thousand times as large."""
    kink = compare(lambda x: 1.0 + 1e-4 * max(x, 0.0), 0.0, 1e-4, scale=1.0)
    assert (kink.error, kink.kink) == (0.0, "kink")
    for curve, slope in ((math.sin, math.cos(0.3)), (lambda x: 1e-4 * x * x, 6e-5)):
        mistaken = compare(curve, 0.3, slope + 1e-5, scale=1.0)
        assert mistaken.error == pytest.approx(1e-5, rel=1e-3)
        assert not mistaken.kink
