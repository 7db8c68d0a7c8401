"""Ready-made sweeps: learning curves and capacity, as documents whose sweep is set."""

from __future__ import annotations

import pytest

from graphlab.errors import ParamError, SettingsError
from graphlab.graph import Graph
from graphlab.graph.searching import target_text
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.lab.sweeps.ready import capacity, capacity_target, learning_curve


def document(name):
    return load(example(name).path)[0].document


def searched(made):
    (search,) = made.sweep.searches
    return target_text(made, search), search.space.values


def test_learning_curve_grows_the_rows_and_leaves_the_network_as_it_is():
    before = document("digits-mlp")
    made = learning_curve(before, (1, 0.25), seeds=2)
    assert searched(made) == ("rows", (0.25, 1.0))
    assert (made.sweep.method, made.sweep.seeds, made.sweep.trials) == ("grid", 2, 0)
    assert (made.nodes, made.training) == (before.nodes, before.training)
    assert before.sweep.searches == ()


def test_shares_that_are_none_are_refused():
    with pytest.raises(SettingsError):
        learning_curve(document("xor"), (0.5, 1.5))
    with pytest.raises(SettingsError, match="two shares"):
        learning_curve(document("xor"), (1,))


def test_capacity_goes_in_powers_of_two_around_what_stands_there():
    assert searched(capacity(document("digits-mlp"), "hidden.units")) == (
        "hidden.units", (8, 16, 32, 64, 128, 256, 512),
    )  # fmt: skip
    assert searched(capacity(document("digits-mlp"), "hidden.units", (2, 4)))[1] == (2, 4)


def test_values_that_make_no_network_are_left_out():
    graph = Graph("heads")
    x = graph.add("Input", name="x", shape=("N", 12))
    graph.add("Sum", graph.add("Linear", x, name="only", units=3))
    assert searched(capacity(graph.document, "only.units"))[1] == (1, 2, 3, 6, 12, 24)  # 3/8 rounds to 0


@pytest.mark.parametrize(
    ("name", "target"),
    [("digits-mlp", "hidden.units"), ("digits-cnn", "conv1.out_channels"), ("xor", "hidden.units")],
)
def test_capacity_is_that_of_a_layer_before_the_prediction(name, target):
    assert capacity_target(document(name)) == target


def test_capacity_of_chosen_nodes_comes_first_unless_it_changes_what_is_predicted():
    found = document("spirals")
    second, last = (found.node(name).id for name in ("hidden2", "out"))
    assert capacity_target(found, {second}) == "hidden2.units"
    assert capacity_target(found, {last}) == capacity_target(found) == "hidden1.units"


def test_what_is_no_size_is_refused_with_an_example():
    with pytest.raises(SettingsError, match="optimizer is no size"):
        capacity(document("xor"), "optimizer")
    with pytest.raises(ParamError, match="unit"):
        capacity(document("xor"), "hidden.unit")
    with pytest.raises(SettingsError, match="size that could grow"):
        capacity_target(Graph("empty").document)
