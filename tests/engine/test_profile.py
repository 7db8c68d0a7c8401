"""Where the time of a step goes: what is timed, whom it is put down to, and what it is held against."""

from __future__ import annotations

import functools
import time
from typing import Any

import numpy as np
import pytest

import graphlab as gl
from graphlab.engine import profile_text
from graphlab.engine.costs import Work
from graphlab.engine.feeding import made_up
from graphlab.engine.machine import Machine
from graphlab.engine.profile import Kernel, NodeProfile, Profile, runnable
from graphlab.engine.profile import profile as measure
from graphlab.engine.record import count_calls
from graphlab.errors import NumericsError, ProblemsError, SettingsError
from graphlab.ops import get
from tests.engine.networks import winding_graph, xor_feed, xor_graph

SLOW = 0.005  # seconds


def seconds(found: Profile, phase: str) -> dict[str, float]:
    return {node.name: getattr(node, phase).seconds for node in found.nodes}


def delayed(monkeypatch: pytest.MonkeyPatch, op: str, phase: str) -> None:
    """Makes an operation slow, in a way that no recording leaves out."""
    right = getattr(get(op), phase)

    @functools.wraps(right)
    def slow(self: Any, ctx: Any, *args: Any, **arrays: Any) -> None:
        right(self, ctx, *args, **arrays)
        ctx.rng()
        time.sleep(SLOW)

    monkeypatch.setattr(get(op), phase, slow)


@pytest.mark.parametrize(("op", "name"), [("Tanh", "tanh"), ("MSELoss", "loss")])
@pytest.mark.parametrize("phase", ["forward", "backward"])
def test_time_is_put_down_to_the_node_and_phase_that_took_it(
    monkeypatch: pytest.MonkeyPatch, op: str, name: str, phase: str
) -> None:
    delayed(monkeypatch, op, phase)
    found = measure(xor_graph(), steps=5)
    times = {(p, n): s for p in ("forward", "backward") for n, s in seconds(found, p).items()}
    assert times.pop((phase, name)) >= SLOW
    assert max(times.values()) < SLOW
    assert max(found.batch, found.update.seconds, found.rest) < SLOW
    assert found.undisturbed >= SLOW
    assert found.seconds >= SLOW


def test_slow_updates_and_slow_batches_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = gl.Trainer(winding_graph())
    optimizer, fetch = trainer.run.optimizer, trainer.run.feeder
    step = optimizer.step
    monkeypatch.setattr(optimizer, "step", lambda *args: (time.sleep(SLOW), step(*args)))
    found = measure(trainer, steps=3)
    assert found.update.seconds >= SLOW > found.batch
    monkeypatch.undo()

    def slow(number: int) -> Any:
        time.sleep(SLOW)
        assert fetch is not None
        return fetch(number)

    trainer.run.feeder = slow
    found = measure(trainer, steps=3)
    assert found.batch >= SLOW > found.update.seconds


def test_every_node_that_computes_is_timed_and_the_others_are_not() -> None:
    found = measure(xor_graph(), steps=5)
    assert [node.key for node in found.nodes] == list(gl.Plan(xor_graph()).nodes)
    assert {name for name, s in seconds(found, "forward").items() if s} == {"hidden", "tanh", "out", "loss"}
    assert {name for name, s in seconds(found, "backward").items() if s} == {"hidden", "tanh", "out", "loss"}
    assert found.phases == ("forward", "backward", "update")
    shares = [found.share(node.both.seconds) for node in found.nodes]
    rest = found.share(found.batch + found.update.seconds + found.rest)
    assert sum(shares) + rest == pytest.approx(1)


def test_work_and_calls_are_those_of_the_plan_and_the_recording() -> None:
    g = xor_graph()
    run = gl.Run(g, input_gradients=False)
    run.feed(**xor_feed())
    found = measure(run, steps=3)
    costs = run.plan.costs({"N": 4})
    assert {node.key: (node.forward.work, node.backward.work) for node in found.nodes} == {
        key: (cost.forward, cost.backward) for key, cost in costs.items()
    }
    calls = {node.name: (node.forward.calls, node.backward.calls) for node in found.nodes}
    assert calls["hidden"] == (3, 2)  # a product, the bias repeated and added; no gradient of x
    assert calls["out"] == (2, 3)
    assert calls["tanh"] == (1, 3)
    assert found.sizes == {"N": 4}


