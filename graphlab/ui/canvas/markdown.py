"""Text in Markdown as a QTextDocument in the colours of the theme, to be drawn on the canvas at any size.

The text may come from a stranger's file: HTML in it is shown as it is written, pictures are replaced by their names,
and nothing is ever loaded. Only addresses of the web are links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QPainter,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QTextFrame,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

from ..theme import mono_font, theme
from .ink import inks, text_font

PX = 12  # the size of plain text, in canvas units
LONGEST = 20_000  # characters that are laid out; a card of more is for nobody
WEB = ("http", "https")
_DIALECT = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_BREAK = "\u2028"  # Qt's own sign for a new line in the same paragraph
_LOOSE = re.compile(rf" ?{_BREAK}$| (?={_BREAK})|(?<={_BREAK}) ")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_DRAWN = re.compile(r"[ \t>]*([-=*_:|][-=*_:| \t]*)?$")  # a rule, an underline, or nothing
_BELOW = 5.0  # between paragraphs
_QUOTE = QTextFormat.Property.BlockQuoteLevel
_RULE = QTextFormat.Property.BlockTrailingHorizontalRulerWidth
_LANGUAGE, _FENCED = QTextFormat.Property.BlockCodeLanguage, QTextFormat.Property.BlockCodeFence


class _Sealed(QTextDocument):
    """A document that asks nobody for pictures."""

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None


def is_web(address: str) -> bool:
    """Whether an address may be opened from a note."""
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    return url.isValid() and url.scheme().lower() in WEB and bool(url.host())


class Leaf:
    """One text, read once and laid out again only for another width. Everything is in canvas units.

    A text of `px` is drawn as one of 12 units, enlarged.
    """

    def __init__(self, text: str) -> None:
        self.text, self.theme = text, theme().name
        self._document = _document(text)
        self._largest: tuple[float, float, int, int] = (0.0, 0.0, 0, 0)  # width, height, most: px

    def height(self, width: float, px: float = PX) -> float:
        """How high the text is in that width."""
        return float(self._lay_out(width, px).height()) * px / PX

    def width(self) -> float:
        """How wide the text would be without a bound, or as wide as 2,000 units."""
        self._document.setTextWidth(2000.0)
        return float(self._document.idealWidth())

    def px(self, room: QSizeF, most: int) -> int:
        """The largest size from 12 to `most` in which the text fits into `room`; 12 when none does."""
        width, height, known, found = self._largest
        if (width, height, known) != (room.width(), room.height(), most):
            found = self._search(room, most)
            self._largest = room.width(), room.height(), most, found
        return found

    def _search(self, room: QSizeF, most: int) -> int:
        low, high = PX, most
        while low < high:
            middle = (low + high + 1) // 2
            if self.height(room.width(), middle) <= room.height():
                low = middle
            else:
                high = middle - 1
        return low

    def whole_lines(self, width: float, height: float, px: float) -> float:
        """How high are the lines of the text that are all within `height`."""
        self._lay_out(width, px)
        room, known = height * PX / px, self._document.documentLayout()
        bottoms = [0.0]
        for block in _blocks(self._document):
            top, lines = known.blockBoundingRect(block).top(), block.layout()
            if top > room:
                break
            first = lines.lineAt(0).y() if lines.lineCount() else 0.0
            ends = (lines.lineAt(k).y() + lines.lineAt(k).height() for k in range(lines.lineCount()))
            bottoms += [bottom for end in ends if (bottom := top - first + end) <= room]
        return max(bottoms) * px / PX

    def draw(self, painter: QPainter, room: QRectF, px: float) -> None:
        """Draws the lines of the text that reach into `room`, and of them what lies in it."""
        self._lay_out(room.width(), px)
        painter.save()
        painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
        painter.translate(room.topLeft())
        painter.scale(px / PX, px / PX)
        painter.setBrush(Qt.BrushStyle.NoBrush)  # ticks of checkboxes would be filled with it
        context = QAbstractTextDocumentLayout.PaintContext()
        context.clip = QRectF(0, 0, room.width() * PX / px, room.height() * PX / px)
        context.palette.setColor(context.palette.ColorRole.Text, theme().text)
        self._document.documentLayout().draw(painter, context)
        painter.restore()

    def link_at(self, place: QPointF, width: float, px: float) -> str:
        """The web address under a place of the text, "" for none."""
        self._lay_out(width, px)
        return self._document.documentLayout().anchorAt(place * (PX / px))

    def links(self) -> list[str]:
        """Every web address in it, in order."""
        found = (f.charFormat().anchorHref() for _, f in _fragments(self._document))
        return list(dict.fromkeys(address for address in found if address))

    def plain(self) -> str:
        """The words without their marks."""
        return self._document.toPlainText()

    def _lay_out(self, width: float, px: float) -> QSizeF:
        wanted = max(width, 1.0) * PX / px
        if self._document.textWidth() != wanted:
            self._document.setTextWidth(wanted)
        return self._document.size()


def _document(text: str) -> QTextDocument:
    made = _Sealed()
    made.setUndoRedoEnabled(False)
    made.setDefaultFont(text_font(PX))
    made.setDocumentMargin(0)
    made.setIndentWidth(18)
    made.setUseDesignMetrics(True)
    made.setMarkdown(with_line_breaks(_shortened(text)), _DIALECT)
    _clean_breaks(made)
    _dress(made)
    return made


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " …"


def with_line_breaks(text: str) -> str:
    """Markdown in which a new line in a paragraph is one on the card, too: as people write, and GitHub shows it."""
    lines = text.replace(_BREAK, "\n").split("\n")
    fenced = False
    for k, line in enumerate(lines[:-1]):
        fence = bool(_FENCE.match(line))
        fenced ^= fence
        if not (fenced or fence or _DRAWN.match(line) or _DRAWN.match(lines[k + 1]) or "|" in line):
            lines[k] = f"{line.rstrip()} {_BREAK}"  # the blank ends an address
    return "\n".join(lines)


def _clean_breaks(document: QTextDocument) -> None:
    """Takes away the blanks around breaks, and breaks at the end of a paragraph."""
    cursor = QTextCursor(document)
    places = []
    for block in _blocks(document):
        text = block.text()
        places += [(block.position() + m.start(), block.position() + m.end()) for m in _LOOSE.finditer(text)]
    for start, end in reversed(places):
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()


# Dress


def _dress(document: QTextDocument) -> None:
    """Gives everything the colours, faces and distances of this program."""
    whole = QTextCursor(document)
    whole.select(QTextCursor.SelectionType.Document)
    plain = QTextCharFormat()
    plain.setForeground(theme().text)
    whole.mergeCharFormat(plain)
    parts = [(f.position(), f.length(), f.charFormat()) for _, f in _fragments(document)]
    for position, length, form in reversed(parts):
        _dress_part(document, position, length, form)
    for table in _tables(document.rootFrame()):
        _dress_table(table)
    last = document.lastBlock()
    for block in _blocks(document):
        _dress_block(block, block == last)


def _dress_part(document: QTextDocument, position: int, length: int, form: QTextCharFormat) -> None:
    if not (form.isImageFormat() or form.isAnchor() or form.fontFixedPitch()):
        return
    cursor = QTextCursor(document)
    cursor.setPosition(position)
    cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
    if form.isImageFormat():
        shown = QTextCharFormat()
        shown.setForeground(inks().note_quiet)
        name = form.toImageFormat().name().rsplit("/", 1)[-1]
        cursor.insertText(f"[picture {name}]" if name else "[picture]", shown)
        return
    shown = QTextCharFormat()
    if form.isAnchor():
        is_link = is_web(form.anchorHref())
        shown.setForeground(inks().note_link if is_link else theme().text)
        shown.setFontUnderline(is_link)
        if not is_link:
            shown.setAnchor(False)
            shown.setAnchorHref("")
    if form.fontFixedPitch():
        shown.setFontFamilies(mono_font(PX).families())
        shown.setBackground(inks().note_code)
    cursor.mergeCharFormat(shown)


def _dress_block(block: QTextBlock, is_last: bool) -> None:
    now = block.blockFormat()
    shown = QTextBlockFormat()
    after, here = block.next(), block.textList()
    level = now.headingLevel()
    is_code = now.hasProperty(_LANGUAGE) or now.hasProperty(_FENCED)
    goes_on = here is not None and after.textList() is not None
    goes_on |= is_code and (
        after.blockFormat().hasProperty(_FENCED) or after.blockFormat().hasProperty(_LANGUAGE)
    )
    shown.setTopMargin(_BELOW if level and block.position() else 0.0)
    shown.setBottomMargin(0.0 if is_last else 1.0 if goes_on else _BELOW)
    if now.intProperty(_QUOTE):
        shown.setLeftMargin(14.0 * now.intProperty(_QUOTE))
        shown.setRightMargin(0.0)
    if is_code:
        shown.setBackground(inks().note_code)
        shown.setBottomMargin(0.0 if goes_on or is_last else _BELOW)
    if now.hasProperty(_RULE):
        shown.setBackground(inks().note_edge)
    cursor = QTextCursor(block)
    if not block.text() and not now.hasProperty(_RULE) and cursor.currentTable() is None and not is_code:
        shown.setLineHeight(1.0, QTextBlockFormat.LineHeightTypes.FixedHeight.value)  # stands beside a table
        shown.setBottomMargin(0.0)
    if cursor.currentTable() is not None:
        shown.setBottomMargin(0.0)
    cursor.mergeBlockFormat(shown)
    if now.intProperty(_QUOTE):
        quoted = QTextCharFormat()
        quoted.setForeground(inks().note_quiet)
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        cursor.mergeCharFormat(quoted)


def _dress_table(table: QTextTable) -> None:
    form = table.format()
    form.setBorder(1)
    form.setBorderBrush(inks().note_edge)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderCollapse(True)
    form.setCellSpacing(0)
    form.setCellPadding(3)
    form.setMargin(0)
    form.setBottomMargin(_BELOW)
    form.setWidth(QTextLength())
    table.setFormat(form)
    _take_up(table)


def _take_up(table: QTextTable) -> None:
    """Qt begins the first cell with an empty line, and forgets that what follows is a heading."""
    cursor = table.cellAt(0, 0).firstCursorPosition()
    if not cursor.block().text() and cursor.position() < table.cellAt(0, 0).lastPosition():
        cursor.deleteChar()
    bold = QTextCharFormat()
    bold.setFontWeight(700)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        cursor = cell.firstCursorPosition()
        cursor.setPosition(cell.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
        cursor.mergeCharFormat(bold)


# Walking through


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _fragments(document: QTextDocument) -> Iterator[tuple[QTextBlock, QTextFragment]]:
    for block in _blocks(document):
        each = block.begin()
        while not each.atEnd():
            if each.fragment().isValid():
                yield block, each.fragment()
            each += 1


def _tables(frame: QTextFrame) -> Iterator[QTextTable]:
    for child in frame.childFrames():
        if isinstance(child, QTextTable):
            yield child
        yield from _tables(child)
