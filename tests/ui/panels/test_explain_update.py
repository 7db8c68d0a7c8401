"""The update explained by hand: U on a weight, the optimizer's state among the tensors of a node, following to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.optimizer_state import state_array
from graphlab.ui import formula
from graphlab.ui.inspector.sockets import places
from graphlab.ui.panels.explain import ExplainPanel
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session
from graphlab.ui.values.menu import menu_of
from graphlab.ui.widgets.stats_line import stats_of
from tests.engine.test_explaining_update import SETTINGS
from tests.ui.panels.test_explain import Answering, engine, inspector, lines, panel, session

__all__ = ["engine", "inspector", "panel", "session"]


def adam(session: Session, engine: Answering) -> str:
    session.root.configure(optimizer="Adam", lr=0.1)
    engine.run.optimizer = type(engine.run)(session.whole).optimizer
    engine.run.backward()
    hidden = session.document.node("hidden").id
    session.select({hidden})
    return hidden


def test_what_adam_keeps_stands_among_the_tensors_of_a_node(session: Session) -> None:
    hidden = session.document.node("hidden").id
    session.root.configure(optimizer="Adam")
    kept = {place.socket: place for place in places(session, hidden) if place.keeper}
    assert list(kept) == [f"{p}.{n}" for p in ("weight", "bias") for n in ("exp_avg", "exp_avg_sq", "step")]
    assert kept["weight.exp_avg"].title == "weight.exp_avg · 4×2 · Adam"
    assert not kept["weight.exp_avg"].is_editable
    assert "no gradient" in kept["weight.exp_avg"].why_no_gradient
    session.root.configure(optimizer="SGD", momentum=0.0)
    assert [place.socket for place in places(session, hidden) if place.keeper] == ["weight.step", "bias.step"]
    session.root.set_flags(hidden, frozen=True)
    assert not [place for place in places(session, hidden) if place.keeper]


def test_u_explains_the_update_of_the_outlined_weight(
    session: Session, engine: Answering, inspector: InspectorPanel, panel: ExplainPanel
) -> None:
    adam(session, engine)
    tensors = inspector.node_page.tensors
    tensors.choose("weight")
    engine.show("value", "hidden", "weight")
    tensors.refresh()
    view = tensors.value.view
    view.heat_map().select((3, 1))
    assert any("Explain its update" in a.text() for a in menu_of(view, (3, 1)).actions())
    QTest.keyClick(view.heat_map(), Qt.Key.Key_U)
    question = session.explainer.question
    assert question is not None
    assert (question.kind, question.socket, question.index) == ("update", "weight", (3, 1))
    assert session.explainer.title(question) == "hidden.weight[3, 1], its update"
    assert panel.title.text().startswith("hidden.weight[3, 1] after update 1 = ")
    assert panel.symbols.text() == "= w − lr · m̂ / (√(v̂) + ε)"
    assert panel.note.text().startswith("The update is to come: it is ")
    assert panel.formula.formula()
    weight = float(engine.run.parameters["hidden.weight"][3, 1])
    assert lines(panel)[0][2] == "hidden.weight[3, 1]"
    assert float(lines(panel)[0][0].replace("−", "-")) == pytest.approx(weight, rel=1e-4)
    assert tensors.place().socket == "weight", "the inspector shows what is explained"


def test_from_the_update_one_follows_to_what_the_optimizer_keeps(
    session: Session, engine: Answering, inspector: InspectorPanel, panel: ExplainPanel
) -> None:
    hidden = adam(session, engine)
    engine.run.step()
    session.explainer.ask_about_update(hidden)
    found = session.explainer.found
    assert found is not None
    origins = [
        part.origin for part in _all(found.term) if part.origin and part.origin.name == "weight.exp_avg"
    ]
    session.explainer.follow(origins[0])
    assert panel.title.text().startswith("hidden.weight.exp_avg[")
    assert "β₁ · mₜ₋₁" in panel.symbols.text()
    tensors = inspector.node_page.tensors
    assert tensors.place().socket == "weight.exp_avg"
    assert not tensors.tabs.isTabEnabled(1)
    end = (hidden, "weight.exp_avg")
    array: Any = np.array(state_array(engine.run, end))
    tensor = m.Tensor(m.TensorKey("value", *end), array.shape, "float32", True, stats_of(array), array)
    session.engine.frame.emit(session.engine.tensors.take(m.Frame(0, 1, (tensor,))))
    tensors.refresh()
    assert tensors.value.view.supply is not None
    session.watches.pin("value", *end, (0, 1), show=False)
    session.watches.pin("value", *end, show=False)
    assert [w.expression for w in session.watches.all] == ["weight.exp_avg[0, 1]", "weight.exp_avg"]
    assert [w.probe.expression for w in session.watches.all] == [
        "weight.exp_avg[0, 1]",
        "weight.exp_avg.norm",
    ]


def _all(term: Any) -> list[Any]:
    return [term, *(leaf for part in term.parts for leaf in _all(part))]


def test_a_node_that_learns_nothing_has_no_update_to_explain(session: Session) -> None:
    act, hidden = (session.document.node(name).id for name in ("act", "hidden"))
    assert session.explainer.can_ask_about_update(hidden)
    assert not session.explainer.can_ask_about_update(act)
    session.root.set_flags(hidden, frozen=True)
    assert not session.explainer.can_ask_about_update(hidden)


@pytest.mark.parametrize(("kind", "settings"), SETTINGS, ids=lambda x: getattr(x, "__name__", str(x)))
def test_every_rule_can_be_typeset(kind: Any, settings: dict[str, Any]) -> None:
    latex = kind(**settings).rule_latex()
    assert latex.startswith(r"w \leftarrow")
    assert "<svg" in formula.drawing(latex, 16)
