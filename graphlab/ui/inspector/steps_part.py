"""What each port of a repeated cell is given at a step, and how its outputs are given, in the inspector."""

from __future__ import annotations

from functools import partial
from typing import cast

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...graph import Node
from ...graph.groups import role
from ...graph.unrolling import input_given, output_given
from ...ops.unroll import HOW, Unroll
from ..session import Session
from ..widgets.fields import QuietCombo, labelled
from .parts import column, heading, quiet

Choice = tuple[str, str]  # "sequence", "state" or "feedback", and the output that it comes from
_WORDS = {"sequence": "the sequence", "state": "state: {}", "feedback": "fed back: {}"}
_TIPS = {
    "in": "What this input of the cell is given at each step: its part of a sequence, a state that one step hands to "
    "the next, or an output of the step before in the place of what the sequence has.",
    "out": "How this output is given: all steps as one sequence, the last one, or their mean.",
}


class StepsPart(QWidget):
    """Follows one node of the session's sheet; `show_node` says which. Hidden for one that repeats no cell."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self._names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self.inputs: dict[str, QuietCombo] = {}
        self.outputs: dict[str, QuietCombo] = {}
        self._column = column(self, spacing=8)
        self._rows: QWidget | None = None
        self.hide()

    def show_node(self, id: str) -> None:
        """Show this node's ports if it repeats a cell; "" for none."""
        node = self._session.document.nodes.get(id)
        self._id = id if node is not None and role(node) == "unroll" else ""
        self.setVisible(bool(self._id))
        if node is None or not self._id:
            return
        op = self._op(node)
        if self._rows is None or self._names != (op.takes, op.gives):
            self._names = op.takes, op.gives
            self._fill(op)
        for name, combo in self.inputs.items():
            combo.setCurrentIndex(self._choices(op).index(_given(op, name)))
        ways = dict(op.each_as)
        for name, combo in self.outputs.items():
            combo.setItemText(0, f"as the node: {op.outputs_as}")
            combo.setCurrentIndex((HOW.index(ways[name]) + 1) if name in ways else 0)

    def _op(self, node: Node) -> Unroll:
        return cast(Unroll, node.make())

    def _choices(self, op: Unroll) -> list[Choice]:
        return [("sequence", ""), *((kind, o) for kind in ("state", "feedback") for o in op.gives)]

    def _fill(self, op: Unroll) -> None:
        """One row for each port."""
        if self._rows is not None:
            self._column.removeWidget(self._rows)
            self._rows.deleteLater()
        self._rows = QWidget(self)
        rows = column(self._rows, spacing=8)
        rows.addWidget(heading("At each step"))
        words = [_WORDS[kind].format(output) for kind, output in self._choices(op)]
        self.inputs = {name: self._row(rows, "in", name, words) for name in op.takes}
        ways = ["as the node", *HOW]
        self.outputs = {name: self._row(rows, "out", name, ways) for name in op.gives}
        self._column.addWidget(self._rows)

    def _row(self, rows: QVBoxLayout, side: str, name: str, words: list[str]) -> QuietCombo:
        combo = QuietCombo()
        combo.addItems(words)
        combo.setAccessibleName(f"{'Input' if side == 'in' else 'Output'} {name}")
        combo.setToolTip(_TIPS[side])
        combo.activated.connect(partial(self._choose, side, name))
        label = quiet(f"→ {name}" if side == "in" else f"{name} →")
        label.setMinimumHeight(28)
        rows.addLayout(labelled(label, combo))
        return combo

    def _choose(self, side: str, name: str, index: int) -> None:
        node = self._session.document.nodes.get(self._id)
        if node is None:
            return
        op = self._op(node)
        if side == "in":
            params = input_given(op, name, *self._choices(op)[index])
        else:
            params = output_given(op, name, ("", *HOW)[index])
        self._session.attempt(self._session.graph.set, self._id, **params)
        self.show_node(self._id)


def _given(op: Unroll, name: str) -> Choice:
    states = {i: o for o, i in op.pairs}
    if name in states:
        return "state", states[name]
    return ("feedback", op.fed_back[name]) if name in op.fed_back else ("sequence", "")
