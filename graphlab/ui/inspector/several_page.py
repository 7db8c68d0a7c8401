"""The inspector's page for several nodes: what they are, their faults, and the params they have in common."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

from PySide6.QtWidgets import QLabel, QWidget

from ...errors import GraphlabError
from ...ops import Op, Param
from .. import frame_edits, numbers, searching
from ..session import Session
from ..widgets.fields import MIXED
from ..widgets.param_form import ParamForm
from .flags import Flags
from .fresh_part import FreshPart
from .parts import Problems, column, heading, quiet


class SeveralPage(QWidget):
    """Follows a set of nodes; `show_nodes` says which. What is set here is set for all of them, as one edit."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ids: list[str] = []
        self.title, self.kinds = QLabel(), quiet()
        self.title.setProperty("role", "title")
        self.problems = Problems(session.remedies)
        self.form = ParamForm(self._commit)
        self.form.search_asked.connect(lambda name, at: searching.ask(session, at, self._ends(name)))
        self.form.unsearched.connect(
            lambda name: session.attempt(searching.forget, session, self._ends(name))
        )
        self._form_title, self._nothing = heading("In common"), quiet("They have no parameter in common.")
        outer = column(self, spacing=10)
        self.flags, self.fresh = Flags(session), FreshPart(session)
        for widget in (
            self.title,
            self.kinds,
            self.problems,
            self._form_title,
            self.form,
            self._nothing,
            self.flags,
            self.fresh,
        ):
            outer.addWidget(widget)
        outer.addStretch(1)

    def show_nodes(self, ids: frozenset[str]) -> None:
        """Show these nodes."""
        document, inference = self._session.document, self._session.inference
        chosen = [i for i in document.nodes if i in ids]
        if chosen != self._ids:
            self.form.finish()
        self._ids = chosen
        ops = [inference.nodes[i].op for i in self._ids]
        self.title.setText(f"{len(self._ids)} nodes selected")
        self.kinds.setText(self._summary())
        self._show_problems()
        known = [op for op in ops if op is not None]
        params = common(known) if len(known) == len(ops) else {}
        values = {name: _value(known, name) for name in params}
        self.form.show_params(
            "Selection", params, values, searches=searching.told_of_all(self._session, self._ids, params)
        )
        is_any = bool(self.form.names())
        self._form_title.setVisible(is_any)
        self._nothing.setVisible(not is_any)
        self.flags.show_nodes(self._ids)
        self.fresh.show_nodes(self._ids)

    def _ends(self, name: str) -> list[searching.End]:
        return [(searching.place(self._session, node), name) for node in self._ids]

    def _summary(self) -> str:
        """What they are, and how many parameters they own together."""
        kinds = Counter(self._session.document.nodes[i].op for i in self._ids).most_common()
        words = ", ".join(f"{amount} × {op}" if amount > 1 else op for op, amount in kinds)
        owned = frame_edits.parameters(self._session, self._ids)
        return f"{words} · {numbers.count(owned, 'parameter')}" if owned else words

    def _show_problems(self) -> None:
        seen, chosen = self._session.seen, set(self._ids)
        problems = tuple(p for p in seen.inference.problems if p.node_id in chosen)
        self.problems.set_problems(problems, [seen.origin(p) for p in problems], with_name=True)

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        """Sets the param of all of them as one edit; if one refuses, none is changed, and it is named."""
        graph, node = self._session.graph, ""
        key = f"step {','.join(self._ids)}.{name}" if stepped else ""
        try:
            with graph.edit(f"Change {numbers.count(len(self._ids), 'node')}", key):
                for node in self._ids:
                    graph.set(node, **{name: value})
        except GraphlabError as error:
            return f"{self._session.document.nodes[node].name}: {error}"
        return ""


def common(ops: list[Op]) -> dict[str, Param]:
    """The params that all these ops have, by name and kind, with the choices that all of them offer."""
    if not ops:
        return {}
    found: dict[str, Param] = {}
    classes = dict.fromkeys(type(op) for op in ops)
    for name in type(ops[0]).params_of:
        params = tuple(dict.fromkeys(cls.params_of.get(name) for cls in classes))
        kinds = {param.kind if param is not None else "" for param in params}
        shared = _joint(params) if len(kinds) == 1 and None not in params else None
        if shared is not None:
            found[name] = shared
    return found


@lru_cache(
    maxsize=256
)  # a form keeps its fields, and what is being typed, while its params are the same objects
def _joint(params: tuple[Param, ...]) -> Param | None:
    """One param for several of the same name and kind; None when no choice suits them all."""
    first = params[0]
    if first.kind != "choice" or all(param.choices == first.choices for param in params):
        return first
    choices = tuple(c for c in first.choices if all(c in param.choices for param in params))
    if not choices:
        return None
    default = first.default if first.default in choices else choices[0]
    joint = Param(default, choices=choices, symbol=first.symbol, help=first.help, shown=first.shown)
    joint.name = first.name
    return joint


def _value(ops: list[Op], name: str) -> Any:
    values = {getattr(op, name) for op in ops}
    return values.pop() if len(values) == 1 else MIXED
