"""The inspector shows and edits what is selected: value, gradient with its terms, params, name, training."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt

from graphlab.engine.messages import SetElements
from graphlab.ops import Op, Param
from graphlab.ui.editing import with_element
from graphlab.ui.inspector.several_page import common
from graphlab.ui.inspector.sockets import places
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session

Arrive = Callable[..., None]


@pytest.fixture
def inspector(qtbot, quiet_session: Session) -> InspectorPanel:
    panel = InspectorPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.resize(330, 900)
    panel.show()
    return panel


@pytest.fixture
def sent(quiet_session: Session, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The commands that go to the engine."""
    commands: list[object] = []
    monkeypatch.setattr(quiet_session.engine, "send", commands.append)
    return commands


def pick(session: Session, *names: str) -> None:
    session.select([session.document.node(name).id for name in names])


def watched(session: Session) -> set[tuple[str, str, str]]:
    keys = (item.key for item in session.watching)
    return {(key.kind, session.document.nodes[key.node].name, key.socket) for key in keys}


def test_nothing_selected_shows_the_document(inspector: InspectorPanel, quiet_session: Session) -> None:
    page = inspector.document_page
    assert inspector.page() is page
    assert "5 nodes · 4 wires · 36 parameters" in page.counts.text()
    assert "no goal yet" in page.counts.text()