def test_without_anything_to_learn_gradients_are_timed_and_no_update() -> None:
    g = gl.Graph()
    a, b = g.add("Input", name="a", value=2.0), g.add("Input", name="b", value=1.0)
    g.add("Mul", g.add("Add", a, b, name="c"), g.add("Add", b, b=1.0, name="d"), name="e")
    found = measure(g, steps=5)
    assert found.phases == ("forward", "backward")
    assert found.update == Kernel()
    assert seconds(found, "backward")["b"] > 0  # the sum of what comes back on two ways
    assert [node.name for node in found.nodes if not node.both.calls] == ["a"]


def test_without_a_goal_the_forward_pass_alone_is_timed_on_random_numbers() -> None:
    g = gl.Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("Linear", x, name="layer", units=2)
    found = measure(g, batch_size=7, steps=3)
    assert found.phases == ("forward",)
    assert found.sizes == {"N": 7}
    assert seconds(found, "forward")["layer"] > 0
    assert not any(seconds(found, "backward").values())


def test_weights_optimizer_and_place_in_training_stay_as_they_are() -> None:
    trainer, twin = gl.Trainer(winding_graph()), gl.Trainer(winding_graph())
    for each in (trainer, twin):
        each.advance(3)
    optimizer, feeder = trainer.run.optimizer, trainer.run.feeder
    measure(trainer, steps=20)
    assert trainer.run.steps_done == 3
    assert trainer.run.optimizer is optimizer
    assert trainer.run.feeder is feeder
    assert list(trainer.advance(5)) == list(twin.advance(5))
    np.testing.assert_array_equal(trainer.run.store.flat, twin.run.store.flat)


def test_a_step_is_not_watched_any_more_after_the_profile() -> None:
    trainer = gl.Trainer(winding_graph())
    looks: list[int] = []
    trainer.run.train(4)  # the last of them the first of an epoch, with a full batch like the next
    with trainer.run.buffers.ticking(lambda: looks.append(1)):
        trainer.run.train(2)
    watched = len(looks)
    trainer.run.train(2)
    assert len(looks) == watched > len(trainer.run.plan.nodes)


def test_looks_between_the_nodes_change_no_bit() -> None:
    trainer, twin = gl.Trainer(winding_graph()), gl.Trainer(winding_graph())
    for each in (trainer, twin):
        each.run.train(6)
    with trainer.run.buffers.ticking(lambda: None):
        watched = trainer.run.train(4)
    np.testing.assert_array_equal(watched, twin.run.train(4))


def test_the_short_last_batch_of_an_epoch_is_not_timed() -> None:
    g = winding_graph(batch_size=30)  # 40 rows: 30 and 10
    assert gl.Trainer(g).steps_per_epoch == 2
    assert measure(g, steps=1).sizes == {"N": 30}
    assert measure(g, batch_size=25, steps=3).sizes == {"N": 25}


def test_as_many_steps_are_timed_as_asked_for() -> None:
    run = gl.Run(xor_graph())
    run.feed(**xor_feed())
    assert measure(run, steps=40).steps == 40
    assert measure(run, steps=1).steps == 3
    assert measure(run).steps > 40


def test_threads_and_dtype_are_told() -> None:
    found = gl.profile(xor_graph(), threads=2, dtype="float64", steps=3)
    assert (found.threads, found.dtype) == (2, "float64")


def test_what_cannot_be_is_refused() -> None:
    g = xor_graph()
    faulty = gl.Graph()
    faulty.add("Linear", name="layer")
    run = gl.Run(g)
    run.feed(**xor_feed())
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(SettingsError, match="steps"):
            measure(g, steps=wrong)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="batch_size"):
        measure(g, batch_size=0)
    with pytest.raises(SettingsError, match="threads"):
        measure(g, threads=0)
    with pytest.raises(SettingsError, match="of its own"):
        measure(run, batch_size=4)
    with pytest.raises(SettingsError, match="of its own"):
        measure(gl.Trainer(winding_graph()), dtype="float64")
    with pytest.raises(ProblemsError, match=r"layer\.x"):
        measure(faulty)
    with pytest.raises(ProblemsError, match="nothing to run"):
        measure(gl.Graph())


