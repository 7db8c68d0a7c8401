"""The page of an operation: formula, what it does, its curve to play with, shapes, params, cost, and where next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..ops import Op, get
from . import icons, offers, op_words
from .favourites import favourites
from .inspector.parts import Mark, column, heading
from .theme import theme, theme_changed, ui_font
from .widgets.formula_view import FormulaView
from .widgets.op_curve import OpCurve

if TYPE_CHECKING:
    from .window import MainWindow

_TEXT = Qt.TextInteractionFlag


def page_of(window: MainWindow) -> OpPage:
    """The one page of the frame that a document's window is in."""
    frame = window.window()
    found = frame.findChild(OpPage)
    return found if found is not None else OpPage(frame)


class OpPage(QDialog):
    """Shows one operation after another, and goes back and forward through them. It never stands in the way."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.resize(560, 720)
        self.setMinimumSize(400, 320)
        self._window: MainWindow | None = None
        self._visited: list[str] = []
        self._here = -1
        self.back = self._tool("chevron-left", "Back", "Alt+Left", lambda: self._go(-1))
        self.forward = self._tool("chevron-right", "Forward", "Alt+Right", lambda: self._go(1))
        self.star = self._tool("star", "Favourite", "", self._toggle_star)
        self.star.setCheckable(True)
        self.add = QPushButton(icons.icon("add"), "Add to the graph", self)
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._add)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("What the operation is")
        self._lay_out()
        self._scroll.setFocus()
        theme_changed.connect(self._redraw)
        favourites.changed.connect(self._show_star)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 10, 12, 6)
        bar.setSpacing(4)
        bar.addWidget(self.back)
        bar.addWidget(self.forward)
        bar.addStretch(1)
        bar.addWidget(self.star)
        bar.addWidget(self.add)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(self._scroll, 1)

    def _tool(self, name: str, title: str, keys: str, run: Any) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icons.icon(name))
        button.setIconSize(QSize(16, 16))
        button.setAutoRaise(True)
        button.setAccessibleName(title)
        button.setToolTip(f"{title}  ({keys})" if keys else title)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda *_: run())
        if keys:
            QShortcut(QKeySequence(keys), self, lambda: run())
        return button

    # What is shown

    @property
    def op(self) -> str:
        """The name of the operation shown, "" before the first."""
        return self._visited[self._here] if self._visited else ""

    def show_op(self, name: str, window: MainWindow) -> None:
        """Opens the page of an operation, for that document's window."""
        self._window = window
        self.visit(name)
        if self.isVisible():
            self.raise_()  # from behind the window; a new one is in front anyway
        self.show()
        self.activateWindow()

    def visit(self, name: str) -> None:
        """Goes on to an operation; what was ahead is no more."""
        if name != self.op:
            self._visited = [*self._visited[: self._here + 1], name]
            self._here = len(self._visited) - 1
        self._fill()

    def _go(self, steps: int) -> None:
        if 0 <= self._here + steps < len(self._visited):
            self._here += steps
            self._fill()

    def _fill(self) -> None:
        op = get(self.op)
        self.setWindowTitle(f"{op.__name__} — {op.category}")
        self.back.setEnabled(self._here > 0)
        self.forward.setEnabled(self._here + 1 < len(self._visited))
        target = self._target()
        self.add.setEnabled(target is not None and offers.is_offered(op, target.session.inside))
        self._show_star()
        self._scroll.setWidget(self._content(op))
        self._scroll.verticalScrollBar().setValue(0)

    def _content(self, op: type[Op]) -> QWidget:
        page = QWidget()
        parts = column(page, spacing=6, margin=20)
        parts.setContentsMargins(20, 4, 20, 20)
        parts.addLayout(_head(op))
        parts.addSpacing(2)
        for formula, size, quiet in ((op.latex or op.formula, 21, False), (op.derivative, 16, True)):
            if formula and not op.role:
                view = FormulaView(size=size, quiet=quiet)
                view.set_formula(formula)
                parts.addWidget(view)
        parts.addWidget(self._text(op_words.paragraphs(op)))
        curve = OpCurve.of(op)
        if curve is not None:
            parts.addWidget(curve)
        for title, words in (
            ("Shapes", op_words.shapes_table(op)),
            ("Sockets", op_words.sockets(op)),
            ("Params", op_words.params(op)),
            ("Cost", op_words.cost(op)),
            ("Elsewhere", op_words.elsewhere(op)),
            ("See also", op_words.links(op_words.related(op))),
        ):
            if words:
                parts.addSpacing(8)
                parts.addWidget(heading(title))
                parts.addWidget(self._text(words))
        parts.addStretch(1)
        return page

    def _text(self, words: str) -> QLabel:
        """Rich text that can be selected, and whose links can be followed, by mouse and keyboard."""
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setWordWrap(True)
        flags = _TEXT.TextSelectableByMouse | _TEXT.TextSelectableByKeyboard
        if "<a " in words:
            flags |= _TEXT.LinksAccessibleByMouse | _TEXT.LinksAccessibleByKeyboard
        label.setTextInteractionFlags(flags)
        label.linkActivated.connect(lambda link: self.visit(link.removeprefix("op:")))
        return label

    def _redraw(self, *_: object) -> None:
        """The texts carry colours in them."""
        if self._visited:
            bar = self._scroll.verticalScrollBar()
            before = bar.value()
            self._scroll.setWidget(self._content(get(self.op)))
            bar.setValue(before)

    # What can be done

    def _target(self) -> MainWindow | None:
        """The window that an operation is added to: that in front, where there are tabs."""
        if self._window is not None and self._window.shell is not None:
            return self._window.shell.current
        return self._window

    def _add(self) -> None:
        target = self._target()
        if target is not None:
            target.add_node(self.op)

    def _toggle_star(self) -> None:
        if self._window is not None:
            favourites.toggle(self._window.session.root, self.op)
        self._show_star()

    def _show_star(self) -> None:
        if self._window is None or not self._visited:
            return
        liked = favourites.is_liked(self._window.session.root, self.op)
        self.star.setChecked(liked)
        self.star.setIcon(icons.icon("star-on", "update") if liked else icons.icon("star"))
        self.star.setToolTip("Remove from favourites" if liked else "Add to favourites")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        steps = {Qt.MouseButton.BackButton: -1, Qt.MouseButton.ForwardButton: 1}.get(event.button(), 0)
        if steps:
            self._go(steps)
        else:
            super().mousePressEvent(event)


def _head(op: type[Op]) -> QHBoxLayout:
    """The drawing, the name, the family in its colour."""
    row = QHBoxLayout()
    row.setSpacing(10)
    token = op.category.lower()
    row.addWidget(Mark(icons.op_drawing(op), token if token in theme().colours() else "math", side=28))
    name = QLabel(op.__name__)
    name.setFont(ui_font(20, QFont.Weight.DemiBold))
    name.setTextInteractionFlags(_TEXT.TextSelectableByMouse | _TEXT.TextSelectableByKeyboard)
    row.addWidget(name)
    family = QLabel(op.category)
    family.setStyleSheet(f"color: {theme().family(op.category).name()}")
    row.addWidget(family, 1, Qt.AlignmentFlag.AlignBottom)
    return row
