"""The Data panel as a hand finds it: what it shows, what its sliders do while training goes on, and painting points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab import data
from graphlab.data import store
from graphlab.data.characters import of_text
from graphlab.data.delimited import read_text
from graphlab.data.points import params_of
from graphlab.graph import Graph
from graphlab.io import load, save
from graphlab.ui.panels.data import DataPanel
from graphlab.ui.session import Session
from graphlab.ui.theme import Theme
from tests.ops.op_trial import AUGMENTATION
from tests.ui.window_trial import PATIENCE

LEFT, NONE, SHIFT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
Show = Callable[..., DataPanel]


@pytest.fixture
def show(qtbot: Any) -> Iterator[Show]:
    """`show(graph)`: the panel of a session with that graph, seen and settled."""
    sessions: list[Session] = []

    def shown(graph: Graph, *, engine: bool = False, size: tuple[int, int] = (312, 900)) -> DataPanel:
        session = Session(graph, engine=engine)
        sessions.append(session)
        panel = DataPanel(session)
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        qtbot.waitExposed(panel)
        if panel.sources():
            qtbot.waitUntil(lambda: panel.look is not None and not panel._is_new, timeout=PATIENCE)
        return panel

    yield shown
    for session in sessions:
        session.close()


def network(units: int = 1, loss: str = "BCEWithLogitsLoss", op: str = "Dataset", **params: Any) -> Graph:
    graph = Graph("net")
    rows = graph.add(op, name="rows", **params)
    hidden = graph.add("Tanh", graph.add("Linear", rows, units=6))
    graph.add(loss, graph.add("Linear", hidden, name="out", units=units), rows["target"], name="loss")
    return Graph(graph.document)


def points_of(panel: DataPanel) -> dict[str, Any]:
    return dict(panel.session.root.document.node("rows").make().params)


def settle(qtbot: Any, panel: DataPanel, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=PATIENCE)
    qtbot.waitUntil(lambda: panel._key() == panel._shown and not panel._is_new, timeout=PATIENCE)


def place(panel: DataPanel, x: float, y: float) -> QPoint:
    """Where a point of the plane lies in the scatter."""
    return QPointF(*panel.preview.scatter.pixels(np.array([[x, y]]))[0]).toPoint()


# What is shown


def test_a_set_in_the_plane_is_points_with_its_classes_and_parts(show: Show, each_theme: Theme):
    panel = show(network(dataset="spirals"))
    assert panel.preview.shown_as == "points"
    assert len(panel.preview.scatter.points) == 400
    assert panel.preview.scatter.apart.sum() == 120
    assert panel.bars.classes == ("blue", "orange")
    assert panel.bars.counts == [(140, 30, 30), (140, 30, 30)]
    assert panel.parts.counts.text() == "train 280 · validation 60 · test 60"
    assert panel.preview.read_out.text() == "400 rows of 2"
    assert panel.features.figures.rowCount() == 2
    assert not panel.said.isVisible()
    assert not panel.grab().isNull()


def test_images_are_a_gallery_and_pointing_at_one_tells_its_class(show: Show, qtbot: Any):
    panel = show(network(10, "CrossEntropyLoss", dataset="digits"))
    gallery = panel.preview.gallery
    assert panel.preview.shown_as == "images"
    assert not panel.features.isVisible()
    QTest.mouseMove(gallery, gallery.cell(1).center().toPoint())
    row = int(gallery._order[1])
    label = panel.look.classes[panel.look.labels[row]]
    assert panel.preview.read_out.text().startswith(f"row {row + 1:,} · {label} · ")
    shot = gallery.grab().toImage()
    seen = {shot.pixelColor(x, 20).lightness() for x in range(4, 40)}
    assert len(seen) > 3, "an image and no blank square"


def test_rows_of_a_table_are_shown_with_what_is_missing(show: Show):
    text = "age,income,kind\n" + "\n".join(f"{20 + k},{'' if k == 3 else k},{'ab'[k % 2]}" for k in range(12))
    panel = show(network(2, "CrossEntropyLoss", "Table", **read_text(text, "people.csv")))
    assert panel.preview.shown_as == "rows"
    assert "Row 4 of people.csv has no number in income" in panel.said.text()
    assert not panel.features.isColumnHidden(5)
    model = panel.preview.rows.rows
    assert [model.text(3, k) for k in range(3)] == ["23", "–", "b"]


def test_two_of_many_features_are_chosen_to_be_seen_as_points(show: Show):
    panel = show(network(3, "CrossEntropyLoss", dataset="iris"))
    preview = panel.preview
    preview.view.setCurrentIndex(preview.view.findData("points"))
    preview.view.activated.emit(preview.view.currentIndex())
    preview.up.setCurrentIndex(3)
    preview.up.activated.emit(3)
    np.testing.assert_allclose(preview.scatter.points, data.iris().x[:, [0, 3]])
    assert preview.scatter.axes == ("x₁", "x₄")
    assert not preview.tools.isVisible()


def test_one_feature_and_a_number_are_points_of_a_curve(show: Show):
    graph = Graph("curve")
    text = "x,y\n" + "\n".join(f"{k / 4},{(k / 4) ** 2}" for k in range(12))
    rows = graph.add("Table", name="rows", **read_text(text, "curve.csv"))
    graph.add("MSELoss", graph.add("Linear", rows, units=1), rows["target"])
    panel = show(graph)
    assert panel.preview.shown_as == "points"
    assert panel.preview.scatter.axes == ("x", "y")
    np.testing.assert_allclose(panel.preview.scatter.points[:, 1], panel.preview.scatter.points[:, 0] ** 2)
    assert not panel.bars.isVisible()


def test_a_text_is_shown_in_its_characters(show: Show):
    graph = Graph("text")
    rows = graph.add("Table", name="rows", **of_text("hello hello hello", "a.txt", 4))
    graph.add("Embedding", rows, num_embeddings=5, embedding_dim=2)
    panel = show(graph)
    assert panel.preview.shown_as == "rows"
    model = panel.preview.rows.rows
    assert [model.text(1, k) for k in range(5)] == ["e", "l", "l", "o", "␣"]


def test_without_rows_it_says_what_would_fill_it_and_painting_begins(show: Show, qtbot: Any):
    panel = show(Graph())
    qtbot.waitUntil(lambda: panel.empty.label.text() != "")
    assert "paint points" in panel.empty.label.text()
    panel.empty.button.click()
    qtbot.waitUntil(lambda: panel.preview.scatter.tool == "brush")
    assert panel.session.root.history[-1] == "Add Table"
    assert panel.session.root.document.node("points").op == "Table"
    assert "no rows yet" in panel.said.text()
    QTest.mouseClick(panel.preview.scatter, LEFT, NONE, place(panel, 0.5, -0.5))
    qtbot.waitUntil(lambda: panel.look is not None and len(panel.look) == 1)
    np.testing.assert_allclose(panel.look.x, [[0.5, -0.5]], atol=0.02)


def test_too_few_scores_for_the_classes_are_told_before_training(show: Show):
    panel = show(network(8, "CrossEntropyLoss", dataset="digits"))
    assert panel.said.text() == "✕ loss gets 8 scores, but there are 10 classes. Make out 10 wide."
    assert panel.said.property("role") == "error"


def test_a_batch_larger_than_the_rows_is_told(show: Show):
    panel = show(network(dataset="xor"))
    assert "batch size 32 is larger than the 4 rows" in panel.said.text()
    assert "too few rows" in panel.parts.counts.text()


def test_of_several_sources_one_is_chosen(show: Show, qtbot: Any):
    graph = network(dataset="moons")
    graph.add("Dataset", name="other", dataset="blobs")
    panel = show(graph)
    assert panel.source.isVisible()
    panel.source.setCurrentIndex(1)
    panel.source.activated.emit(1)
    qtbot.waitUntil(lambda: panel.look is not None and panel.look.title == "blobs")


def test_many_rows_are_looked_at_beside_the_window(show: Show, qtbot: Any):
    panel = show(network(10, "CrossEntropyLoss", dataset="mnist5k"))
    qtbot.waitUntil(lambda: panel.preview.gallery._look is not None, timeout=PATIENCE)
    assert len(panel.look) == 5000
    assert panel.bars.counts[0] == (350, 75, 75)


@pytest.mark.parametrize("size", [(270, 400), (312, 900), (1000, 330)])
def test_nothing_is_cut_off_sideways(show: Show, size: tuple[int, int]):
    panel = show(network(3, "CrossEntropyLoss", dataset="iris"), size=size)
    inside = panel._area.widget()
    assert inside.width() <= panel._area.viewport().width() + 1
    assert inside.minimumSizeHint().width() <= panel._area.viewport().width() + 1


# What is set


def test_a_slider_is_one_undo_entry_for_each_stroke(show: Show, qtbot: Any):
    panel = show(network(dataset="moons"))
    slider, root = panel.settings.noise.slider, panel.session.root
    before = len(root.history)
    slider.setFocus()
    for _ in range(4):
        QTest.keyClick(slider, Qt.Key.Key_PageUp)
    assert len(root.history) == before + 1
    noise = points_of(panel)["noise"]
    assert noise == pytest.approx(0.2, abs=0.011)
    assert panel.settings.noise.read_out.text() == f"{noise:.2f}"
    settle(qtbot, panel, lambda: panel.preview.scatter.points.std() > 0)
    np.testing.assert_allclose(panel.preview.scatter.points, data.moons(noise=noise).x, atol=1e-6)
    qtbot.wait(900)  # the hand has left the key
    QTest.keyClick(slider, Qt.Key.Key_PageDown)
    assert len(root.history) == before + 2
    root.undo()
    root.undo()
    settle(qtbot, panel, lambda: panel.settings.noise.value == 0.1)


def test_samples_and_another_draw(show: Show, qtbot: Any):
    panel = show(network(dataset="circles"))
    panel.settings.samples.slider.setValue(300)
    count = points_of(panel)["samples"]
    assert 400 < count < 1000
    panel.settings.anew.click()
    assert points_of(panel)["seed"] == 1
    settle(qtbot, panel, lambda: len(panel.look) == count)
    np.testing.assert_array_equal(panel.look.x, data.circles(samples=count, seed=1).x)


def test_another_set_is_chosen_with_noise_as_suits_it(show: Show, qtbot: Any):
    panel = show(network(dataset="circles", noise=0.4))
    combo = panel.settings.which
    assert combo.currentText() == "Circles"
    combo.setFocus()
    QTest.keyClicks(combo, "Moons")
    combo.activated.emit(combo.currentIndex())
    settle(qtbot, panel, lambda: panel.look.title == "moons")
    assert panel.settings.noise.value == 0.1
    panel.session.root.undo()
    settle(qtbot, panel, lambda: panel.look.title == "circles" and panel.settings.noise.value == 0.4)


def test_how_rows_are_divided_is_set_and_undone(show: Show, qtbot: Any):
    panel = show(network(dataset="moons"))
    root = panel.session.root
    panel.parts.validation.slider.setValue(200)  # of 400 steps up to a half
    assert root.document.training.validation == 0.25
    panel.parts.stratified.click()
    assert not root.document.training.stratified
    panel.parts.anew.click()
    assert root.document.training.seed == 1
    settle(qtbot, panel, lambda: panel.parts.counts.text() == "train 240 · validation 100 · test 60")
    for _ in range(3):
        root.undo()
    settle(qtbot, panel, lambda: panel.parts.counts.text() == "train 280 · validation 60 · test 60")


def test_training_goes_on_while_noise_changes_and_the_curve_has_no_gap(show: Show, qtbot: Any):
    graph = network(dataset="moons")
    graph.configure(epochs=1_000_000)
    panel = show(graph, engine=True)
    session = panel.session
    qtbot.waitUntil(lambda: session.loaded is not None and session.loaded.trainable, timeout=PATIENCE)
    session.train()
    qtbot.waitUntil(lambda: session.status.step > 50, timeout=PATIENCE)
    for noise in (0.2, 0.3, 0.4):
        before = session.status.step
        panel.settings.noise.moved.emit(noise)
        qtbot.waitUntil(lambda b=before: session.status.step > b + 30, timeout=PATIENCE)
        assert session.status.state == "training"
    assert session.losses.first == 1
    assert np.isfinite(session.losses.values).all()
    session.pause()


@pytest.mark.parametrize("way", ["standard", "range", "bytes"])
def test_normalisation_is_nodes_behind_the_source_in_one_undo_step(show: Show, qtbot: Any, way: str):
    panel = show(network(3, "CrossEntropyLoss", dataset="iris"))
    root = panel.session.root
    before = root.document
    panel.settings.add_normalisation(way)
    assert not panel.session.seen.whole.problems
    last = root.document
    (first,) = [e for e in last.consumers(last.node("rows").id) if e.output == "x"]
    assert last.nodes[first.target].op == ("Div" if way == "bytes" else "Sub")
    x = panel.look.x[panel.look.splits["train"]]
    made = x.copy()
    for node in sorted(
        (n for n in last.nodes.values() if n.op in ("Sub", "Div")), key=lambda n: n.op != "Sub"
    ):
        constant = last.nodes[last.inputs_of(node.id)["b"].source]
        number = np.array(constant.make().params["value"], np.float32)
        made = made - number if node.op == "Sub" else made / number
    if way == "standard":
        np.testing.assert_allclose(made.mean(axis=0), 0, atol=1e-4)
        np.testing.assert_allclose(made.std(axis=0), 1, atol=1e-4)
    elif way == "range":
        np.testing.assert_allclose([made.min(axis=0), made.max(axis=0)], [[0] * 4, [1] * 4], atol=1e-5)
    else:
        np.testing.assert_allclose(made, x / 255, rtol=1e-6)
    root.undo()
    assert root.document == before


def test_noise_is_put_behind_any_rows_and_gets_a_slider(show: Show, qtbot: Any):
    panel = show(network(3, "CrossEntropyLoss", dataset="iris"))
    panel.settings.add_noise.click()
    settle(qtbot, panel, panel.settings.strength.isVisible)
    assert not panel.settings.add_noise.isVisible()
    panel.settings.strength.slider.setValue(200)
    noise = next(n for n in panel.session.root.document.nodes.values() if n.op == "GaussianNoise")
    assert noise.params["std"] == pytest.approx(0.5)
    panel.settings.add_normalisation("standard")
    settle(qtbot, panel, panel.settings.strength.isVisible)


@pytest.mark.parametrize("op", AUGMENTATION)
def test_images_are_augmented_by_a_node_behind_them(show: Show, op: str):
    graph = Graph("images")
    rows = graph.add("Dataset", name="rows", dataset="digits", layout="image")
    graph.add("CrossEntropyLoss", graph.add("Linear", graph.add("Flatten", rows), units=10), rows["target"])
    panel = show(graph)
    assert panel.settings.augment.isVisible()
    names = [entry.text() for entry in panel.settings.augment.menu().actions()]
    assert sorted(names) == sorted(AUGMENTATION)
    panel.settings.augment.menu().actions()[names.index(op)].trigger()
    document = panel.session.root.document
    (first,) = [e for e in document.consumers(document.node("rows").id) if e.output == "x"]
    assert document.nodes[first.target].op == op
    assert not panel.session.seen.whole.problems
    assert panel.session.root.history[-1] == f"Add {op}"


# Painting


@pytest.fixture
def painted(show: Show) -> DataPanel:
    """Three points that are far apart: blue, blue, orange."""
    table = params_of([[-1.0, -1.0], [1.0, -1.0], [0.0, 1.0]], [0, 0, 1], form="column")
    return show(network(op="Table", **table))


def drag(widget: Any, *stops: QPoint) -> None:
    QTest.mousePress(widget, LEFT, NONE, stops[0])
    for before, after in pairwise(stops):
        for k in range(1, 9):
            QTest.mouseMove(widget, before + (after - before) * k / 8)
    QTest.mouseRelease(widget, LEFT, NONE, stops[-1])


def test_a_stroke_of_the_brush_is_a_row_of_points_of_the_chosen_class(painted: DataPanel, qtbot: Any):
    scatter, root = painted.preview.scatter, painted.session.root
    QTest.mouseClick(painted.preview.tools.classes[1], LEFT)
    assert scatter.tool == "brush"
    assert scatter.hasFocus()
    before = len(root.history)
    drag(scatter, place(painted, -0.8, 0), place(painted, 0.8, 0))
    assert root.history[before:] == ["Paint points"]
    cells = store.find(points_of(painted)["content"])
    new = cells[3:]
    assert len(new) > 8
    assert (new[:, 2] == 1).all()
    np.testing.assert_allclose(new[:, 1], 0, atol=0.02)
    assert (np.diff(new[:, 0]) > 0).all()
    assert points_of(painted)["form"] == "column"
    assert not painted.session.seen.whole.problems
    root.undo()
    settle(qtbot, painted, lambda: len(scatter.points) == 3)


def test_spray_goes_on_while_the_button_is_held(painted: DataPanel, qtbot: Any):
    scatter = painted.preview.scatter
    scatter.choose_tool("spray")
    QTest.mousePress(scatter, LEFT, NONE, place(painted, 0, 0))
    qtbot.waitUntil(lambda: len(scatter.points) > 9)
    assert points_of(painted)["rows"] == 3, "not before the stroke ends"
    QTest.mouseRelease(scatter, LEFT, NONE, place(painted, 0, 0))
    count = len(scatter.points)
    qtbot.wait(120)
    assert points_of(painted)["rows"] == len(scatter.points) == count
    assert painted.session.root.history[-1] == "Spray points"


def test_points_are_erased_and_moved_by_hand(painted: DataPanel, qtbot: Any):
    scatter = painted.preview.scatter
    scatter.choose_tool("erase")
    drag(scatter, place(painted, -1, -0.9), place(painted, -1, -1))
    settle(qtbot, painted, lambda: points_of(painted)["rows"] == 2)
    scatter.choose_tool("move")
    drag(scatter, place(painted, 1, -1), place(painted, 0.5, 0.25))
    settle(qtbot, painted, lambda: painted.session.root.history[-1] == "Move a point")
    np.testing.assert_allclose(painted.look.x[0], [0.5, 0.25], atol=0.03)
    assert painted.session.root.history[-2] == "Erase points"


def test_a_stroke_that_touches_nothing_is_no_edit(painted: DataPanel):
    before = painted.session.root.document
    for tool in ("look", "erase", "move"):
        painted.preview.scatter.choose_tool(tool)
        drag(painted.preview.scatter, place(painted, 0, 0), place(painted, 0.1, 0.1))
    assert painted.session.root.document is before


def test_everything_is_done_by_keys_alone(painted: DataPanel, qtbot: Any):
    scatter = painted.preview.scatter
    scatter.setFocus()
    for key in (Qt.Key.Key_B, Qt.Key.Key_2):
        QTest.keyClick(scatter, key)
    assert (scatter.tool, scatter.colour) == ("brush", 1)
    QTest.keyClick(scatter, Qt.Key.Key_Up, SHIFT)
    QTest.keyClick(scatter, Qt.Key.Key_Space)
    settle(qtbot, painted, lambda: points_of(painted)["rows"] == 4)
    assert painted.look.labels[3] == 1
    assert painted.look.x[3, 1] > 0
    QTest.keyClick(scatter, Qt.Key.Key_M)
    QTest.keyClick(scatter, Qt.Key.Key_Space)
    QTest.keyClick(scatter, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(scatter, Qt.Key.Key_Space)
    settle(qtbot, painted, lambda: painted.look.x[3, 0] > 0.1)
    QTest.keyClick(scatter, Qt.Key.Key_E)
    QTest.keyClick(scatter, Qt.Key.Key_Space)
    settle(qtbot, painted, lambda: points_of(painted)["rows"] == 3)
    QTest.keyClick(scatter, Qt.Key.Key_Escape)
    assert scatter.tool == "look"


def test_a_third_class_is_added_and_the_fault_stands_at_the_node(painted: DataPanel, qtbot: Any):
    QTest.mouseClick(painted.preview.tools.more, LEFT)
    settle(qtbot, painted, lambda: painted.look.classes == ("blue", "orange", "green"))
    assert painted.preview.scatter.colour == 2
    assert "has 3 classes; a single column tells two apart" in painted.said.text()
    painted.session.root.undo()
    settle(qtbot, painted, lambda: painted.look.classes == ("blue", "orange"))


def test_painting_on_a_set_on_board_makes_it_a_table_that_trains_and_undo_brings_the_set_back(
    show: Show, qtbot: Any
):
    panel = show(network(dataset="moons"))
    root = panel.session.root
    before = root.document
    panel.preview.scatter.choose_tool("brush")
    QTest.mouseClick(panel.preview.scatter, LEFT, NONE, place(panel, 0, 0))
    settle(qtbot, panel, lambda: len(panel.look) == 401)
    assert root.document.node("rows").op == "Table"
    assert not panel.session.seen.whole.problems
    assert "undo brings the set back" in panel.session.notices[-1].text
    assert not panel.settings.noise.isVisible()
    assert dict(root.document.edges) == dict(before.edges)
    root.undo()
    assert root.document == before


def test_painted_points_are_saved_with_the_document(painted: DataPanel, tmp_path: Path, qtbot: Any):
    painted.preview.scatter.choose_tool("brush")
    QTest.mouseClick(painted.preview.scatter, LEFT, NONE, place(painted, 0, 0))
    path = tmp_path / "mine.graphlab"
    save(painted.session.root, path)
    graph, _ = load(path)
    op = graph.document.node("rows").make()
    assert op.rows == 4
    assert store.find(op.content).shape == (4, 3)


def test_a_table_without_points_is_saved_and_opened(tmp_path: Path):
    graph = Graph()
    graph.add("Table", name="points", **params_of(np.zeros((0, 2)), np.zeros(0)))
    save(graph, tmp_path / "none.graphlab")
    assert load(tmp_path / "none.graphlab")[0].document.node("points").make().rows == 0


def test_the_rows_shown_can_be_written_out(painted: DataPanel):
    header, rows = painted.table()
    assert header == ["x₁", "x₂", "class", "part"]
    assert list(rows) == [[-1, -1, "blue", "train"], [1, -1, "blue", "train"], [0, 1, "orange", "train"]]


def test_a_file_dropped_on_the_panel_is_what_it_shows(show: Show, tmp_path: Path, qtbot: Any):
    panel = show(Graph())
    path = tmp_path / "mine.csv"
    path.write_text("a,b,kind\n1,2,x\n3,4,y\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(50, 50), copy, mime, LEFT, NONE)
    QApplication.sendEvent(panel, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(QPointF(50, 50), copy, mime, LEFT, NONE))
    qtbot.waitUntil(lambda: panel.look is not None and len(panel.look) == 2, timeout=PATIENCE)
    assert panel.look.classes == ("x", "y")
