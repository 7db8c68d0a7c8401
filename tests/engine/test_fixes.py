"""Fixes: what is offered against the mistakes of students, and that every offer is true."""

from __future__ import annotations

import pytest

from graphlab.engine import Trainer, infer
from graphlab.engine.fixes import MOST, MOST_TRIED, Search, fixes
from graphlab.engine.inference import Inference, Problem
from graphlab.engine.proposals import proposals
from graphlab.engine.sketch import Sketch
from graphlab.errors import GraphlabError
from graphlab.graph import Document, Graph
from tests.engine.mistakes import MISTAKES, convolution_into_linear, image_into_linear


def made(build) -> tuple[Document, Inference, Problem]:
    g = Graph("mistake")
    build(g)
    inference = infer(g)
    (problem,) = inference.problems
    return g.document, inference, problem


def offered(g: Graph) -> list[str]:
    """All fixes of the graph's first problem."""
    inference = infer(g)
    return [str(fix) for fix in fixes(g.document, inference, inference.problems[0])]


@pytest.mark.parametrize("name", MISTAKES)
def test_the_likeliest_fix_comes_first(name):
    mistake = MISTAKES[name]
    document, inference, problem = made(mistake.build)
    found = [str(fix) for fix in fixes(document, inference, problem)]
    assert found[0] == mistake.first
    assert set(mistake.also) <= set(found)


@pytest.mark.parametrize("name", MISTAKES)
def test_every_offer_makes_the_fault_disappear_and_adds_none(name):
    document, inference, problem = made(MISTAKES[name].build)
    found = fixes(document, inference, problem)
    assert 1 <= len(found) <= MOST
    assert len({str(fix) for fix in found}) == len(found)
    for fix in found:
        assert not infer(fix.apply(document)).problems


def test_a_mended_graph_trains():
    for build in (image_into_linear, convolution_into_linear):
        document, inference, problem = made(build)
        mended = fixes(document, inference, problem)[0].apply(document)
        assert 0 < Trainer(mended, batch_size=16, seed=0).train_step() < 10


def test_a_fix_that_would_break_another_node_is_not_offered():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    a, b = g.add("Linear", x, name="a", units=8), g.add("Linear", x, name="b", units=16)
    g.add("Add", a, b, name="wrong")
    g.add("Add", b, g.add("Linear", x, name="c", units=16), name="right")
    assert offered(g) == ["Set units of a to 16"]


def test_a_fix_that_brings_a_hidden_fault_to_light_is_offered_after_others():
    g = Graph()
    data = g.add("Dataset", name="data", dataset="digits")
    h = g.add("Flatten", g.add("Conv2d", data, name="conv"))
    g.add("MSELoss", g.add("Linear", h, name="out", units=7), g.add("Input", name="t", shape=("N", 10)))
    inference = infer(g)
    (problem,) = inference.problems
    first = fixes(g.document, inference, problem)[0]
    assert str(first) == "Set layout of data to image"
    (later,) = infer(first.apply(g.document)).problems
    assert later.node == "loss"


def test_a_fault_of_which_nothing_is_known_has_no_fix():
    g = Graph()
    g.add("ReLU", name="loose")
    assert offered(g) == []


def test_the_size_of_a_layer_is_found_behind_what_hands_its_shape_on():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    h = g.add("Linear", x, name="layer", units=5)
    for op in ("BatchNorm1d", "ReLU", "Dropout"):
        h = g.add(op, h)
    g.add("MSELoss", h, g.add("Input", name="t", shape=("N", 2)))
    assert offered(g)[0] == "Set units of layer to 2"


def test_one_of_two_faults_of_a_node_is_mended_alone():
    g = Graph()
    a = g.add("Input", name="a", shape=("N",), dtype="int")
    b = g.add("Input", name="b", shape=("N",), dtype="int")
    g.add("Add", a, b, name="sum")
    inference = infer(g)
    first, second = inference.problems
    for problem, source in ((first, "a"), (second, "b")):
        fix = fixes(g.document, inference, problem)[0]
        assert str(fix) == f"Set dtype of {source} to float"
        assert len(infer(fix.apply(g.document)).problems) == 1


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_sorted_out_beforehand_would_not_have_mended_it(name):
    document, inference, problem = made(MISTAKES[name].build)
    sketch, faults = Sketch(inference, problem), {str(p) for p in inference.problems}
    for _, fix, _ in proposals(document, inference, problem):
        if not sketch.may_mend(fix):
            after = infer(fix.apply(document))
            waited = inference.unhealthy - {problem.node_id}
            assert any(str(p) in faults or p.node_id not in waited for p in after.problems), str(fix)