def test_a_selected_node_shows_its_name_op_and_shape(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    pick(quiet_session, "h")
    page = inspector.node_page
    assert inspector.page() is page
    assert (page.name.text(), page.op.text(), page.shape.text()) == ("h", "Tanh", "N×4 float")
    assert "tanh" in page.formulas.first.formula()


def test_a_value_that_is_not_computed_says_so(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "h")
    assert "Not computed yet" in inspector.node_page.tensors.value.view.shown().text()


def test_the_value_appears_when_it_arrives(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive, qtbot
) -> None:
    pick(quiet_session, "h")
    value = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    arrive("value", "h", "y", value)
    pane = inspector.node_page.tensors.value
    qtbot.waitUntil(lambda: pane.view.shown() is pane.view.heat_map())
    assert np.array_equal(pane.view.heat_map().array(), value)
    assert "mean" in pane.stats.text()
    assert not pane.is_stale()


def test_a_value_of_the_step_before_is_said_to_be_one(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive, qtbot
) -> None:
    pick(quiet_session, "h")
    arrive("value", "h", "y", np.ones((2, 4)), fresh=False)
    qtbot.waitUntil(inspector.node_page.tensors.value.is_stale)


def test_the_gradient_shows_the_terms_that_sum_up_to_it(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive, qtbot
) -> None:
    pick(quiet_session, "h")
    quiet_session.graph.add("Mean", "y", name="score")
    tensors = inspector.node_page.tensors
    tensors.show_tab("grad")
    ids = {name: quiet_session.document.node(name).id for name in ("y", "gate")}
    via_y, via_gate = np.full((2, 4), 0.5), np.full((2, 4), -0.125)
    via_y[1, 2] = 0.75
    arrive("grad", "h", "y", via_y + via_gate)
    arrive("term", "h", f"{ids['y']}.x", via_y)
    arrive("term", "h", f"{ids['gate']}.x", via_gate)
    qtbot.waitUntil(lambda: tensors.terms.text() == "via y +0.7500, via gate −0.1250 = +0.6250")
    assert not tensors.terms.isHidden()
    assert tensors.terms._title.text() == "∂score/∂h[1, 2] sums 2 paths"
    tensors.gradient.view.heat_map().select((0, 1))
    assert tensors.terms._title.text() == "∂score/∂h[0, 1] sums 2 paths"
    assert tensors.terms.text() == "via y +0.5000, via gate −0.1250 = +0.3750"


def test_a_term_that_has_not_come_back_is_not_taken_for_zero(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive
) -> None:
    pick(quiet_session, "h")
    tensors = inspector.node_page.tensors
    arrive("term", "h", f"{quiet_session.document.node('y').id}.x", np.ones((2, 4)))
    arrive("grad", "h", "y", np.ones((2, 4)), fresh=False)
    tensors.show_tab("grad")
    assert tensors.terms.text() == "via y +1.000, via gate not yet · 1 of 2 · +1.000 + …"


def test_it_watches_only_what_it_shows(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "h")
    assert watched(quiet_session) == {("value", "h", "y")}
    inspector.node_page.tensors.show_tab("grad")
    ids = [quiet_session.document.node(name).id for name in ("y", "gate")]
    assert watched(quiet_session) == {("grad", "h", "y"), *(("term", "h", f"{i}.x") for i in ids)}
    inspector.hide()
    assert watched(quiet_session) == set()
    inspector.show()
    quiet_session.select(())
    assert watched(quiet_session) == set()


def test_a_layer_offers_its_learnable_sockets(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "z")
    tensors = inspector.node_page.tensors
    titles = [tensors.sockets.itemText(i) for i in range(tensors.sockets.count())]
    assert titles == ["y · N×4", "weight · 4×3 · learnable", "bias · 4 · learnable"]
    tensors.choose("weight")
    assert watched(quiet_session) == {("value", "z", "weight")}
    assert inspector.node_page.shape.text() == "4×3 float"


def test_an_element_of_a_weight_is_set_in_the_engine(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive, sent: list[object], qtbot
) -> None:
    pick(quiet_session, "z")
    tensors = inspector.node_page.tensors
    arrive("value", "z", "weight", np.zeros((4, 3)))
    tensors.choose("weight")
    heat = tensors.value.view.heat_map()
    place = heat.cell_rect(2, 1).center().toPoint()
    qtbot.mouseDClick(heat, Qt.MouseButton.LeftButton, pos=place)
    editor = tensors.setter.editor
    assert editor.isVisible()
    editor.line.setText("−1,5")
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    command = next(command for command in sent if isinstance(command, SetElements))
    assert (command.node, command.socket) == (quiet_session.document.node("z").id, "weight")
    assert (command.places, command.values) == (((2, 1),), (-1.5,))
    assert not editor.isVisible()


def test_nonsense_for_an_element_is_refused_in_place(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive, sent: list[object], qtbot
) -> None:
    pick(quiet_session, "x")
    tensors = inspector.node_page.tensors
    arrive("value", "x", "y", np.zeros((2, 3)))
    tensors.refresh()
    tensors.value.elementActivated.emit((0, 0))
    tensors.setter.editor.line.setText("much")
    qtbot.keyClick(tensors.setter.editor.line, Qt.Key.Key_Return)
    assert tensors.setter.editor.isVisible()
    assert not any(isinstance(command, SetElements) for command in sent)


def test_a_computed_value_cannot_be_set(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive
) -> None:
    pick(quiet_session, "h")
    arrive("value", "h", "y", np.zeros((2, 4)))
    inspector.node_page.tensors.refresh()
    inspector.node_page.tensors.value.elementActivated.emit((0, 0))
    assert not inspector.node_page.tensors.setter.editor.isVisible()


def test_an_element_that_the_document_holds_is_an_edit_with_undo(
    inspector: InspectorPanel, quiet_session: Session, arrive: Arrive, qtbot
) -> None:
    graph = quiet_session.graph
    graph.add("Constant", name="c", value=((1.0, 2.0), (3.0, 4.0)))
    pick(quiet_session, "c")
    arrive("value", "c", "y", [[1, 2], [3, 4]])
    tensors = inspector.node_page.tensors
    tensors.refresh()
    tensors.value.elementActivated.emit((1, 0))
    tensors.setter.editor.line.setText("3*x")
    qtbot.keyClick(tensors.setter.editor.line, Qt.Key.Key_Return)
    assert graph.document.node("c").params["value"] == ((1.0, 2.0), (9.0, 4.0))
    graph.undo()
    assert graph.document.node("c").params["value"] == ((1.0, 2.0), (3.0, 4.0))


def test_with_element_replaces_one_number() -> None:
    assert with_element(((1, 2), (3, 4)), (0, 1), 5.0) == ((1, 5.0), (3, 4))
    assert with_element(2.0, (), 3.0) == 3.0


def test_a_param_is_one_edit_and_undo_shows_in_the_form(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    pick(quiet_session, "z")
    field = inspector.node_page.form.field("units")
    line = field.line()
    line.selectAll()
    qtbot.keyClicks(line, "12")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert quiet_session.document.node("z").params["units"] == 12
    assert inspector.node_page.tensors.sockets.itemText(1) == "weight · 12×3 · learnable"
    quiet_session.graph.undo()
    assert inspector.node_page.form.field("units") is field
    assert line.text() == "4"


def test_steps_in_a_row_are_one_undo_entry(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "z")
    before = len(quiet_session.graph.history)
    for _ in range(5):
        inspector.node_page.form.field("units").editor.stepBy(1)
    assert quiet_session.document.node("z").params["units"] == 9
    assert len(quiet_session.graph.history) == before + 1


def test_a_refused_name_says_why_below_it(inspector: InspectorPanel, quiet_session: Session, qtbot) -> None:
    pick(quiet_session, "z")
    page = inspector.node_page
    page.name.selectAll()
    qtbot.keyClicks(page.name, "h")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert not page.name_error.isHidden()
    assert quiet_session.document.node("z").name == "z"
    page.name.selectAll()
    qtbot.keyClicks(page.name, "hidden")
    qtbot.keyClick(page.name, Qt.Key.Key_Return)
    assert page.name_error.isHidden()
    assert quiet_session.document.node("hidden").op == "Linear"


def test_the_faults_of_a_node_are_listed_with_what_to_try(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    quiet_session.graph.disconnect("z.x")
    pick(quiet_session, "z")
    assert any("not connected" in words for words in inspector.node_page.problems.messages())
    pick(quiet_session, "h")
    assert "Cannot run yet" in inspector.node_page.tensors.value.view.shown().text()
    quiet_session.select(())
    assert inspector.document_page.problems.messages()


def test_breakpoint_buttons_follow_and_set_the_session(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    pick(quiet_session, "h")
    id = quiet_session.document.node("h").id
    button = inspector.node_page.stops.buttons["backward"]
    button.click()
    assert quiet_session.breakpoints == {(id, "backward")}
    quiet_session.set_breakpoints(())
    assert not button.isChecked()


def test_a_condition_is_typed_below_its_breakpoint_and_what_is_wrong_stands_there(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    pick(quiet_session, "h")
    id = quiet_session.document.node("h").id
    stops = inspector.node_page.stops
    box, error = stops.conditions["backward"], stops._errors["backward"]
    assert box.parentWidget().isHidden()
    stops.buttons["backward"].click()
    assert not box.parentWidget().isHidden()
    qtbot.keyClicks(box, "grad.nrm > 2")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert "There is no .nrm." in error.text()
    assert not error.isHidden()
    assert quiet_session.condition(id, "backward") == ""
    box.selectAll()
    qtbot.keyClicks(box, "grad.norm > 2")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert error.isHidden()
    assert quiet_session.all_conditions == {(id, "backward"): "grad.norm > 2"}
    pick(quiet_session, "z")
    assert box.text() == ""
    pick(quiet_session, "h")
    assert box.text() == "grad.norm > 2"


def test_several_nodes_are_edited_together_as_one_edit(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    pick(quiet_session, "z", "gate")
    page = inspector.several_page
    assert inspector.page() is page
    assert page.title.text() == "2 nodes selected"
    line = page.form.field("units").line()
    assert line.placeholderText() == "different"
    line.setFocus()
    qtbot.keyClicks(line, "7")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert {quiet_session.document.node(n).params["units"] for n in ("z", "gate")} == {7}
    quiet_session.graph.undo()
    assert [quiet_session.document.node(n).params["units"] for n in ("z", "gate")] == [4, 2]


def test_choices_that_several_share_are_offered_and_a_refusal_names_the_node(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    graph = quiet_session.graph
    graph.add("Input", name="images", shape=("N", 4, 9, 9))
    graph.add("Conv2d", "images", name="conv", kernel_size=5)
    graph.add("MaxPool2d", "images", name="pool", kernel_size=2)
    pick(quiet_session, "conv", "pool")
    form = inspector.several_page.form
    line = form.field("padding").line()
    line.setFocus()
    before = quiet_session.document
    line.selectAll()
    qtbot.keyClicks(line, "2")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert form.field("padding").error().startswith("pool: MaxPool2d.padding 2 is more than half of")
    assert quiet_session.document is before
    stride = form.field("kernel_size").line()
    assert (stride.text(), stride.placeholderText()) == ("", "different")
    stride.setFocus()
    qtbot.keyClicks(stride, "3")
    qtbot.keyClick(stride, Qt.Key.Key_Return)
    assert {quiet_session.document.node(n).make().kernel_size for n in ("conv", "pool")} == {3}


def test_only_choices_that_all_have_are_offered() -> None:
    def made(*choices: str) -> Op:
        return type("Probe", (Op,), {"mode": Param(choices[0], choices=choices)})()

    both = [made("a", "b", "c"), made("c", "b")]
    shared = common(both)["mode"]
    assert shared.choices == ("b", "c")
    assert common(both)["mode"] is shared  # the form keeps its fields
    assert common([made("a"), made("b")]) == {}
    assert common([made("a", "b"), made("a", "b")])["mode"].choices == ("a", "b")


def test_several_nodes_tell_their_parameters_and_their_faults(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    pick(quiet_session, "z", "y", "h")
    page = inspector.several_page
    assert page.kinds.text() == "2 × Linear, Tanh · 26 parameters"
    assert not page.problems.isVisible()
    quiet_session.graph.add("Add", "y", "z", name="sum")
    pick(quiet_session, "sum", "y", "z")
    (card,) = page.problems.cards
    assert card.message.text().startswith("sum: a (N×2) and b (N×4) do not fit")
    qtbot.waitUntil(lambda: bool(card.buttons))
    assert {button.text() for button in card.buttons} == {"Set units of z to 2", "Set units of y to 4"}


def test_a_fault_is_mended_by_a_button_on_its_card(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    quiet_session.graph.add("Add", "y", "z", name="sum")
    for page in (inspector.document_page, inspector.node_page):
        if page is inspector.node_page:
            pick(quiet_session, "sum")
        (card,) = page.problems.cards
        qtbot.waitUntil(lambda card=card: len(card.buttons) == 2)
        (button,) = [b for b in card.buttons if b.text() == "Set units of y to 4"]
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert not quiet_session.inference.problems
        assert quiet_session.graph.undo_label == "Set units of y to 4"
        assert not page.problems.isVisible()
        quiet_session.graph.undo()


def test_a_long_offer_gives_way_in_a_narrow_panel(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    quiet_session.graph.add("Add", "y", "z", name="sum")
    quiet_session.graph.rename("y", "a very long name of a node that says it all")
    (card,) = inspector.document_page.problems.cards
    qtbot.waitUntil(lambda: len(card.buttons) == 2)
    inspector.resize(300, 900)
    inspector.grab()

    def fit() -> None:
        room = card.contentsRect()
        for button in card.buttons:
            assert button.geometry().right() <= room.right()
            assert button.geometry().bottom() <= room.bottom()
            assert button.toolTip() == button.text()

    qtbot.waitUntil(fit)  # offers come while one looks, and are laid out a moment later


def test_nodes_without_common_params_say_so(inspector: InspectorPanel, quiet_session: Session) -> None:
    pick(quiet_session, "x", "h")
    assert inspector.several_page.form.names() == []
    assert not inspector.several_page._nothing.isHidden()


def test_training_settings_are_edits_of_the_document(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    page = inspector.document_page
    line = page.form.field("lr").line()
    line.selectAll()
    qtbot.keyClicks(line, "0.5")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert quiet_session.document.training.lr == 0.5
    quiet_session.graph.undo()
    assert line.text() == "0.01"
    line.selectAll()
    qtbot.keyClicks(line, "-1")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert "above 0" in page.form.field("lr").error()
    assert quiet_session.document.training.lr == 0.01


def test_shares_that_leave_nothing_to_train_on_are_refused_below_the_field(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    assert "validation" not in inspector.document_page.form.names()  # nothing to keep apart
    quiet_session.graph.add("Dataset")
    field = inspector.document_page.form.field("validation")
    field.line().selectAll()
    qtbot.keyClicks(field.line(), "0.9")
    qtbot.keyClick(field.line(), Qt.Key.Key_Return)
    assert "leave nothing" in field.error()


def test_the_optimizer_chooses_its_settings(inspector: InspectorPanel, quiet_session: Session) -> None:
    page = inspector.document_page
    assert "beta1" in page.form.names()
    assert "momentum" not in page.form.names()
    quiet_session.graph.configure(optimizer="SGD")
    assert "momentum" in page.form.names()
    assert "beta1" not in page.form.names()


def test_every_optimizer_and_schedule_shows_its_own_settings(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    names = inspector.document_page.form.names
    always = {
        "optimizer",
        "lr",
        "weight_decay",
        "clip_value",
        "clip_norm",
        "schedule",
        "warmup",
        "batch_size",
        "order",
    }
    for optimizer, own in {
        "SGD": {"momentum", "nesterov"},
        "AdamW": {"beta1", "beta2", "amsgrad"},
        "NAdam": {"beta1", "beta2"},
        "Lion": {"beta1", "beta2"},
        "RMSprop": {"alpha", "centered"},
        "Adagrad": set(),
        "Adadelta": {"rho"},
    }.items():
        quiet_session.graph.configure(optimizer=optimizer)
        assert set(names()) == always | own | {"epochs", "seed"}
    for schedule, own in {
        "constant": set(),
        "StepLR": {"step_size", "gamma"},
        "CosineAnnealingLR": {"min_lr"},
        "OneCycleLR": {"pct_start"},
        "ReduceLROnPlateau": {"factor", "patience", "min_lr"},
    }.items():
        quiet_session.graph.configure(schedule=schedule)
        assert set(names()) == always | own | {"epochs", "seed", "rho"}


def test_a_switch_and_a_schedule_are_set_in_the_form(
    inspector: InspectorPanel, quiet_session: Session
) -> None:
    quiet_session.graph.configure(optimizer="SGD")
    form = inspector.document_page.form
    form.field("nesterov").entered.emit(True, False)
    form.field("schedule").entered.emit("StepLR", False)
    training = quiet_session.document.training
    assert training.nesterov
    assert training.schedule == "StepLR"
    assert [form.field("schedule").editor.itemText(k) for k in range(2)] == ["constant", "StepLR"]


def test_the_goal_is_chosen_among_single_numbers(inspector: InspectorPanel, quiet_session: Session) -> None:
    quiet_session.graph.add("Mean", "y", name="score")
    quiet_session.graph.configure(goal="score")
    editor = inspector.document_page.goal_form.field("goal").editor
    assert [editor.itemText(i) for i in range(editor.count())] == ["automatic", "score"]
    assert editor.currentText() == "score"


def test_a_parameter_node_shows_its_value_once_and_editable(quiet_session: Session) -> None:
    quiet_session.graph.add("Parameter", name="W", shape=(2, 2))
    id = quiet_session.document.node("W").id
    (only,) = places(quiet_session, id)
    assert only.learnable
    assert only.edits == "value"


@pytest.mark.parametrize("names", [(), ("h",), ("z",), ("x", "z")])
def test_every_page_is_painted_in_both_themes(
    inspector: InspectorPanel, quiet_session: Session, each_theme, names: tuple[str, ...]
) -> None:
    pick(quiet_session, *names)
    assert not inspector.grab().isNull()


def test_a_long_name_and_a_long_formula_stay_within_the_panel(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    loss = quiet_session.graph.add(
        "BCEWithLogitsLoss", name="a_very_long_name_for_a_loss_that_goes_on_and_on"
    )
    inspector.resize(300, 260)
    inspector.show()
    quiet_session.select([loss.id])
    qtbot.waitUntil(lambda: inspector.node_page.isVisible())
    area = inspector._area
    assert area.widget().width() <= area.viewport().width()
    assert inspector.node_page.minimumSizeHint().width() <= area.viewport().width()


def test_what_is_typed_counts_for_the_node_it_was_typed_at_when_another_is_selected(
    inspector: InspectorPanel, quiet_session: Session, qtbot
) -> None:
    inspector.show()
    qtbot.waitExposed(inspector)
    pick(quiet_session, "z")
    line = inspector.node_page.form.field("units").line()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "17")
    quiet_session.select({quiet_session.document.node("gate").id})
    graph = quiet_session.graph.document
    assert graph.node("z").params["units"] == 17
    assert graph.node("gate").params["units"] != 17
    assert inspector.node_page.form.field("units").value() == graph.node("gate").params["units"]
