"""Any number of a run is explained by elements of other arrays that come to it, and the run stays as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from graphlab.engine import Run, Trainer
from graphlab.engine.explaining import ENDLESS, explain_element
from graphlab.errors import ExplainError, NumericsError, UnknownNodeError
from graphlab.graph import Graph
from graphlab.io.examples import examples
from graphlab.io.files import load
from graphlab.ops.explanation import Origin, Term
from graphlab.ops.explanation_text import Explanation, rows
from tests.cases import drawn
from tests.engine.networks import winding_graph, xor_feed, xor_graph


def xor_run(**more: Any) -> Run:
    run = Run(xor_graph(), **more)
    run.feed(**xor_feed())
    run.backward()
    return run


def leaves(term: Term) -> list[Term]:
    own = [term] if term.origin else []
    return own + [leaf for part in term.parts for leaf in leaves(part)]


def element(run: Run, origin: Origin) -> float:
    """The number that an origin points at, read as anybody would."""
    name = f"{run.plan.nodes[origin.node].path}.{origin.name}"
    if origin.kind == "term":
        source = run.plan.nodes[origin.node].inputs[origin.name]
        path = f"{run.plan.nodes[source[0]].path}.{source[1]}"
        return float(run.contributions(path)[name][origin.index])
    return float((run.value(name) if origin.kind == "value" else run.grad(name))[origin.index])


def assert_true(run: Run, found: Explanation, tolerance: float = 1e-5) -> None:
    assert found.term.value == pytest.approx(found.shown, rel=tolerance, abs=tolerance)
    for leaf in leaves(found.term):
        assert leaf.origin is not None
        assert element(run, leaf.origin) == pytest.approx(leaf.value, rel=1e-6, abs=1e-7), leaf


def test_a_linear_layer_tells_row_and_column() -> None:
    run = xor_run(dtype="float64")
    found = run.explain("hidden", (1, 3))
    assert found.title == "hidden.y[1, 3]"
    assert found.symbols == "bias[3] + x[1, 1] · weight[3, 1] + x[1, 0] · weight[3, 0]"
    assert {found.place_of(leaf.origin) for leaf in leaves(found.term) if leaf.origin} == {
        *("x.y[1, 0]", "x.y[1, 1]", "hidden.weight[3, 0]", "hidden.weight[3, 1]", "hidden.bias[3]")
    }
    assert_true(run, found, 1e-12)


def test_the_gradient_of_a_weight_tells_each_example() -> None:
    run = xor_run(dtype="float64")
    found = run.explain("hidden.weight", (2, 1), "grad")
    assert len(found.term.parts) == 4
    assert_true(run, found, 1e-12)


def test_a_fan_out_tells_each_wire() -> None:
    run = Trainer(winding_graph()).run
    run.backward()
    found = run.explain("both", (1, 3), "grad")
    assert found.symbols == "through skip.b + through dropout.x"
    assert [part.origin.kind for part in found.term.parts if part.origin] == ["term", "term"]
    assert_true(run, found)
    wire = run.explain("dropout.x", (1, 3), "term")
    assert wire.shown == pytest.approx(found.term.parts[1].value, rel=1e-5)
    assert_true(run, wire)


def test_a_shared_parameter_tells_each_of_its_users() -> None:
    run = Trainer(winding_graph()).run
    run.backward()
    found = run.explain("shared", (0, 1), "grad")
    assert {part.label for part in found.term.parts} == {"through first.weight", "through second.weight"}
    assert_true(run, found)
    assert_true(run, run.explain("shared.value", (0, 1), "grad"))


def test_through_groups_and_muted_nodes_the_node_behind_is_named() -> None:
    g = xor_graph()
    g.group("hidden", "tanh", name="cell")
    run = Run(g)
    run.feed(**xor_feed())
    run.backward()
    found = run.explain("cell", (1, 3))
    assert found.title == "cell/tanh.y[1, 3]"
    assert found.place_of(found.term.parts[0].origin) == "cell/hidden.y[1, 3]"  # type: ignore[arg-type]
    assert_true(run, found)
    g = xor_graph()
    g.set_flags("tanh", muted=True)
    run = Run(g)
    run.feed(**xor_feed())
    run.backward()
    assert run.explain("tanh", (1, 3)).title == "hidden.y[1, 3]"
    assert_true(run, run.explain("out", (1, 0)))
    assert_true(run, run.explain("hidden", (1, 3), "grad"))


def test_the_goal_a_fed_number_and_a_parameter_say_what_they_are() -> None:
    run = xor_run()
    assert "goal itself" in run.explain("loss", (), "grad").note
    assert "fed" in run.explain("x", (0, 1)).note
    assert "learnt" in run.explain("hidden.bias", (0,)).note
    assert run.explain("loss.target", (2, 0)).title == "target.y[2, 0]"


def test_what_the_goal_does_not_depend_on_has_no_gradient() -> None:
    g = xor_graph()
    g.add("Exp", "tanh", name="beside")
    run = Run(g)
    run.feed(**xor_feed())
    run.backward()
    found = run.explain("beside", (0, 0), "grad")
    assert found.shown == found.term.value == 0
    assert "does not depend" in found.note


def test_the_winner_of_a_window_is_named() -> None:
    g = Graph()
    x = g.add("Input", name="x", value=(((((1.0, 4.0), (3.0, 2.0)),)),))
    g.add("MaxPool2d", x, name="pool")
    run = Run(g)
    run.forward()
    assert run.explain("pool", (0, 0, 0, 0)).note == "x[0, 0, 0, 1] wins: it is the largest."


def test_before_it_is_computed_it_says_so() -> None:
    run = Run(xor_graph())
    run.feed(**xor_feed())
    with pytest.raises(ExplainError, match="has not been computed yet"):
        run.explain("hidden", (0, 0))
    run.run_to("tanh")
    assert_true(run, run.explain("hidden", (0, 0)))
    with pytest.raises(ExplainError, match="not been computed"):
        run.explain("out", (0, 0))
    run.forward()
    with pytest.raises(ExplainError, match="backward pass has not reached"):
        run.explain("hidden", (0, 0), "grad")


def test_a_node_that_cannot_run_has_no_numbers() -> None:
    g = xor_graph()
    stray = g.add("Tanh", name="stray")
    run = Run(g)
    run.feed(**xor_feed())
    run.forward()
    for kind in ("value", "grad", "term"):
        with pytest.raises(ExplainError, match="no numbers"):
            explain_element(run, (stray.id, "y"), (0,), kind)
    with pytest.raises(ExplainError):
        explain_element(run, (run.names.key("hidden"), "nonsense"), (0,))
    with pytest.raises(ExplainError):
        explain_element(run, (run.names.key("hidden"), "nonsense"), (0,), "grad")


def test_a_place_that_is_none_is_refused() -> None:
    run = xor_run()
    with pytest.raises(ExplainError, match="4×8 and has no element"):
        run.explain("hidden", (4, 0))
    with pytest.raises(ExplainError, match="has no element"):
        run.explain("hidden", (0,))
    with pytest.raises(UnknownNodeError):
        run.explain("nobody", (0,))
    with pytest.raises(ExplainError, match="no kind"):
        run.explain("hidden", (0, 0), "mood")
    with pytest.raises(ExplainError, match="is no index"):
        run.explain("hidden", (0, 1.5))  # type: ignore[arg-type]
    assert run.explain("hidden", (-1, -1)).title == "hidden.y[3, 7]"


def test_after_the_update_the_weights_of_the_pass_are_told() -> None:
    run = xor_run(dtype="float64")
    before = run.explain("out", (1, 0)), run.explain("hidden", (1, 2), "grad")
    run.update()
    after = run.explain("out", (1, 0)), run.explain("hidden", (1, 2), "grad")
    assert [one.numbers for one in before] == [one.numbers for one in after]
    assert all(one.term.value == pytest.approx(one.shown, abs=1e-12) for one in after)


def test_after_many_steps_without_memory_it_warns() -> None:
    run = xor_run(dtype="float64")
    run.train(3)
    assert "changed the weights since" in run.explain("out", (1, 0)).note
    run.train(3, remember=True)
    assert run.explain("out", (1, 0)).note == ""


@pytest.mark.parametrize("after", [False, True], ids=["passed", "updated"])
def test_chance_and_statistics_are_those_of_the_pass(after: bool) -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 5))
    norm = g.add("BatchNorm1d", g.add("Linear", x, units=4), name="norm")
    dropped = g.add("Dropout", norm, name="dropped")
    g.add("Mean", g.add("Square", g.add("GaussianNoise", dropped, name="noisy")), name="loss")
    run = Run(g, dtype="float64")
    run.feed(x=np.random.default_rng(1).normal(size=(6, 5)))
    for _ in range(3):
        run.backward()
        run.update()
    run.backward()
    if after:
        run.update()
    for name in ("norm", "dropped", "noisy"):
        for kind in ("value", "grad"):
            found = run.explain(name, (2, 1), kind)
            assert found.term.value == pytest.approx(found.shown, rel=1e-12, abs=1e-13), name
    run.clock.training = False
    run.cursor = 0
    run.forward()
    found = run.explain("norm", (2, 1))
    assert found.term.value == pytest.approx(found.shown, rel=1e-12)
    assert "norm.running_mean[1]" in str(found)


def test_explaining_leaves_the_run_as_it_is() -> None:
    one, other = (Trainer(winding_graph()).run for _ in range(2))
    for run in (one, other):
        run.backward()
    for key, node in one.plan.nodes.items():
        for output in one.plan.op(key).results():
            array = one.buffers.values[key, output]
            for kind in ("value", "grad"):
                one.explain(f"{node.path}.{output}", (0,) * array.ndim, kind)
    for run in (one, other):
        run.update()
        run.train(3)
    np.testing.assert_array_equal(one.store.flat, other.store.flat)


@pytest.mark.parametrize("name", [example.name for example in examples()])
def test_numbers_of_every_example_are_explained(name: str) -> None:
    graph, weights = load(next(e for e in examples() if e.name == name).path)
    run = Trainer(graph, input_gradients=True).run
    for slot, values in weights.items():
        run.set(slot, values)
    run.backward()
    rng = np.random.default_rng(0)
    for key, node in run.plan.nodes.items():
        for output in run.plan.op(key).results():
            array = run.buffers.values[key, output]
            at = tuple(int(rng.integers(size)) for size in array.shape)
            for kind in ("value", "grad"):
                found = run.explain(f"{node.path}.{output}", at, kind)
                size = max(abs(found.shown), sum(abs(part.value) for part in found.term.parts), 1e-3)
                assert abs(found.term.value - found.shown) <= 1e-5 * size, found.title
                assert len(list(rows(found.term))) < 3000


def test_a_number_of_a_large_convolution_is_explained_quickly() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 64, 56, 56))
    y = g.add("Conv2d", x, name="conv", out_channels=128, kernel_size=5, padding=2)
    g.add("Mean", g.add("MaxPool2d", y, name="pool"), name="loss")
    run = Run(g)
    run.feed(x=np.random.default_rng(0).normal(size=(1, 64, 56, 56)))
    run.backward()
    for name, at, kind in (
        ("conv", (0, 3, 20, 20), "value"),
        ("conv.weight", (1, 2, 3, 3), "grad"),
        ("x", (0, 1, 9, 9), "grad"),
        ("pool", (0, 1, 9, 9), "value"),
        ("conv", (0, 1, 9, 9), "grad"),
    ):
        run.explain(name, at, kind)
        began = time.perf_counter()
        found = run.explain(name, at, kind)
        assert time.perf_counter() - began < 0.5, name  # far more than it takes, for machines that are busy
        assert found.term.value == pytest.approx(found.shown, rel=1e-4, abs=1e-7)
        assert len(found.term.parts) <= 53


# Numbers that others have published


def evaluated(draw: Callable[[Graph], None], goal: str) -> Run:
    g = Graph()
    draw(g)
    run = Run(g, goal=goal, dtype="float64")
    run.backward()
    return run


def test_cs231n_says_the_published_numbers() -> None:
    run, expected = evaluated(drawn.add_and_multiply, "f"), drawn.figures("cs231n_add_mul")["expected"]
    assert run.explain("q").numbers == "−2 + 5"
    assert run.explain("f").numbers == "3 · (−4)"
    for name in "xyzq":
        assert run.explain(name, (), "grad").term.value == expected[f"df/d{name}"]


def test_cs231n_circuit_shows_each_published_value_and_gradient() -> None:
    run = evaluated(drawn.sigmoid_circuit, "f")
    for case, kind in (
        ("cs231n_sigmoid_circuit_values", "value"),
        ("cs231n_sigmoid_circuit_gradients", "grad"),
    ):
        figures = drawn.figures(case)
        for name, expected in figures["expected"].items():
            found = run.explain(name, (), kind)
            assert found.term.value == pytest.approx(expected, abs=figures["tolerance"])
            assert found.term.value == pytest.approx(found.shown, abs=1e-12)


def test_colah_sum_over_paths() -> None:
    found = evaluated(drawn.colah, "e").explain("b", (), "grad")
    assert found.shown == drawn.figures("colah_backprop")["expected"]["de/db"]
    assert sorted(part.value for part in found.term.parts) == [2.0, 3.0]
    assert found.numbers == "3 + 2"


def test_micrograd_gradients_are_sums_of_what_comes_back() -> None:
    found = evaluated(drawn.micrograd_sanity, "y").explain("x", (), "grad")
    assert found.shown == drawn.figures("micrograd_test_sanity")["expected"]["dy/dx"]
    assert sum(part.value for part in found.term.parts) == found.shown


def test_nan_is_what_the_largest_of_it_comes_to() -> None:
    g = Graph()
    x = g.add("Input", name="x", value=(-1.0, 2.0))
    g.add("Max", g.add("Log", x, name="log"), name="most", dim=0)
    run = Run(g)
    for _ in range(3):
        with suppress(NumericsError):  # the values are there all the same
            run.step()
    found = run.explain("most")
    assert np.isnan(found.shown)
    assert np.isnan(found.term.value)
    assert found.note == "x[0] is NaN, and so is the largest."


def test_terms_that_do_not_come_to_nan_or_infinity_say_why() -> None:
    g = Graph()
    x = g.add("Input", name="x", value=(((-1.0, 1.0, 2.0, 3.0, 4.0),),))
    g.add("AvgPool1d", g.add("Log", x, name="log"), name="pool", kernel_size=2, stride=1)
    run = Run(g)
    for _ in range(3):
        with suppress(NumericsError):
            run.step()
    for at in range(4):
        found = run.explain("pool", (0, 0, at))
        is_same = found.term.value == pytest.approx(found.shown, nan_ok=True)
        assert (found.note == ENDLESS) is not is_same


def test_infinity_that_passes_through_is_told_as_such() -> None:
    g = Graph()
    x = g.add("Input", name="x", value=(0.0, 2.0))
    g.add("Detach", g.add("Log", x, name="log"), name="same")
    run = Run(g)
    for _ in range(3):
        with suppress(NumericsError):
            run.step()
    assert run.explain("same", (0,)).term.value == -np.inf
