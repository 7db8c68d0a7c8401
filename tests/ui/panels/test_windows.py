"""The panel that plays windows: forward, back, by hand and by itself, and what is tried there. Without an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from graphlab.engine.messages import Frame, Look, Looked, Tensor, TensorKey
from graphlab.engine.regions import MOST, region
from graphlab.graph import Graph
from graphlab.ui import numbers
from graphlab.ui.canvas.menus import menu_of_selection
from graphlab.ui.inspector.windows_part import WindowsPart
from graphlab.ui.panels.windows import WindowsPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of
from graphlab.ui.widgets.window_layout import Shape, arranged
from graphlab.ui.widgets.window_stage import fitting
from graphlab.ui.window_words import Line
from graphlab.ui.windowed import BACK, BACK_AS, FILTER, FORWARD
from tests.ui.window_trial import Make

LEFT = Qt.MouseButton.LeftButton
VECTOR = np.array([[[2.0, 3, 1, 3, 2, 1]]])


class Trial:
    """A panel on a session whose engine is played: it has sent these arrays, by "node.socket" and "∂node.socket"."""

    def __init__(self, graph: Graph, arrays: dict[str, Any], qtbot: Any) -> None:
        self.qtbot = qtbot
        self.session = Session(graph, engine=False)
        self.send(arrays)
        self.panel = WindowsPanel(self.session)
        qtbot.addWidget(self.panel)
        self.panel.resize(1000, 320)
        self.panel.show()
        qtbot.waitUntil(lambda: self.panel.stage.boards is not None)
        self.stage = self.panel.stage

    def send(self, arrays: dict[str, Any]) -> None:
        tensors = []
        for name, array in arrays.items():
            node, socket = name.removeprefix("∂").split(".")
            kind, values = "grad" if name[0] == "∂" else "value", np.asarray(array, np.float32)
            key = TensorKey(kind, self.session.document.node(node).id, socket)
            tensors.append(Tensor(key, values.shape, "float32", True, stats_of(values), values))
        self.session.engine.frame.emit(self.session.engine.tensors.take(Frame(0, 1, tuple(tensors))))

    @property
    def said(self) -> str:
        return self.panel.said.text()

    def turn(self, mode: str) -> None:
        """Chooses what is played, as a hand does."""
        self.stage.say("")
        self.panel.mode.setCurrentText(mode)
        self.panel.mode.textActivated.emit(mode)
        self.qtbot.waitUntil(lambda: self.stage.boards is not None)

    def click(self, board: Any, row: int, column: int) -> None:
        QTest.mouseClick(self.stage, LEFT, pos=board.place(row, column).center().toPoint())

    def key(self, key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.stage, key, modifiers)


Open = Callable[..., Trial]


@pytest.fixture
def opened(qtbot: Any) -> Iterator[Open]:
    made: list[Trial] = []

    def open_(graph: Graph, **arrays: Any) -> Trial:
        made.append(Trial(graph, {name.replace("__", "."): a for name, a in arrays.items()}, qtbot))
        return made[-1]

    yield open_
    for trial in made:
        trial.session.close()


@pytest.fixture
def vector(opened: Open) -> Trial:
    """The lecture's vector and its filter, which the node has as its own."""
    graph = Graph("vector")
    x = graph.add("Input", name="x", shape=("N", 1, 6))
    graph.add("Sum", graph.add("Conv1d", x, name="y", out_channels=1, bias=False), name="s")
    dy = [[[1.0, 2, 3, 4]]]
    return opened(graph, x__y=VECTOR, y__weight=[[[1.0, 2, 1]]], **{"∂y__y": dy})


@pytest.fixture
def colours(opened: Open) -> Trial:
    """Three channels, two filters."""
    graph, rng = Graph("colours"), np.random.default_rng(3)
    x = graph.add("Input", name="x", shape=("N", 3, 5, 5))
    graph.add("Conv2d", x, name="y", out_channels=2, padding=1)
    arrays = {"x__y": (2, 3, 5, 5), "y__weight": (2, 3, 3, 3), "y__bias": (2,), "∂y__y": (2, 2, 5, 5)}
    return opened(graph, **{name: rng.integers(-3, 4, shape) for name, shape in arrays.items()})


