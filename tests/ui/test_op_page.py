"""The page of an operation: one for every operation, to read, to play with, and to go on from."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from graphlab import ops
from graphlab.graph import Graph
from graphlab.ui import op_words, theme
from graphlab.ui.favourites import favourites
from graphlab.ui.op_page import OpPage, page_of
from graphlab.ui.widgets import formula_view
from graphlab.ui.widgets.curve_plot import CurvePlot, height_of, jumps_of, slope_jumps, ticks
from graphlab.ui.widgets.op_curve import OpCurve
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import Make, small

pytestmark = pytest.mark.qt_log_ignore("does not support", extend=True)  # offscreen nothing can be raised


def words(page: OpPage) -> str:
    return " ".join(label.text() for label in page._scroll.widget().findChildren(QLabel))


def shown(window: MainWindow, op: str) -> OpPage:
    window.show_op_page(op)
    page = page_of(window)
    QApplication.processEvents()
    return page


@pytest.fixture
def window(make: Make) -> MainWindow:
    return make(small())


def test_every_operation_has_a_page(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula_view, "typeset", lambda *_: None)  # every formula is typeset by another test
    page = shown(window, "ReLU")
    for name in ops.names():
        page.visit(name)
        assert page.windowTitle().startswith(name)
        assert "OUTPUT" in words(page).upper() or not ops.get(name).outputs
    assert not page.grab().isNull()


@pytest.mark.parametrize("name", ops.names())
def test_what_a_page_says_is_complete(name: str, qapp: QApplication) -> None:
    op = ops.get(name)
    for param in op.params_of.values():
        assert not param.shown or param.name in op_words.params(op)
    if not op.role:
        assert all(output in op_words.sockets(op) for output in op().results())
        assert op_words.cost(op) or op.source
        assert op_words.shapes(op) or op.source
    assert op.__name__ not in op_words.related(op)
    assert all(ops.known(other) for other in op_words.related(op))


def test_shapes_are_inferred_from_the_examples() -> None:
    first = op_words.shapes(ops.get("Conv2d"))[0]
    assert first.inputs == "x 2×3×5×5, weight 4×3×3×3, bias 4"
    assert first.outputs == "y 2×4×3×3"
    assert first.settings == "out_channels = 4"


def test_a_page_tells_of_other_libraries_and_cost() -> None:
    assert "torch.tanh(x)" in op_words.elsewhere(ops.get("Tanh"))
    assert "Tanh" in op_words.elsewhere(ops.get("Tanh"))
    assert "For its gradients it keeps y." in op_words.cost(ops.get("Tanh"))
    assert op_words.cost(ops.get("Flatten")) == "It moves numbers and computes nothing."


def test_f1_on_a_node_opens_its_page_and_one_page_serves_all(make: Make) -> None:
    window = make(small())
    window.session.select({window.session.document.node("act").id})
    window.activateWindow()
    window.canvas.setFocus()
    QApplication.processEvents()
    QTest.keyClick(window.canvas, Qt.Key.Key_F1)
    (page,) = window.findChildren(OpPage)
    assert page.op == "Tanh"
    assert page.isVisible()
    assert not page.isModal()
    window.session.help_requested.emit("Linear")
    assert window.findChildren(OpPage) == [page]
    assert page.op == "Linear"


def test_an_unknown_operation_is_told_and_nothing_opens(window: MainWindow) -> None:
    window.session.help_requested.emit("Swirl")
    assert "Swirl" in window.session.notices[-1].text
    assert not window.findChildren(OpPage)


def test_links_lead_on_and_keys_back_and_forward(window: MainWindow) -> None:
    page = shown(window, "ReLU")
    (links,) = [label for label in page.findChildren(QLabel) if "op:LeakyReLU" in label.text()]
    assert links.textInteractionFlags() & Qt.TextInteractionFlag.LinksAccessibleByKeyboard
    links.linkActivated.emit("op:LeakyReLU")
    page.visit("Tanh")
    assert not page.forward.isEnabled()
    keys = {s.key().toString(): s for s in page.findChildren(QShortcut)}
    keys["Alt+Left"].activated.emit()
    assert page.op == "LeakyReLU"
    page.back.click()
    assert page.op == "ReLU"
    assert not page.back.isEnabled()
    keys["Alt+Right"].activated.emit()
    assert page.op == "LeakyReLU"
    page.visit("GELU")
    assert not page.forward.isEnabled()


def test_the_page_adds_the_operation_to_the_graph(window: MainWindow) -> None:
    page = shown(window, "GELU")
    page.add.click()
    assert window.session.document.node("gelu").op == "GELU"
    page.visit("GroupInput")
    assert not page.add.isEnabled()


def test_the_star_of_the_page_and_of_the_library_are_one(window: MainWindow) -> None:
    page = shown(window, "GELU")
    page.star.click()
    assert favourites.liked(window.session.root) == ["GELU"]
    favourites.like(window.session.root, "GELU", False)
    assert not page.star.isChecked()


def test_escape_closes_the_page(window: MainWindow) -> None:
    page = shown(window, "GELU")
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert not page.isVisible()


def test_text_can_be_selected(window: MainWindow) -> None:
    page = shown(window, "Softmax")
    label = next(label for label in page.findChildren(QLabel) if "<p" in label.text())
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_a_page_follows_the_theme(window: MainWindow, qapp: QApplication) -> None:
    page = shown(window, "ReLU")
    before = words(page)
    theme.apply(qapp, "light")
    after = words(page)
    theme.apply(qapp, "dark")
    assert theme.named("light").accent.name() in after
    assert before != after


# The curve


def curve_of(name: str, qtbot) -> OpCurve:
    found = OpCurve.of(ops.get(name))
    assert found is not None
    qtbot.addWidget(found)
    found.resize(500, 340)
    found.show()
    return found


def test_a_field_moves_the_curve(qtbot) -> None:
    found = curve_of("LeakyReLU", qtbot)
    found.plot.point_at(-5.0)
    assert found.plot.reading() == (-5.0, pytest.approx(-0.05), pytest.approx(0.01))
    line = found.form.field("negative_slope").line()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "0.5")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert found.plot.reading() == (-5.0, pytest.approx(-2.5), pytest.approx(0.5))
    qtbot.keyClick(found.form.field("negative_slope").editor, Qt.Key.Key_Up)
    assert found.plot.reading()[2] == pytest.approx(0.51)


def test_an_impossible_value_is_told_and_the_curve_stays(qtbot) -> None:
    found = curve_of("ELU", qtbot)
    found.plot.point_at(-5.0)
    before = found.plot.reading()
    field = found.span.field("to")
    field.line().setText("-9")
    field.editor.editingFinished.emit()
    assert "begin before" in field.error()
    assert found.plot.reading() == before


def test_the_target_of_a_loss_moves_its_least_value(qtbot) -> None:
    found = curve_of("MSELoss", qtbot)
    assert found.form.names()[0] == "target"
    assert "reduction" not in found.form.names()
    field = found.form.field("target")
    field.line().setText("3")
    field.editor.editingFinished.emit()
    found.plot.point_at(3.0)
    assert found.plot.reading() == (pytest.approx(3.0), pytest.approx(0.0), pytest.approx(0.0))


def test_the_pointer_reads_the_curve_and_leaves_no_trace(qtbot) -> None:
    plot = curve_of("Tanh", qtbot).plot
    spot = plot.pixel(1.0, 0.0)
    nothing, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    move = QMouseEvent(QEvent.Type.MouseMove, spot, spot, nothing, nothing, plain)
    QApplication.sendEvent(plot, move)
    x, y, slope = plot.reading()
    assert x == pytest.approx(1.0, abs=0.03)
    assert y == pytest.approx(0.76, abs=0.02)
    assert slope == pytest.approx(1 - y * y)
    assert plot.accessibleDescription().startswith("x = ")
    plot.clearFocus()
    plot.leaveEvent(None)
    assert plot.reading() is None


def test_arrow_keys_read_the_curve(qtbot) -> None:
    plot = curve_of("Tanh", qtbot).plot
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    first = plot.reading()[0]
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    assert plot.reading()[0] > first
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert plot.reading()[0] == -5.0
    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert plot.reading()[0] == 5.0


def test_a_jump_is_no_line_and_a_kink_is_one(qtbot) -> None:
    floor, absolute = curve_of("Floor", qtbot).plot._curve, curve_of("Abs", qtbot).plot._curve
    assert jumps_of(floor).sum() == 10
    assert jumps_of(absolute).sum() == 0
    assert slope_jumps(absolute).sum() >= 1


def test_what_grows_without_bound_is_cut() -> None:
    low, high = height_of(OpCurve.of(ops.get("Exp")).plot._curve)
    assert -1 < low < 0
    assert 9 < high < 12


def test_ticks_are_round() -> None:
    assert list(ticks(-5, 5, 6)) == [-4, -2, 0, 2, 4]
    assert list(ticks(0, 1, 5)) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_curves_are_painted_in_both_themes(qtbot, each_theme) -> None:
    found = curve_of("Sigmoid", qtbot)
    found.plot.point_at(1.0)
    picture = found.plot.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(500) for y in range(0, 250, 3)}
    assert each_theme.accent.name() in colours
    assert isinstance(found.plot, CurvePlot)


def test_the_palette_knows_what_an_operation_is(make: Make) -> None:
    window = make(Graph())
    window.finder.open("what is gelu")
    assert window.finder.titles()[0] == "What is GELU?"
    QTest.keyClick(window.finder.field, Qt.Key.Key_Return)
    assert page_of(window).op == "GELU"
    window.finder.open("add mish")
    QTest.keyClick(window.finder.field, Qt.Key.Key_F1)
    assert page_of(window).op == "Mish"
