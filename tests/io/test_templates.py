"""Templates: each of ours learns at once; a person's own are kept, renamed and deleted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphlab.engine import Trainer, infer
from graphlab.errors import BrokenFileError, FileError, GraphlabError, NameTakenError, ParamError
from graphlab.graph import Graph
from graphlab.io import load, templates
from graphlab.io.templates import Template, keep, own_folder, own_templates, remove, rename, template
from tests.graph.test_graph import xor

OURS = [each.name for each in templates.templates(Path("nowhere"))]
DRAWN = [name for name in OURS if name != templates.BLANK]


def test_there_is_a_handful_and_the_blank_one_is_first() -> None:
    assert OURS[0] == templates.BLANK
    assert len(OURS) >= 7
    assert all(template(name).title and template(name).description.endswith(".") for name in OURS)
    assert not template(templates.BLANK).graph().document.nodes


@pytest.mark.parametrize("name", DRAWN)
def test_it_has_no_faults_and_a_goal_and_is_new(name: str) -> None:
    graph = template(name).graph()
    found = infer(graph.document)
    assert found.problems == ()
    assert found.goal
    assert graph.name == "untitled"
    assert not graph.can_undo
    assert graph.is_saved


@pytest.mark.parametrize("name", DRAWN)
def test_it_learns_within_a_few_steps(name: str) -> None:
    trainer = Trainer(template(name).graph())
    first, *_, last = [report.loss for report, _ in zip(trainer.fit(), range(8), strict=False)]
    assert np.isfinite(last)
    assert last < 0.9 * first


@pytest.mark.parametrize("name", DRAWN)
def test_its_nodes_do_not_lie_on_one_another(name: str) -> None:
    places = [node.position for node in template(name).graph().document.nodes.values()]
    for k, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 190 or abs(y - b) >= 140 for a, b in places[:k])


def test_the_line_is_found_that_made_the_points() -> None:
    trainer = Trainer(template("linear-regression").graph())
    for _ in trainer.fit():
        pass
    found = trainer.run.weights
    assert np.allclose(found["line.weight"], [[2, -3]], atol=0.05)
    assert np.allclose(found["line.bias"], [1], atol=0.05)


def test_a_template_is_kept_with_its_training_settings_and_without_weights(tmp_path: Path) -> None:
    g = xor()
    g.configure(lr=0.25)
    kept = keep(g.document, "  my own ", tmp_path / "new")
    assert kept.path is not None
    graph, weights = load(kept.path)
    assert weights == {}
    assert graph.document.training.lr == 0.25
    assert [each.title for each in own_templates(tmp_path / "new")] == ["my own"]
    begun = kept.graph()
    assert begun.name == "untitled"
    assert begun.document.nodes == g.document.nodes


def test_a_name_that_is_taken_is_refused_unless_it_is_to_be_replaced(tmp_path: Path) -> None:
    keep(xor().document, "mine", tmp_path)
    with pytest.raises(NameTakenError, match="mine"):
        keep(Graph().document, "mine", tmp_path)
    keep(Graph().document, "mine", tmp_path, replace=True)
    assert not template("mine", tmp_path).graph().document.nodes


@pytest.mark.parametrize("name", ["", "  ", "a/b", "..", ".hidden", "a\nb", "what?", "x" * 61])
def test_a_name_that_no_file_can_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ParamError, match="cannot be called"):
        keep(xor().document, name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_one_is_renamed_and_deleted(tmp_path: Path) -> None:
    one = keep(xor().document, "one", tmp_path)
    keep(xor().document, "two", tmp_path)
    with pytest.raises(NameTakenError):
        rename(one, "two")
    renamed = rename(one, "three")
    assert [each.name for each in own_templates(tmp_path)] == ["three", "two"]
    remove(renamed)
    assert [each.name for each in own_templates(tmp_path)] == ["two"]
    with pytest.raises(FileError, match="three"):
        remove(renamed)


def test_ours_stay() -> None:
    with pytest.raises(GraphlabError, match="stays"):
        remove(template("cnn"))


def test_a_broken_file_hides_no_other_and_says_what_is_wrong_when_it_is_opened(tmp_path: Path) -> None:
    keep(xor().document, "good", tmp_path)
    (tmp_path / "bad.graphlab").write_bytes(b"{")
    (tmp_path / "notes.txt").write_text("no template")
    assert [each.name for each in own_templates(tmp_path)] == ["bad", "good"]
    with pytest.raises(BrokenFileError):
        template("bad", tmp_path).graph()
    assert template("good", tmp_path).graph().document.nodes


def test_an_unknown_name_gets_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="Did you mean autoencoder"):
        template("autoencodr", tmp_path)


def test_the_folder_is_beside_the_settings_of_the_window(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = pytest.importorskip("graphlab.ui.settings")
    assert templates.SETTINGS == settings.PLACE
    assert own_folder() == settings.templates_folder()
    monkeypatch.setenv(templates.SETTINGS, str(tmp_path))
    assert own_folder() == settings.templates_folder() == tmp_path / "templates"
    assert isinstance(template("cnn"), Template)
