"""The search puts first what people usually do."""

from __future__ import annotations

from graphlab.graph import Graph
from graphlab.ops import by_category
from graphlab.ui.canvas.habits import End, Habits
from graphlab.ui.canvas.ranking import ranked, used

from .conftest import Hand

EVERYTHING = [op for family in by_category().values() for op in family]


def names(text: str = "", end: End | None = None) -> list[str]:
    return [op.__name__ for op in ranked(EVERYTHING, text, end)]


def test_what_the_examples_do_next_comes_first() -> None:
    assert names(end=End("Dataset", "x", False))[0] == "Linear"
    assert names(end=End("Dataset", "target", False))[0].endswith("Loss")
    assert names(end=End("Linear", "y", False))[0] == "Tanh"


def test_relatives_come_first_but_after_better_matches() -> None:
    found = [op.__name__ for op in ranked(EVERYTHING, "", kin="Activation")]
    activations = [op.__name__ for op in EVERYTHING if op.category == "Activation"]
    assert set(found[: len(activations)]) == set(activations)
    assert ranked(EVERYTHING, "linear", kin="Activation")[0].__name__ == "Linear"


def test_words_count_more_than_habits() -> None:
    assert names("relu", End("Dataset", "x", False))[0] == "ReLU"


def test_the_names_of_other_libraries_are_known() -> None:
    assert names("swish")[0] == "SiLU"
    assert names("gemm")[0] == "Linear"


def test_what_one_added_oneself_rises(monkeypatch) -> None:
    monkeypatch.setitem(used, "Softmax", 40)
    assert names()[0] == "Softmax"


def test_habits_know_sockets() -> None:
    graph = Graph()
    data = graph.add("Dataset", dataset="xor")
    graph.add("BCEWithLogitsLoss", graph.add("Linear", data, units=1), data["target"])
    known = Habits()
    known.learn(graph.document)
    assert known.socket(End("Dataset", "target", False), "BCEWithLogitsLoss") == "target"
    assert known.socket(End("BCEWithLogitsLoss", "input", True), "Linear") == "y"
    assert known.joins(End("Dataset", "x", False), "Tanh") == 0


def test_a_target_dragged_to_a_loss_goes_to_its_target(chain: Hand) -> None:
    data = chain.graph.add("Dataset", dataset="xor", name="data", position=(60, 420))
    chain.drag(chain.output("data", "target"), chain.pixel(620, 480))
    chain.search("bcewith")
    (edge,) = chain.view.session.document.consumers(data.id)
    assert edge.input == "target"
