"""Notes: cards with text in Markdown. Each is painted into a pixmap once for a zoom, and its text is read once."""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from ..painting import painting
from ..theme import theme
from .batches import draw_rects
from .boards import Boards
from .camera import Camera
from .ink import inks, metrics, take_pen, text_font
from .markdown import PX, Leaf

GRIP = 14.0  # the corner by which a note is resized
NOTE_PAD = 12.0
LARGEST_TEXT = 32
LEAST_READABLE = 4.5  # pixels on the screen
BUDGET = 0.006  # seconds a frame of a movement may spend on cards that another frame can bring up to date
_MOVEMENT = 0.1  # frames that follow each other within so many seconds are a movement
_RADIUS = 8.0
_TAB = 12.0  # height of the sign that a card holds not all of its text
_MOST_PIXELS = 3_000_000  # a larger card is drawn as it is, what is in view of it
_MOST_KEPT = 24_000_000  # pixels of all cards


class _Card(NamedTuple):
    key: tuple[str, tuple[float, float], str, float]  # text, size, theme, zoom
    pixmap: QPixmap


class NotePainter:
    """Draws the notes of a canvas. `behind` tells after a pass whether some cards are still old."""

    def __init__(self, boards: Boards) -> None:
        self._boards = boards
        self._leaves: dict[str, Leaf] = {}
        self._cards: dict[str, _Card] = {}
        self._deadline = self._last_pass = 0.0
        self._kept = 0  # pixels of all cards
        self.behind = False

    def forget(self) -> None:
        """Nothing that was made is right any more."""
        self._leaves.clear()
        self._cards.clear()
        self._kept = 0

    def draw(
        self, painter: QPainter, camera: Camera, area: QRectF, selected: frozenset[str], ratio: float
    ) -> None:
        """Draws the notes in `area` (canvas units). `painter` is in screen units, of `ratio` pixels each."""
        now = time.perf_counter()
        self._deadline = now + BUDGET if now - self._last_pass < _MOVEMENT else math.inf
        self.behind = False
        visible = self._boards.within(False, area)
        if LARGEST_TEXT * camera.zoom < LEAST_READABLE:
            self._draw_far(painter, camera, visible, selected)
            return
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for note in visible:
            self._draw(painter, camera, note, ratio)
            if note in selected:
                _mark(painter, camera.screen_rect(self._boards.rect(note)), camera.zoom)
        self._trim(visible)
        self._last_pass = time.perf_counter()

    def draw_plain(self, painter: QPainter, area: QRectF) -> None:
        """The same straight onto `painter`, in canvas units and without pictures kept: for print."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for note in self._boards.notes:
            rect = self._boards.rect(note)
            if rect.intersects(area):
                self._paint(painter, note, rect, 1.0)

    def _draw_far(
        self, painter: QPainter, camera: Camera, visible: list[str], selected: frozenset[str]
    ) -> None:
        """Cards whose text nobody could read, all at once."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(inks().note_edge)
        painter.setBrush(inks().note)
        places = [camera.screen_rect(self._boards.rect(i)).getRect() for i in visible]
        draw_rects(painter, np.array(places, dtype=np.float64).reshape(-1, 4))
        for note in selected & self._boards.notes.keys():
            _mark(painter, camera.screen_rect(self._boards.rect(note)), camera.zoom)

    # The text

    def leaf(self, note: str) -> Leaf:
        """The text of a note, read."""
        text, found = self._boards.notes[note].text, self._leaves.get(note)
        if found is None or found.text != text or found.theme != theme().name:
            found = self._leaves[note] = Leaf(text)
        return found

    def px(self, note: str, zoom: float) -> int:
        """The size of a note's text at that zoom."""
        return note_px(self.leaf(note), _room(self._boards.rect(note)).size(), zoom)

    def link_at(self, note: str, place: QPointF, zoom: float) -> str:
        """The web address under a place of the canvas, "" for none."""
        room, px = _room(self._boards.rect(note)), self.px(note, zoom)
        if px * zoom < LEAST_READABLE or not room.contains(place):
            return ""
        return self.leaf(note).link_at(place - room.topLeft(), room.width(), px)

    def fitting_size(self, note: str) -> tuple[float, float]:
        """The size in which a note holds all its text and no more: as wide as it is, or less."""
        leaf, width = self.leaf(note), self._boards.rect(note).width() - 2 * NOTE_PAD
        width = max(min(math.ceil(leaf.width()) + 1, width), 36.0)
        return width + 2 * NOTE_PAD, max(math.ceil(leaf.height(width)) + NOTE_PAD + 2, 36.0)

    # Painting

    def _draw(self, painter: QPainter, camera: Camera, note: str, ratio: float) -> None:
        rect, scale = self._boards.rect(note), camera.zoom * ratio
        place = camera.screen_rect(rect)
        card = self._card(note, rect, camera.zoom, ratio)
        if card is not None and card.key[3] == scale:
            at = QPointF(round(place.x() * ratio) / ratio, round(place.y() * ratio) / ratio)
            painter.drawPixmap(at - QPointF(1, 1), card.pixmap)
        elif card is not None:
            painter.drawPixmap(place.adjusted(-1, -1, 1, 1), card.pixmap, QRectF(card.pixmap.rect()))
        else:
            painter.save()
            painter.setTransform(camera.transform(), True)
            self._paint(painter, note, rect, camera.zoom, is_late=self.behind)
            painter.restore()

    def _card(self, note: str, rect: QRectF, zoom: float, ratio: float) -> _Card | None:
        """The picture of a note with a pixel of air around it; an old one, or None, when there is no time for it."""
        scale = zoom * ratio
        if rect.width() * rect.height() * scale * scale > _MOST_PIXELS:
            self._cards.pop(note, None)
            return None
        key = self._boards.notes[note].text, (rect.width(), rect.height()), theme().name, scale
        kept = self._cards.get(note)
        if kept is not None and kept.key == key:
            return kept
        if time.perf_counter() > self._deadline:
            self.behind = True
            return kept if kept is not None and kept.key[:3] == key[:3] else None
        pixmap = QPixmap(
            math.ceil((rect.width() * zoom + 2) * ratio), math.ceil((rect.height() * zoom + 2) * ratio)
        )
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with painting(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(1, 1)
            painter.scale(zoom, zoom)
            self._paint(painter, note, QRectF(0, 0, rect.width(), rect.height()), zoom)
        self._kept += pixmap.width() * pixmap.height()
        made = self._cards[note] = _Card(key, pixmap)
        return made

    def _paint(self, painter: QPainter, note: str, rect: QRectF, zoom: float, is_late: bool = False) -> None:
        """A card in canvas units; without its text when there is no time for that."""
        painter.setPen(QPen(inks().note_edge, 1))
        painter.setBrush(inks().note)
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        room = _room(rect)
        if is_late or room.isEmpty():
            return
        leaf = self.leaf(note)
        px = note_px(leaf, room.size(), zoom)
        if px * zoom < LEAST_READABLE:
            return
        if leaf.height(room.width(), px) > room.height() + 1:
            _more(painter, rect)
            room.setHeight(
                leaf.whole_lines(room.width(), room.height() - _TAB, px) - 0.5
            )  # a clip is lost in an SVG
        leaf.draw(painter, room, px)

    def _trim(self, visible: list[str]) -> None:
        """Lets go of notes that are gone, and, where many are kept, of cards out of sight."""
        if len(self._leaves) > len(self._boards.notes):
            self._leaves = {i: leaf for i, leaf in self._leaves.items() if i in self._boards.notes}
            self._cards = {i: card for i, card in self._cards.items() if i in self._boards.notes}
        if self._kept > _MOST_KEPT:
            seen = set(visible)
            self._cards = {i: card for i, card in self._cards.items() if i in seen}
            self._kept = sum(card.pixmap.width() * card.pixmap.height() for card in self._cards.values())


def note_px(leaf: Leaf, room: QSizeF, zoom: float) -> int:
    """The size of a note's text: 12, or from afar as much more as it takes to read it, if there is room."""
    wish = min(max(PX, round(11 / zoom)), LARGEST_TEXT)
    return PX if wish == PX else min(wish, leaf.px(room, LARGEST_TEXT))


def _room(rect: QRectF) -> QRectF:
    """Where the text of a card goes."""
    return rect.adjusted(NOTE_PAD, NOTE_PAD - 2, -NOTE_PAD, -4)


def _more(painter: QPainter, rect: QRectF) -> None:
    """Says that the card holds not all of its text."""
    width = metrics(PX, 600).horizontalAdvance("…") + 10
    tab = QRectF(rect.center().x() - width / 2, rect.bottom() - _TAB - 2, width, _TAB)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(inks().note_code)
    painter.drawRoundedRect(tab, 4, 4)
    painter.setPen(theme().text)
    painter.setFont(text_font(PX, 600))
    painter.drawText(tab.adjusted(0, -6, 0, 0), Qt.AlignmentFlag.AlignCenter, "…")


def _mark(painter: QPainter, rect: QRectF, zoom: float) -> None:
    """The ring of a selected note, and the corner by which it is resized, in screen units."""
    take_pen(painter, theme().accent, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, _RADIUS * zoom, _RADIUS * zoom)
    take_pen(painter, theme().accent, 1.2)
    corner = rect.bottomRight() - QPointF(4, 4) * zoom
    for reach in (4.0 * zoom, 8.0 * zoom):
        painter.drawLine(corner - QPointF(reach, 0), corner - QPointF(0, reach))
