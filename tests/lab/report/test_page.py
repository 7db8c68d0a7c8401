"""Reports: what stands in them, of what they are, and what they refuse."""

from __future__ import annotations

import dataclasses
import html
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import graphlab as gl
from graphlab.errors import BrokenFileError, FileError, SaveError
from graphlab.graph import Document, Graph
from graphlab.io import load, save
from graphlab.lab.report import of_document, page, report, subject_of
from graphlab.lab.report.comparison import seed_groups
from graphlab.lab.report.network import mathml
from graphlab.lab.report.words import duration, score, short
from graphlab.lab.runs import RunFolder
from graphlab.lab.sweeps.by_value import words_of
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.names import sweeps_folder
from graphlab.lab.sweeps.seal import note, opening_by
from tests.lab.report.conftest import EPOCHS, train
from tests.lab.sweeps.made import made_sweep

VOID = {"meta", "input", "br", "hr", "img", "link"}


class Reader(HTMLParser):
    """Tables, sections and texts of a page; every element must be closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sections: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.elements: set[str] = set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, name, attributes):
        self.elements.add(name)
        if name not in VOID:
            self.open.append(name)
        if name == "section":
            self.sections.append(dict(attributes)["id"])
        elif name == "table":
            self.tables.append([])
        elif name == "tr":
            self.tables[-1].append([])
        elif name in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data

    def table(self, *headings: str) -> list[list[str]]:
        """The rows of the table whose head begins so."""
        return next(
            table[1:] for table in self.tables if table and tuple(table[0][: len(headings)]) == headings
        )


@pytest.fixture(scope="package")
def text(trained_once: Path) -> str:
    return page(dataclasses.replace(subject_of(trained_once), when=1.8e9))


@pytest.fixture(scope="package")
def read(text: str) -> Reader:
    return Reader(text)


def test_every_part_is_there_and_every_element_closed(read: Reader) -> None:
    assert read.sections == [
        "result", "curves", "sweep", "runs", "network", "equations", "layers", "data", "settings", "origin",
    ]  # fmt: skip
    assert not read.elements & {"script", "iframe", "object", "img", "link", "form"}


def test_it_forbids_the_network_and_names_no_address_that_is_loaded(text: str) -> None:
    assert "default-src 'none'; style-src 'unsafe-inline'" in html.unescape(text)
    assert not re.findall(r'(?:src|href|xlink:href)="(?!#)', text)
    assert not re.findall(r"@import|url\((?!#gl-hatch)", text)


def test_names_from_a_document_stay_text(text: str, read: Reader) -> None:
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(1)" in [row[0] for row in read.table("Name", "Operation")]
    assert "<b>tags" not in text


def test_figures_are_those_that_were_kept(read: Reader, trained_once: Path) -> None:
    run = RunFolder(trained_once.parent / "digits.runs").runs()[0]
    last = run.curve().epochs[-1]
    rows = read.table("Part", "Rows", "Loss")
    assert rows[0] == [
        "training, after the last epoch", "1,257", score("", last.loss), score("accuracy", last.metrics["accuracy"]),
    ]  # fmt: skip
    assert rows[1][1:] == [
        "270", score("", last.validation_loss), score("accuracy", last.validation_metrics["accuracy"]),
    ]  # fmt: skip


def test_layers_have_shapes_and_parameters(read: Reader) -> None:
    rows = {row[1]: row for row in read.table("Name", "Operation")}
    assert rows["Dataset"][4] == "N×64, N"
    assert rows["ReLU"][3] == "<script>alert(1)"
    assert [row[5] for row in read.table("Name", "Operation") if row[1] == "Linear"] == ["4,160", "650"]


def test_runs_are_compared_by_what_differs_and_seeds_have_mean_and_spread(
    read: Reader, trained_once: Path
) -> None:
    runs = RunFolder(trained_once.parent / "digits.runs").runs()
    rows = read.table("Run", "lr")
    assert [row[0] for row in rows] == ["run 3", "run 2", "run 1"]
    assert [row[1] for row in rows] == ["0.05", "0.003", "0.003"]
    (group,) = seed_groups(runs)
    assert {run.name for run in group} == {"run 1", "run 2"}
    values = np.array([run.figures.metrics["accuracy"] for run in group])
    (over_seeds,) = read.table("Runs", "Seeds", "Count")
    assert over_seeds[1:3] == ["1, 2", "2"]
    assert over_seeds[3] == f"{100 * values.mean():.2f} % ± {100 * values.std(ddof=1):.2f} %"


def test_the_sweep_tells_its_best_trials(read: Reader, trained_once: Path) -> None:
    (path,) = (trained_once.parent / "digits.sweeps").iterdir()
    sweep = KeptSweep(path)
    done = [trial for trial in sweep.trials.values() if trial.state == "done"]
    best = max(done, key=lambda trial: trial.score)
    rows = read.table("Trial", "hidden.units")
    assert rows[0][0] == f"#{best.number}"
    assert rows[0][1] == str(best.values["hidden.units"])
    assert rows[0][4].startswith(f"{100 * best.score:.2f} % ± ")
    assert dict(map(tuple, read.table("Hyperparameter"))) == sweep.head.searches
    assert ["The loss became NaN at step 41.", "2", "#10, #21"] in read.table("Why", "Count")


def test_data_has_its_splits_and_licence(read: Reader, text: str) -> None:
    rows = {row[0]: row[1] for row in read.table("Part", "Rows", "Share")}
    assert rows == {"training": "1,257", "validation (held out)": "270", "test (sealed)": "270"}
    assert "CC BY 4.0" in text
    assert "doi:10.24432/C50P49" in text


def test_what_was_set_otherwise_than_usual_comes_first(read: Reader) -> None:
    rows = {row[0]: tuple(row[1:]) for row in read.table("Setting", "Here")}
    assert rows["lr"] == ("0.05", "0.01")
    assert rows["epochs"] == (str(EPOCHS), "50")
    assert "momentum" not in rows


def test_the_same_input_gives_the_same_page(trained_once: Path, text: str) -> None:
    assert page(dataclasses.replace(subject_of(trained_once), when=1.8e9)) == text
    assert len(text.encode()) < 300_000


def test_the_line_trains_the_same_again(trained: Path) -> None:
    before = RunFolder(trained.parent / "digits.runs").runs()[0]
    found = subject_of(trained)
    line = re.search(r"<code>(graphlab train [^<]*)</code>", page(found))[1]
    assert line == f"graphlab train {trained} --lr 0.05 --epochs {EPOCHS} --seed 0"
    train(*line.split()[2:])
    after = RunFolder(trained.parent / "digits.runs").runs()[0]
    assert after.id != before.id
    assert np.array_equal(after.curve().losses, before.curve().losses)


def test_a_graph_changed_since_is_told(trained: Path) -> None:
    graph, _ = load(trained)
    graph.set("out", bias=False)
    save(graph, trained)
    text = page(subject_of(trained))
    assert "has been changed since run 3 was trained" in text


def test_one_run_by_folder_name_and_number(trained: Path) -> None:
    run = RunFolder(trained.parent / "digits.runs").run("1")
    for found in (subject_of(run.path), subject_of("run 1", trained), subject_of("1", trained)):
        assert found.run is not None
        assert (found.run.id, found.kind) == (run.id, "run")
        assert found.title == run.head.graph


def test_a_sweep_alone(trained: Path) -> None:
    (path,) = (trained.parent / "digits.sweeps").iterdir()
    found = Reader(page(subject_of(path)))
    assert "sweep" in found.sections
    assert "result" not in found.sections


def test_a_learning_curve_is_drawn_and_put_into_words(tmp_path: Path) -> None:
    path = made_sweep(tmp_path / "x.sweeps", trials=12)
    head = json.loads((path / "sweep.json").read_text())
    (path / "sweep.json").write_text(
        json.dumps({**head, "kind": "capacity", "searches": {"hidden.units": "8,16,32,64"}})
    )
    found = KeptSweep(path)
    text = page(subject_of(path))
    assert html.escape(words_of(found)) in text
    assert "Error (1 − accuracy) on training and on held-out rows against hidden.units" in text


def test_nothing_trained_is_said_and_the_rest_still_told(tmp_path: Path) -> None:
    text = page(subject_of("xor"))
    assert "Nothing has been trained yet" in text
    assert {"network", "equations", "layers", "data", "settings", "origin"} <= set(Reader(text).sections)


def test_an_empty_document_and_one_with_faults_have_a_report() -> None:
    assert "nothing on the canvas" in page(of_document(Document("empty"), None))
    g = Graph("faulty")
    a = g.add("Input", name="a", shape=("N", 3))
    b = g.add("Input", name="b", shape=("N", 4))
    g.add("Add", a, b, name="clash")
    assert "1 fault: clash" in page(of_document(g.document, None))


@pytest.mark.parametrize("name", ["names-gpt", "loop", "unet-shapes", "tanh-by-hand", "dates"])
def test_examples_of_every_kind_have_a_sound_page(name: str) -> None:
    text = page(subject_of(name))
    Reader(text)
    assert len(text) < 1_000_000
    assert "&amp;#x" not in text


def test_bad_input_is_named_with_what_to_try(tmp_path: Path, trained: Path) -> None:
    with pytest.raises(FileError, match="digits-mlpp") as error:
        subject_of("digits-mlpp")
    assert "digits-mlp" in error.value.hint
    with pytest.raises(FileError, match="There is no file"):
        subject_of(tmp_path / "none.graphlab")
    with pytest.raises(FileError, match="neither a run nor a sweep"):
        subject_of(tmp_path)
    with pytest.raises(SaveError, match="html"):
        report("xor", tmp_path / "xor.pdf")
    with pytest.raises(SaveError, match="no folder"):
        report("xor", tmp_path / "none" / "xor.html")
    (tmp_path / "bad.graphlab").write_bytes(b"nonsense")
    with pytest.raises(BrokenFileError):
        report(tmp_path / "bad.graphlab", tmp_path / "out.html")
    assert not (tmp_path / "out.html").exists()


def test_broken_runs_are_told_and_the_others_stay(trained: Path) -> None:
    run = RunFolder(trained.parent / "digits.runs").run("1")
    (run.path / "run.json").write_text("{")
    text = page(subject_of(trained))
    assert f"Could not be read: {run.id}." in text
    newest = RunFolder(trained.parent / "digits.runs").run("3")
    (newest.path / "graph.json").write_text("{")
    found = subject_of(trained)
    assert found.run is not None
    assert found.run.name == "run 2"
    assert newest.id in found.broken
    with pytest.raises(BrokenFileError, match="The graph of run 3 in"):
        subject_of(newest.path)


def test_the_notebook_writes_it_whole(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = gl.report("xor", author="Ada")
    assert made == Path("XOR-report.html")
    text = made.read_text(encoding="utf-8")
    assert 'value="Ada"' in text
    assert time.strftime("%Y-%m-%d") in text
    assert [each.name for each in tmp_path.iterdir()] == [made.name]


def test_a_notebook_reports_what_it_has_at_hand(trained: Path, tmp_path: Path) -> None:
    graph, _ = gl.load(trained)
    (run, *_), (sweep, *_) = gl.runs(trained), gl.sweeps(trained)
    for number, (what, part) in enumerate(
        ((graph, "network"), (graph.document, "layers"), (run, "result"), (sweep, "sweep"))
    ):
        made = gl.report(what, tmp_path / f"{number}.html")
        assert part in Reader(made.read_text(encoding="utf-8")).sections


def test_formulas_become_mathml() -> None:
    made = mathml(r"W^{\top} x \times \mathrm{<script>}")
    assert made.startswith("<math")
    assert "⊤" in made
    assert "<script" not in made.replace("&lt;script", "")
    assert "&#x" not in made


def test_numbers_are_written_for_people() -> None:
    assert [duration(s) for s in (0.4, 42, 185, 7440, float("nan"))] == [
        "0.4 s",
        "42 s",
        "3 min 5 s",
        "2 h 4 min",
        "–",
    ]
    assert [short(n) for n in (999, 1_234_567, 2e9)] == ["999", "1.23 M", "2 G"]
    assert [score("accuracy", 0.975), score("loss", 0.5), score("loss", None)] == ["97.50 %", "0.5", "–"]


def test_openings_of_the_test_rows_are_told_also_without_a_search(trained: Path) -> None:
    note(sweeps_folder(trained), opening_by("training", 270, "accuracy", 0.97), opening_by("window", 270))
    found = subject_of(trained)
    assert [look.by for look in found.openings] == ["training", "window"]
    assert "The test rows have been opened 2 times." in page(found)
