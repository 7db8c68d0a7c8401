"""Rows of the data as cards: what each looks like, what the network says of it, how surely, and whether it is right."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ...data.looking import Look
from ...engine.verdicts import Indices, Verdicts
from .. import numbers
from ..class_marks import paint_mark
from ..painting import painting
from ..theme import mono_font, theme, theme_changed, ui_font
from .picture import finite_range, grey_image

WIDE, TALL, GAP, SIDE = 158.0, 68.0, 6.0, 56.0
BARS, BAR = 3, 13.0  # how many classes are told of each row, and the height of a line
NARROWEST = 60.0
MOST_IMAGES = 3000  # that are kept


class VerdictCards(QScrollArea):
    """Scrolls through the cards. `chosen` brings the position in the verdicts, None for none."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = Cards(self)
        self.setWidget(self.cards)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(int(WIDE) + 14, 60)
        self.cards.chosen.connect(self.chosen)

    def show_verdicts(self, look: Look, found: Verdicts, order: Indices, nothing: str) -> None:
        """Shows these positions of the verdicts; `nothing` is said where there are none."""
        self.cards.show_verdicts(look, found, order, nothing)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        port = self.viewport().size()
        self.cards.resize(port.width(), max(port.height(), self.cards.height_for(port.width())))


class Cards(QWidget):
    """The cards themselves. Only those in sight are painted."""

    chosen = Signal(object)

    def __init__(self, area: VerdictCards) -> None:
        super().__init__(area)
        self._area = area
        self._look: Look | None = None
        self._found: Verdicts | None = None
        self._order: Indices = np.zeros(0, np.int64)
        self._nothing = ""
        self._images: dict[int, QImage] = {}
        self._range = (0.0, 1.0)
        self.row: int | None = None  # the row of the data that is chosen
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Predictions")
        theme_changed.connect(self._repaint)

    def _repaint(self, *_: object) -> None:
        self.update()

    def show_verdicts(self, look: Look, found: Verdicts, order: Indices, nothing: str) -> None:
        if look is not self._look:
            self._images.clear()
            self._range = finite_range(look.x[:100]) if len(look) and look.x.size else (0.0, 1.0)
        self._look, self._found, self._order, self._nothing = look, found, order, nothing
        self._describe()
        self.update()

    # Where things are

    @property
    def columns(self) -> int:
        return max(1, int((self.width() + GAP) // (WIDE + GAP)))

    def height_for(self, width: int) -> int:
        columns = max(1, int((width + GAP) // (WIDE + GAP)))
        return math.ceil(len(self._order) / columns) * int(TALL + GAP)

    def sizeHint(self) -> QSize:
        return QSize(int(3 * WIDE), int(2 * TALL))

    def rect_of(self, index: int) -> QRectF:
        line, column = divmod(index, self.columns)
        wide = (self.width() - GAP * (self.columns - 1)) / self.columns
        return QRectF(column * (wide + GAP), line * (TALL + GAP), wide, TALL)

    def index_at(self, place: QPointF) -> int | None:
        found = int(place.y() // (TALL + GAP)) * self.columns + int(
            place.x() / max(self.width(), 1) * self.columns
        )
        is_there = 0 <= found < len(self._order) and self.rect_of(found).contains(place)
        return found if is_there else None

    @property
    def index(self) -> int | None:
        """The place in the present order of the row chosen."""
        if self._found is None or self.row is None:
            return None
        there = np.flatnonzero(self._found.rows[self._order] == self.row)
        return int(there[0]) if there.size else None

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            if self._found is None or self._look is None or not len(self._order):
                painter.setPen(theme().secondary)
                whole = self.rect().adjusted(8, 4, -8, -4)
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(whole, flags, self._nothing)
                return
            first = int(event.rect().top() // (TALL + GAP)) * self.columns
            last = (int(event.rect().bottom() // (TALL + GAP)) + 1) * self.columns
            for index in range(first, min(last, len(self._order))):
                self._paint_card(painter, index, int(self._order[index]), self._found, self._look)

    def _paint_card(self, painter: QPainter, index: int, k: int, found: Verdicts, look: Look) -> None:
        now, rect = theme(), self.rect_of(index).adjusted(1, 1, -1, -1)
        right, lost = bool(found.right[k]), bool(found.lost[k])
        is_chosen = int(found.rows[k]) == self.row
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(now.accent if is_chosen else now.line, 2 if is_chosen else 1))
        painter.setBrush(now.raised if right else now.tint(now.error, 0.1))
        painter.drawRoundedRect(rect, 6, 6)
        left = rect.left() + 5
        picture = QRectF(left, rect.top() + 5, SIDE, SIDE)
        if look.image_shape is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawImage(picture, self._image(int(found.rows[k]), look))
        else:
            self._paint_features(painter, picture, look, int(found.rows[k]))
        rest = QRectF(picture.right() + 6, rect.top() + 3, rect.right() - picture.right() - 11, TALL - 8)
        self._paint_verdict(painter, rest, k, found, right, lost)
        if not lost and rest.width() >= NARROWEST:
            self._paint_bars(painter, rest.adjusted(0, 18, 0, 0), k, found)

    def _paint_verdict(
        self, painter: QPainter, rest: QRectF, k: int, found: Verdicts, right: bool, lost: bool
    ) -> None:
        now, align = theme(), Qt.AlignmentFlag.AlignVCenter
        line = QRectF(rest.left(), rest.top(), rest.width(), 16)
        painter.setFont(ui_font(12))
        painter.setPen(now.good if right else now.error)
        said, true = found.classes[int(found.said[k])], found.classes[int(found.true[k])]
        text = f"✓ {said}" if right else f"✕ not a number, is {true}" if lost else f"✕ {said}, is {true}"
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(line.width()))
        painter.drawText(line, align, cut)

    def _paint_bars(self, painter: QPainter, rest: QRectF, k: int, found: Verdicts) -> None:
        now, align = theme(), Qt.AlignmentFlag
        chances, true = found.chances[k], int(found.true[k])
        best = np.argsort(-chances, kind="stable")[:BARS].tolist()
        if true not in best:
            best[-1] = true
        name_room = min(rest.width() * 0.34, 46.0)
        painter.setFont(mono_font(10))
        for line, label in enumerate(best):
            top, share = rest.top() + line * BAR, float(chances[label])
            paint_mark(painter, label, QPointF(rest.left() + 4, top + BAR / 2), 2.8)
            painter.setPen(now.text if label == true else now.secondary)
            name = painter.fontMetrics().elidedText(
                found.classes[label], Qt.TextElideMode.ElideRight, int(name_room - 10)
            )
            painter.drawText(QRectF(rest.left() + 10, top, name_room, BAR), align.AlignVCenter, name)
            start, room = rest.left() + name_room, rest.width() - name_room - 28
            painter.fillRect(QRectF(start, top + 3, room, BAR - 6), now.well)
            hue = now.good if label == true else now.error
            painter.fillRect(QRectF(start, top + 3, room * min(max(share, 0.0), 1.0), BAR - 6), hue)
            painter.setPen(now.secondary)
            number = QRectF(rest.right() - 28, top, 28, BAR)
            painter.drawText(number, align.AlignRight | align.AlignVCenter, f"{share:.0%}")

    def _paint_features(self, painter: QPainter, place: QRectF, look: Look, row: int) -> None:
        """The first numbers of a row that is no image."""
        painter.setFont(mono_font(9))
        painter.setPen(theme().secondary)
        lines = [f"{look.name(j)} {numbers.plain(float(v))}" for j, v in enumerate(look.x[row][:4])]
        if look.x.shape[1] > 4:
            lines[3] = "…"
        cut = [
            painter.fontMetrics().elidedText(t, Qt.TextElideMode.ElideRight, int(place.width())) for t in lines
        ]
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "\n".join(cut))

    def _image(self, row: int, look: Look) -> QImage:
        if row not in self._images:
            if len(self._images) >= MOST_IMAGES:
                self._images.clear()
            values = look.x[row].reshape(look.image_shape or look.shape)
            self._images[row] = grey_image(values if values.shape[0] == 3 else values[0], *self._range)
        return self._images[row]

    # Hands

    def choose(self, index: int | None) -> None:
        """Chooses the card at this place of the order."""
        if self._found is None:
            return
        k = None if index is None else int(self._order[index])
        self.row = None if k is None else int(self._found.rows[k])
        if index is not None:
            rect = self.rect_of(index)
            self._area.ensureVisible(int(rect.center().x()), int(rect.center().y()), 0, int(TALL))
        self._describe()
        self.update()
        self.chosen.emit(k)

    def _describe(self) -> None:
        index, found = self.index, self._found
        if index is None or found is None:
            self.setAccessibleDescription(f"{len(self._order):,} rows")
            return
        k = int(self._order[index])
        said, true = found.classes[int(found.said[k])], found.classes[int(found.true[k])]
        word = "right" if found.right[k] else f"wrong: it is {true}"
        self.setAccessibleDescription(
            f"Row {found.rows[k]}, said to be {said} with {found.sureness[k]:.0%}, {word}"
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            index = self.index_at(event.position())
            self.choose(None if index == self.index else index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self.columns,
            Qt.Key.Key_Down: self.columns,
        }
        key = Qt.Key(event.key())
        if key in steps and len(self._order):
            present = self.index
            wanted = 0 if present is None else present + steps[key]
            if 0 <= wanted < len(self._order):
                self.choose(wanted)
        elif key == Qt.Key.Key_Escape and self.row is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)
