"""Graphs with faults, graphs that are too large, and numbers that are none."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from graphlab.engine import SGD, Plan, Run, Trainer, infer
from graphlab.engine.workspace import Workspace
from graphlab.errors import MemoryBudgetError, NumericsError, ProblemsError
from graphlab.graph import Graph
from graphlab.ops import correlation
from tests.engine.networks import xor_feed, xor_graph


def faulty_graph():
    """Four faults of four kinds, beside a part that runs."""
    g = Graph("faulty")
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("Sum", g.add("Linear", x, name="healthy", units=2), name="total")
    g.add("MatMul", x, name="loose")  # b is missing
    g.add("MatMul", x, g.add("Constant", name="c", value=((1.0, 2.0),)), name="misfit")  # 3 against 1
    g.add("Tanh", "misfit", name="behind")  # healthy itself
    g.add("CrossEntropyLoss", "healthy", x, name="loss")  # N×2 against N×3
    g.add("Dataset", name="data", dataset="nothing")
    return g


def test_every_fault_is_listed_at_once_with_node_and_socket():
    problems = infer(faulty_graph()).problems
    assert {(p.node, p.socket) for p in problems} == {
        ("loose", "b"),
        ("misfit", "b"),
        ("loss", "target"),
        ("data", ""),
    }
    assert all(p.message.endswith(".") and p.hint for p in problems)
    assert Plan(faulty_graph()).problems == problems


def test_what_lies_behind_a_fault_is_left_out_without_being_blamed():
    found = infer(faulty_graph())
    names = {found.nodes[key].path for key in found.unhealthy}
    assert names == {"loose", "misfit", "behind", "loss", "data"}


def test_the_healthy_part_runs_forward_and_backward():
    run = Run(faulty_graph(), goal="total")
    run.feed(x=np.ones((2, 3)))
    run.backward()
    assert run.value("healthy").shape == (2, 2)
    assert np.array_equal(run.grad("healthy"), np.ones((2, 2)))
    run.update()


def test_training_a_faulty_graph_names_the_first_fault_and_counts_the_others():
    with pytest.raises(ProblemsError, match=r"3 more faults") as error:
        Trainer(faulty_graph())
    assert len(error.value.problems) == 4
    assert error.value.node == error.value.problems[0].node


def test_a_goal_that_is_not_one_number_is_a_fault():
    found = infer(xor_graph(), goal="out")
    (problem,) = found.problems
    assert (problem.node, found.goal) == ("out", "")
    assert "N×1" in problem.message


# Memory


def test_a_graph_beyond_the_budget_is_refused_and_its_greediest_node_named():
    run = Run(xor_graph(units=1000), memory_budget=100_000)
    with pytest.raises(
        MemoryBudgetError, match=r"only 100 kB may be used; (hidden|tanh) alone takes"
    ) as error:
        run.feed(x=np.zeros((100, 2)), target=np.zeros((100, 1)))
    assert error.value.node in ("hidden", "tanh")


def test_enormous_layers_are_refused_before_anything_is_allocated():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 100_000))
    g.add("Sum", g.add("Linear", x, name="monster", units=1_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(MemoryBudgetError) as error:
            Run(g)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert error.value.node == "monster"
    assert peak < 16 << 20


def test_the_engine_process_survives_an_enormous_layer_and_runs_what_comes_next():
    g = Graph()
    x = g.add("Input", name="x", value=((1.0, 2.0),))
    g.add("Sum", g.add("Linear", x, name="layer", units=3))
    space = Workspace(g.document)
    g.set("layer", units=1_000_000)
    g.add("Linear", "layer", name="monster", units=1_000_000)
    space.load(g.document)
    assert isinstance(space.obstacle, MemoryBudgetError)
    assert space.run.schedule == []
    g.remove("monster")
    g.set("layer", units=4)
    space.load(g.document)
    space.step(2)
    assert space.run.value("layer").shape == (1, 4)


@pytest.mark.parametrize("few", [10**9, 0], ids=["convolution by row", "convolution by image"])
def test_the_estimate_covers_what_is_really_allocated(monkeypatch, few):
    monkeypatch.setattr(correlation, "FEW", few)
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 16, 16))
    h = g.add("MaxPool2d", g.add("ReLU", g.add("Conv2d", x, out_channels=16, padding=1)))
    h = g.add("AvgPool2d", g.add("Conv2d", h, out_channels=32, kernel_size=5, padding=2))
    g.add("Sum", g.add("Linear", g.add("Flatten", h), units=32), name="total")
    batch = np.zeros((64, 1, 16, 16), np.float32)
    estimate = Plan(g).check_memory({"N": 64})
    tracemalloc.start()
    run = Run(g, optimizer=SGD(0.1, 0.9))
    run.feed(x=batch)
    run.train_step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.5 * peak < estimate < 4 * peak


# NaN and infinity


def log_graph():
    g = Graph()
    x = g.add("Input", name="x", shape=("N",))
    w = g.add("Parameter", name="w", value=1.0)
    g.add("Log", g.add("Mul", x, w, name="scaled"), name="log")
    g.add("Exp", "log", name="exp")
    g.add("Sum", "exp", name="total")
    return g


def root_graph():
    """√0 is finite and its slope is not."""
    g = Graph()
    x = g.add("Input", name="x", shape=("N",))
    w = g.add("Parameter", name="w", value=1.0)
    g.add("Pow", g.add("Mul", x, w, name="scaled"), b=0.5, name="root")
    g.add("Sum", g.add("Mul", "root", b=2.0, name="twice"), name="total")
    return g


WAYS = {
    "stepping": lambda run: list(run.steps()),
    "phases": lambda run: run.update(),
    "training": lambda run: run.train_step(),
}


@pytest.mark.parametrize("go", WAYS.values(), ids=WAYS)
def test_nan_is_named_at_the_first_node_forward(go):
    run = Run(log_graph())
    run.feed(x=[1.0, -2.0])
    with pytest.raises(NumericsError, match=r"The value of log holds nan at \[1\]") as error:
        go(run)
    assert (error.value.node, error.value.phase) == ("log", "forward")


@pytest.mark.parametrize("go", WAYS.values(), ids=WAYS)
def test_infinity_is_named_at_the_first_node_backward(go):
    run = Run(root_graph())
    run.feed(x=[4.0, 0.0])
    with pytest.raises(
        NumericsError, match=r"The gradient with respect to a of root holds inf at \[1\]"
    ) as error:
        go(run)
    assert (error.value.node, error.value.phase) == ("root", "backward")


@pytest.mark.parametrize("go", WAYS.values(), ids=WAYS)
def test_after_bad_numbers_a_good_feed_runs_again(go):
    run = Run(log_graph())
    run.feed(x=[-1.0, 1.0])
    with pytest.raises(NumericsError):
        go(run)
    run.feed(x=[1.0, 2.0])
    go(run)
    assert run.loss == pytest.approx(3)


def test_numbers_that_overflow_in_the_forward_pass_are_named():
    g = Graph()
    g.add("Sum", g.add("Exp", g.add("Input", name="x", value=(1.0, 200.0)), name="exp"))
    with pytest.raises(NumericsError, match=r"The value of exp holds inf at \[1\]"):
        Run(g).forward()


def test_diverging_training_stops_with_the_node():
    run = Run(xor_graph(), optimizer=SGD(lr=1e5))
    run.feed(**xor_feed())
    with pytest.raises(NumericsError) as error:
        run.train(1000)
    assert error.value.node in {node.name for node in run.document.nodes.values()}


@pytest.mark.parametrize("way", ["stepping", "forward"])
def test_a_side_branch_without_influence_on_the_goal_is_watched_too(way):
    g = xor_graph()
    g.add("Log", g.add("Sub", "x", b=10.0), name="aside")
    run = Run(g)
    run.feed(**xor_feed())
    with pytest.raises(NumericsError, match="The value of aside holds nan"):
        list(run.steps()) if way == "stepping" else run.forward()


@pytest.mark.parametrize("way", ["stepping", "forward"])
def test_infinity_that_a_later_node_swallows_is_named_all_the_same(way):
    g = Graph()
    exp = g.add("Exp", g.add("Input", name="x", value=200.0), name="exp")
    g.add("Div", b=exp, name="nothing")
    with pytest.raises(NumericsError, match="The value of exp holds inf"):
        list(Run(g).steps()) if way == "stepping" else Run(g).forward()


@pytest.mark.parametrize("way", ["stepping", "backward"])
def test_a_bad_gradient_is_named_where_there_are_no_parameters(way):
    g = Graph()
    g.add("Sum", g.add("Pow", g.add("Input", name="x", value=(0.0, 1.0)), b=0.5, name="root"))
    with pytest.raises(NumericsError, match="The gradient with respect to a of root holds inf"):
        list(Run(g).steps()) if way == "stepping" else Run(g).backward()


@pytest.mark.parametrize(
    ("op", "params", "feed", "message"),
    [
        ("Div", {"b": 0.0}, [3.0], r"holds inf at \[0\], where a is 3 and b is 0\."),
        ("Mod", {"b": 0.0}, [3.0], r"holds nan at \[0\], where a is 3 and b is 0\."),
        ("Pow", {"b": 0.5}, [1.0, -4.0], r"holds nan at \[1\], where a is -4 and b is 0\.5\."),
        ("Reciprocal", {}, [1.0, 0.0], r"holds inf at \[1\], where x is 0\."),
        ("Log", {}, [1.0, 0.0], r"holds -inf at \[1\], where x is 0\."),
    ],
)
def test_the_numbers_that_led_to_it_are_named(op, params, feed, message):
    g = Graph()
    g.add("Sum", g.add(op, g.add("Input", name="x", shape=("N",)), name="it", **params))
    run = Run(g)
    run.feed(x=feed)
    with pytest.raises(NumericsError, match=f"The value of it {message}"):
        run.forward()


def test_a_divisor_that_was_repeated_is_found():
    g = Graph()
    a, b = g.add("Input", name="a", shape=("N", 3)), g.add("Input", name="b", shape=("N", 1))
    g.add("Sum", g.add("Div", a, b, name="ratio"))
    run = Run(g)
    run.feed(a=[[1, 2, 3], [4, 5, 6]], b=[[1], [0]])
    with pytest.raises(NumericsError, match=r"holds inf at \[1, 0\], where a is 4 and b is 0\."):
        run.forward()


def test_where_numbers_mix_no_single_one_is_blamed():
    g = Graph()
    x = g.add("Input", name="x", shape=(2, 2))
    g.add("Sum", g.add("MatMul", x, x, name="product"))
    run = Run(g)
    run.feed(x=np.full((2, 2), 1e30))
    with pytest.raises(NumericsError, match=r"The value of product holds inf at \[0, 0\]\. "):
        run.forward()


def test_an_infinite_slope_is_named_with_the_number_it_is_at():
    run = Run(root_graph())
    run.feed(x=[4.0, 0.0])
    with pytest.raises(NumericsError, match=r"to a of root holds inf at \[1\], where a is 0 and b is 0\.5\."):
        run.backward()
