"""How the cells of the timeline and the headers over groups look. Where they are is told from outside."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from ...engine.unrolling import step_of
from ..canvas.ink import text_font
from ..canvas.unroll_told import below
from ..session import Session
from ..theme import theme
from .timeline_columns import Columns, Header

_BOLD, _PLAIN = 600, 400


class CellPainter:
    """Paints what is done filled, what was computed last framed and bold, what is not yet faint."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.columns = Columns()

    def paint_header(self, painter: QPainter, rect: QRectF, header: Header) -> None:
        """The name of a group over its columns, with a bracket and the sign of whether it is folded."""
        line, tip = rect.bottom() - 2, rect.bottom() + 1
        painter.setPen(QPen(theme().secondary, 1))
        painter.drawLine(QPointF(rect.left(), line), QPointF(rect.right(), line))
        for x in (rect.left(), rect.right()):
            painter.drawLine(QPointF(x, line), QPointF(x, tip))
        painter.setFont(text_font(10))
        text = f"{'▸' if header.folded else '▾'} {self.title(header.group)}"
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()) - 4)
        painter.drawText(rect.adjusted(3, -3, 0, -3), Qt.AlignmentFlag.AlignVCenter, cut)

    def title(self, group: str) -> str:
        """The name of a group of the document, given by the prefix of the keys inside it."""
        node = self._session.whole.nodes.get(group[:-1])
        return node.name if node is not None else group[:-1]

    def paint(self, painter: QPainter, rect: QRectF, index: int, pointed: bool) -> None:
        """The cell of an entry; of a folded group, `index` is its last."""
        session, now, entry = self._session, theme(), self._session.schedule[index]
        cursor, colour = session.status.cursor, now.phase(entry.phase)
        inside = self.columns.cells[self.columns.column(entry), entry.phase]
        done, current = index < cursor, inside[0] < cursor <= index + 1 and cursor - 1 in inside
        share = (0.36 if done else 0.16) if pointed else 0.24 if done else 0.05
        painter.setBrush(now.tint(colour, share, now.panel))
        painter.setPen(QPen(colour, 1.6) if current else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect.adjusted(0.8, 0.8, -0.8, -0.8) if current else rect, 4, 4)
        if session.selection and not current and session.seen.here(entry.node) in session.selection:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.accent, 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(text_font(11, _BOLD if current else _PLAIN))
        painter.setPen(now.text if current else colour if done else now.secondary)
        room = int(rect.width()) - 6
        text = fitting(self.text(index, inside), painter.fontMetrics().horizontalAdvance, room)
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, cut)
        if session.all_breakpoints:
            self._paint_stop(painter, rect, inside)

    def text(self, index: int, inside: list[int]) -> str:
        """What stands in a cell: below the header of its group, a node goes without the group's name."""
        entry = self._session.schedule[index]
        name = self._session.name_of(entry.node) or entry.phase
        header = self.columns.header_at(self.columns.column(entry))
        if entry.phase == "update" or header is None:
            return name
        if not header.folded:
            return _of_copy(name.partition("/")[2] or name)
        done = sum(k < self._session.status.cursor for k in inside)
        return f"{done} of {len(inside)}" if 0 < done < len(inside) else f"{len(inside)} nodes"

    def _paint_stop(self, painter: QPainter, rect: QRectF, inside: list[int]) -> None:
        """The mark of a breakpoint at one of these entries; a ring where all hang on conditions."""
        session = self._session
        places = [(session.schedule[k].node, session.schedule[k].phase) for k in inside]
        stops = [place for place in places if place in session.all_breakpoints]
        if not stops:
            return
        conditional = all(place in session.all_conditions for place in stops)
        painter.setPen(QPen(theme().error if conditional else theme().panel, 1.5))
        painter.setBrush(theme().panel if conditional else theme().error)
        painter.drawEllipse(QPointF(rect.left() + 5, rect.top() + 5), 4, 4)


def fitting(path: str, width: Callable[[str], float], room: float) -> str:
    """As much of the end of "layer1/0/conv1" as there is room for: its beginning, many neighbours have as well."""
    while width(path) > room and "/" in path:
        path = path.partition("/")[2]
    return path


def _of_copy(name: str) -> str:
    """A node of a repeated cell with its step behind it, "tanh₃" of "t=3/tanh": there is room for few letters."""
    found = step_of(f"/{name}")
    return f"{found[2]}{below(found[1])}" if found is not None and not found[0] else name