@pytest.fixture
def pool(opened: Open) -> Trial:
    graph = Graph("pool")
    x = graph.add("Input", name="x", shape=("N", 1, 6))
    graph.add("MaxPool1d", x, name="y", kernel_size=3, stride=1)
    return opened(graph, x__y=VECTOR, **{"∂y__y": [[[1.0, 2, 3, 4]]]})


# Forward


def test_the_lectures_vector_is_played(vector: Trial) -> None:
    assert vector.said == "y[0, 0] = 2·1 + 3·2 + 1·1 = 9"
    assert vector.stage.boards.right.values.tolist() == [[9, 8, 9, 8]]
    assert [line.text for line in vector.stage.boards.lines] == ["Σ 9", "= 9"]


def test_a_click_on_the_result_shows_its_window(vector: Trial) -> None:
    vector.click(vector.stage.boards.right, 0, 2)
    assert vector.said == "y[0, 2] = 1·1 + 3·2 + 2·1 = 9"
    vector.click(vector.stage.boards.matrix, 1, 4)
    assert vector.said.startswith("y[0, 1] = 3·1")


def test_a_click_on_the_input_lights_every_window_that_it_falls_in(vector: Trial) -> None:
    vector.click(vector.stage.boards.left[0], 0, 2)
    assert vector.stage.boards.over.tolist() == [[0, 0], [0, 1], [0, 2]]
    assert "x[0, 2] lies in 3 windows: places 0 to 2 of y" in vector.said
    vector.key(Qt.Key.Key_Escape)
    assert "lies in" not in vector.said


