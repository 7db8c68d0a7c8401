"""Explain: how one number came about, its formula, its terms by size, and the way from one number to the next."""

from __future__ import annotations

import re
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ...ops.explanation import Origin
from ...ops.explanation_text import Explanation, figure
from ..display import display_changed
from ..explaining import Question
from ..session import Session
from ..theme import mono_font, theme, theme_changed
from ..widgets.formula_view import FormulaView
from ..widgets.own_keys import OwnKeys
from ..widgets.picture_button import IN_TITLE, picture_button
from ..widgets.term_tree import TermTree
from .live import EmptyState, Pace
from .registry import panel
from .two_columns import scrolling, turn

WIDE = 640  # pixels from which formula and terms stand side by side
RESTING = 150  # milliseconds between two questions while the run goes on, so that it is not slowed down
TERMS_SEEN, TERM_HEIGHT = 3, 21  # rows that show in any case, and their pixels
_ANY_HEIGHT = 16_777_215  # Qt's own word for no limit
CRUMBS = 4  # questions of the trail that are shown
_WHOLE = re.compile(r"-?\d{1,9}")  # no array is longer
ASK = (
    "Which number do you want explained? Double-click one in the inspector, press E on it, "
    "or Ctrl+click one on a node."
)


@panel("explain", "Explain", "bottom", 60, icon="explain", shown=False, stretch=60)
class ExplainPanel(QWidget):
    """Shows what the session's explainer says, and follows the run as one steps."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._explainer = session, session.explainer
        self.empty = EmptyState("explain", self)
        self.title, self.note = QLabel(), QLabel()
        self.formula = FormulaView(size=16)
        self.symbols, self.numbers = _words("In symbols"), _words("In numbers")
        self.place, self.terms = QLineEdit(), TermTree()
        self.crumbs = QHBoxLayout()
        self._tools = self._make_tools()
        self._pace = Pace(self._explainer.refresh, self, fastest=RESTING)
        self._build()
        self._listen()
        self._show()

    # -- put together --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.title.setProperty("role", "title")
        self.title.setMinimumWidth(1)
        self.title.setWordWrap(True)
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note.setProperty("role", "secondary")
        self.note.setWordWrap(True)
        self.place.setAccessibleName("Which element")
        self.place.setToolTip("Which element: type its place, such as 0, 3")
        self.place.setFont(mono_font(11))
        self.place.setFixedSize(96, 22)
        said = QVBoxLayout()
        said.setContentsMargins(0, 0, 6, 0)
        said.setSpacing(5)
        said.addWidget(self.title)
        for widget in (self.formula, self.symbols, self.numbers, self.note):
            said.addWidget(widget)
        said.addStretch(1)
        self._said, self._area = said, scrolling(said)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(10)
        self._both.addWidget(self._area, 3)
        self._both.addWidget(self.terms, 5)
        trail = QWidget()
        trail.setLayout(self.crumbs)
        trail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.crumbs.setContentsMargins(0, 0, 0, 0)
        self.crumbs.setSpacing(2)
        self._trail = trail
        page = QWidget()
        rows = QVBoxLayout(page)
        rows.setContentsMargins(12, 2, 8, 8)
        rows.setSpacing(2)
        rows.addWidget(trail)
        rows.addLayout(self._both, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)

    def _make_tools(self) -> dict[str, QToolButton]:
        made: dict[str, QToolButton] = {}
        for name, picture, tip, run in (
            ("back", "chevron-left", "The number before (Alt+Left)", self.back),
            ("forward", "chevron-right", "The next number (Alt+Right)", self.forward),
            ("what_if", "what-if", "What if this number were another? (I)", self.suppose),
            ("watch", "watch", "Watch this number over the steps", self.watch),
            ("copy", "copy", "Copy the explanation as text (Ctrl+C)", self.copy),
        ):
            made[name] = picture_button(picture, tip, run, IN_TITLE)
        return made

    def header_tools(self) -> list[QWidget]:
        """Its controls, for the title of its dock."""
        return [self.place, *self._tools.values()]

    def _listen(self) -> None:
        explainer, session = self._explainer, self._session
        explainer.changed.connect(self._show)
        self.terms.chosen.connect(self._follow)
        self.terms.more_wanted.connect(explainer.tell_more)
        self.terms.watched.connect(lambda o: session.watches.pin(o.kind, o.node, o.name, o.index, show=False))
        self.terms.pointed.connect(self._point)
        self.place.returnPressed.connect(self._typed)
        session.status_changed.connect(self._run_moved)
        session.values_changed.connect(self._run_moved)
        session.inference_changed.connect(self._run_moved)
        theme_changed.connect(self._show)
        display_changed.connect(self._show)
        for keys, run in (("Alt+Left", self.back), ("Alt+Right", self.forward)):
            QShortcut(QKeySequence(keys), self, run, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for widget in (self, self.terms):  # rows would copy one cell
            OwnKeys(widget, "Ctrl+C", run=self.copy)
            OwnKeys(widget, "I", run=self.suppose)
        OwnKeys(self.terms, "Home")

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, *_: object) -> None:
        explainer = self._explainer
        self._tools["back"].setEnabled(explainer.position > 0)
        self._tools["forward"].setEnabled(explainer.position < len(explainer.trail) - 1)
        self._tools["copy"].setEnabled(explainer.found is not None)
        is_number = explainer.question is not None and explainer.question.kind != "term"
        self._tools["what_if"].setEnabled(is_number)
        self._tools["watch"].setEnabled(explainer.question is not None)
        question, found = explainer.question, explainer.found
        if question is None:
            self.empty.say(ASK)
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        self._show_trail()
        if not self.place.hasFocus():
            self.place.setText(", ".join(map(str, question.index)))
        self.place.setVisible(bool(question.index))
        if found is None:
            self._show_problem(question)
        else:
            self._show_found(found)

    def _show_problem(self, question: Question) -> None:
        """What is missing; while an answer is on its way, what was shown of the same element stays."""
        self.title.setText(self._explainer.title(question))
        self.formula.set_formula("")
        self.symbols.setText("")
        self.numbers.setText("")
        self.note.setText(f"{self._explainer.problem} {self._explainer.hint}".strip())
        self.note.setVisible(bool(self.note.text()))
        self.terms.show_explanation(None)

    def _show_found(self, found: Explanation) -> None:
        colour = theme().number_colour(found.shown).name()
        number = f'<span style="color:{colour}">{figure(found.shown)}</span>'
        self.title.setText(f"{found.title} = {number}")
        self.formula.set_formula(found.latex or found.formula)
        self.formula.setToolTip(found.formula)
        told = bool(found.term.parts)
        self.symbols.setText(f"= {found.symbols}" if told else "")
        self.numbers.setText(f"= {found.numbers}" if told else "")
        for label in (self.symbols, self.numbers):
            label.setVisible(told)
        self.note.setText(found.note)
        self.note.setVisible(bool(found.note))
        self.terms.show_explanation(found)
        self._fit()

    def _show_trail(self) -> None:
        """The last questions as links; the present one is in the title."""
        while (item := self.crumbs.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        explainer = self._explainer
        first = max(0, explainer.position - CRUMBS)
        self._trail.setVisible(explainer.position > 0)
        for at in range(first, explainer.position):
            name = explainer.title(explainer.trail[at])
            link = picture_button("chevron-right", f"Back to {name}", partial(self._go, at), IN_TITLE)
            link.setText(name)
            link.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            link.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            self.crumbs.addWidget(link)
        self.crumbs.addStretch(1)

    def _point(self, origins: tuple) -> None:
        """What a row came from lights up on the canvas, and in the inspector where it is shown."""
        self._explainer.pointed.emit(origins)
        node = self._session.seen.here(origins[0].node) if origins else ""
        self._session.hovered.emit(node)

    # -- following -----------------------------------------------------------------------------------------------

    def _run_moved(self, *_: object) -> None:
        if self.isVisible() and self._explainer.question is not None:
            self._pace.ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_moved()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pace.stop()
        if isValid(self._explainer):  # else the window goes, and the session went first
            self._point(())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        turn(self._both, self.width() >= WIDE)
        self._fit()

    def _fit(self) -> None:
        """Where the terms stand below, what is said above takes the height it needs, as long as some terms show."""
        if self._both.direction() == QBoxLayout.Direction.LeftToRight:
            self._area.setMinimumHeight(0)
            self._area.setMaximumHeight(_ANY_HEIGHT)
            return
        wanted = self._said.totalHeightForWidth(max(1, self._area.viewport().width())) + 2
        shown = min(self.terms.topLevelItemCount(), TERMS_SEEN) * TERM_HEIGHT
        trail = self._trail.height() if self._trail.isVisible() else 0
        room = self.height() - trail - shown - 24
        self._area.setMinimumHeight(max(0, min(wanted, room)))
        self._area.setMaximumHeight(max(wanted, 1))

    # -- hands ---------------------------------------------------------------------------------------------------

    def back(self) -> None:
        self._go(self._explainer.position - 1)

    def forward(self) -> None:
        self._go(self._explainer.position + 1)

    def _follow(self, origin: Origin) -> None:
        """Goes to the element that a term came from."""
        self._select(origin.node)
        self._explainer.follow(origin)

    def _go(self, position: int) -> None:
        """To a question of the trail."""
        if 0 <= position < len(self._explainer.trail):
            self._select(self._explainer.trail[position].node)
            self._explainer.go(position)

    def _select(self, key: str) -> None:
        """The node, or the group on this sheet that it is in, so that the inspector shows it."""
        node = self._session.seen.here(key)
        if node:
            self._session.select({node})

    def suppose(self) -> None:
        """What if the number that is explained, or whose gradient is, were another."""
        question = self._explainer.question
        if question is not None and question.kind != "term":
            self._session.supposing.ask(question.node, question.socket, question.index)

    def watch(self) -> None:
        """Pins the number that is explained to the watches."""
        asked = self._explainer.question
        if asked is not None:
            kind = "value" if asked.kind == "update" else asked.kind
            self._session.watches.pin(kind, asked.node, asked.socket, asked.index, show=False)

    def copy(self) -> None:
        """Puts the explanation as text on the clipboard."""
        if self._explainer.found is not None:
            QApplication.clipboard().setText("\n".join(self._explainer.found.lines(most=1000)))

    def _typed(self) -> None:
        """Another element of the same array."""
        question = self._explainer.question
        parts = self.place.text().strip("[] ").replace(",", " ").split()
        if question is None or not all(_WHOLE.fullmatch(part) for part in parts):
            self._session.notify(
                "warning", f"{self.place.text()} is no place.", "Write whole numbers, such as 0, 3."
            )
            return
        self._explainer.ask(question.kind, question.node, question.socket, [int(part) for part in parts])


def _words(name: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setFont(mono_font(11))
    label.setAccessibleName(name)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
