"""Small parts that the pages of the inspector share: headings, cards, swatches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from ...engine.finding import Problem
from ...engine.mending import Fix
from .. import icons
from ..ledger import Account
from ..numbers import number
from ..painting import painting
from ..remedies import Remedies
from ..theme import mono_font, theme, theme_changed, ui_font

MOST_CARDS = 20


def heading(words: str) -> QLabel:
    """A small heading over a section."""
    label = QLabel(words.upper())
    label.setProperty("role", "heading")
    label.setFont(ui_font(11, QFont.Weight.DemiBold))
    return label


def quiet(words: str = "", *, mono: bool = False) -> QLabel:
    """A secondary text that wraps."""
    label = QLabel(words)
    label.setProperty("role", "secondary")
    label.setWordWrap(True)
    if mono:
        label.setFont(mono_font(11))
    return label


def column(parent: QWidget | None = None, spacing: int = 8, margin: int = 0) -> QVBoxLayout:
    """A vertical layout with this program's spacing."""
    layout = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return layout


class Elided(QLabel):
    """One line that gives way where room is short and ends in …; the tooltip then says it all, and `more` besides."""

    more = ""

    def minimumSizeHint(self) -> QSize:
        return QSize(min(24, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        cut = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        tip = "\n".join(part for part in (self.text() if cut != self.text() else "", self.more) if part)
        if tip != self.toolTip():
            self.setToolTip(tip)
        with painting(self) as painter:
            painter.setPen(self.palette().color(self.foregroundRole()))
            painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, cut)


class Mark(QWidget):
    """A drawing in a colour of the theme that follows a switch of theme: a swatch beside a name, a warning sign."""

    def __init__(self, drawing: str = "", token: str = "secondary", side: int = 16) -> None:
        super().__init__()
        self._drawing, self._token, self._side = drawing, token, side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_mark(self, drawing: str, token: str) -> None:
        """Show this drawing ("" is a filled square) in the colour called `token`."""
        self._drawing, self._token = drawing, token
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colour = theme().colours()[self._token]
            if self._drawing:
                icons.paint(painter, self._drawing, QRectF(self.rect()), colour)
                return
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(self.rect()), 3, 3)


class ProblemCard(QFrame):
    """One fault: what it is, what to try, and a button for each edit that is known to mend it."""

    def __init__(self, problem: Problem, *, with_name: bool = False, token: str = "error") -> None:
        super().__init__()
        self.buttons: list[QPushButton] = []
        self._fixes: Sequence[Fix] = ()
        self.setProperty("role", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(8)
        row.addWidget(Mark("warning", token), 0, Qt.AlignmentFlag.AlignTop)
        words = column(spacing=2)
        self.message = QLabel(f"{problem.node}: {problem.message}" if with_name else problem.message)
        self.message.setWordWrap(True)
        words.addWidget(self.message)
        if problem.hint:
            words.addWidget(quiet(problem.hint))
        self._offers = column(spacing=4)
        words.addLayout(self._offers)
        row.addLayout(words, 1)

    def offer(self, fixes: Sequence[Fix], apply: Callable[[Fix], object]) -> None:
        """Shows a button for each fix."""
        if fixes == self._fixes:
            return
        self._fixes = fixes
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(fix, apply) for fix in fixes]
        self._offers.setContentsMargins(0, 6 if fixes else 0, 0, 0)

    def _button(self, fix: Fix, apply: Callable[[Fix], object]) -> QPushButton:
        button = Offer(str(fix))
        button.clicked.connect(lambda *_: apply(fix))
        self._offers.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        return button


class Offer(QPushButton):
    """A button that mends something; where room is short its words lose their middle, and the tooltip says it all."""

    def __init__(self, words: str) -> None:
        super().__init__(icons.icon("fix"), words)
        self.setIconSize(QSize(14, 14))
        self.setProperty("role", "offer")
        self.setFont(ui_font(11))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(words)
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed
        )  # a button's own never shrinks

    def minimumSizeHint(self) -> QSize:
        return QSize(80, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        measure, missing = self.fontMetrics(), self.sizeHint().width() - self.width()
        if missing > 0:
            room = measure.horizontalAdvance(self.text()) - missing
            option.text = measure.elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room)
        with painting(self) as painter:
            self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)