def test_numbers_that_run_away_are_told_and_the_run_is_put_back() -> None:
    g = xor_graph()
    g.configure(optimizer="SGD", lr=1e6)
    run = gl.Run(g)
    run.feed(**xor_feed())
    before = run.store.flat.copy()
    with pytest.raises(NumericsError):
        measure(run, steps=100)
    np.testing.assert_array_equal(run.store.flat, before)


def test_inputs_that_nothing_feeds_get_random_numbers_and_class_0() -> None:
    g = gl.Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    t = g.add("Input", name="t", shape=("N",), dtype="int")
    g.add("CrossEntropyLoss", g.add("Linear", x, units=4), t, name="loss")
    plan = gl.Plan(g)
    made = made_up(plan, {}, 5, seed=0)
    assert made["x.y"].shape == (5, 3)
    assert made["t.y"].tolist() == [0] * 5
    np.testing.assert_array_equal(made_up(plan, {}, 5, seed=0)["x.y"], made["x.y"])
    assert made_up(plan, {"x": np.ones((2, 3))}, 5, seed=0)["t.y"].shape == (2,)  # what is given decides
    assert runnable(g, 6).plan.trains


# The limit

MADE_UP = Machine(flops=1e9, bandwidths=((1, 1e9), (10**9, 1e9)), call=1e-6)


@pytest.mark.parametrize(
    ("flops", "moved", "calls", "bound", "of_limit"),
    [
        (5_000_000, 1_000_000, 4, "compute", 0.5),
        (1_000_000, 5_000_000, 4, "memory", 0.5),
        (100, 100, 4_000, "calls", 1e-5),
        (100, 100, 40, "memory", 1e-5),  # even so many calls explain nothing of the time
        (0, 0, 1, "calls", 0.0),
        (0, 0, 0, "", 0.0),
    ],
)
def test_what_bounds_a_node_is_the_longest_it_takes_at_least(
    flops: int, moved: int, calls: int, bound: str, of_limit: float
) -> None:
    kernel = Kernel.measured(0.01, Work(flops, moved), calls, MADE_UP)
    assert kernel.bound == bound
    assert kernel.of_limit == pytest.approx(of_limit)
    assert kernel.flops_per_second == pytest.approx(flops / 0.01)
    assert kernel.bytes_per_second == pytest.approx(moved / 0.01)


def test_several_kernels_together_take_the_sum_of_their_limits() -> None:
    compute = Kernel.measured(0.01, Work(5_000_000, 0), 1, MADE_UP)
    memory = Kernel.measured(0.03, Work(0, 5_000_000), 1, MADE_UP)
    both = compute + memory
    assert both.least == pytest.approx(0.01)
    assert both.of_limit == pytest.approx(0.25)
    assert both.work == Work(5_000_000, 5_000_000)
    assert both.calls == 2
    assert Kernel().of_limit == Kernel().flops_per_second == Kernel().bytes_per_second == 0


def test_calls_of_an_operation_that_cannot_be_recorded_are_counted_as_far_as_seen() -> None:
    trainer = gl.Trainer(winding_graph())
    for _ in range(4):
        trainer.train_step()
    recorded = trainer.run.buffers.recorded("forward")
    counts = {
        trainer.run.plan.nodes[key].path: list(map(count_calls, calls)) for key, calls in recorded.items()
    }
    assert counts["tanh"] == [1]
    assert counts["first"] == [1, 1, 1]
    (loss,) = counts["loss"]
    assert loss > 5


# In words


def made_up_profile(*nodes: tuple[str, Kernel, Kernel], **more: Any) -> Profile:
    return Profile(
        **{
            "name": "made up",
            "nodes": tuple(NodeProfile(name, name, "Tanh", *kernels) for name, *kernels in nodes),
            "batch": 0.0,
            "update": Kernel(),
            "rest": 0.001,
            "undisturbed": 0.011,
            "look": 1e-7,
            "steps": 5,
            "sizes": {"N": 4},
            "dtype": "float32",
            "threads": 1,
            "optimizer": "Adam",
            "machine": MADE_UP,
        }
        | more
    )


