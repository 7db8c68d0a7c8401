"""Files dropped, inserted and pasted: what becomes of each, in a whole window, by real events."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
)
from PySide6.QtWidgets import QApplication, QWidget

import graphlab as gl
from graphlab.cli.program import program
from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.io import load, save
from graphlab.io.examples import example
from graphlab.ui.intake import is_table
from graphlab.ui.window import MainWindow
from tests.graph.test_inserting import classifier
from tests.ui.window_trial import PATIENCE, Make, small

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
COPY, LEFT = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
PLACE = QPointF(300, 240)


def hover(
    widget: QWidget, paths: list[Path], modifiers: Any = NONE, at: QPointF = PLACE
) -> tuple[QMimeData, bool]:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    enter = QDragEnterEvent(at.toPoint(), COPY, mime, LEFT, modifiers)
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDragMoveEvent(at.toPoint(), COPY, mime, LEFT, modifiers))
    return mime, enter.isAccepted()


def drop(
    qtbot: Any, window: MainWindow, paths: list[Path], modifiers: Any = NONE, widget: QWidget | None = None
):
    """Drops files on the canvas (or another widget) and waits until they are read."""
    target = widget or window.canvas
    mime, accepted = hover(target, paths, modifiers)
    assert accepted
    event = QDropEvent(PLACE, COPY, mime, LEFT, modifiers)
    QApplication.sendEvent(target, event)
    assert event.isAccepted()
    qtbot.wait(1)
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)


def node(window: MainWindow, name: str) -> Any:
    return window.session.document.node(name)


@pytest.fixture
def iris_csv(tmp_path: Path) -> Path:
    iris = gl.data.iris()
    lines = ["sepal length,sepal width,petal length,petal width,species"]
    for x, target in zip(iris.x, iris.target, strict=True):
        lines.append(",".join(f"{v:.1f}" for v in x) + f",{iris.classes[target]}")
    path = tmp_path / "iris.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_csv_is_dropped_wired_trained_saved_and_trained_again_in_the_terminal(
    make: Make, qtbot: Any, tmp_path: Path, iris_csv: Path
):
    window = make(engine=True)
    window.leave_start_page()
    session = window.session
    drop(qtbot, window, [iris_csv])
    assert node(window, "iris").op == "Table"
    assert session.selected_node == node(window, "iris").id
    assert "150 rows × 5 columns; species is the target" in session.notices[-1].text
    graph = session.graph
    hidden = graph.add("Tanh", graph.add("Linear", "iris.x", units=8, name="hidden"))
    graph.add("CrossEntropyLoss", graph.add("Linear", hidden, units=3), "iris.target", name="loss")
    graph.configure(epochs=40)
    qtbot.waitUntil(lambda: session.loaded is not None and session.loaded.trainable, timeout=PATIENCE)
    session.train()
    qtbot.waitUntil(lambda: session.status.state == "finished", timeout=PATIENCE)
    assert session.losses.reports[-1].validation_metrics["accuracy"] > 0.8

    path = tmp_path / "mine.graphlab"
    window.files.choose_save = lambda start, kinds: str(path)
    assert window.files.save()
    done = CliRunner().invoke(program, ["train", str(path), "--epochs", "5", "--continue"])
    assert done.exit_code == 0, done.output
    assert "Trained" in done.output
    assert "accuracy" in done.output


def test_the_rows_go_to_another_engine_after_one_died(make: Make, qtbot: Any, iris_csv: Path):
    window = make(engine=True)
    window.leave_start_page()
    session = window.session
    drop(qtbot, window, [iris_csv])
    qtbot.waitUntil(
        lambda: session.loaded is not None and session.loaded.batches_per_epoch > 1, timeout=PATIENCE
    )
    session.graph.add("Mean", "iris.x", name="mean")
    os.kill(session.engine.link.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: not session.engine.is_up, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.engine.is_up, timeout=PATIENCE)
    session.phase("forward")
    qtbot.waitUntil(lambda: session.tensor("value", node(window, "mean").id) is not None, timeout=PATIENCE)
    mean = float(session.tensor("value", node(window, "mean").id).array)
    assert 2 < mean < 5


def test_one_undo_takes_a_dropped_file_back_and_redo_brings_it_again(make: Make, qtbot: Any, iris_csv: Path):
    window = make(small())
    before = window.session.document
    drop(qtbot, window, [iris_csv])
    assert window.session.graph.undo_label == "Insert iris.csv"
    window.session.graph.undo()
    assert window.session.document == before
    window.session.graph.redo()
    assert not window.session.inference.problems_of(node(window, "iris").id)


def test_small_arrays_are_inputs_and_large_ones_tables(make: Make, qtbot: Any, tmp_path: Path):
    np.save(tmp_path / "corners.npy", np.array([[0, 0], [0, 1]]))
    np.save(tmp_path / "labels.npy", np.array([0, 1, 2]))
    np.save(tmp_path / "many.npy", np.zeros((1000, 5)))
    window = make(small())
    drop(qtbot, window, [tmp_path / name for name in ("corners.npy", "labels.npy", "many.npy")])
    assert node(window, "corners").params["value"] == ((0, 0), (0, 1))
    assert node(window, "labels").params["dtype"] == "int"
    assert node(window, "many").op == "Table"
    heights = [node(window, name).position[1] for name in ("corners", "labels", "many")]
    assert heights == sorted(set(heights))


def test_an_archive_of_several_arrays_asks_which(make: Make, qtbot: Any, tmp_path: Path):
    np.savez(tmp_path / "a.npz", one=np.ones(2), two=np.zeros((3, 2)))
    window = make(small())
    asked: list[tuple[str, tuple[str, ...]]] = []
    window.session.intake.choose = lambda title, names: asked.append((title, tuple(names))) or "two"
    drop(qtbot, window, [tmp_path / "a.npz"])
    assert asked == [("a.npz", ("one", "two"))]
    assert node(window, "a").params["value"] == ((0, 0), (0, 0), (0, 0))
    before = window.session.document
    window.session.intake.choose = lambda title, names: ""
    drop(qtbot, window, [tmp_path / "a.npz"])
    assert window.session.document is before


def picture(path: Path, colour: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = QImage(6, 5, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    image.save(str(path))
    return path


def test_images_dropped_together_are_one_set_and_folders_give_classes(make: Make, qtbot: Any, tmp_path: Path):
    window = make(small())
    loose = [picture(tmp_path / "loose" / f"{k}.png", "red") for k in range(60)]
    drop(qtbot, window, loose)
    assert (node(window, "loose").op, node(window, "loose").params["shape"]) == ("Table", (3, 5, 6))
    for name in ("cat", "dog"):
        picture(tmp_path / "pets" / name / "1.png", "blue")
    drop(qtbot, window, [tmp_path / "pets"])
    assert node(window, "pets").params["categories"] == (("class", ("cat", "dog")),)
    drop(qtbot, window, [tmp_path / "pets" / "cat", tmp_path / "pets" / "dog"])
    assert node(window, "pets2").params["categories"] == (("class", ("cat", "dog")),)


def test_a_broken_file_is_told_of_and_changes_nothing(make: Make, qtbot: Any, tmp_path: Path):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n3\n")
    window = make(small())
    before = window.session.document
    drop(qtbot, window, [tmp_path / "bad.csv"])
    assert window.session.document is before
    assert "Line 3 of bad.csv has 1 cell" in window.stage.strip.text


@pytest.mark.parametrize("on_canvas", [True, False])
def test_a_file_is_never_moved_out_of_its_folder(make: Make, qtbot: Any, trained: Any, on_canvas: bool):
    """With Shift held, a file manager proposes to move."""
    window = make()
    target = window.canvas if on_canvas else window
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(trained[0]))])
    move = Qt.DropAction.MoveAction
    for event in (
        QDragEnterEvent(PLACE.toPoint(), move | COPY, mime, LEFT, SHIFT),
        QDropEvent(PLACE, move | COPY, mime, LEFT, SHIFT),
    ):
        event.setDropAction(move)
        QApplication.sendEvent(target, event)
        assert event.isAccepted()
        assert event.dropAction() == COPY
    qtbot.wait(1)
    assert window.session.path == trained[0]


def test_a_file_of_another_kind_is_not_taken(make: Make, tmp_path: Path):
    (tmp_path / "a.exe").write_bytes(b"MZ")
    window = make(small())
    assert not hover(window.canvas, [tmp_path / "a.exe"])[1]


# Graphs


@pytest.fixture
def trained(tmp_path: Path) -> tuple[Path, dict[str, np.ndarray]]:
    """A classifier with a group inside, and its weights."""
    graph = classifier()
    graph.group("hidden", "act", name="cell")
    trainer = gl.Trainer(graph)
    trainer.advance(4)
    save(graph, tmp_path / "model.graphlab", weights=trainer.run)
    return tmp_path / "model.graphlab", load(tmp_path / "model.graphlab")[1]


def test_a_graph_becomes_a_group_that_computes_what_the_file_did(make: Make, qtbot: Any, trained: Any):
    path, weights = trained
    window = make(small(), engine=True)
    session = window.session
    drop(qtbot, window, [path])
    model = node(window, "model")
    assert (model.op, model.params["takes"], model.params["gives"]) == ("Group", ("x",), ("y",))
    assert session.graph.undo_label == "Insert model.graphlab"
    assert {f"model/{name}" for name in weights} <= session.weights().keys()  # they wait for a wire
    rows = session.graph.add("Dataset", name="flowers", dataset="iris")
    session.graph.connect(rows["x"], "model", "x")
    qtbot.waitUntil(lambda: _has(session, weights), timeout=PATIENCE)
    for _ in range(3):
        session.graph.undo()
    assert "model" not in session.document.ids_by_name
    for _ in range(3):
        session.graph.redo()
    qtbot.waitUntil(lambda: _has(session, weights), timeout=PATIENCE)


def test_a_reset_gives_a_group_the_weights_that_it_came_with(make: Make, qtbot: Any, trained: Any):
    path, weights = trained
    window = make(small(), engine=True)
    session = window.session
    drop(qtbot, window, [path])
    rows = session.graph.add("Dataset", name="flowers", dataset="iris")
    session.graph.connect(rows["x"], "model", "x")
    qtbot.waitUntil(lambda: _has(session, weights), timeout=PATIENCE)
    hidden = session.seen.whole.nodes
    key = next(key for key, flat in hidden.items() if flat.path == "model/out")
    session.engine.send(m.SetElements(0, key, "weight", ((0, 0),), (7.0,)))
    assert not _has(session, weights)
    session.reset()
    assert _has(session, weights)


def _has(session: Any, weights: dict[str, np.ndarray]) -> bool:
    found = session.weights()
    return all(np.array_equal(found.get(f"model/{name}"), values) for name, values in weights.items())


def test_weights_that_wait_for_a_wire_survive_a_file(make: Make, qtbot: Any, tmp_path: Path, trained: Any):
    path, weights = trained
    window = make(small(), engine=True)
    drop(qtbot, window, [path])
    window.files.choose_save = lambda start, kinds: str(tmp_path / "host.graphlab")
    assert window.files.save()
    again = make(engine=True)
    again.files.open(tmp_path / "host.graphlab")
    session = again.session
    rows = session.graph.add("Dataset", name="flowers", dataset="iris")
    session.graph.connect(rows["x"], "model", "x")
    qtbot.waitUntil(lambda: _has(session, weights), timeout=PATIENCE)
    assert not [notice for notice in session.notices if notice.level != "info"]


def test_weights_that_do_not_fit_are_told_of(make: Make, qtbot: Any, trained: Any):
    window = make(small())
    drop(qtbot, window, [trained[0]])
    rows = window.session.graph.add("Dataset", name="points", dataset="xor")
    window.session.graph.connect(rows["x"], "model", "x")
    (warning,) = [notice for notice in window.session.notices if notice.level == "warning"]
    assert "model/cell/hidden.weight" in warning.text
    assert "8×4, but 8×2 is needed" in warning.text


def test_shift_opens_and_the_hint_says_so(make: Make, qtbot: Any, trained: Any):
    window = make(small())
    hover(window.canvas, [trained[0]])
    assert window.canvas.ghost.words == "Insert as group · Shift: open"
    window.canvas.grab()
    hover(window.canvas, [trained[0]], SHIFT)
    assert window.canvas.ghost.words == "Open model.graphlab"
    window.canvas.grab()
    QApplication.sendEvent(window.canvas, QDragLeaveEvent())
    assert window.canvas.ghost is None
    window.files.ask = lambda name: "discard"
    drop(qtbot, window, [trained[0]], SHIFT)
    assert window.session.path == trained[0]
    assert window.session.document.ids_by_name.keys() == classifierlike(trained[0])


def classifierlike(path: Path) -> set[str]:
    return set(load(path)[0].document.ids_by_name)


def test_on_a_blank_document_and_on_the_start_page_a_graph_opens(make: Make, qtbot: Any, trained: Any):
    window = make()
    window.leave_start_page()
    hover(window.canvas, [trained[0]])
    assert window.canvas.ghost.words == "Open"
    drop(qtbot, window, [trained[0]])
    assert window.session.path == trained[0]
    other = make()
    assert other.stage.start_page.isVisible()
    drop(qtbot, other, [trained[0]], widget=other)
    assert other.session.path == trained[0]


def test_data_on_the_start_page_begins_a_graph(make: Make, qtbot: Any, iris_csv: Path):
    window = make()
    drop(qtbot, window, [iris_csv], widget=window)
    assert node(window, "iris").op == "Table"
    assert not window.stage.start_page.isVisible()


def test_a_graph_is_dropped_into_a_group_that_one_is_in(make: Make, qtbot: Any, trained: Any):
    window = make(small())
    session = window.session
    session.go_inside((session.graph.group("hidden", "act", name="outer").id,))
    drop(qtbot, window, [trained[0]])
    assert "model" in session.document.ids_by_name
    assert "model" not in session.whole.ids_by_name


# Menu and clipboard


def test_the_menu_inserts_files(make: Make, qtbot: Any, iris_csv: Path):
    window = make(small())
    window.files.choose_insert = lambda: [str(iris_csv), str(example("xor").path)]
    window.actions_["file.insert"].trigger()
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)
    assert {"iris", "xor"} <= window.session.document.ids_by_name.keys()
    window.files.choose_insert = list
    before = window.session.document
    window.actions_["file.insert"].trigger()
    assert window.session.document is before


def test_a_table_an_image_and_files_are_pasted(make: Make, qtbot: Any, iris_csv: Path):
    window = make(small())
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("a\tb\tkind\n1\t2\tx\n3\t4\ty\n")
    assert window.canvas.can_paste
    window.actions_["edit.paste"].trigger()
    assert node(window, "clipboard").params["target"] == "kind"
    image = QImage(3, 3, QImage.Format.Format_Grayscale8)
    image.fill(255)
    clipboard.setImage(image)
    assert window.canvas.can_paste
    window.canvas.paste()
    assert node(window, "picture").op == "Picture"
    assert node(window, "picture").make().literal().tolist() == [[[[1.0] * 3] * 3]]
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(iris_csv))])
    clipboard.setMimeData(mime)
    window.canvas.paste()
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)
    assert node(window, "iris").op == "Table"
    clipboard.clear()


@pytest.mark.parametrize(
    "text", ["Hello, world\nGood bye, all", "one line, 1, 2", "", "x = 1;\ny = f(x, 2);\nreturn"]
)
def test_ordinary_text_is_no_table(text: str):
    assert not is_table(text)


# Slow reading


def test_slow_reading_says_how_far_it_is_and_can_be_stopped(
    make: Make, qtbot: Any, monkeypatch: pytest.MonkeyPatch
):
    window = make(small())
    go = threading.Event()

    def slow(progress: Any) -> Any:
        progress(0.25)
        go.wait(20)
        progress(0.5)
        pytest.fail("it was stopped")

    done: list[Any] = []
    window.session.worker.start("large.csv", slow, done.append, done.append)
    qtbot.waitUntil(lambda: window.stage.work.isVisible(), timeout=PATIENCE)
    assert window.stage.work.text == "Reading large.csv … 25 %"
    (cancel,) = [b for b in window.stage.work._choices if b.text() == "Cancel"]
    cancel.click()
    go.set()
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)
    assert not window.stage.work.isVisible()
    assert done == []


def test_jobs_wait_for_one_another_and_their_errors_are_told(make: Make, qtbot: Any):
    window = make(small())
    told: list[Any] = []

    def fail(progress: Any) -> None:
        raise MemoryError

    window.session.worker.start("first", fail, told.append, lambda error: told.append(str(error)))
    window.session.worker.start("second", lambda progress: 2, told.append, told.append)
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)
    assert "no room in memory" in told[0]
    assert told[1] == 2


def test_another_document_is_not_touched_by_what_is_read_late(make: Make, qtbot: Any, iris_csv: Path):
    window = make()
    window.leave_start_page()
    window.session.intake.take([iris_csv], (0.0, 0.0))
    window.session.open(Graph("another"))
    qtbot.waitUntil(lambda: not window.session.worker.is_busy, timeout=PATIENCE)
    assert not window.session.document.nodes


def test_a_window_that_closes_waits_for_no_file(make: Make, iris_csv: Path):
    window = make(small())
    window.session.intake.take([iris_csv] * 3, (0.0, 0.0))
    window.files.ask = lambda name: "discard"
    assert window.close()


def test_what_was_read_for_another_document_changes_nothing(make: Make, qtbot: Any, iris_csv: Path) -> None:
    window = make()
    drop(qtbot, window, [iris_csv])
    (table,) = window.session.document.nodes
    session = window.session
    told = len(session.notices)
    session.intake.replace(table, iris_csv)
    session.open(small())
    qtbot.waitUntil(lambda: not session.worker.is_busy, timeout=PATIENCE)
    assert len(session.notices) == told
    assert session.root.history == ["Open"]


def test_data_are_imported_and_looked_at(make: Make, iris_csv: Path, qtbot: Any):
    window = make()
    window.files.choose_data = lambda: [str(iris_csv)]
    window.actions_["file.import_data"].trigger()
    qtbot.waitUntil(lambda: len(window.session.document.nodes) == 1, timeout=PATIENCE)
    assert node(window, "iris").op == "Table"
    dock = window.docks["data"]
    qtbot.waitUntil(lambda: dock.isVisible() and dock.content is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: dock.content.look is not None, timeout=PATIENCE)
    assert dock.content.bars.classes == ("setosa", "versicolor", "virginica")


def test_a_text_asks_how_long_its_rows_are(make: Make, tmp_path: Path, qtbot: Any):
    (tmp_path / "tale.txt").write_text("Once upon a time there was a king.\n" * 3)
    window = make(small())
    asked: list[str] = []
    window.session.intake.ask_length = lambda name: asked.append(name) or 5
    drop(qtbot, window, [tmp_path / "tale.txt"])
    qtbot.waitUntil(lambda: "tale" in window.session.graph, timeout=PATIENCE)
    op = node(window, "tale").make()
    assert asked == ["tale.txt"]
    assert (type(op).__name__, op.length, op.size) == ("Text", 5, 105)
    window.session.intake.ask_length = lambda name: 0
    drop(qtbot, window, [tmp_path / "tale.txt"])
    assert len(window.session.document.nodes) == 4


def test_images_and_labels_of_mnist_dropped_together_are_one_table(make: Make, tmp_path: Path, qtbot: Any):
    images = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    (tmp_path / "a-images-idx3-ubyte").write_bytes(
        b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (2, 3, 3)) + images.tobytes()
    )
    (tmp_path / "a-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + (2).to_bytes(4, "big") + b"\1\0")
    window = make(small())
    drop(qtbot, window, sorted(tmp_path.glob("a-*")))
    qtbot.waitUntil(lambda: len(window.session.document.nodes) == 4, timeout=PATIENCE)
    (table,) = [n for n in window.session.document.nodes.values() if n.op == "Table"]
    assert table.make().shape == (1, 3, 3)
    assert table.make().classes("class") == ("0", "1")


def test_a_picture_dropped_is_a_node_and_dropped_on_it_takes_its_place(
    make: Make, tmp_path: Path, qtbot: Any
):
    window = make(small())
    session = window.session
    drop(qtbot, window, [picture(tmp_path / "red.png", "red")])
    red = node(window, "red")
    assert red.make().literal()[0, :, 0, 0].tolist() == [1, 0, 0]
    before = len(session.document.nodes)
    rect = window.canvas.scene.rect(red.id)
    at = window.canvas.camera.screen(rect.center())
    path = picture(tmp_path / "blue.png", "blue")
    hover(window.canvas, [path], at=at)
    assert window.canvas.ghost.words == "Show it in red"
    hover(window.canvas, [path], Qt.KeyboardModifier.AltModifier, at=at)
    assert window.canvas.ghost.words == "Insert image"
    mime, _ = hover(window.canvas, [path], at=at)
    QApplication.sendEvent(window.canvas, QDropEvent(at, COPY, mime, LEFT, NONE))
    qtbot.wait(1)
    qtbot.waitUntil(lambda: not session.worker.is_busy, timeout=PATIENCE)
    assert len(session.document.nodes) == before
    assert node(window, "red").make().literal()[0, :, 0, 0].tolist() == [0, 0, 1]
    session.graph.undo()
    assert node(window, "red").make().literal()[0, :, 0, 0].tolist() == [1, 0, 0]


def test_a_folder_of_cifar_is_its_pictures(make: Make, tmp_path: Path, qtbot: Any):
    folder = tmp_path / "cifar"
    folder.mkdir()
    (folder / "data_batch_1.bin").write_bytes(bytes([3]) + bytes(3072) + bytes([5]) + bytes(3072))
    window = make(small())
    drop(qtbot, window, [folder])
    qtbot.waitUntil(lambda: "cifar" in window.session.graph, timeout=PATIENCE)
    assert node(window, "cifar").make().shape == (3, 32, 32)
