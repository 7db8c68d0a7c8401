"""Inference after an edit goes on from what was known, and comes to what a fresh one comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graphlab.engine import Inference, Plan, Run, Trainer, infer, inference
from graphlab.errors import FeedError
from graphlab.graph import Document, Edge, Graph
from graphlab.graph.codec import from_bytes, to_bytes
from tests.engine.networks import xor_graph
from tests.graph.random_edits import Editor, Grouper


def afresh(document: Document) -> Document:
    """An equal document that shares nothing with it."""
    return from_bytes(to_bytes(document))


def fields(found: Inference) -> list[object]:
    """Everything an inference says, the order of things included."""
    made_here = {key for key, node in found.nodes.items() if node.op_name == "SharedParameter"}
    nodes = {k: replace(node, op=None) if k in made_here else node for k, node in found.nodes.items()}
    parts = (nodes, found.specs, found.learnables, found.states, found.aliases)
    counts = [found.parameter_count(key) for key in found.nodes]
    return [*(list(part.items()) for part in parts), found.problems, found.unhealthy, found.goal, counts]


@pytest.mark.parametrize("seed", range(40))
def test_after_every_edit_it_equals_a_fresh_inference(seed: int) -> None:
    editor = Editor(seed)
    found = Inference()
    for _ in range(60):
        found = infer(editor.document, previous=found)
        assert fields(found) == fields(infer(afresh(editor.document)))
        kind = editor.step()
        found = infer(editor.document, previous=found)
        assert fields(found) == fields(infer(afresh(editor.document))), kind


@pytest.mark.parametrize("seed", range(40))
def test_with_groups_and_detours_it_equals_a_fresh_inference_too(seed: int) -> None:
    editor, found = Grouper(seed), Inference()
    for _ in range(60):
        kind = editor.step()
        assert to_bytes(from_bytes(to_bytes(editor.document))) == to_bytes(editor.document), kind
        found = infer(editor.document, previous=found)
        assert fields(found) == fields(infer(afresh(editor.document))), kind


def test_the_random_groups_meet_what_there_is_to_meet() -> None:
    met: set[str] = set()
    for seed in range(40):
        editor = Grouper(seed)
        for _ in range(60):
            editor.step()
            found = infer(editor.document)
            met |= {node.op_name for node in found.nodes.values() if node.is_shared or "/" in node.key}
            met |= {f"depth {node.key.count('/')}" for node in found.nodes.values()}
            met |= {"detour" for end in found.aliases.values() if end is not None}
            met |= {"shared" for node in found.nodes.values() if node.op_name == "SharedParameter"}
            met |= {"unlike" for problem in found.problems if "they share it" in problem.message}
            met |= {"nothing behind" for end in found.aliases.values() if end is None}
    assert met >= {"Linear", "depth 1", "depth 2", "detour", "shared", "nothing behind"}


def test_the_random_edits_meet_faults_goals_states_and_orders_of_every_kind() -> None:
    """The test above proves little unless what may differ does occur."""
    met: set[str] = set()
    for seed in range(90):
        editor = Editor(seed)
        for _ in range(60):
            kind = editor.step()
            found = infer(editor.document)
            met |= {kind} | {problem.message.split()[-1] for problem in found.problems}
            met |= {"goal"} if found.goal else set()
            met |= {"states"} if found.states else set()
            met |= {"wish"} if editor.document.training.goal else set()
            met |= {"other order"} if found.order != list(editor.document.nodes) else set()
            met |= {"hangs on a fault"} if len(found.unhealthy) > len(found.problems) else set()
    assert met >= {"goal", "states", "wish", "other order", "hangs on a fault", "OfTheFuture.", "connected."}
    assert met >= {"undo", "redo", "_jump", "_several", "_reload", "_shuffle"}


def test_going_on_from_quite_another_document_makes_no_difference() -> None:
    documents = [Editor(seed).document for seed in range(12)]
    found = Inference()
    for document in documents:
        found = infer(document, previous=found)
        assert fields(found) == fields(infer(document))


def test_nodes_on_a_cycle_are_left_out_until_it_is_broken() -> None:
    g = Graph()
    a, b = g.add("Tanh", name="a"), g.add("Tanh", name="b")
    aside = g.add("Sum", g.add("Input", name="x", shape=(2,)), name="aside")
    cycle = g.document.with_edges([Edge(a.id, "y", b.id, "x"), Edge(b.id, "y", a.id, "x")])
    found = Inference()
    for document in (g.document, cycle, cycle.with_nodes([replace(cycle.nodes[a.id], position=(1.0, 1.0))])):
        found = infer(document, previous=found)
        assert fields(found) == fields(infer(document))
    assert list(found.nodes) == [g["x"].id, aside.id]
    broken = cycle.with_edges(drop=[cycle.edges[b.id, "x"]])
    found = infer(broken, previous=found)
    assert fields(found) == fields(infer(broken))
    assert [str(problem) for problem in found.problems] == ["b.x: x is not connected. Drag a wire to it."]


def test_a_goal_given_by_name_is_taken_and_let_go_again() -> None:
    g = xor_graph()
    first = infer(g.document)
    other = infer(g.document, "tanh", first)
    assert fields(other) == fields(infer(g.document, "tanh"))
    assert fields(infer(g.document, previous=other)) == fields(first)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the nodes that inference looks at from now on."""
    names: list[str] = []

    def find(node, known, find=inference.find):
        names.append(node.path)
        return find(node, known)

    monkeypatch.setattr(inference, "find", find)
    return names