class Problems(QWidget):
    """Cards for a list of faults, with what `remedies` knows to mend them; takes no room when there are none."""

    def __init__(self, remedies: Remedies) -> None:
        super().__init__()
        self._rows = column(self, spacing=6)
        self._remedies = remedies
        self._shown: tuple[Problem, ...] = ()
        self._engines: tuple[Problem, ...] = ()
        self.cards: list[ProblemCard] = []
        remedies.changed.connect(self._offer)
        self.hide()

    def set_problems(
        self,
        problems: tuple[Problem, ...],
        engines: Sequence[Problem] | None = None,
        *,
        with_name: bool = False,
    ) -> None:
        """Show these faults, with the node's name where the page is not about one node.

        `engines`: the same as those of the whole document name them, where they are those of a sheet.
        """
        self._engines = problems if engines is None else tuple(engines)
        if problems != self._shown:
            self._shown = problems
            self._lay_out(with_name)
        self.setVisible(bool(problems))
        self._offer()

    def _lay_out(self, with_name: bool) -> None:
        while self._rows.count():
            widget = self._rows.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        self.cards = [ProblemCard(problem, with_name=with_name) for problem in self._shown[:MOST_CARDS]]
        for card in self.cards:
            self._rows.addWidget(card)
        if len(self._shown) > MOST_CARDS:
            self._rows.addWidget(quiet(f"and {len(self._shown) - MOST_CARDS} more"))

    def _offer(self) -> None:
        """What has been found since then; nobody looks for what nobody sees."""
        if self.isVisible():
            for problem, card in zip(self._engines, self.cards, strict=False):
                card.offer(self._remedies.of(problem), self._remedies.apply)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._offer()

    def messages(self) -> list[str]:
        """What the cards say."""
        return [problem.message for problem in self._shown]


_MOST_TERMS = 40  # listed


class Terms(QFrame):
    """How the gradient of one element sums up: "via y +0.42, via gate −0.11 = +0.31". A path is a link to its node."""

    pointed = Signal(
        str
    )  # the engine's key of the node that the path under the pointer leads to, "" for none
    followed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        inside = column(self, spacing=4)
        inside.setContentsMargins(10, 8, 10, 8)
        self._title = QLabel()
        self._title.setFont(ui_font(12, QFont.Weight.DemiBold))
        self._body = QLabel()
        self._body.setFont(mono_font(12))
        self._body.setTextFormat(Qt.TextFormat.RichText)
        self._body.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self._body.linkHovered.connect(self.pointed)
        self._body.linkActivated.connect(self.followed)
        inside.addWidget(self._title)
        inside.addWidget(self._body)
        self._account: Account | None = None
        theme_changed.connect(self._write)
        self.hide()

    def set_account(self, account: Account | None) -> None:
        """Show these terms, also those that are not here yet, and what has come of them; None shows nothing."""
        self._account = account
        self.setVisible(account is not None)
        self._write()

    def text(self) -> str:
        """The sum in one line."""
        if self._account is None:
            return ""
        listed = ", ".join(f"via {name} {signed(value)}" for name, value in self._account.terms)
        return f"{listed} {'' if self._account.is_whole else '· '}{self._account.told}"

    def _write(self, *_: object) -> None:
        account = self._account
        if account is None:
            return
        self._title.setText(f"{account.title} sums {len(account.terms)} paths")
        grey = theme().secondary.name()
        takers = account.takers or ("",) * len(account.terms)
        rows = [
            f"<tr><td style='color:{grey}; padding-right:14px'>via {_link(name, taker, grey)}</td>"
            f"<td align='right' style='color:{_colour(value)}'>{signed(value)}</td></tr>"
            for (name, value), taker in list(zip(account.terms, takers, strict=True))[:_MOST_TERMS]
        ]
        if left := len(account.terms) - len(rows):
            rows.append(f"<tr><td style='color:{grey}'>and {left:,} more</td><td></td></tr>")
        words = "sum" if account.is_whole else "so far"
        rows.append(
            f"<tr><td style='padding-top:3px'>{words}</td><td align='right' style='padding-top:3px'>"
            f"<b>{account.told}</b></td></tr>"
        )
        self._body.setText(f"<table cellspacing='0'>{''.join(rows)}</table>")


def _link(name: str, taker: str, colour: str) -> str:
    """The name of a path, as a link to the node that it leads to where that is known."""
    if not taker:
        return escape(name)
    return f"<a href='{escape(taker)}' style='color:{colour}; text-decoration:none'>{escape(name)}</a>"


def signed(value: float | None) -> str:
    """A term with its sign; "not yet" when it is not computed."""
    return "not yet" if value is None else number(value, 4, sign=True)


def _colour(value: float | None) -> str:
    return (theme().secondary if value is None else theme().number_colour(value)).name()
