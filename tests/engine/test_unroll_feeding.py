"""Outputs fed back, teachers, rows of different lengths, an end that is generated, gradients that are cut off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import Run, check_gradients, infer
from graphlab.graph import Graph
from tests.engine.cells import elman, give, lstm, ports, unrolled
from tests.engine.test_unroll import X, ran

LENGTHS = np.array([3, 5])


def writer(vocabulary: int = 6, hidden: int = 4) -> Graph:
    """Gives scores for the next character, and the likeliest one as its index."""
    cell = Graph("writer")
    x, h = ports(cell, "x", "h_prev")
    seen = cell.add("Embedding", x, name="emb", num_embeddings=vocabulary, embedding_dim=hidden)
    state = cell.add(
        "Tanh", cell.add("Add", seen, cell.add("Linear", h, name="hh", units=hidden)), name="act"
    )
    scores = cell.add("Linear", state, name="out", units=vocabulary)
    return give(cell, y=scores, token=cell.add("ArgMax", scores), h=state)


def writing(steps: int = 6, fed: int | None = None, **params: Any) -> Graph:
    g = Graph("writing")
    x = g.add("Input", name="x", shape=("N", fed or steps), dtype="int")
    rnn = g.unroll(writer(), x, name="rnn", steps=steps, feedback=(("token", "x"),), **params)
    g.add("Mean", g.add("Square", rnn["y"]), name="loss")
    return g


def evaluated(g: Graph, **feed: Any) -> Run:
    run = Run(g, dtype="float64", seed=2)
    run.feed(**feed)
    run.clock.training = False
    run.forward()
    return run


TOKENS = np.random.default_rng(3).integers(0, 6, (4, 6))


def test_evaluation_feeds_back_what_came_out_and_training_what_the_teacher_says() -> None:
    g = writing()
    run = evaluated(g, x=TOKENS)
    for t in range(5):
        np.testing.assert_array_equal(run.value(f"rnn/t={t + 1}/x"), run.value("rnn.token")[:, t])
    np.testing.assert_array_equal(run.value("rnn/x.t0"), TOKENS[:, 0])
    taught = ran(g, x=TOKENS)
    for t in range(1, 6):
        np.testing.assert_array_equal(taught.value(f"rnn/t={t}/x"), TOKENS[:, t])
    assert "rnn/x.t3[1]" in str(taught.explain("rnn/t=3/x", (1,)))
    assert "rnn/t=2/argmax.y[1]" in str(run.explain("rnn/t=3/x", (1,)))


def test_without_a_teacher_the_first_step_is_all_that_is_looked_at() -> None:
    free = evaluated(writing(fed=1, teacher=0.0), x=TOKENS[:, :1])
    whole = evaluated(writing(), x=TOKENS)
    np.testing.assert_array_equal(free.value("rnn.token"), whole.value("rnn.token"))
    assert not infer(writing(teacher=0.0)).problems


def test_the_teacher_is_asked_at_a_rate_that_depends_on_seed_step_and_moment_alone() -> None:
    def taught(seed: int, step: int) -> list[bool]:
        run = Run(writing(steps=6, teacher=0.5), dtype="float64", seed=seed)
        run.feed(x=TOKENS)
        for _ in range(step):
            run.train_step()
        run.forward()
        given = [run.value(f"rnn/t={t}/x") for t in range(1, 6)]
        return [bool((x == TOKENS[:, t]).all()) for t, x in enumerate(given, 1)]

    assert taught(1, 0) == taught(1, 0)
    found = {tuple(taught(seed, step)) for seed in (1, 2, 3) for step in (0, 1)}
    assert len(found) > 3
    share = np.mean([list(each) for each in found])
    assert 0.2 < share < 0.8


def test_an_output_that_does_not_fit_where_it_is_fed_back_is_said_with_both() -> None:
    g = unrolled(elman(4), features=3, feedback=(("h", "x"),))
    problem = next(p for p in infer(g).problems if p.node.startswith("rnn/t=1"))
    assert problem.message == "h (N×4 numbers) cannot become x, which takes N×3 numbers."


def test_gradients_flow_through_what_is_fed_back() -> None:
    cell = Graph("loop")
    x, h = ports(cell, "x", "h_prev")
    state = cell.add("Tanh", cell.add("Add", cell.add("Linear", x, units=4), cell.add("Linear", h, units=4)))
    give(cell, y=cell.add("Linear", state, units=3), h=state)
    g = unrolled(cell, steps=4, feedback=(("y", "x"),), teacher=0.0)
    assert check_gradients(ran(g, x=X[:, :4]), inputs=True).passed


def test_full_speed_draws_the_same_teacher() -> None:
    found = []
    for way in ("train", "step"):
        run = Run(writing(teacher=0.5), seed=3)
        run.feed(x=TOKENS)
        if way == "train":
            run.train(5)
        else:
            for _ in range(5):
                for _ in run.steps():
                    pass
        found.append(run.store.flat.copy())
    np.testing.assert_array_equal(*found)


def masked(cell: Graph, **params: Any) -> Graph:
    g = unrolled(cell, **params)
    g.connect(g.add("Input", name="lengths", shape=("N",), dtype="int"), "rnn", "lengths")
    return g


@pytest.mark.parametrize("how", ["all", "last", "mean"])
def test_rows_of_different_lengths_are_as_if_each_went_alone(how: str) -> None:
    run = ran(masked(lstm(), outputs_as=how), x=X, lengths=LENGTHS)
    for row, length in enumerate(LENGTHS):
        alone = unrolled(lstm(), steps=int(length), outputs_as=how)
        one = ran(alone, dict(run.parameters), x=X[row : row + 1, :length])
        mine = run.value("rnn")[row]
        if how == "all":
            assert not mine[length:].any()
            mine = mine[:length]
        np.testing.assert_allclose(mine, one.value("rnn")[0], rtol=1e-12)
        np.testing.assert_allclose(run.value("rnn.c_last")[row], one.value("rnn.c_last")[0], rtol=1e-12)
    assert check_gradients(run, inputs=True).passed


def test_an_output_that_is_no_state_is_given_as_the_last_one_within_its_row() -> None:
    cell = elman()
    cell.add("GroupOutput", cell.add("Linear", cell["act"], units=2), name="y", position=(900.0, 300.0))
    run = ran(masked(cell, each_as=(("y", "last"),)), x=X, lengths=LENGTHS)
    steps = [run.value(f"rnn/t={t}/linear") for t in range(5)]
    np.testing.assert_array_equal(run.value("rnn.y"), [steps[2][0], steps[4][1]])
    assert check_gradients(run).passed


def test_masks_equal_pytorchs_packed_sequences() -> None:
    torch = pytest.importorskip("torch")
    run = ran(masked(lstm()), x=X, lengths=LENGTHS)
    layer = torch.nn.LSTM(3, 4, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for name, value in run.parameters.items():
            side, what = name.removeprefix("rnn/").removesuffix(".value").split()
            getattr(layer, f"{what}_{side}_l0")[...] = torch.tensor(value)
    rnn = torch.nn.utils.rnn
    packed = rnn.pack_padded_sequence(torch.tensor(X), LENGTHS, batch_first=True, enforce_sorted=False)
    out, (_, c) = layer(packed)
    out, _ = rnn.pad_packed_sequence(out, batch_first=True)
    (out**2).mean().backward()
    np.testing.assert_allclose(run.value("rnn"), out.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(run.value("rnn.c_last"), c[0].detach().numpy(), rtol=1e-12)
    theirs = layer.weight_hh_l0.grad.numpy()
    np.testing.assert_allclose(run.gradients["rnn/hh weight.value"], theirs, rtol=1e-9, atol=1e-12)


def test_a_token_ends_what_is_generated() -> None:
    free = evaluated(writing(teacher=0.0), x=TOKENS)
    written = free.value("rnn.token")
    stop = int(written[0, 2])
    run = evaluated(writing(teacher=0.0, stop=stop), x=TOKENS)
    found = run.value("rnn.lengths")
    for row in range(len(TOKENS)):
        at = np.flatnonzero(written[row] == stop)
        assert found[row] == (at[0] + 1 if len(at) else 6)
        assert not run.value("rnn.token")[row, found[row] :].any()
        np.testing.assert_array_equal(run.value("rnn.token")[row, : found[row]], written[row, : found[row]])
        np.testing.assert_array_equal(
            run.value("rnn.h_last")[row],
            free.value(f"rnn/t={found[row] - 1}/act")[row],
        )


@pytest.mark.parametrize("every", [1, 2, 3])
def test_gradients_do_not_flow_over_a_cut(every: int) -> None:
    torch = pytest.importorskip("torch")
    run = ran(unrolled(elman(), truncate=every))
    weights = {
        name.removeprefix("rnn/").removesuffix(".value"): torch.tensor(value, requires_grad=True)
        for name, value in run.parameters.items()
    }
    h, states = torch.zeros(2, 4, dtype=torch.float64), []
    for t in range(5):
        if t and t % every == 0:
            h = h.detach()
        seen = torch.tensor(X[:, t]) @ weights["ih weight"].T + weights["ih bias"]
        h = torch.tanh(seen + h @ weights["hh weight"].T + weights["hh bias"])
        states.append(h)
    (torch.stack(states, 1) ** 2).mean().backward()
    for name, theirs in weights.items():
        np.testing.assert_allclose(run.gradients[f"rnn/{name}.value"], theirs.grad, rtol=1e-9, atol=1e-12)