def chain() -> Graph:
    g = Graph("chain")
    node = g.add("Input", name="x", shape=("N", 4))
    for name in ("a", "b", "c"):
        node = g.add("Linear", node, name=name, units=4)
    g.add("Mean", node, name="mean")
    return g


def test_only_what_an_edit_may_have_changed_is_looked_at(looked_at: list[str]) -> None:
    g = chain()
    found = infer(g.document)
    assert looked_at == ["x", "a", "b", "c", "mean"]

    def after(edit, *args, **more) -> list[str]:
        nonlocal found
        looked_at.clear()
        edit(*args, **more)
        found = infer(g.document, previous=found)
        return list(looked_at)

    assert after(g.move, {"b": (1.0, 2.0)}) == []
    assert after(g.configure, lr=0.5) == []
    assert after(g.rename, "b", "d") == ["d"]
    assert after(g.set, "d", bias=False) == ["d"]
    assert after(g.set, "d", units=7) == ["d", "c"]  # whose result is as before
    assert after(g.undo) == ["d", "c"]
    assert after(g.add, "Tanh", "a") == ["tanh"]
    assert after(g.disconnect, "a.x") == ["a", "d", "c", "mean", "tanh"]


def test_an_equal_document_of_other_objects_is_not_looked_at(looked_at: list[str]) -> None:
    found = infer(chain().document)
    looked_at.clear()
    infer(afresh(chain().document), previous=found)
    assert looked_at == []


def test_operations_of_unchanged_nodes_are_the_same_objects() -> None:
    g = chain()
    first = infer(g.document)
    g.set("b", units=3)
    g.add("Tanh", "a")
    second = infer(g.document, previous=first)
    changed = {key for key in first.nodes if first.nodes[key] is not second.nodes[key]}
    assert changed == {g["b"].id}


def plan_fields(plan: Plan) -> list[object]:
    mappings = (plan.nodes, plan.parameters, plan.states, plan.places, plan.names)
    sizes = (plan.parameter_size, plan.state_size, plan.dtype)
    others = (plan.goal, plan.problems, plan.learns, plan.edges, plan.active, plan.schedule)
    return [*(list(part.items()) for part in mappings), *sizes, *others, plan.document]


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_that_goes_on_from_another_equals_a_fresh_one(seed: int) -> None:
    editor = Editor(seed)
    plan = Plan(editor.document)
    for _ in range(60):
        kind = editor.step()
        plan = Plan(editor.document, previous=plan)
        assert plan_fields(plan) == plan_fields(Plan(afresh(editor.document))), kind


@pytest.mark.parametrize("goal", [None, "", "mean"])
def test_a_renamed_plan_equals_a_fresh_one(goal: str | None) -> None:
    g = chain()
    g.add("Sum", "b", name="sum")
    g.add("MatMul", name="faulty")
    plan = Plan(g.document, goal, dtype="float64")
    key, schedule = plan.goal, plan.schedule
    for name in ("x", "b", "mean", "faulty"):
        g.rename(name, f"{name}_two")
    plan.rename(g.document)
    assert plan_fields(plan) == plan_fields(Plan(g.document, "mean_two" if goal else goal, dtype="float64"))
    assert fields(plan.inference) == fields(infer(g.document, "mean_two" if goal else goal))
    assert plan.goal == key
    assert plan.schedule is schedule


def test_a_run_of_a_plan_is_that_of_its_document() -> None:
    g = xor_graph()
    plan = Plan(g.document, "tanh", dtype="float64", input_gradients=False)
    run = Run(plan)
    assert run.plan is plan
    assert run.document is g.document
    assert run.value("hidden.weight").dtype == "float64"


def test_a_run_that_cannot_be_trained_is_left_as_it_was() -> None:
    run = Run(xor_graph())
    with pytest.raises(FeedError):
        Trainer(run)
    assert run.feeder is None
    assert run.optimizer.schedule is None