def verdict(*nodes: tuple[str, Kernel, Kernel], **more: Any) -> str:
    return " ".join(profile_text.verdict(made_up_profile(*nodes, **more)))


def kernel(flops: int, moved: int, calls: int = 1) -> Kernel:
    return Kernel.measured(0.01, Work(flops, moved), calls, MADE_UP)


def test_the_verdict_names_the_biggest_cost_and_what_bounds_it() -> None:
    small = ("small", Kernel.measured(0.001, Work(1, 1), 1, MADE_UP), Kernel())
    assert verdict(small, ("big", kernel(5_000_000, 0), Kernel())) == (
        "Most time, 83.3 %, goes into big (Tanh): it is bound by compute and reaches 50 % of that limit "
        "(500 MFLOP/s of 1.00 GFLOP/s)."
    )
    assert "bound by memory traffic and reaches 50 %" in verdict(
        small, ("big", kernel(1, 5_000_000), Kernel())
    )
    assert "far from its limit, memory traffic" in verdict(small, ("big", kernel(1, 50_000), Kernel()))
    calls = verdict(small, ("big", kernel(1, 1, 4_000), Kernel()))
    assert "bound by calling NumPy, at least 4000 times 1.00 µs" in calls
    assert "A larger batch costs little more." in calls


def test_the_verdict_names_what_is_between_the_nodes_where_that_is_more() -> None:
    small = ("small", Kernel.measured(0.001, Work(1, 1), 1, MADE_UP), Kernel())
    assert verdict(small, batch=0.008) == (
        "Most time, 80.0 %, goes into fetching the batch. Of the nodes small (Tanh) takes most, 10.0 %: "
        "it is far from its limit, memory traffic (1.00 kB/s of 1.00 GB/s, 0 %): "
        "NumPy works in many passes or small pieces."
    )
    assert "the update by Adam" in verdict(small, update=Kernel.measured(0.5, Work(0, 4), 0, MADE_UP))
    idle = ("x", Kernel(), Kernel())
    assert verdict(idle) == (
        "Most time, 100.0 %, goes into what is done between the nodes, by the loop and to find NaN."
    )


def test_nodes_can_be_sorted() -> None:
    found = made_up_profile(
        ("b", kernel(1_000, 5_000_000), Kernel()),
        ("c", kernel(5_000_000, 1), kernel(1, 1)),
        ("a", Kernel.measured(0.001, Work(1, 1), 1, MADE_UP), Kernel()),
        ("x", Kernel(), Kernel()),
    )
    clock = profile_text.Clock(found)
    names = {
        sort: "".join(row["name"] for row in profile_text.node_rows(found, clock, sort))
        for sort in profile_text.SORTS
    }
    assert names == {"time": "cba", "order": "bca", "name": "abc", "flops": "cba", "limit": "acb"}


def test_columns_give_way_where_there_is_no_room() -> None:
    found = made_up_profile(("a" * 40, kernel(1_000, 5_000_000), kernel(1, 1)))
    clock = profile_text.Clock(found)
    headings, rows = profile_text.node_headings(found, clock), profile_text.node_rows(found, clock)
    kept = {width: profile_text.fitting(headings, rows, width) for width in (200, 110, 10)}
    assert kept[200] == headings
    assert kept[110] == [h for h in headings if h != "GB/s" and not h.startswith("forward")]
    assert kept[10] == ["name", "op", "time ms", "share", "of limit", "bound by"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6, "6 B"),
        (6.0, "6.00 B"),
        (1234, "1.23 kB"),
        (45.6e6, "45.6 MB"),
        (7.89e11, "789 GB"),
        (3e-7, "300 nB"),
    ],
)
def test_amounts_have_three_digits(value: float, text: str) -> None:
    assert profile_text.amount(value, "B") == text


def test_a_profile_prints_itself_in_the_width_of_a_terminal() -> None:
    text = str(measure(winding_graph(), steps=3))
    assert text.startswith("winding (N = 16, float32, 1 thread): a training step takes")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 120
    columns = [line.split() for line in lines]
    assert ["update", "Adam"] in [words[:2] for words in columns]
    assert ["loss", "CrossEntropyLoss"] in [words[:2] for words in columns]
    assert "Nothing to compute: data, shared, bias." in lines  # sums are formed where they arise
