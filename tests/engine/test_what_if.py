"""What if a number were another: against two full evaluations, and the run stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.engine.partial import same_bits
from graphlab.engine.training import Trainer
from graphlab.errors import ExplainError, UnknownNodeError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph, xor_feed, xor_graph
from tests.engine.test_partial import everything, tangle

DELTAS = (-0.5, -1e-3, 1e-5, 0.25)


def at_backward(graph: Graph, dtype: str = "float64", steps: int = 0) -> Run:
    run = Trainer(Run(graph, dtype=dtype)).run
    for _ in range(steps):
        run.train_step()
    run.backward()
    return run


def goal_with(make, name: str, place, delta: float) -> float:
    """The goal of a fresh run whose parameter is another, computed in full."""
    run = make()
    array = run.value(name)
    array[place] += delta
    run.set(name, array)
    return run.forward()


@pytest.mark.parametrize("seed", range(6))
def test_parameters_of_random_graphs_against_full_evaluations(seed):
    def make() -> Run:
        return at_backward(tangle(seed))

    run = make()
    for slot in list(run.plan.parameters.values())[:4]:
        place = tuple(size - 1 for size in slot.shape)
        found = run.what_if(slot.name, place, DELTAS)
        assert found.before == pytest.approx(run.loss, rel=1e-14)
        wanted = [goal_with(make, slot.name, place, delta) for delta in DELTAS]
        assert found.after == pytest.approx(wanted, rel=1e-12)
        assert found.gradient == run.grad(slot.name)[place]


def test_a_dropout_keeps_its_mask_and_a_float32_run_is_asked_in_float64():
    exact = at_backward(winding_graph())
    run = at_backward(winding_graph(), "float32")
    for name in ("shared.value", "scores.weight"):
        found = run.what_if(name, (0, 0), (1e-4,))
        assert found.before == pytest.approx(run.loss, rel=1e-6)
        assert found.predicted[0] == pytest.approx(found.changes[0], rel=2e-3, abs=1e-9)
    assert exact.what_if("scores.weight", (0, 0), (0.1,)).before != pytest.approx(run.loss, rel=1e-4), (
        "float64 draws another mask, so equality above is no accident"
    )


def test_a_computed_number_is_nudged_there_and_not_before_it():
    run = Run(xor_graph(), dtype="float64")
    run.feed(**xor_feed())
    run.backward()
    found = run.what_if("tanh", (2, 3), (0.1, 1e-6))
    out, weight = run.value("out"), run.value("out.weight")[0, 3]
    target = run.value("target")
    for delta, after in zip(found.deltas, found.after, strict=True):
        moved = out.copy()
        moved[2, 0] += delta * weight
        assert after == pytest.approx(((moved - target) ** 2).mean(), rel=1e-12)
    assert found.gradient == run.grad("tanh")[2, 3]
    assert found.errors[1] == pytest.approx(0, abs=1e-9)
    assert abs(found.errors[0]) > abs(found.errors[1])


def test_only_who_reads_a_view_feels_what_is_added_to_it():
    g = Graph()
    x = g.add("Input", name="x", value=((1.0, 2.0), (3.0, 4.0)))
    flat = g.add("Flatten", x, name="flat", start_dim=0)
    both = g.add("Mul", g.add("Sum", flat, name="a"), g.add("Sum", g.add("Square", x), name="b"), name="both")
    g.add("Sum", both, name="goal")
    run = Run(g)
    run.backward()
    found = run.what_if("flat", (0,), (1.0,))
    assert found.before == 10 * 30
    assert found.after == (11 * 30,)
    assert run.what_if("x", (0, 0), (1.0,)).after == (11 * 33,)


def test_the_run_stays_as_it_is_to_the_last_bit():
    for seed in range(4):
        run = at_backward(tangle(seed), "float32", steps=1)
        before, cursor = everything(run), run.cursor
        for slot in run.plan.parameters.values():
            run.what_if(slot.name, (0,) * len(slot.shape), np.linspace(-1, 1, 41))
        run.what_if("data.x", (0, 0), (0.5,))
        after = everything(run)
        assert run.cursor == cursor
        assert all(same_bits(np.ascontiguousarray(before[n]), np.ascontiguousarray(after[n])) for n in before)


def test_after_an_update_it_is_asked_of_the_weights_that_the_numbers_were_computed_with():
    run = at_backward(winding_graph(), "float64")
    wanted = run.what_if("scores.weight", (0, 1), (0.3,))
    run.update()
    flat, step = run.store.flat.copy(), run.steps_done
    found = run.what_if("scores.weight", (0, 1), (0.3,))
    assert found == wanted
    assert np.array_equal(run.store.flat, flat)
    assert run.steps_done == step


def test_what_the_goal_does_not_depend_on_changes_nothing():
    g = Graph()
    x = g.add("Input", name="x", value=(1.0, 2.0))
    g.add("Tanh", x, name="beside")
    g.add("Sum", x, name="goal")
    run = Run(g)
    run.backward()
    found = run.what_if("beside", (0,), (1.0,))
    assert found.changes == (0.0,)
    assert found.gradient == 0.0


def test_before_backward_there_is_no_gradient_yet_and_before_forward_nothing():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    with pytest.raises(ExplainError, match="not been computed"):
        run.what_if("hidden.weight", (0, 0))
    run.forward()
    found = run.what_if("hidden.weight", (0, 0))
    assert found.gradient is None
    assert found.predicted is None
    assert found.errors is None


def test_what_cannot_be_asked_is_said():
    run = at_backward(winding_graph(), "float32")
    with pytest.raises(ExplainError, match="class indices"):
        run.what_if("data.target", (0,))
    with pytest.raises(ExplainError, match="no element"):
        run.what_if("scores", (99, 0))
    with pytest.raises(UnknownNodeError):
        run.what_if("nothing", (0,))
    g = Graph()
    g.add("Input", name="x", value=(1.0, 2.0))
    with pytest.raises(ExplainError, match="no goal"):
        Run(g).what_if("x", (0,))
