"""The command palette: one field that finds commands, nodes, operations, examples and recent files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from .. import ops
from . import bookmarks, marks, offers, settings
from .actions.action_set import shown
from .actions.registry import actions
from .canvas import framing
from .canvas.plates import title_of
from .compare_with import choices
from .fuzzy import score
from .icons import icon, op_icon
from .shelf import shelf
from .theme import mono_font, theme, ui_font
from .widgets.op_tree import is_f1

if TYPE_CHECKING:
    from .window import MainWindow

MOST = 60
SEEN = 10  # rows without scrolling
ROW = 32
POOR = 0.3  # of the best rank


@dataclass(frozen=True)
class Offer:
    """One line of the palette. `kind` is shown beside the title; `keys` is a shortcut; `op` names what it is about."""

    title: str
    kind: str
    icon: QIcon
    run: Callable[[], object]
    keys: str = ""
    words: str = ""
    weight: float = 0.0
    enabled: bool = True
    op: str = ""


class Palette(QFrame):
    """Lies over the window while open. Arrows choose, Enter does it, Esc or a click elsewhere closes."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._offers: list[Offer] = []
        self.setObjectName("palette")
        self.setAutoFillBackground(True)
        self.setStyleSheet(_style())
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Find or do anything")
        self.field.setObjectName("paletteField")
        self.list = QListView(self)
        self.model = QStandardItemModel(self.list)
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(lambda index: self._do(index))
        self.hide()

    # Open and close

    def open(self, text: str = "") -> None:
        """Shows the palette with `text` already typed."""
        self.setStyleSheet(_style())
        self._offers = self.offers()
        width = min(620, self._window.width() - 80)
        self.setGeometry((self._window.width() - width) // 2, 84, width, 64 + SEEN * ROW)
        self.show()
        self.raise_()
        self.field.setText(text)
        self._search(text)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.end(False)

    def close_up(self) -> None:
        if self.isVisible():
            self._window.canvas.setFocus(Qt.FocusReason.OtherFocusReason)  # first, or Qt gives it to a panel
            self.hide()

    def offers(self) -> list[Offer]:
        """Everything there is to find at present."""
        found = (
            self._commands(),
            self._nodes(),
            self._frames(),
            self._views(),
            self._panels(),
            self._ops(),
            self._pages(),
            self._comparisons(),
            self._files(),
        )
        return [offer for kind in found for offer in kind]

    def titles(self) -> list[str]:
        """What the list shows now, from the top."""
        return [self.model.index(row, 0).data() for row in range(self.model.rowCount())]

    def _commands(self) -> list[Offer]:
        made = self._window.actions_
        return [
            Offer(
                made[a.id].text().removesuffix(" …"),
                a.menu,
                icon(a.icon) if a.icon else QIcon(),
                partial(made.run, a.id),
                shown(a.shortcuts[0]) if a.shortcuts else "",
                a.tip,
                1.0,
                a.when(self._window),
            )
            for a in actions()
            if a.id not in ("tools.palette", "tools.compare")  # the one is open, the other's choices are here
        ]

    def _nodes(self) -> list[Offer]:
        session = self._window.session
        nodes, prefix = session.document.nodes.values(), session.seen.prefix
        kinds = {node.op: node for node in nodes}.values()  # few, of however many nodes
        drawn = {k.op: op_icon(ops.get(k.op)) if k.is_known else icon("warning") for k in kinds}
        return [
            Offer(
                f"Go to {node.name}",
                node.op,
                drawn[node.op],
                partial(self._window.show_node, prefix + node.id),
            )
            for node in nodes
        ]

    def _frames(self) -> list[Offer]:
        canvas = self._window.canvas
        return [
            Offer(
                f"Go to {title_of(f.title)}", "Frame", marks.icon(f.colour), partial(framing.show, canvas, i)
            )
            for i, f in self._window.session.document.frames.items()
        ]

    def _views(self) -> list[Offer]:
        document = self._window.session.whole
        return [
            Offer(
                f"Go to view: {bookmark.name}",
                " / ".join(("View", *bookmarks.places(document, bookmark.inside))),
                icon("bookmark"),
                partial(bookmarks.go_to, self._window, bookmark),
                shown(keys) if keys else "",
            )
            for bookmark, keys in bookmarks.keyed(document)
        ]

    def _ops(self) -> list[Offer]:
        return [
            Offer(
                f"Add {cls.__name__}",
                family,
                op_icon(cls),
                partial(self._window.add_node, offers.key(cls)),
                words=cls.help().partition("\n")[0],
                op=cls.__name__ if offers.has_page(cls) else "",
            )
            for family, members in offers.families(self._window.session).items()
            for cls in members
        ]

    def _comparisons(self) -> list[Offer]:
        return [
            Offer(f"Compare with {title}", kind, icon(drawing), run, weight=-0.4 * k)
            for k, (title, kind, drawing, run) in enumerate(choices(self._window))
        ]

    def _pages(self) -> list[Offer]:
        return [
            Offer(
                f"What is {cls.__name__}?",
                "Help",
                icon("help"),
                partial(self._window.show_op_page, cls.__name__),
                op=cls.__name__,
            )
            for members in ops.by_category().values()
            for cls in members
        ]

    def _panels(self) -> list[Offer]:
        return [
            Offer(
                f"Show {dock.panel.title}",
                "Panel",
                icon(dock.panel.icon),
                partial(self._window.docks.show, id),
            )
            for id, dock in self._window.docks.by_id.items()
        ]

    def _files(self) -> list[Offer]:
        files = self._window.files
        found = [
            Offer(
                f"Open example: {e.title}",
                "Example",
                icon("examples"),
                partial(files.open_example, e),
                words=e.description,
            )
            for e in shelf()
        ]
        found += [
            Offer(
                f"New from template: {t.title}",
                "Template",
                icon("template"),
                partial(self._window.templates.begin, t),
                words=t.description,
            )
            for t in self._window.templates.all()
        ]
        recent = [
            Offer(f"Open recent: {p.name}", str(p.parent), icon("recent"), partial(files.open, p))
            for p in settings.recent()
        ]
        return found + recent

    # Search

    def _search(self, text: str) -> None:
        ranked = sorted(
            ((rank, k) for k, offer in enumerate(self._offers) if (rank := _rank(text, offer)) > 0),
            key=lambda pair: (-pair[0], pair[1]),
        )
        best = ranked[0][0] if ranked else 0.0
        ranked = [
            pair for pair in ranked if pair[0] > POOR * best
        ]  # scattered letters are only a last resort
        model = self.model
        model.clear()
        for _, k in ranked[:MOST]:
            offer = self._offers[k]
            item = QStandardItem(offer.icon, offer.title)
            item.setData(k, Qt.ItemDataRole.UserRole)
            item.setData(offer.kind, Qt.ItemDataRole.UserRole + 1)
            item.setData(offer.keys, Qt.ItemDataRole.UserRole + 2)
            item.setToolTip(offer.words)
            item.setEnabled(offer.enabled)
            model.appendRow(item)
        self.list.setCurrentIndex(model.index(0, 0))
        self.resize(self.width(), 64 + ROW * min(max(model.rowCount(), 1), SEEN))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if is_f1(event):
            event.accept()
        elif event.type() == QEvent.Type.FocusOut:
            self.close_up()
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._take_key(event):
            return True
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.close_up()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self.list.currentIndex())
        elif key == Qt.Key.Key_F1:
            self._explain(self.list.currentIndex())
        elif key in moves:
            count = self.list.model().rowCount()
            row = self.list.currentIndex().row() + moves[key]
            row = row % count if abs(moves[key]) == 1 and count else min(max(row, 0), max(count - 1, 0))
            self.list.setCurrentIndex(self.list.model().index(row, 0))
        else:
            return False
        return True

    def _explain(self, index: QModelIndex) -> None:
        """F1: the page of the operation that the row is about."""
        op = self._offers[index.data(Qt.ItemDataRole.UserRole)].op if index.isValid() else ""
        if op:
            self.close_up()
            self._window.session.help_requested.emit(op)

    def _do(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        offer = self._offers[index.data(Qt.ItemDataRole.UserRole)]
        if offer.enabled:
            self.close_up()
            self._window.session.attempt(offer.run)


def _rank(text: str, offer: Offer) -> float:
    if not text.strip():
        return offer.weight if offer.enabled else 0.0
    found = max(score(text, offer.title), 0.6 * score(text, f"{offer.kind} {offer.title}"))
    if not found and len(text) > 2:
        found = 0.3 * score(text, offer.words) if text.lower() in offer.words.lower() else 0.0
    return found + 0.1 * offer.weight - (1.0 if not offer.enabled else 0.0) if found else 0.0


def _style() -> str:
    now = theme()
    return (
        f"#palette {{ background: {now.raised.name()}; border: 1px solid {now.line.name()}; border-radius: 10px; }}"
        f"#paletteField {{ font-size: 15px; padding: 6px 10px; }}"
        f"#palette QListView {{ background: transparent; }}"
    )


class _Row(QStyledItemDelegate):
    """Icon and title at the left, kind and shortcut at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        now = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = option.rect.adjusted(2, 1, -2, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        if chosen:
            painter.setBrush(now.selection)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(box, 6, 6)
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(picture, QIcon) and not picture.isNull():
            mode = QIcon.Mode.Normal if enabled else QIcon.Mode.Disabled
            picture.paint(painter, QRect(box.left() + 10, box.center().y() - 8, 17, 17), mode=mode)
        right = box.adjusted(0, 0, -10, 0)
        keys = index.data(Qt.ItemDataRole.UserRole + 2)
        if keys:
            painter.setFont(mono_font(11))
            width = painter.fontMetrics().horizontalAdvance(keys) + 12
            cap = QRect(right.right() - width, box.center().y() - 10, width, 20)
            painter.setPen(now.line)
            painter.setBrush(now.panel)
            painter.drawRoundedRect(cap, 4, 4)
            painter.setPen(now.secondary)
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, keys)
            right.setRight(cap.left() - 8)
        kind = str(index.data(Qt.ItemDataRole.UserRole + 1))
        painter.setFont(ui_font(12))
        painter.setPen(now.secondary)
        kind = painter.fontMetrics().elidedText(kind, Qt.TextElideMode.ElideLeft, right.width() // 3)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, kind)
        right.setRight(right.right() - painter.fontMetrics().horizontalAdvance(kind) - 10)
        painter.setFont(ui_font(13))
        painter.setPen(now.text if enabled else now.faint)
        words = right.adjusted(38, 0, 0, 0)
        title = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        painter.restore()
