"""The inspector's page for several nodes: what they are, and the params they have in common, edited together."""

from __future__ import annotations

from collections import Counter
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from ...errors import GraphlabError
from ...ops import Op, Param
from .. import numbers
from ..session import Session
from ..widgets.fields import MIXED
from ..widgets.param_form import ParamForm
from .flags import Flags
from .parts import column, heading, quiet


class SeveralPage(QWidget):
    """Follows a set of nodes; `show_nodes` says which."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ids: list[str] = []
        self.title, self.kinds = QLabel(), quiet()
        self.title.setProperty("role", "title")
        self.form = ParamForm(self._commit)
        self._form_title, self._nothing = heading("In common"), quiet("They have no parameter in common.")
        outer = column(self, spacing=10)
        self.flags = Flags(session)
        for widget in (self.title, self.kinds, self._form_title, self.form, self._nothing, self.flags):
            outer.addWidget(widget)
        outer.addStretch(1)

    def show_nodes(self, ids: frozenset[str]) -> None:
        """Show these nodes."""
        document, inference = self._session.document, self._session.inference
        self._ids = [i for i in document.nodes if i in ids]
        ops = [inference.nodes[i].op for i in self._ids]
        self.title.setText(f"{len(self._ids)} nodes selected")
        self.kinds.setText(_kinds([document.nodes[i].op for i in self._ids]))
        known = [op for op in ops if op is not None]
        params = common(known) if len(known) == len(ops) else {}
        self.form.show_params("Selection", params, {name: _value(known, name) for name in params})
        self._form_title.setVisible(any(param.shown for param in params.values()))
        self._nothing.setVisible(not any(param.shown for param in params.values()))
        self.flags.show_nodes(self._ids)

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        """Sets the param of all of them as one edit; if one refuses, none is changed."""
        graph = self._session.graph
        key = f"step {','.join(self._ids)}.{name}" if stepped else ""
        try:
            with graph.edit(f"Change {numbers.count(len(self._ids), 'node')}", key):
                for node in self._ids:
                    graph.set(node, **{name: value})
        except GraphlabError as error:
            return str(error)
        return ""


def common(ops: list[Op]) -> dict[str, Param]:
    """The params that all these ops have, by name and kind; those of the first one."""
    if not ops:
        return {}
    first, rest = type(ops[0]).params_of, [type(op).params_of for op in ops[1:]]
    return {
        name: param
        for name, param in first.items()
        if all(name in others and others[name].kind == param.kind for others in rest)
    }


def _value(ops: list[Op], name: str) -> Any:
    values = {op.params[name] for op in ops}
    return values.pop() if len(values) == 1 else MIXED


def _kinds(names: list[str]) -> str:
    return ", ".join(f"{amount} × {op}" if amount > 1 else op for op, amount in Counter(names).most_common())
