"""What an operation would make of inputs, asked without a graph, is what the graph finds."""

from __future__ import annotations

import pytest

from graphlab import ops
from graphlab.engine import infer
from graphlab.engine.trial import asked, outcome
from graphlab.errors import ShapeError
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec

CALLED = [
    c for family in ops.by_category().values() for c in family if not c.source and c.role in ("", "wire")
]


@pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
def test_it_agrees_with_the_inference_of_a_graph(op):
    for example in op.examples:
        draws = example.arguments.items()
        if any(0 in draw.shape for _, draw in draws):  # no Input has that
            continue
        g = Graph()
        fed = {n: g.add("Input", shape=d.shape, dtype=d.kind, name=f"in {n}") for n, d in draws}
        node = g.add(op.__name__, name="node", **example.params, **fed)
        found, made = infer(g), node.node.make()
        specs = {name: Spec(draw.shape, draw.kind) for name, draw in draws}
        assert outcome(made, specs) == tuple(found.specs[node.id, name] for name in made.results())
        owned = {name: Spec(shape) for (key, name), shape in found.learnables.items() if key == node.id}
        assert owned.items() <= asked(made, specs).items()


def test_an_input_that_is_not_known_yet_leaves_it_open():
    assert outcome(ops.make("MatMul", {}), {"a": Spec((Dim("N"), 3))}) is None
    assert asked(ops.make("Linear", {}), {}) == {}


def test_a_wrong_kind_is_told_before_the_other_input_is_known():
    with pytest.raises(ShapeError, match="a takes measured numbers") as caught:
        outcome(ops.make("MatMul", {}), {"a": Spec((3, 3), "int")})
    assert caught.value.socket == "a"
    with pytest.raises(ShapeError, match="takes class indices"):
        outcome(ops.make("OneHot", {}), {"x": Spec((3,))})


def test_shapes_that_misfit_are_told_as_the_op_tells_them():
    with pytest.raises(ShapeError, match="the inner sizes 3 and 4 differ"):
        outcome(ops.make("MatMul", {}), {"a": Spec((2, 3)), "b": Spec((4, 2))})
    assert asked(ops.make("Linear", {}), {"x": Spec(())}) == {}
