"""A typeset formula in the colour of the text, scaled down where the room is narrow."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from ..formula import typeset
from ..painting import painting
from ..theme import theme, ui_font

_BESIDE, _BELOW = 12, 4  # pixels between the two formulas of a pair


class FormulaView(QWidget):
    """Shows one formula; `set_formula("")` takes no room."""

    def __init__(self, parent: QWidget | None = None, *, size: int = 18, quiet: bool = False) -> None:
        super().__init__(parent)
        self._text, self._size, self._quiet = "", size, quiet
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_formula(self, text: str) -> None:
        """Show `text`: LaTeX if it holds a backslash, else plain text such as "y = max(x, 0)"."""
        if text == self._text:
            return
        self._text = text
        self.setVisible(bool(text))
        self.setAccessibleName(text)
        self.setToolTip(text if "\\" not in text else "")
        self.updateGeometry()
        self.update()

    def formula(self) -> str:
        """The text shown."""
        return self._text

    def _picture(self) -> QSvgRenderer | None:
        colour = theme().secondary if self._quiet else theme().text
        return typeset(self._text, colour.name(), self._size) if self._text else None

    def _plain_font(self) -> QFont:
        font = ui_font(self._size - 3)
        font.setItalic(True)
        return font

    def sizeHint(self) -> QSize:
        picture = self._picture()
        if picture is None:
            metrics = QFontMetrics(self._plain_font())
            return (
                QSize(metrics.horizontalAdvance(self._text), metrics.height() + 4)
                if self._text
                else QSize(0, 0)
            )
        return picture.defaultSize() + QSize(2, 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(40, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            picture = self._picture()
            if picture is None:
                painter.setPen(theme().text)
                painter.setFont(self._plain_font())
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._text)
                return
            box = picture.viewBoxF()
            factor = min(1.0, self.width() / box.width(), self.height() / box.height())
            width, height = box.width() * factor, box.height() * factor
            picture.render(painter, QRectF(0, (self.height() - height) / 2, width, height))


class FormulaPair(QWidget):
    """A formula and its quiet companion, side by side where there is room, else one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first, self.second = FormulaView(size=17), FormulaView(size=14, quiet=True)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(_BESIDE)
        self._box.addWidget(self.first, 1)
        self._box.addWidget(self.second)

    def set_formulas(self, first: str, second: str) -> None:
        """Show these; an empty one takes no room."""
        self.first.set_formula(first)
        self.second.set_formula(second)
        self._turn()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._turn()

    def _turn(self) -> None:
        needed = self.first.sizeHint().width() + self.second.sizeHint().width() + _BESIDE
        fits = needed <= self.width() or not self.second.formula()
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if way != self._box.direction():
            self._box.setDirection(way)
            self._box.setSpacing(_BESIDE if fits else _BELOW)
