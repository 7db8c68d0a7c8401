"""The inspector's page for one node: name, formula, faults, tensors, params, breakpoints, help."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QWidget

from ...errors import GraphlabError
from ...graph import Document, Node, along
from ...graph.promoting import by_end, demote, join, promote
from ...ops import Op
from .. import group_edits, numbers, searching
from ..session import Session
from ..theme import mono_font
from ..widgets.fields import TextBox
from ..widgets.formula_view import FormulaPair
from ..widgets.param_form import ParamForm, Sign
from .ailments import Ailments
from .answer_part import AnswerPart
from .cell_part import CellPart
from .cell_weights import CellWeights
from .class_names_part import ClassNamesPart
from .flags import Flags
from .fresh_part import FreshPart
from .goal_part import GoalPart
from .group_part import GroupPart
from .parts import Elided, Mark, Problems, column, heading, quiet
from .picture_part import PicturePart
from .sockets import Place
from .steps_part import StepsPart
from .stops import Stops
from .structure_part import StructurePart
from .table_part import TablePart
from .tensors import Tensors
from .text_part import TextPart
from .windows_part import WindowsPart

_PROMOTE = "Show on the group. Each use of it can then set this param for itself."


class NodePage(QWidget):
    """Follows one node of the session's document; `show_node` says which."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self.name, self.swatch = TextBox(), Mark(side=12)
        self.op, self.shape = Elided(), QLabel()
        self.formulas = FormulaPair()
        self.problems, self.tensors = Problems(session.remedies), Tensors(session)
        self.group, self.flags = GroupPart(session), Flags(session)
        self.cell, self.cell_weights = CellPart(session), CellWeights(session)
        self.steps = StepsPart(session)
        self.ailments = Ailments(session)
        self.table = TablePart(session)
        self.class_names = ClassNamesPart(session)
        self.answer = AnswerPart(session)
        self.text = TextPart(session)
        self.windows = WindowsPart(session)
        self.picture = PicturePart(session)
        self.form = ParamForm(self._commit)
        self.form.marked.connect(lambda param: session.attempt(self._toggle_promoted, param))
        self.form.search_asked.connect(lambda name, at: searching.ask(session, at, [self._end(name)]))
        self.form.unsearched.connect(
            lambda name: session.attempt(searching.forget, session, [self._end(name)])
        )
        self.structure = StructurePart(session)
        self.name_error, self.help = QLabel(), quiet()
        self._params_title = heading("Parameters")
        self.stops = Stops(session)
        self.goal = GoalPart(session)
        self.fresh = FreshPart(session)
        self._build()

    def _build(self) -> None:
        outer = column(self, spacing=10)
        outer.addLayout(self._head())
        outer.addWidget(self.name_error)
        outer.addWidget(self.formulas)
        outer.addWidget(self.problems)
        outer.addWidget(self.ailments)
        outer.addWidget(self.cell)
        outer.addWidget(self.steps)
        outer.addWidget(self.cell_weights)
        outer.addWidget(self.group)
        outer.addWidget(self.table)
        outer.addWidget(self.class_names)
        outer.addWidget(self.answer)
        outer.addWidget(self.text)
        outer.addWidget(self.windows)
        outer.addWidget(self.picture)
        outer.addWidget(self.tensors)
        outer.addWidget(self.goal)
        outer.addSpacing(4)
        outer.addWidget(self._params_title)
        outer.addWidget(self.form)
        outer.addWidget(self.structure)
        outer.addWidget(self.flags)
        outer.addWidget(self.fresh)
        outer.addWidget(self.stops)
        outer.addSpacing(4)
        outer.addWidget(heading("About"))
        outer.addWidget(self.help)
        outer.addStretch(1)
        self.name.editingFinished.connect(self._rename)
        self.name.cancelled.connect(self._show_name)
        self.tensors.placeChanged.connect(self._show_place)
        self.tensors.placeChanged.connect(self.goal.show_place)
        self.tensors.elementSelected.connect(self.goal.select)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self.name.setProperty("role", "title")
        self.name.setAccessibleName("Name of the node")
        self.name.setMinimumWidth(60)
        self.op.setProperty("role", "secondary")
        self.shape.setProperty("role", "secondary")
        self.shape.setFont(mono_font(11))
        self.name_error.setProperty("role", "error")
        self.name_error.setWordWrap(True)
        self.name_error.hide()
        row.addWidget(self.swatch)
        row.addWidget(self.name, 1)
        row.addWidget(self.op)
        row.addWidget(self.shape)
        return row

    # -- showing -------------------------------------------------------------------------------------------------

    def show_node(self, id: str) -> None:
        """Show this node, or show it again after the document or its shapes changed. "" shows nothing more."""
        if id != self._id:
            self.form.finish()
        same, self._id = id == self._id, id
        node = self._node()
        self.group.show_group(id if node else "")
        self.cell.show_cell(id if node else "")
        self.steps.show_node(id if node else "")
        self.structure.show_node(id if node else "")
        self.cell_weights.show_node(id if node else "")
        if node is None:
            self.answer.show_node("")
            self.tensors.show_node("")
            return
        self.flags.show_nodes([id])
        self.fresh.show_nodes([id])
        if not (same and self.name.isModified()):
            self._show_name()
        seen = self._session.seen
        problems = tuple(seen.inference.problems_of(id))
        self.problems.set_problems(problems, [seen.origin(problem) for problem in problems])
        self.table.show_table(id, node.make() if node.is_known else None)
        self.answer.show_node(id)
        self.class_names.show_names(id, node.make() if node.is_known else None)
        self.text.show_text(id, node.make() if node.is_known else None)
        self.windows.show_node(id)
        self.picture.show_picture(id, node.make() if node.is_known else None)
        flat = self._session.inference.nodes.get(id)
        self._show_op(node, flat.op if flat else None)
        self.tensors.show_node(id)
        self.stops.show_node(id)
        self.ailments.show_node(id)

    def _node(self) -> Node | None:
        document: Document = self._session.document
        return document.nodes.get(self._id)

    def _end(self, name: str) -> searching.End:
        return searching.place(self._session, self._id), name

    def _show_name(self) -> None:
        node = self._node()
        self.name.setText(node.name if node else "")
        self.name.setModified(False)
        self.name_error.hide()

    def _show_op(self, node: Node, op: Op | None) -> None:
        self.op.setText(node.op)
        self.swatch.set_mark("", op.category.lower() if op else "error")
        self.formulas.set_formulas(*_formulas(op))
        self.help.setText(
            _paragraphs(type(op).help()) if op else "Its data is kept and will be saved unchanged."
        )
        params = type(op).params_of if op else {}
        searches = searching.told(self._session, searching.place(self._session, node.id), params)
        self.form.show_params(node.op, params, op.params if op else {}, self._signs(node, op), searches)
        self._params_title.setVisible(any(param.shown for param in params.values()))

    def _signs(self, node: Node, op: Op | None) -> dict[str, Sign]:
        """Inside a group, beside each param: whether uses of the group may set it."""
        if op is None or not self._session.inside:
            return {}
        promoted = by_end(self._session.document)
        found = {}
        for param in op.params:
            if param != op.grows:  # the number of sockets is the same for all
                name = promoted.get((node.id, param), "")
                tip = f"Shown on the group as “{name}”. Click to take it off." if name else _PROMOTE
                found[param] = Sign("promote", tip, bool(name))
        return found

    def _toggle_promoted(self, param: str) -> None:
        graph = self._session.graph
        promoted = by_end(graph.document)
        name = promoted.get((self._id, param), "")
        if name:
            graph.replace(demote(graph.document, name, self._id), "Take off the group")
        elif found := along.choices(graph.document, self._id, param):
            self._ask_along(param, found)
        else:
            graph.replace(promote(graph.document, self._id, param), "Show on the group")

    def _ask_along(self, param: str, settings: list[tuple[str, int]]) -> None:
        """Whether a param is to be a setting of its own, or set along with one that there is."""
        session, node = self._session, self._id

        def own() -> None:
            graph = session.graph
            graph.replace(promote(graph.document, node, param), "Show on the group")

        def with_other(name: str, times: int) -> None:
            graph = session.graph
            graph.replace(join(graph.document, name, node, param, times), f"Set along with {name}")

        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name, times in settings:
            words = f"Set along with “{name}”" + (f", {times} times as much" if times > 1 else "")
            menu.addAction(words, partial(session.attempt, with_other, name, times))
        menu.addAction("A setting of its own", partial(session.attempt, own))
        sign = self.form.sign(param)
        menu.popup(sign.mapToGlobal(sign.rect().bottomLeft()))

    def _show_place(self, place: Place | None) -> None:
        if place is None:
            self.shape.setText("")
            return
        self.shape.setText(f"{place.shape} {place.kind}" if place.shape else "shape unknown")
        count = self._session.inference.parameter_count(place.node)
        self.shape.setToolTip(numbers.count(count, "parameter") if count else "")

    # -- editing -------------------------------------------------------------------------------------------------

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        """Sets a param; what is wrong stands below its field."""
        key = f"step {self._id}.{name}" if stepped else ""
        try:
            self._session.graph.set(self._id, key, **{name: value})
        except GraphlabError as error:
            return str(error)
        return ""

    def _rename(self) -> None:
        node, name = self._node(), self.name.text().strip()
        if node is None or name == node.name:
            self._show_name()
            return
        try:
            group_edits.rename(self._session, self._session.graph, self._id, name)
        except GraphlabError as error:
            self.name_error.setText(str(error))
            self.name_error.show()
            return
        self._show_name()


def _paragraphs(help: str) -> str:
    """Help text without its line breaks inside paragraphs and without code marks."""
    return "\n\n".join(part.replace("\n", " ") for part in help.replace("`", "").split("\n\n"))


def _formulas(op: Op | None) -> tuple[str, str]:
    """What is typeset of an operation: nothing of what only gives the graph its shape."""
    return ("", "") if op is None or op.role else (op.latex or op.formula, op.derivative)
