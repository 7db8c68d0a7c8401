"""Runs are written as they happen, and what is read of them is what was written."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from graphlab.data import xor
from graphlab.engine import Trainer
from graphlab.engine.training import Report
from graphlab.errors import FileError, SaveError
from graphlab.graph import Graph
from graphlab.lab.runs import Labels, RunFolder, RunWriter, Start, folder_beside, unsaved_folder
from graphlab.lab.runs.kept import END, EPOCHS, HEAD, LABELS, STEPS
from graphlab.lab.runs.lines import read_losses


def drawn(name: str = "net") -> Graph:
    graph = Graph(name)
    x = graph.add("Input", name="x", shape=("N", 2))
    target = graph.add("Input", name="target", shape=("N", 1))
    hidden = graph.add("Tanh", graph.add("Linear", x, name="hidden", units=4))
    graph.add("MSELoss", graph.add("Linear", hidden, name="out", units=1), target, name="loss")
    return graph


def begun(folder: Path, **more: object) -> RunWriter:
    return RunWriter(folder, Start(drawn().document, **more))


def test_a_finished_run_tells_everything_that_was_written(tmp_path: Path) -> None:
    graph = drawn()
    trainer = Trainer(graph, data=xor())
    writer = RunWriter(tmp_path / "net.runs", Start(graph.document, "net.graphlab", 17))
    losses = trainer.advance(50)
    writer.losses(0, losses, 0.25)
    writer.epoch(Report(1, 50, 0.5, {"accuracy": 0.75}, 0.625, {"accuracy": 0.5}, 0.25))
    writer.mark(30, "lr 0.01 → 0.003")
    writer.weights(graph.document, trainer.run.weights, len(losses))
    writer.end("finished")

    (run,) = RunFolder(tmp_path / "net.runs").runs()
    assert (run.name, run.state, run.head.graph, run.head.origin) == (
        "run 1",
        "finished",
        "net",
        "net.graphlab",
    )
    assert run.head.training["lr"] == graph.document.training.lr
    assert run.figures.steps == len(losses)
    assert (run.figures.loss, run.figures.validation_loss) == (0.5, 0.625)
    assert run.figures.metrics == {"accuracy": 0.5}
    curve = run.curve()
    assert curve.first == 1
    assert np.array_equal(curve.losses, losses)
    assert curve.epochs == [Report(1, 50, 0.5, {"accuracy": 0.75}, 0.625, {"accuracy": 0.5}, 0.25)]
    assert curve.marks == [(30, "lr 0.01 → 0.003")]
    assert run.document() == graph.document
    for which in ("final", "best"):
        kept = run.weights(which)
        assert kept.keys() == dict(trainer.run.weights).keys()
        assert all(np.array_equal(kept[name], trainer.run.weights[name]) for name in kept)
    assert (run.end.weights_step, run.end.best_step) == (len(losses), len(losses))
    assert run.size > 1000


@pytest.mark.parametrize(
    "losses",
    [[0.5, 0.25], [1e-50, 0.1], [float("nan"), float("inf"), -1.0], [1e300], []],
    ids=["float32", "float64", "odd", "huge", "none"],
)
def test_losses_are_kept_to_the_bit(tmp_path: Path, losses: list[float]) -> None:
    writer = begun(tmp_path)
    writer.losses(0, losses, 1.0)
    first, found, _ = read_losses(writer.path / STEPS)
    assert first == 0
    assert np.array_equal(found, losses, equal_nan=True)
    writer.end("stopped")


def test_numbers_that_json_does_not_know_are_kept(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    epoch = Report(1, 3, float("inf"), {"r2": float("-inf")}, float("nan"), {}, 1.0)
    writer.epoch(epoch)
    writer.end("failed", "NaN")
    (run,) = RunFolder(tmp_path).runs()
    (found,) = run.curve().epochs
    assert (found.loss, found.metrics) == (epoch.loss, epoch.metrics)
    assert found.validation_loss != found.validation_loss
    for line in (writer.path / EPOCHS).read_text().splitlines():
        json.loads(line, parse_constant=lambda name: pytest.fail(name))
    json.loads((writer.path / END).read_text(), parse_constant=lambda name: pytest.fail(name))


def test_steps_that_were_done_anew_replace_their_former_selves(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    writer.losses(0, [9, 8, 7, 6], 1.0)
    writer.losses(2, [5, 4, 3], 2.0)
    _, found, seconds = read_losses(writer.path / STEPS)
    assert found.tolist() == [9, 8, 5, 4, 3]
    assert seconds == 2.0
    writer.end("stopped")


def test_a_curve_may_begin_later_than_with_the_first_step(tmp_path: Path) -> None:
    writer = begun(tmp_path, first=100, parent="0001-20261128-004512", parent_step=100)
    writer.losses(100, [3, 2], 1.0)
    writer.end("stopped")
    (run,) = RunFolder(tmp_path).runs()
    assert run.curve().first == 101
    assert (run.head.parent, run.head.parent_step, run.figures.steps) == ("0001-20261128-004512", 100, 102)


def test_a_broken_last_line_costs_that_line_alone(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    for k in range(3):
        writer.losses(2 * k, [k, k], 1.0)
    writer.close_files()
    whole = (writer.path / STEPS).read_bytes()
    for cut in range(1, len(whole) // 3):
        (writer.path / STEPS).write_bytes(whole[:-cut])
        assert read_losses(writer.path / STEPS)[1].tolist() == [0, 0, 1, 1]
    writer.end("stopped")


def test_a_run_without_an_end_is_running_while_its_writer_lives_and_interrupted_after(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    writer.losses(0, [3, 1, 2], 1.5)
    folder = RunFolder(tmp_path)
    assert [run.state for run in folder.runs()] == ["running"]
    writer.close_files()
    writer._lock._file.close()  # as the system does when the process dies
    (run,) = folder.runs()
    assert (run.state, run.figures.steps, run.figures.best_loss, run.figures.best_step) == (
        "interrupted",
        3,
        1,
        2,
    )


def test_a_run_under_way_need_not_be_read_by_who_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = begun(tmp_path)
    writer.losses(0, [3, 1, 2], 1.5)
    monkeypatch.setattr("graphlab.lab.runs.folder.read_curve", lambda path: pytest.fail("it was read"))
    (run,) = RunFolder(tmp_path).runs({writer.path.name: writer.tally.figures()})
    assert (run.state, run.figures.loss) == ("running", 2)
    writer.end("stopped")


def test_the_figures_written_at_the_end_are_those_of_the_curve(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    writer = begun(tmp_path)
    for epoch in range(1, 6):
        writer.losses(10 * epoch - 10, rng.random(10), epoch / 2)
        writer.epoch(Report(epoch, 10 * epoch, rng.random(), {"accuracy": 0.5}, rng.random(), {}, epoch / 2))
    writer.end("finished")
    (run,) = RunFolder(tmp_path).runs()
    assert run.figures == run.curve().figures()
    assert run.figures.epochs == 5


def test_the_best_weights_are_those_after_the_best_epoch(tmp_path: Path) -> None:
    writer, document = begun(tmp_path), drawn().document
    for epoch, validation in enumerate((0.5, 0.25, 0.75), start=1):
        writer.epoch(Report(epoch, epoch, 1 / epoch, validation_loss=validation))
        for step in (epoch, epoch + 0.5):
            writer.weights(document, {"out.bias": np.array([step])}, epoch)
    writer.end("finished")
    (run,) = RunFolder(tmp_path).runs()
    assert (run.weights("best")["out.bias"].tolist(), run.end.best_step) == ([2], 2)
    assert (run.weights("final")["out.bias"].tolist(), run.end.weights_step) == ([3.5], 3)


def test_a_continued_run_ends_again(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    writer.losses(0, [3], 1)
    writer.end("finished")
    writer.reopen()
    folder = RunFolder(tmp_path)
    assert folder.runs()[0].state == "running"
    writer.losses(1, [2], 2)
    writer.end("stopped")
    (run,) = folder.runs()
    assert (run.state, run.figures.steps, run.curve().losses.tolist()) == ("stopped", 2, [3, 2])


def test_a_run_goes_on_where_it_is_moved_to(tmp_path: Path) -> None:
    writer = begun(tmp_path / "unsaved")
    writer.losses(0, [3, 2], 1)
    writer.move_to(tmp_path / "net.runs")
    writer.losses(2, [1], 2)
    assert RunFolder(tmp_path / "unsaved").runs() == []
    folder = RunFolder(tmp_path / "net.runs")
    assert folder.runs()[0].state == "running"
    writer.end("finished")
    assert folder.runs()[0].curve().losses.tolist() == [3, 2, 1]


def test_rows_of_ones_own_files_come_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphlab.data import store

    graph = Graph("own")
    content = store.keep(np.arange(6, dtype=np.float32).reshape(3, 2))
    graph.add("Table", name="rows", content=content, columns=("a", "b"), shape=(2,))
    writer = RunWriter(tmp_path / "a", Start(graph.document))
    writer.end("stopped")
    folder = RunFolder(tmp_path / "b")
    folder.take([writer.path.name], tmp_path / "a")
    (run,) = folder.runs()
    monkeypatch.setattr(store, "_kept", {})  # as in another process
    assert run.document() == graph.document
    assert store.find(content) is not None


# Where


def test_runs_lie_beside_the_file_or_with_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHLAB_SETTINGS", str(tmp_path / "own"))
    assert unsaved_folder() == tmp_path / "own" / "runs"
    assert folder_beside(tmp_path / "xor.graphlab") == tmp_path / "xor.runs"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SaveError, match="taken"):
        begun(tmp_path / "taken")
    assert RunFolder(tmp_path / "taken").runs() == []
    assert RunFolder(tmp_path / "nowhere").runs() == []


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"id": 3}', b'{"format": "other"}'])
def test_a_damaged_run_is_left_alone_and_counted(tmp_path: Path, damage: bytes) -> None:
    broken, good = begun(tmp_path), begun(tmp_path)
    broken.end("finished")
    good.end("finished")
    (broken.path / HEAD).write_bytes(damage)
    folder = RunFolder(tmp_path)
    assert [run.id for run in folder.runs()] == [good.path.name]
    assert folder.broken == (broken.path.name,)
    assert (broken.path / HEAD).read_bytes() == damage


def test_damaged_labels_cost_the_labels_alone(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    writer.end("finished")
    (writer.path / LABELS).write_bytes(b"{{{")
    assert [run.name for run in RunFolder(tmp_path).runs()] == ["run 1"]


def test_a_notebook_lists_them(tmp_path: Path) -> None:
    import graphlab as gl

    assert gl.runs() == []
    kept(tmp_path / "net.runs", 2)
    found = gl.runs(tmp_path / "net.graphlab")
    assert [str(run) for run in found] == [
        "<run 2 of net: finished, 1 steps, loss 1>",
        "<run 1 of net: finished, 1 steps, loss 0>",
    ]
    assert gl.runs(tmp_path / "net.runs", "loss<0.5")[0].curve().losses.tolist() == [0]


# What a person does with them


def kept(folder: Path, count: int) -> list[str]:
    ids = []
    for k in range(count):
        writer = begun(folder)
        writer.losses(0, [k], 1)
        writer.end("finished")
        ids.append(writer.path.name)
    return ids


def test_labels_are_tidied_and_their_former_selves_given_back(tmp_path: Path) -> None:
    (id,) = kept(tmp_path, 1)
    folder = RunFolder(tmp_path)
    before = folder.label(id, name="  the   best ", tags=("good", "#good", "two words", ""), note=" why \n")
    assert before == Labels()
    (run,) = folder.runs()
    assert run.labels == Labels("the best", ("good", "two-words"), "why")
    folder.set_labels(id, before)
    assert folder.runs()[0].name == "run 1"
    with pytest.raises(SaveError, match="name"):
        folder.label(id, name="x" * 100)


def test_deleted_runs_come_back_as_they_were(tmp_path: Path) -> None:
    ids = kept(tmp_path, 3)
    folder = RunFolder(tmp_path)
    before = folder.runs()  # compared as text: NaN is never equal to itself
    assert folder.delete(ids[:2]) == ids[:2]
    assert [run.id for run in folder.runs()] == ids[2:]
    folder.empty_trash()  # too young to go
    assert folder.restore(ids[:2]) == ids[:2]
    assert [str(vars(run)) for run in folder.runs()] == [str(vars(run)) for run in before]


def test_a_run_under_way_is_not_deleted(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    assert RunFolder(tmp_path).delete([writer.path.name]) == []
    writer.end("stopped")


def test_the_trash_is_emptied_of_what_is_old(tmp_path: Path) -> None:
    ids = kept(tmp_path, 2)
    folder = RunFolder(tmp_path)
    folder.delete(ids)
    month = time.time() - 31 * 24 * 3600
    os.utime(tmp_path / ".trash" / ids[0], (month, month))
    (tmp_path / ".trash" / ids[1] / ".graph.json.abc.tmp").write_text("{")  # a crash left it
    (tmp_path / ".trash" / ids[1] / ".end.json.def.tmp").write_text("{")
    os.utime(tmp_path / ".trash" / ids[1] / ".graph.json.abc.tmp", (month, month))
    folder.empty_trash()
    assert folder.restore(ids) == ids[1:]
    assert [path.name for path in (tmp_path / ids[1]).glob(".*")] == [".end.json.def.tmp"]


def test_numbers_are_given_once(tmp_path: Path) -> None:
    ids = kept(tmp_path, 2)
    RunFolder(tmp_path).delete(ids)
    kept(tmp_path, 1)
    assert [run.name for run in RunFolder(tmp_path).runs()] == ["run 3"]


def test_the_oldest_runs_without_a_tag_are_too_many(tmp_path: Path) -> None:
    ids = kept(tmp_path, 4)
    folder = RunFolder(tmp_path)
    folder.label(ids[0], tags=("keep",))
    sizes = {run.id: run.size for run in folder.runs()}
    assert folder.too_many(folder.size) == []
    assert [run.id for run in folder.too_many(folder.size - 1)] == [ids[1]]
    assert [run.id for run in folder.too_many(folder.size - sizes[ids[1]] - 1)] == ids[1:3]
    assert [run.id for run in folder.too_many(0)] == ids[1:]


def test_a_run_is_found_by_what_a_person_says(tmp_path: Path) -> None:
    ids = kept(tmp_path, 2)
    folder = RunFolder(tmp_path)
    folder.label(ids[0], name="baseline")
    assert folder.run("baseline").id == folder.run("1").id == folder.run("run 1").id == ids[0]
    assert folder.run(ids[1]).id == folder.run(ids[1][:6]).id == ids[1]
    with pytest.raises(FileError, match="baseline"):
        folder.run("basline")
    with pytest.raises(FileError, match="several"):
        folder.run("00")
