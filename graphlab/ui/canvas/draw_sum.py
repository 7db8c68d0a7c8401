"""The bubble at a fan-out: which path adds how much to a node's gradient, what has come so far, what it comes to.

And the small plate at every fan-out in view that says how many of its terms are here, and when their sum is saved.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from .. import icons, numbers
from ..ledger import Account
from ..theme import theme
from .camera import Camera
from .ink import metrics, number_font, text_font
from .live import Live
from .scene import Scene

_LINE = 16.0
_PAD = 10.0
_GAP = 12.0
_MOST = 6  # paths listed by name
_LONGEST = 150.0  # pixels of a name
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


class Row(NamedTuple):
    """A path in the bubble: its name, what it adds as text, and that as a number; None while it is not here."""

    name: str
    figure: str
    value: float | None


class Told(NamedTuple):
    """All that stands in a bubble. saved: who reads the sum again, "" as long as it is not formed."""

    title: str
    rows: tuple[Row, ...]
    more: str
    sum: str
    is_whole: bool
    saved: str


def told(account: Account, used_for: tuple[str, ...]) -> Told:
    """The words of the bubble for an account."""
    rows = tuple(
        Row(f"via {name}", "not yet" if value is None else numbers.number(value, sign=True), value)
        for name, value in account.terms[:_MOST]
    )
    left = len(account.terms) - len(rows)
    saved = ""
    if account.is_whole and used_for:
        names = ", ".join(used_for[:3]) + (" …" if len(used_for) > 3 else "")
        saved = f"saved, not recomputed: used for {names}"
    title = f"{account.title} sums {len(account.terms)} paths"
    more = f"and {left} more paths" if left else ""
    return Told(title, rows, more, account.told, account.is_whole, saved)


def draw_sums(painter: QPainter, camera: Camera, scene: Scene, live: Live, node: str) -> None:
    """Draws the bubbles of a node's fan-outs, one below the other. `painter` is in screen units."""
    corner = camera.screen(scene.rect(node).bottomLeft()) + QPointF(0, 12)
    for account in live.accounts(scene, node):
        corner.setY(_draw(painter, corner, told(account, live.used_for(node))).bottom() + 6)


def _draw(painter: QPainter, corner: QPointF, said: Told) -> QRectF:
    names, figures = _columns(said)
    lines = len(said.rows) + bool(said.more) + 2 + bool(said.saved)
    wide = max(
        names + _GAP + figures,
        metrics(11, 600).horizontalAdvance(said.title),
        metrics(13, 700, True).horizontalAdvance(said.sum) + 44,
        (metrics(11).horizontalAdvance(said.saved) + 20) if said.saved else 0.0,
    )
    box = QRectF(
        round(corner.x()) + 0.5, round(corner.y()) + 0.5, wide + 2 * _PAD, lines * _LINE + 2 * _PAD + 4
    )
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    style = Qt.PenStyle.SolidLine if said.is_whole else Qt.PenStyle.DashLine  # dashed while it builds up
    painter.setPen(QPen(theme().backward, 1.4, style))
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, 8, 8)
    line = QRectF(box.left() + _PAD, box.top() + _PAD, wide, _LINE)
    _text(painter, line, said.title, _LEFT, 11, 600)
    line.translate(0, 2)
    for row in said.rows:
        line.translate(0, _LINE)
        _row(painter, line, row, names, figures)
    if said.more:
        line.translate(0, _LINE)
        _text(painter, line, said.more, _LEFT, 11, colour="secondary")
    line.translate(0, _LINE + 2)
    _rule(painter, line)
    _text(painter, line, "sum" if said.is_whole else "so far", _LEFT, 11, colour="secondary")
    painter.setFont(number_font(13, 700))
    painter.setPen(theme().text)
    painter.drawText(line, _RIGHT, said.sum)
    if said.saved:
        line.translate(0, _LINE)
        icons.paint(painter, "saved", QRectF(line.left(), line.top() + 1, 14, 14), theme().backward)
        _text(painter, line.adjusted(20, 0, 0, 0), said.saved, _LEFT, 11, colour="secondary")
    return box


def _columns(said: Told) -> tuple[float, float]:
    """How wide the names and the figures are."""
    names = max(min(metrics(11).horizontalAdvance(row.name), _LONGEST) for row in said.rows)
    figures = max(metrics(11, 400, True).horizontalAdvance(row.figure) for row in said.rows)
    return names + 2, figures + 2


def _row(painter: QPainter, line: QRectF, row: Row, names: float, figures: float) -> None:
    is_here = row.value is not None
    name = metrics(11).elidedText(row.name, Qt.TextElideMode.ElideMiddle, names)
    _text(painter, line, name, _LEFT, 11, colour="text" if is_here else "secondary")
    painter.setFont(number_font(11))
    painter.setPen(theme().number_colour(row.value) if row.value is not None else theme().secondary)
    painter.drawText(QRectF(line.right() - figures, line.top(), figures, _LINE), _RIGHT, row.figure)


def _rule(painter: QPainter, line: QRectF) -> None:
    painter.setPen(QPen(theme().line, 1))
    y = round(line.top()) - 0.5
    painter.drawLine(QPointF(line.left(), y), QPointF(line.right(), y))


def _text(
    painter: QPainter,
    line: QRectF,
    text: str,
    where: Qt.AlignmentFlag,
    px: int,
    weight: int = 400,
    colour: str = "text",
) -> None:
    painter.setFont(text_font(px, weight))
    painter.setPen(theme().colours()[colour])
    painter.drawText(line, where, text)


# The plates


def plate_text(live: Live, node: str, output: str) -> tuple[str, bool]:
    """ "Σ 1 of 3" while terms come in, "Σ 3" once they are summed, and whether they are; "" for no fan-out."""
    account = live.account(node, output)
    if account is None or not (account.arrived or account.is_whole):
        return "", False
    return (f"Σ {len(account.terms)}", True) if account.is_whole else (f"Σ {account.count}", False)


def draw_plates(painter: QPainter, camera: Camera, scene: Scene, live: Live, nodes: list[str]) -> None:
    """At the lower edge of each fan-out, for each output that is one: how many terms are here; with a tray when their
    sum is saved. In screen units.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for node in nodes:
        if not live.is_fan_out(node):
            continue
        corner = camera.screen(scene.rect(node).bottomRight()) - QPointF(6, 4)
        for output in reversed(scene.shape(node).outputs):
            text, is_saved = plate_text(live, node, output)
            if text:
                corner.setX(_plate(painter, corner, text, is_saved).left() - 4)


def _plate(painter: QPainter, corner: QPointF, text: str, is_saved: bool) -> QRectF:
    """Leftwards and down from its upper right corner."""
    px, mark = 10, 14.0 if is_saved else 0.0
    width = round(metrics(px, 600).horizontalAdvance(text) + 10 + mark)
    box = QRectF(round(corner.x() - width) + 0.5, round(corner.y()) + 0.5, width, 15)
    style = Qt.PenStyle.SolidLine if is_saved else Qt.PenStyle.DashLine
    painter.setPen(QPen(theme().backward, 1.0, style))
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, 5, 5)
    _text(painter, box.adjusted(5, 0, -mark, 0), text, _LEFT, px, 600)
    if is_saved:
        icons.paint(painter, "saved", QRectF(box.right() - 16, box.top() + 1.5, 12, 12), theme().backward)
    return box