def test_keys_move_the_window_and_the_element(vector: Trial) -> None:
    for key, place in ((Qt.Key.Key_End, 3), (Qt.Key.Key_Left, 2), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Left, 0)):
        vector.key(key)
        assert vector.stage.at == (0, place)
    for _ in range(2):
        vector.key(Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert vector.stage.element == (0, 0, 1)


def test_it_plays_to_the_end_and_begins_anew(vector: Trial, qtbot: Any) -> None:
    vector.panel.tools.speed.setValue(vector.panel.tools.speed.maximum())
    vector.key(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: vector.stage.landed == 4 and not vector.panel.player.is_playing)
    assert vector.stage.at == (0, 3)
    vector.panel.tools.speed.setValue(0)
    vector.key(Qt.Key.Key_Space)
    assert vector.panel.player.is_playing
    assert (vector.stage.at, vector.stage.landed) == ((0, 0), 1)
    assert vector.panel.tools.play.accessibleName() == "Pause"
    vector.key(Qt.Key.Key_Space)
    assert not vector.panel.player.is_playing


def test_single_steps_fill_the_result_one_by_one(vector: Trial) -> None:
    vector.panel.tools.begin.click()
    vector.panel.tools.after.click()
    assert (vector.stage.at, vector.stage.landed) == ((0, 1), 2)
    covered = vector.stage.boards.right.place(0, 3).center().toPoint()
    ground = vector.stage.grab().toImage().pixelColor(covered)
    vector.panel.go((0, 1))
    assert vector.stage.grab().toImage().pixelColor(covered) != ground
    vector.panel.tools.before.click()
    assert vector.stage.at == (0, 0)


def test_channels_are_added_up_and_looked_at_one_by_one(colours: Trial) -> None:
    boards, scene = colours.stage.boards, colours.stage.act.scene
    assert boards.shown == (0, 1, 2)
    assert [line.text[0] for line in boards.lines] == ["0", "1", "2", "+", "="]
    colours.panel.tools.channel.setValue(1)
    assert colours.stage.boards.shown == (1,)
    assert np.array_equal(colours.stage.boards.right.values, scene.output(0, 1))
    colours.panel.tools.out.setValue(1)
    assert colours.said.startswith("y[1, 0, 0]")


def test_another_row_of_the_batch_is_shown(colours: Trial, qtbot: Any) -> None:
    before = colours.stage.act.scene.x
    QTest.keyClick(colours.panel, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: not np.array_equal(colours.stage.act.scene.x, before))


def test_the_largest_of_a_window_wins(pool: Trial) -> None:
    assert pool.said == "y[0, 0] = max(2, 3, 1) = 3"
    assert pool.stage.look.winner == (0, 1)
    assert pool.panel.mode.count() == 2  # there is no filter


def test_any_number_explains_itself(vector: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(vector.session.explainer, "ask", lambda *number: asked.append(number))
    keys = {name: vector.session.document.node(name).id for name in "xy"}
    boards = vector.stage.boards
    QTest.mouseDClick(vector.stage, LEFT, pos=boards.right.place(0, 2).center().toPoint())
    QTest.mouseDClick(vector.stage, LEFT, pos=boards.left[0].place(0, 4).center().toPoint())
    vector.key(Qt.Key.Key_End)
    vector.key(Qt.Key.Key_E)
    vector.turn(BACK)
    vector.key(Qt.Key.Key_E)
    assert asked == [
        ("value", keys["y"], "y", (0, 0, 2)),
        ("value", keys["x"], "y", (0, 0, 4)),
        ("value", keys["y"], "y", (0, 0, 3)),
        ("grad", keys["y"], "y", (0, 0, 3)),
    ]
    vector.turn(FORWARD)
    vector.panel.settings.sliders["stride"].setValue(2)
    vector.key(Qt.Key.Key_E)
    assert len(asked) == 4  # what is only tried is no number of the run


# Back


def test_windows_send_their_gradients_back(vector: Trial) -> None:
    vector.turn(BACK)
    vector.click(vector.stage.boards.left[0], 0, 2)
    assert "∂x[0, 2] = 1·1 + 2·2 + 3·1 = 8, from 3 windows of y" in vector.said
    assert vector.stage.boards.left[0].values.tolist() == [[1, 4, 8, 12, 11, 4]]
    vector.panel.tools.begin.click()
    assert vector.stage.boards.left[0].values.tolist() == [[1, 2, 1, 0, 0, 0]]


def test_the_gradient_goes_to_the_winner(pool: Trial) -> None:
    pool.turn(BACK)
    assert pool.stage.boards.left[0].values.tolist() == [[0, 3, 0, 7, 0, 0]]
    pool.click(pool.stage.boards.left[0], 0, 2)
    assert "∂x[0, 2] = 1·0 + 2·0 + 3·0 = 0" in pool.said


def test_gradients_are_convolutions(vector: Trial) -> None:
    vector.turn(BACK_AS)
    assert vector.stage.boards.right.values.tolist() == [[1, 4, 8, 12, 11, 4]]
    assert vector.stage.boards.filters[0].values.tolist() == [[1, 2, 1]]
    vector.turn(FILTER)
    assert vector.stage.boards.right.values.tolist() == [[23, 22, 17]]
    assert vector.said.startswith("∂filter[0, 0, 0] = 2·1 + 3·2 + 1·3 + 3·4")
    vector.turn(FORWARD)
    assert vector.said.startswith("y[0, 0]")


# What is tried


def test_other_sizes_are_tried_beside_the_document_and_applied_as_one_step(vector: Trial) -> None:
    document = vector.session.document
    vector.panel.settings.sliders["stride"].setValue(2)
    assert vector.stage.boards.right.values.tolist() == [[9, 9]]
    assert "/ 2⌋ + 1 = 2, 1 left over" in vector.panel.settings.formula.text()
    assert vector.session.document is document
    vector.panel.settings.apply.click()
    assert vector.session.document.node("y").params["stride"] == 2
    vector.session.graph.undo()
    assert vector.session.document == document


def test_what_cannot_be_is_explained(vector: Trial) -> None:
    settings = vector.panel.settings
    settings.fields["dilation"][0].setValue(4)
    assert vector.stage.boards is None
    assert "does not fit into sequences of 6" in settings.why.text()
    assert "reaches over 9, and there are 6" in settings.formula.text()
    assert not settings.apply.isEnabled()
    settings.reset.click()
    assert vector.stage.boards.right.values.tolist() == [[9, 8, 9, 8]]
    assert settings.fields["dilation"][0].value() == 1


def test_what_comes_back_of_other_sizes_is_not_made_up(vector: Trial) -> None:
    vector.turn(BACK)
    vector.panel.settings.sliders["padding"].setValue(1)
    assert vector.stage.boards is None
    vector.turn(FORWARD)
    assert vector.panel.changes == {"padding": 1}
    assert vector.stage.boards.right.values.shape == (1, 6)


def test_a_wired_filter_is_tried_and_not_applied(opened: Open) -> None:
    graph = Graph("wired")
    x, k = (
        graph.add("Input", name="x", shape=("N", 1, 6)),
        graph.add("Parameter", name="k", value=(((1.0, 2.0, 1.0),),)),
    )
    graph.add("Conv1d", x, weight=k, name="y", out_channels=1, bias=False)
    trial = opened(graph, x__y=VECTOR, k__y=[[[1.0, 2, 1]]])
    trial.panel.settings.sliders["kernel_size"].setValue(5)
    assert trial.stage.boards.right.values.tolist() == [[8, 9]]  # the filter with zeros around
    assert "keeps its shape" in trial.panel.settings.why.text()
    assert not trial.panel.settings.apply.isEnabled()


def test_a_node_inside_a_group_is_played_from_outside_and_set_inside(opened: Open) -> None:
    graph = Graph("grouped")
    x = graph.add("Input", name="x", shape=("N", 1, 6))
    graph.add("MaxPool1d", x, name="y", kernel_size=3, stride=1)
    graph.group("y", name="part")
    trial = opened(graph, x__y=VECTOR)
    assert trial.panel.node.itemText(0) == "part/y"
    trial.panel.settings.sliders["stride"].setValue(3)
    trial.panel.settings.apply.click()
    assert trial.session.inside
    assert trial.session.document.node("y").params["stride"] == 3


def test_a_stride_that_follows_the_window_is_left_alone(opened: Open) -> None:
    graph = Graph("pool")
    graph.add("MaxPool1d", graph.add("Input", name="x", shape=("N", 1, 6)), name="y")
    trial = opened(graph, x__y=VECTOR)
    assert trial.panel.settings.fields["stride"][0].value() == 2
    trial.panel.settings.sliders["kernel_size"].setValue(3)
    assert trial.panel.changes == {"kernel_size": 3}
    assert trial.stage.boards.right.values.tolist() == [[3, 3]]


# Where there is nothing, and where the numbers come from


def test_it_says_what_is_missing(qtbot: Any) -> None:
    session = Session(Graph("none"), engine=False)
    panel = WindowsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "Nothing here moves a window" in panel.empty.label.text())
    session.close()


def test_it_follows_the_selected_node(colours: Trial, qtbot: Any) -> None:
    graph = colours.session.graph
    graph.add("MaxPool2d", "y", name="p")
    colours.send({"y.y": np.zeros((2, 2, 5, 5))})
    colours.session.select({colours.session.document.node("p").id})
    qtbot.waitUntil(lambda: colours.stage.act is not None and colours.stage.act.scene.sliding.kind == "max")
    assert colours.panel.node.currentText() == "p"


def test_an_array_that_does_not_come_whole_is_asked_for_in_parts(
    opened: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = Graph("large")
    graph.add("MaxPool2d", graph.add("Input", name="x", shape=("N", 5, 300, 300)), name="y")
    image = np.random.default_rng(1).random((2, 5, 300, 300), np.float32)
    sizes = []

    def answer(engine: Any, command: Any) -> None:
        if isinstance(command, Look):
            part = region(image, command.spans)
            sizes.append(part.size)
            looked = Looked(0, command.request, image.shape, "float32", True, command.spans, "", part)
            engine.session_.in_a_moment(lambda: engine.looked.emit(looked))

    from graphlab.ui.engine_client import EngineClient

    monkeypatch.setattr(EngineClient, "send", lambda engine, command: answer(engine, command))
    monkeypatch.setattr(EngineClient, "session_", property(lambda engine: engine.parent()), raising=False)
    trial = opened(graph)
    assert np.array_equal(trial.stage.act.scene.x, image[0])
    assert len(sizes) == 3
    assert max(sizes) <= MOST


def test_it_is_opened_from_the_node_and_fed_by_the_engine(make: Make, qtbot: Any) -> None:
    graph = Graph("by engine")
    x = graph.add("Input", name="x", value=((tuple(VECTOR[0, 0]),),))
    graph.add("Sum", graph.add("AvgPool1d", x, name="y", kernel_size=3, stride=1), name="s")
    window = make(graph, engine=True)
    session = window.session
    session.select({session.document.node("y").id})
    window.actions_.run("tools.windows")
    panel = window.docks["windows"].build()
    qtbot.waitUntil(lambda: panel.empty.button.text() == "Forward", timeout=10_000)
    panel.empty.button.click()  # Forward
    qtbot.waitUntil(lambda: panel.stage.boards is not None, timeout=10_000)
    assert panel.said.text() == "y[0, 0] = (2 + 3 + 1) / 3 = 2"
    assert panel.stage.hasFocus()
    QTest.keyClick(panel.stage, Qt.Key.Key_End)
    assert panel.stage.at == (0, 3)
    QTest.keyClick(panel.stage, Qt.Key.Key_Home)  # it is a command of the window elsewhere
    assert panel.stage.at == (0, 0)
    menu = menu_of_selection(window.canvas)
    window.docks["windows"].hide()
    window.findChild(WindowsPart).play.click()
    assert window.docks["windows"].isVisible()
    window.docks["windows"].hide()
    next(entry for entry in menu.actions() if entry.text().startswith("Play its windows")).trigger()
    assert window.docks["windows"].isVisible()


@pytest.mark.parametrize("size", [(220, 120), (400, 600), (1400, 260)])
def test_boards_do_not_lie_on_one_another(size: tuple[int, int], colours: Trial) -> None:
    colours.stage.setMinimumSize(1, 1)
    colours.panel.resize(*size)
    colours.stage.resize(*size)
    frames = [board.frame for board in colours.stage.boards.all]
    for k, frame in enumerate(frames):
        assert frame.left() >= 0
        assert frame.right() <= size[0] + 1
        for other in frames[:k]:
            assert not frame.adjusted(1, 1, -1, -1).intersects(other.adjusted(1, 1, -1, -1))


def test_pointing_tells_the_number(colours: Trial) -> None:
    board = colours.stage.boards.right
    told = colours.stage.boards.told_at(QPointF(board.place(1, 2).center()))
    assert told.startswith("y[0, 1, 2] = ")
    assert told == f"y[0, 1, 2] = {numbers.number(float(board.values[1, 2]), 6)}"


def test_what_is_no_number_is_shown_as_such(vector: Trial, qtbot: Any) -> None:
    vector.send({"x.y": [[[2.0, np.nan, 1, np.inf, 2, 1]]]})
    qtbot.waitUntil(lambda: "NaN" in vector.said)
    assert not vector.stage.grab().isNull()


@pytest.mark.parametrize("width", [250, 330, 440, 700])
def test_tools_go_where_room_is_short_and_never_overlap(width: int, colours: Trial) -> None:
    tools = colours.panel.tools
    tools.resize(width, 30)
    tools.layout().activate()
    seen = [each for each in tools.children() if isinstance(each, QWidget) and each.isVisible()]
    places = sorted((each.geometry().left(), each.geometry().right()) for each in seen)
    assert tools.play in seen
    assert tools.out in seen
    assert (tools.speed in seen) == (width == 700)
    assert places[-1][1] <= width
    assert all(right <= left for (_, right), (left, _) in pairwise(places))


def test_a_picture_takes_two_rows_where_its_cells_are_larger_then() -> None:
    shape = Shape(1, (10, 10), (3, 3), (8, 8), has_filter=True, has_matrix=False)
    beside, below = (arranged(QRectF(0, 0, *size), shape) for size in ((1400, 260), (480, 230)))
    assert beside.products[0].top() == beside.right.top()
    assert below.products[0].top() > below.right.bottom()
    assert below.left[0].height() > 10 * 10


def test_where_words_are_short_of_room_the_result_stays() -> None:
    told = [Line("0 1"), Line("1 2"), Line("+ bias 3"), Line("= 6", strong=True)]
    assert fitting(told, 200) == told
    assert fitting(told, 50) == told[2:]
    assert fitting(told, 1) == told[3:]
