"""Groups as operations: keys, sockets and shapes of what can be added."""

from __future__ import annotations

import pytest

from graphlab.errors import ShapeError
from graphlab.graph import Graph, parts
from graphlab.graph.promoting import promote
from graphlab.ops import Dim, Spec, get
from graphlab.ui import offers


@pytest.fixture
def graph() -> Graph:
    """x → [cell: lin → act], used twice, the second time unwired."""
    g = Graph()
    act = g.add(
        "Tanh", g.add("Linear", g.add("Input", name="x", shape=("N", 3)), name="lin", units=4), name="act"
    )
    assert act.id
    g.group("lin", "act", name="cell")
    g.add_use("g1", (0.0, 300.0))
    return g


def test_a_key_stands_for_an_operation_or_a_group(graph: Graph) -> None:
    cell = offers.op_of_group(graph.document, "g1")
    assert offers.key(cell) == "group:g1"
    assert offers.key(get("Tanh")) == "Tanh"
    assert offers.resolve(graph.document, "Tanh") is get("Tanh")
    found = offers.resolve(graph.document, "group:g1")
    assert found is not None
    assert found.__name__ == "cell"
    assert offers.resolve(graph.document, "group:g9") is None
    assert offers.resolve(graph.document, "Nonsense") is None


def test_a_group_as_an_operation_has_its_sockets_and_tells_its_shapes(graph: Graph) -> None:
    cell = offers.op_of_group(graph.document, "g1")
    assert [socket.name for socket in cell().sockets()] == ["x"]
    assert cell().results() == cell.outputs == ("y",)
    assert cell().infer(x=Spec((Dim("N"), 7))) == (Spec((Dim("N"), 4)),)
    assert "used twice" in cell.formula


def test_a_ready_part_is_offered_as_an_operation_and_becomes_a_group(graph: Graph) -> None:
    cell = offers.resolve(graph.document, "part:lstm-cell")
    assert cell is not None
    assert offers.key(cell) == "part:lstm-cell"
    assert not offers.has_page(cell)
    n = Dim("N")
    state = Spec((n, 32))
    assert cell().infer(x=Spec((n, 7)), h_prev=state, c_prev=state) == (state, state, state)
    with pytest.raises(ShapeError, match="Inside, keep"):
        cell().infer(x=Spec((n, 7)), h_prev=state, c_prev=Spec((n, 5)))
    added = offers.add(graph, "part:lstm-cell", (0.0, 900.0))
    assert added.name == "LSTM cell"
    assert graph.history[-1] == "Add LSTM cell"
    assert offers.key_of(added.node) == "group:g2"
    graph.undo()
    assert list(graph.document.definitions) == ["g1"]
    assert offers.resolve(graph.document, "part:nonsense") is None


def test_a_layer_tells_its_shapes_before_there_is_one(graph: Graph) -> None:
    layer = offers.resolve(graph.document, "layer:gru-cell")
    assert layer is not None
    assert (layer.__name__, offers.key(layer)) == ("Unrolled GRU", "layer:gru-cell")
    n, t = Dim("N"), Dim("T")
    long, last = Spec((n, t, 32)), Spec((n, 32))
    assert layer().results() == ("y", "h", "h_last")
    assert layer().infer(x=Spec((n, t, 7))) == (long, long, last)
    assert layer().infer(x=Spec((n, 5, 7)))[0] == Spec((n, 5, 32))
    with pytest.raises(ShapeError, match="is no sequence"):
        layer().infer(x=Spec((n,)))
    added = offers.add(graph, "layer:gru-cell", (0.0, 900.0))
    assert (added.node.op, added.name) == ("Unroll", "GRU")
    asked = offers.op_at(graph.document, added.node)
    assert asked.infer(x=Spec((n, 5, 7))) == (Spec((n, 5, 32)), Spec((n, 5, 32)), last)


def test_only_a_cell_takes_the_place_of_one_that_is_repeated(graph: Graph) -> None:
    offers.add(graph, "layer:gru-cell", (0.0, 900.0))
    node, document = graph["GRU"].node, graph.document
    fits = [key for key in parts.parts() if offers.can_swap(document, node, offers.op_of_part(key))]
    assert {"elman-cell", "lstm-cell", "mgu-cell"} <= set(fits)
    assert not {"gru-cell", "stacked-lstm"} & set(fits)
    assert not offers.can_swap(document, node, offers.op_of_group(document, "g1"))


def test_what_does_not_fit_inside_is_a_shape_error(graph: Graph) -> None:
    with pytest.raises(ShapeError, match="Inside, lin"):
        offers.op_of_group(graph.document, "g1")().infer(x=Spec(()))


def test_sizes_that_no_input_can_have_are_taken_for_unknown(graph: Graph) -> None:
    """Such as 2·N + 1, after a padding: better nothing said than something wrong."""
    n = Dim("N")
    cell = offers.op_of_group(graph.document, "g1")
    assert cell().infer(x=Spec((2 * n + 1, 3))) == (None,)
    assert cell().infer(x=Spec((2 * n + 1,))) == (None,)


def test_an_unfinished_group_is_not_held_against_the_wire(graph: Graph) -> None:
    graph.inside("cell").disconnect("act", "x")
    assert offers.op_of_group(graph.document, "g1")().infer(x=Spec((2, 3))) == (None,)


def test_a_use_is_seen_with_what_it_sets_for_itself(graph: Graph) -> None:
    from graphlab.graph.groups import set_setting

    inside = graph.inside("cell")
    inside.replace(promote(inside.document, "lin", "units"), "Show on the group")
    graph.replace(set_setting(graph.document, graph["cell"].id, "units", 9), "Change cell")
    shapes = [offers.op_at(graph.document, graph[n].node).infer(x=Spec((2, 3))) for n in ("cell", "cell2")]
    assert shapes == [(Spec((2, 9)),), (Spec((2, 4)),)]


def test_a_group_named_like_an_operation_is_still_the_group(graph: Graph) -> None:
    from graphlab.graph.groups import rename_definition
    from graphlab.ui.icons import op_drawing

    document = rename_definition(graph.document, "g1", "Tanh")
    op = offers.op_of_group(document, "g1")
    assert offers.key(op) == "group:g1"
    assert op_drawing(op) == "op-Group"
    assert offers.sample(op).op == "Group"


def test_a_network_for_pictures_refuses_rows_at_once_and_takes_pictures() -> None:
    network = offers.op_of_part("resnet-20")()
    with pytest.raises(ShapeError, match="ResNet-20 takes pictures, N×C×H×W; x is N×16"):
        network.infer(x=Spec(("N", 16)))
    assert network.infer(x=Spec(("N", 3, 32, 32)))[0].shape[1:] == (10,)
