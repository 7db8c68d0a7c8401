"""Remembered moments: what they hold to the bit, how far two are apart, and what they may take."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.answers import ANSWERS
from graphlab.engine.remembered import BUDGET, Held, Remembered, compare, held_now, is_same, look_at
from graphlab.engine.workspace import Workspace
from graphlab.errors import GraphlabError
from tests.engine.test_workspace import moons


def sgd():
    g = moons()
    g.configure(optimizer="SGD", lr=0.5, batch_size=11)  # which divides the training part
    return g


@pytest.fixture
def space() -> Workspace:
    return Workspace(sgd().document)


def ask(space, question):
    return ANSWERS[type(question)](space, 1, question)


def row(compared, name, kind="value"):
    return next(row for row in compared if (row.name, row.key.kind) == (name, kind))


def test_it_holds_what_the_run_held_to_the_bit_whatever_happens_later(space) -> None:
    space.phase("backward")
    run = space.run
    was = {
        "hidden.weight": run.value("hidden.weight"),
        "hidden.y": run.value("hidden"),
        "grad hidden.y": run.grad("hidden"),
        "grad out.weight": run.grad("out.weight"),
    }
    held = space.moments.keep(1, space)
    space.train(1)
    space.phase("backward")
    kept = {("grad " if k.kind == "grad" else "") + held.names[k]: a for k, a in held.arrays.items()}
    for name, array in was.items():
        assert kept[name].tobytes() == array.tobytes()
        assert not np.array_equal(array, run.grad(name[5:]) if name.startswith("grad") else run.value(name))


def test_only_what_this_pass_has_computed_is_in_it(space) -> None:
    space.phase("forward")
    held = held_now(space)
    assert {k.kind for k in held.arrays} == {"value"}
    space.phase("update")
    space.step(1)
    held = held_now(space)
    names = {held.names[k] for k in held.arrays if k not in held.learnt}
    assert names <= {"data.x", "data.target"}


def test_an_update_is_seen_as_the_learning_rate_times_the_gradient(space) -> None:
    space.phase("backward")
    space.moments.keep(1, space)
    space.phase("update")
    a, b = space.moments.at(1, space), space.moments.at(m.NOW, space)
    rows = compare(a, b)
    changed = {r.name for r in rows if r.difference}
    assert changed == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}
    assert [r.relative for r in rows] == sorted((r.relative for r in rows), reverse=True)
    found = row(rows, "hidden.weight")
    before, after = a.arrays[found.key].astype(float), b.arrays[found.key].astype(float)
    assert found.relative == pytest.approx(np.linalg.norm(after - before) / np.linalg.norm(before))
    assert found.cosine == pytest.approx(
        float((before * after).sum() / np.linalg.norm(before) / np.linalg.norm(after))
    )
    pair = look_at(a, b, found.key, 1000)
    assert np.array_equal(pair.difference.array, after - before)
    assert pair.per_gradient == pytest.approx(0.5, rel=1e-5)
    assert pair.gradient_cosine == pytest.approx(-1.0)


def test_two_batches_and_an_edited_number_are_told_apart(space) -> None:
    space.phase("forward")
    space.moments.keep(1, space)
    space.set_element(space.document.node("out").id, "bias", (0,), 7.0)
    rows = compare(*(space.moments.at(n, space) for n in (1, m.NOW)))
    assert row(rows, "out.bias").b == 7
    assert rows[0].name == "out.bias"
    assert row(rows, "hidden.y").difference == 0
    assert row(rows, "out.y").difference > 0
    space.train(1)
    space.phase("forward")
    assert row(compare(*(space.moments.at(n, space) for n in (1, m.NOW))), "data.x").difference > 0


def test_after_an_edit_what_has_another_shape_or_is_gone_comes_last(space) -> None:
    g = sgd()
    space = Workspace(g.document)
    space.phase("forward")
    space.moments.keep(1, space)
    g.set("hidden", units=7)
    space.load(g.document)
    space.phase("forward")
    rows = compare(*(space.moments.at(n, space) for n in (1, m.NOW)))
    assert row(rows, "hidden.weight").state == "other shape"
    assert row(rows, "out.y").state == ""
    states = [bool(r.state) for r in rows]
    assert states == sorted(states)
    pair = look_at(*(space.moments.at(n, space) for n in (1, m.NOW)), row(rows, "hidden.weight").key, 100)
    assert pair.a.shape != pair.b.shape
    assert pair.difference is None


def test_a_node_that_went_into_a_group_is_found_again() -> None:
    g = sgd()
    space = Workspace(g.document)
    space.phase("forward")
    space.moments.keep(1, space)
    g.group("hidden", "tanh", name="cell")
    space.load(g.document)
    space.phase("forward")
    rows = compare(*(space.moments.at(n, space) for n in (1, m.NOW)))
    assert {r.state for r in rows} == {""}
    assert row(rows, "cell/hidden.weight").difference == 0


def test_what_did_not_change_is_kept_once(space) -> None:
    space.phase("forward")
    space.moments.keep(1, space)
    taken = space.moments.bytes
    assert taken > 0
    space.moments.keep(2, space)
    assert space.moments.bytes == taken
    space.moments.forget([1])
    assert space.moments.bytes == taken
    space.moments.forget()
    assert space.moments.room == BUDGET


def test_what_finds_no_room_is_counted_and_no_room_at_all_is_an_error(space) -> None:
    space.phase("forward")
    learnt = sum(slot.size * 4 for slot in space.run.plan.parameters.values())
    space.moments = Remembered(budget=learnt + 8)
    told = ask(space, m.Remember(1))
    assert told.left_out > 0
    assert told.left_bytes > told.room
    assert told.bytes >= learnt
    space.train(1)
    space.moments = Remembered(budget=0)
    with pytest.raises(GraphlabError, match="no room"):
        ask(space, m.Remember(2))


def test_another_document_begins_without_moments(space) -> None:
    space.phase("forward")
    ask(space, m.Remember(1))
    space.load(sgd().document)
    assert ask(space, m.Compare(1, 1, m.NOW)).rows
    space.load(sgd().document, keep=False)
    assert "not remembered" in ask(space, m.Compare(2, 1, m.NOW)).message
    key = m.TensorKey("value", space.document.node("hidden").id, "weight")
    assert ask(space, m.LookAt(3, 1, m.NOW, key)).a is None


def test_answers_travel(space) -> None:
    space.phase("backward")
    for question in (m.Remember(1), m.Compare(1, 1, m.NOW), m.Forget()):
        answer = ask(space, m.decode_command(m.encode(question)[8:]))
        assert type(m.decode_event(m.encode(answer)[8:])) is type(answer)
    key = m.TensorKey("value", space.document.node("hidden").id, "weight")
    ask(space, m.Remember(1))
    pair = m.decode_event(m.encode(ask(space, m.LookAt(1, 1, m.NOW, key)))[8:])
    assert pair.b.array.dtype == np.float32
    assert not pair.difference.array.any()


def test_what_began_at_nothing_changed_beyond_measure() -> None:
    key = m.TensorKey("value", "n1", "bias")
    a, b = (Held({key: np.full(2, v)}, {key: "n.bias"}, frozenset()) for v in (0.0, 3.0))
    (found,) = compare(a, b)
    assert (found.relative, found.difference) == (float("inf"), pytest.approx(18**0.5))
    (still,) = compare(a, a)
    assert still.relative == 0


def test_same_means_to_the_bit() -> None:
    nan = np.array([np.nan, 0.0], dtype=np.float32)
    assert is_same(nan, nan.copy())
    assert not is_same(np.array([0.0]), np.array([-0.0]))
    assert not is_same(np.zeros(2), np.zeros((2, 1)))
