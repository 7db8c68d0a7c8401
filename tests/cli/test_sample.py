"""`graphlab sample`."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphlab as gl
from tests.engine.language_trial import WORDS, writer

LINE = WORDS.splitlines()[0] + "\n"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    graph = writer()
    graph.configure(epochs=40, lr=0.02, optimizer="Adam", batch_size=8)
    trainer = gl.Trainer(graph)
    list(trainer.fit())
    path = tmp_path_factory.mktemp("sample") / "sea.graphlab"
    gl.save(graph, path, weights=trainer.run)
    return path


def test_it_writes_what_it_has_learnt(call, trained):
    called = call("sample", trained, "--prompt", "a qu", "--length", len(LINE) - 4, "--temperature", 0)
    assert called.out == LINE + "\n"
    assert called.err == ""


def test_the_seed_decides(call, trained):
    words = ("sample", trained, "--length", 60, "--temperature", 2)
    first, again, other = call(*words), call(*words), call(*words, "--seed", 1)
    assert first.out == again.out != other.out


def test_it_stops_at_the_end_of_a_line(call, trained):
    found = call(
        "sample", trained, "--temperature", 0, "--until", "\\n", "--prompt", "over the", "--json"
    ).json
    assert found == {"prompt": "over the", "text": " lazy dog.\n", "seed": 0, "unknown": []}


def test_the_next_character_is_told_with_its_probability(call, trained):
    out = call("sample", trained, "--prompt", "quick bro", "--next").out
    assert out.startswith("After “quick bro”:")
    assert out.splitlines()[2].split()[0] == "w"
    found = call("sample", trained, "--prompt", "fox", "--next", "--json").json["next"]
    assert sum(found.values()) == pytest.approx(1)


def test_unknown_characters_are_named_and_left_out(call, trained):
    called = call("sample", trained, "--prompt", "lazy 9d", "--length", 0)
    assert called.out == "lazy d\n"
    assert "no character 9. It is left out" in called.err


def test_fresh_weights_are_told(call, write):
    called = call("sample", write(writer()), "--length", 3)
    assert "has no trained weights" in called.err
    assert len(called.out) == 4


def test_a_network_that_reads_backwards_cannot_write(call, write):
    path = write(writer())
    assert "cannot write" in call("sample", path, "--length", 3, "--set", "layer.bidirectional=true").err


def test_a_graph_without_characters_is_refused(call):
    assert "Nothing here says which character comes next." in call("sample", "xor").complaint


def test_it_writes_where_only_the_character_after_a_row_is_predicted(call, write):
    called = call("sample", write(writer(predict="next")), "--length", 12)
    assert called.code == 0
    assert len(called.out) == 13


def test_impossible_settings_are_refused(call, trained):
    assert "top_p cannot be 2." in call("sample", trained, "--top-p", 2).complaint
