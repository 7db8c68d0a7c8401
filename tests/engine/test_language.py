"""Where a graph says which character comes next, and bits per character on what it was not trained on."""

from __future__ import annotations

import math

import numpy as np
import pytest

import graphlab as gl
from graphlab import data
from graphlab.engine.language import language, per_character, scores_at
from graphlab.errors import DataError
from graphlab.graph import Graph
from tests.engine.language_trial import WORDS, writer


def test_the_decision_about_characters_is_found():
    graph = writer()
    ids = graph.document.ids_by_name
    found = language(gl.infer(graph))
    assert found is not None
    assert found.reads == (ids["text"], "x")
    assert found.scores == (ids["by step"], "y")
    assert (found.loss, found.source, found.length) == (ids["loss"], ids["text"], 8)


def test_a_network_that_reads_numbers_says_no_characters():
    graph = Graph()
    rows = graph.add("Dataset", dataset="iris")
    graph.add("CrossEntropyLoss", graph.add("Linear", rows["x"], units=3), rows["target"])
    assert language(gl.infer(graph)) is None


def test_bits_and_perplexity_are_those_of_the_mean_loss_over_all_pieces(monkeypatch: pytest.MonkeyPatch):
    trainer = gl.Trainer(writer())
    whole = trainer.evaluate("validation")
    monkeypatch.setattr("graphlab.engine.training.rows_at_once", lambda plan: 4)
    found = trainer.evaluate("validation")
    assert found.loss == pytest.approx(whole.loss, rel=1e-6)
    assert found.metrics["bits per character"] == pytest.approx(found.loss / math.log(2))
    assert found.metrics["perplexity"] == pytest.approx(math.exp(found.loss))
    assert "exact" not in found.metrics  # rows are cut anywhere
    assert found.metrics["perplexity"] == pytest.approx(len(set(WORDS)), rel=0.3)


@pytest.mark.parametrize("params", [{"label_smoothing": 0.1}, {"reduction": "sum"}])
def test_no_bits_are_told_of_a_loss_that_is_something_else(params):
    assert "perplexity" not in gl.Trainer(writer(**params)).evaluate("validation").metrics


def test_classes_that_are_no_characters_have_no_bits():
    graph = Graph()
    rows = graph.add("Dataset", dataset="iris")
    graph.add("CrossEntropyLoss", graph.add("Linear", rows["x"], units=3), rows["target"])
    assert list(gl.Trainer(graph).evaluate("train").metrics) == ["accuracy"]


@pytest.mark.parametrize(("task", "read", "is_told"), [("names", "x", True), ("reverse", "previous", False)])
def test_bits_are_told_of_what_goes_on_and_not_of_another_text(task: str, read: str, is_told: bool):
    graph = Graph()
    rows = graph.add("Sequences", task=task, samples=40)
    scores = graph.add("Embedding", rows[read], num_embeddings=30, embedding_dim=27)
    turned = graph.add("Transpose", scores, dim0=1, dim1=2)
    graph.add("CrossEntropyLoss", turned, rows["target"])
    assert ("perplexity" in gl.Trainer(graph).evaluate("train").metrics) == is_told


def test_a_loss_that_is_out_of_bounds_is_infinitely_perplexed():
    assert per_character(1000.0)["perplexity"] == math.inf


def test_it_learns_a_text_by_heart():
    graph = writer()
    graph.configure(epochs=25, lr=0.02, optimizer="Adam", batch_size=8)
    *_, last = gl.Trainer(graph).fit()
    assert last.validation_metrics["bits per character"] < 0.6


def test_scores_are_read_whatever_way_they_lie():
    three = np.arange(2.0 * 5).reshape(1, 2, 5)
    assert scores_at(three, 3, 5, 2).tolist() == [3, 8]
    assert scores_at(three[0].T, 3, 5, 2).tolist() == [3, 8]
    assert scores_at(np.array([[1.0, 2.0, 9.0]]), 3, 5, 2).tolist() == [1, 2]
    with pytest.raises(DataError, match="one for each of 3 characters"):
        scores_at(three, 3, 5, 3)


def test_data_of_a_text_feeds_a_table_of_one_hots_too():
    graph = Graph()
    text = graph.add("Text", **data.prose(WORDS, "a.txt", 8))
    ones = graph.add("OneHot", text["x"], num_classes=len(set(WORDS)))
    scores = graph.add("Linear", graph.add("RNN", ones, hidden_size=4, batch_first=True)["y"], units=20)
    graph.add("CrossEntropyLoss", graph.add("Transpose", scores), text["target"])
    found = language(gl.infer(graph))
    assert found is not None
    assert found.length == 8