def test_most_of_what_is_tried_does_mend(monkeypatch):
    """So that a fault in a large graph costs few inferences of the whole."""
    tried = []
    real = infer
    monkeypatch.setattr("graphlab.engine.fixes.infer", lambda d, **known: tried.append(d) or real(d, **known))
    found = 0
    for mistake in MISTAKES.values():
        found += len(fixes(*made(mistake.build)))
    assert len(tried) <= 1.3 * found


# In groups


def grouped() -> Graph:
    """data (images) → cell [lin → act] → out → loss, with the fault outside the group and its cause inside."""
    g = Graph()
    data = g.add("Dataset", name="data", dataset="digits", layout="image")
    act = g.add("Tanh", g.add("Linear", data, name="lin", units=8), name="act")
    g.add("CrossEntropyLoss", g.add("Linear", act, name="out", units=10), data["target"])
    g.group("lin", "act", name="cell")
    return g


def test_an_operation_is_put_into_a_wire_inside_a_group():
    g = grouped()
    assert offered(g)[0] == "Insert Flatten before cell/lin → N×64"
    inference = infer(g)
    mended = fixes(g.document, inference, inference.problems[0])[0].apply(g.document)
    assert not infer(mended).problems
    assert [node.op for node in mended.definitions["g1"].nodes.values()].count("Flatten") == 1


def test_a_fault_inside_a_group_may_be_mended_outside():
    """Two uses: one is fed rows, the other what the inside asks for; a change inside would break the other."""
    g = Graph()
    good = g.add("Input", name="good", shape=("N", 1, 6, 6))
    g.add("Sum", g.add("ReLU", g.add("Conv2d", good, name="conv"), name="act"), name="total")
    cell = g.group("conv", "act", name="cell")
    rows = g.add("Input", name="rows", shape=("N", 64))
    use = g.add_use(cell.node.params["definition"])
    g.connect(rows, use, cell.node.params["takes"][0])
    inference = infer(g)
    (problem,) = inference.problems
    assert problem.node.endswith("/conv")
    (fix,) = [f for f in fixes(g.document, inference, problem) if f.label.startswith("Insert Reshape")]
    assert fix.label == f"Insert Reshape before {use.name}"
    mended = fix.apply(g.document)
    assert not infer(mended).problems
    assert mended.definitions == g.document.definitions


def test_a_size_inside_a_group_is_set_in_its_definition():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=8), name="act")
    g.add("MSELoss", act, g.add("Input", name="t", shape=("N", 2)))
    g.group("lin", "act", name="cell")
    assert offered(g)[0] == "Set units of cell/lin to 2"
    inference = infer(g)
    mended = fixes(g.document, inference, inference.problems[0])[0].apply(g.document)
    (lin,) = [n for n in mended.definitions["g1"].nodes.values() if n.op == "Linear"]
    assert lin.params["units"] == 2


def test_weights_that_uses_of_a_group_share_are_no_place_for_a_fix():
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=8), name="act")
    g.add("MSELoss", act, g.add("Input", name="t", shape=("N", 2)))
    g.group("lin", name="inner")
    outer = g.group("inner", "act", name="outer")
    g.set(outer, weights="shared")
    inference = infer(g)
    assert any(":" in key and "/" in key for key in inference.nodes)  # the shared weight of the nested layer
    assert offered(g)[0] == "Set units of outer/inner/lin to 2"


def test_a_wire_through_a_reroute_point_is_found():
    g = Graph()
    data = g.add("Dataset", name="data", dataset="digits")
    g.add("Conv2d", g.add("Reroute", data, name="point"), name="conv")
    assert "Insert Reshape → N×1×8×8" in offered(g)


# Life


def test_the_search_goes_in_steps_of_one_inference_each(monkeypatch):
    asked = []
    real = infer
    monkeypatch.setattr("graphlab.engine.fixes.infer", lambda d, **known: asked.append(d) or real(d, **known))
    document, inference, problem = made(image_into_linear)
    search, steps = Search(document, inference, problem), 0
    while search.step():
        steps += 1
        assert len(asked) <= steps <= MOST_TRIED
    assert [str(fix) for fix in search.fixes] == ["Insert Flatten before hidden → N×64"]


def test_a_fix_whose_wire_is_gone_says_so():
    document, inference, problem = made(image_into_linear)
    fix = fixes(document, inference, problem)[0]
    g = Graph(document)
    g.remove("hidden")
    with pytest.raises(GraphlabError, match="gone"):
        fix.apply(g.document)
