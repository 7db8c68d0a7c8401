"""What the inspector says of a group: what it is called, how often it is used, and what this use sets for itself."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from ...errors import GraphlabError
from ...graph import Document, Node
from ...graph.groups import (
    clear_setting,
    rename_definition,
    set_setting,
    settings_of,
    sheet,
    size_of,
)
from ...graph.promoting import param_of, sets
from ...ops import Param
from .. import group_edits, numbers, searching
from ..icons import icon
from ..session import Session
from ..widgets.fields import TextBox, labelled
from ..widgets.param_form import ParamForm, Sign
from .parts import column, heading, quiet

_ADVICE = (
    "Params of nodes inside can be set here, for each use apart: enter the group, and press ↑ beside a param."
)
_FOLLOW = Sign("reset", "Set for this use alone. Click to have the value inside the group again.", True)


class GroupPart(QWidget):
    """Follows one group of the session's sheet; `show_group` says which. Hidden for any other node."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self.name, self.name_error = TextBox(), QLabel()
        self.uses, self.advice = quiet(), quiet(_ADVICE)
        self.enter = QPushButton(icon("enter"), "Enter")
        self.unique = QPushButton(icon("unique"), "Make unique")
        self.form = ParamForm(self._commit)
        self._title = heading("Set for this use")
        self._build()
        self.hide()

    def _build(self) -> None:
        outer = column(self, spacing=8)
        label = quiet("group")
        label.setMinimumHeight(28)
        outer.addLayout(labelled(label, self.name))
        self.name.setAccessibleName("Name of the group")
        self.name.editingFinished.connect(self._rename)
        self.name.cancelled.connect(self._show_name)
        self.name_error.setProperty("role", "error")
        self.name_error.setWordWrap(True)
        outer.addWidget(self.name_error)
        outer.addWidget(self.uses)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button, tip in (
            (self.enter, "See and edit what is inside (Return)"),
            (self.unique, "Give this use a group of its own, so that the others stay as they are"),
        ):
            button.setProperty("role", "small")
            button.setToolTip(tip)
            buttons.addWidget(button, 1)
        outer.addLayout(buttons)
        outer.addSpacing(4)
        for widget in (self._title, self.form, self.advice):
            outer.addWidget(widget)
        session = self._session
        self.enter.clicked.connect(lambda: session.enter(self._id))
        self.unique.clicked.connect(lambda: session.attempt(group_edits.unique, session, [self._id]))
        self.form.marked.connect(lambda name: session.attempt(self._follow, name))
        self.form.search_asked.connect(lambda name, at: searching.ask(session, at, [self._end(name)]))
        self.form.unsearched.connect(
            lambda name: session.attempt(searching.forget, session, [self._end(name)])
        )

    def show_group(self, id: str) -> None:
        """Show this node if it is a group, "" for none."""
        self._id = id if group_edits.is_group(self._session, id) else ""
        self.setVisible(bool(self._id))
        node = self._node()
        if node is None:
            return
        if not self.name.isModified():
            self._show_name()
        times = group_edits.times_used_by(self._session, id)
        inside = numbers.count(size_of(self._inner(node)), "node")
        more = ": edits inside change all" if times > 1 else ""
        self.uses.setText(f"{inside} inside, used {numbers.times(times)}{more}")
        self.unique.setVisible(times > 1)
        self._show_settings(node)

    def _end(self, name: str) -> searching.End:
        return searching.place(self._session, self._id), name

    def _node(self) -> Node | None:
        return self._session.document.nodes.get(self._id)

    def _inner(self, node: Node) -> Document:
        return sheet(self._session.whole, str(node.params["definition"]))

    def _show_name(self) -> None:
        node = self._node()
        self.name.setText(self._inner(node).name if node is not None else "")
        self.name.setModified(False)
        self.name_error.hide()

    def _show_settings(self, node: Node) -> None:
        document = self._session.document
        values = settings_of(document, node)
        inner = self._inner(node)
        params = {
            name: _named(
                param_of(inner, i, param),
                name,
                ", ".join(f"{end.param} of {inner.nodes[end.node].name}" for end in sets(inner, name)),
            )
            for name, (i, param) in inner.promoted.items()
            if name in values
        }
        own = dict(node.params.get("values", ()))
        signs = {name: _FOLLOW for name in params if name in own}
        searches = searching.told(self._session, searching.place(self._session, self._id), params)
        self.form.show_params(node.op, params, values, signs, searches)
        self.advice.setVisible(not params)

    # -- editing -------------------------------------------------------------------------------------------------

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        graph, node = self._session.graph, self._node()
        if node is None:
            return ""
        key = f"step {self._id}.values.{name}" if stepped else ""
        try:
            graph.replace(set_setting(graph.document, self._id, name, value), f"Change {node.name}", key)
        except GraphlabError as error:
            return str(error)
        return ""

    def _follow(self, name: str) -> None:
        """This use has the value that the param has inside the group."""
        graph = self._session.graph
        graph.replace(clear_setting(graph.document, self._id, name), f"Reset {name}")

    def _rename(self) -> None:
        node = self._node()
        if node is None or not self.name.isModified():
            return
        session, definition = self._session, str(node.params["definition"])
        try:
            renamed = rename_definition(session.whole, definition, self.name.text().strip())
            session.root.replace(renamed, "Rename group")
        except GraphlabError as error:
            self.name_error.setText(str(error))
            self.name_error.show()
            return
        self._show_name()


@lru_cache(maxsize=256)
def _named(param: Param, name: str, of: str) -> Param:
    """The param under the name of the setting; always the same object, so that a form knows it again."""
    found = copy.copy(param)
    found.name = name
    found.help = f"{of}. {param.help}"
    return found
