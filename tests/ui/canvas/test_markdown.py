"""Notes drawn as Markdown: what is read, what is refused, and that nothing is read twice."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QDesktopServices, QImage, QTextBlockFormat, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Note
from graphlab.ui import theme
from graphlab.ui.canvas import draw_notes, export, markdown
from graphlab.ui.canvas.ink import inks
from graphlab.ui.canvas.inline import NoteEditor
from graphlab.ui.canvas.markdown import Leaf
from graphlab.ui.canvas.menus import menu_at
from graphlab.ui.colour import READABLE, contrast
from graphlab.ui.painting import painting

from .conftest import CTRL, Hand

MARKER = QTextBlockFormat.MarkerType


@pytest.fixture(autouse=True)
def app(qapp: QApplication) -> QApplication:
    return qapp


def document(text: str) -> QTextDocument:
    return Leaf(text)._document


def words(text: str) -> list[str]:
    """The paragraphs, as they are shown."""
    return [block.text() for block in markdown._blocks(document(text)) if block.text()]


def drawn(text: str, width: float = 300, height: float = 300) -> np.ndarray:
    """The pixels of a text, (height, width, 3)."""
    image = QImage(int(width), int(height), QImage.Format.Format_RGB32)
    image.fill(theme.theme().panel)
    leaf = Leaf(text)
    with painting(image) as painter:
        painter.setBrush(QColor("red"))  # whatever was drawn before
        leaf.draw(painter, QRectF(0, 0, width, height), 12)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(int(height), image.bytesPerLine() // 4, 4)
    return raw[..., :3].copy()


# Reading


def test_a_new_line_is_a_new_line_as_people_write() -> None:
    assert words("one\ntwo\n\nthree") == ["one\u2028two", "three"]
    assert words("- a\n  goes on\n- b") == ["a\u2028goes on", "b"]
    assert words("> q\n> r") == ["q\u2028r"]


def test_code_tables_rules_and_headings_keep_their_lines() -> None:
    assert words("```\nx = 1\n  y = 2\n```\nend") == ["x = 1", "  y = 2", "end"]
    assert words("| a | b |\n|---|---|\n| 1 | 2 |\n") == ["a", "b", "1", "2"]
    assert words("Title\n=====\nbody") == ["Title", "body"]
    assert words("# Title\nbody") == ["Title", "body"]
    assert words("above\n\n---\nbelow") == ["above", "below"]


def test_a_plain_note_says_what_it_says() -> None:
    text = "e = (a + b)(b + 1) at a = 2: Set out_channels of conv1 to 1 * 2, 3 * 4 < 5 & more"
    assert words(text) == [text]


def test_checkboxes_are_told_apart_and_drawn() -> None:
    markers = [b.blockFormat().marker() for b in markdown._blocks(document("- [x] done\n- [ ] open\n- item"))]
    assert markers == [MARKER.Checked, MARKER.Unchecked, MARKER.NoMarker]
    assert (drawn("- [x] a")[:20, :18] != drawn("- [ ] a")[:20, :18]).any()


@pytest.mark.parametrize(
    ("text", "token"),
    [("[here](https://example.org)", "note_link"), ("words", "text"), ("> said", "note_quiet")],
)
def test_words_have_the_colours_of_the_theme(each_theme: theme.Theme, text: str, token: str) -> None:
    wanted, ground = each_theme.text if token == "text" else getattr(inks(), token), each_theme.panel
    pixels = drawn(text).reshape(-1, 3)[:, ::-1].astype(int)
    away = np.abs(pixels - (ground.red(), ground.green(), ground.blue())).sum(axis=1)
    strongest = pixels[away.argmax()]
    assert np.abs(strongest - (wanted.red(), wanted.green(), wanted.blue())).sum() <= 60


def test_text_reads_on_the_card_and_on_code(each_theme: theme.Theme) -> None:
    for ground in (inks().note, inks().note_code):
        for ink in (each_theme.text, inks().note_link, inks().note_quiet):
            assert contrast(ink, ground) >= READABLE


# Strangers' files


def test_html_is_shown_as_it_is_written() -> None:
    assert words("<b>x</b> <script>alert(1)</script>") == ["<b>x</b> <script>alert(1)</script>"]


def test_pictures_are_named_and_never_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(markdown._Sealed, "loadResource", lambda self, kind, name: asked.append(name))
    text = "![a](file:///etc/passwd) ![b](https://example.org/t/cat.png) ![c](data:image/png;base64,AAAA)"
    (shown,) = words(text)
    assert shown.startswith("[picture passwd] [picture cat.png] [picture ")
    drawn(text)
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "ftp://example.org",
        "smb://host/x",
        "https:",
        "#x",
        "//x.org",
    ],
)
def test_only_the_web_is_linked(address: str) -> None:
    assert Leaf(f"[here]({address})").links() == []
    assert not markdown.is_web(address)


def test_links_are_found_once_each_bare_ones_too() -> None:
    text = "[a](https://example.org/a) and https://example.org/b\nthen [c](HTTP://EXAMPLE.ORG) [d](https://example.org/a)"
    assert Leaf(text).links() == ["https://example.org/a", "https://example.org/b", "HTTP://EXAMPLE.ORG"]


@pytest.mark.parametrize(
    "text",
    [
        ">" * 20_000,
        "[" * 20_000,
        "*" * 20_000,
        "".join("  " * k + "- a\n" for k in range(300)),
        "\u2028" * 500,
        "|" * 800 + "\n" + "|-" * 800 + "|\n",
        "x" * 3_000_000,
        "\x00\ufffd\u202e",
        "```\n" * 999,
        "",
    ],
    ids=range(10),
)
def test_no_text_is_too_much(text: str) -> None:
    leaf = Leaf(text)
    assert leaf.height(200) >= 0
    assert leaf.px(QSizeF(200, 100), 32) >= 12
    drawn(text)
    assert len(leaf.plain()) <= markdown.LONGEST + 10


# On the canvas


def note(hand: Hand, text: str, size: tuple[float, float] = (260.0, 120.0)) -> Note:
    return hand.graph.add_note(text, (100.0, 350.0), size)


def test_from_afar_the_text_grows_as_far_as_there_is_room(chain: Hand) -> None:
    few, many = note(chain, "hello"), note(chain, "many words " * 40)
    notes = chain.view.picture.notes
    assert notes.px(few.id, 1.0) == notes.px(many.id, 1.0) == 12
    assert notes.px(few.id, 0.4) == 28
    assert notes.px(few.id, 0.05) == 32
    assert notes.px(many.id, 0.4) == 12


def link_pixel(hand: Hand, found: Note) -> QPoint:
    """A pixel on the one link of a note."""
    rect = hand.view.scene.note_rect(found.id)
    for y in range(int(rect.top()), int(rect.bottom()), 4):
        for x in range(int(rect.left()), int(rect.right()), 4):
            if hand.view.link_under(QPointF(x, y)):
                return hand.pixel(x, y)
    raise AssertionError("There is no link.")


def test_control_click_opens_a_link_and_nothing_else_does(
    chain: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)
    found = note(chain, "see [the page](https://example.org/a?b=c&d) there")
    at = link_pixel(chain, found)
    chain.move(at, Qt.MouseButton.NoButton)
    assert chain.view.cursor().shape() == Qt.CursorShape.PointingHandCursor
    assert "Ctrl+click" in chain.view.tip_at(QPointF(at))
    chain.click(at)
    assert opened == []
    chain.drag(at, at + QPoint(0, 300), modifiers=CTRL)
    assert opened == []
    chain.click(at, CTRL)
    assert opened == ["https://example.org/a?b=c&d"]
    menu = menu_at(chain.view, QPointF(at))
    next(a for a in menu.actions() if a.text().startswith("Open https")).trigger()
    assert len(opened) == 2


def test_editing_shows_the_source(chain: Hand) -> None:
    note(chain, "# Title\n**bold**")
    chain.double_click(chain.pixel(150, 400))
    (field,) = [e for e in chain.view.findChildren(NoteEditor) if e.isVisible()]
    assert field.toPlainText() == "# Title\n**bold**"
    QTest.keyClick(field, Qt.Key.Key_Escape)


def test_a_note_is_fitted_to_its_text(chain: Hand) -> None:
    long = note(chain, "many words " * 40, (300.0, 40.0))
    short = chain.graph.add_note("hi", (500.0, 350.0), (300.0, 200.0))
    entries = len(chain.graph.history)
    for each in (long, short):
        chain.view.session.select({each.id})
        rect = chain.view.scene.note_rect(each.id)
        menu = menu_at(chain.view, QPointF(chain.pixel(rect.left() + 20, rect.top() + 8)))
        next(a for a in menu.actions() if a.text() == "Fit to text").trigger()
    notes = chain.view.session.document.notes
    assert notes[long.id].size[0] <= 300
    assert notes[long.id].size[1] > 150
    assert notes[short.id].size == (60, 36), "no smaller than a hand could make it"
    assert chain.graph.history[entries:] == ["Resize note"] * 2
    for each in (long, short):
        size = notes[each.id].size
        assert chain.view.picture.notes.fitting_size(each.id) == pytest.approx(size, abs=1), "it is done"


def test_a_note_is_read_and_painted_once(chain: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    painted: list[str] = []
    made, draw = draw_notes.Leaf, Leaf.draw
    monkeypatch.setattr(draw_notes, "Leaf", lambda text: read.append(text) or made(text))
    monkeypatch.setattr(Leaf, "draw", lambda self, *rest: painted.append(self.text) or draw(self, *rest))
    found = note(chain, "one")
    chain.view.repaint()
    chain.view.pan_by(7, 5)
    chain.view.repaint()
    assert (read, painted) == (["one"], ["one"])
    chain.graph.move({found.id: (120.0, 380.0)})
    chain.view.repaint()
    assert (read, painted) == (["one"], ["one"])
    chain.graph.edit_note(found.id, text="two")
    chain.view.repaint()
    chain.graph.edit_note(found.id, size=(200.0, 100.0))
    chain.view.repaint()
    assert read == ["one", "two"]
    assert painted == ["one", "two", "two"]


def test_a_switch_of_theme_repaints_the_text(chain: Hand, qapp: QApplication) -> None:
    found = note(chain, "words")
    before = chain.view.picture.notes.leaf(found.id)
    theme.apply(qapp, "light")
    after = chain.view.picture.notes.leaf(found.id)
    theme.apply(qapp, "dark")
    assert (before.theme, after.theme) == ("dark", "light")


def test_a_card_says_when_it_holds_not_all(chain: Hand) -> None:
    drawing = export.svg(chain.view).decode()
    assert "…" not in drawing
    note(chain, "many words " * 40, (200.0, 60.0))
    assert "…" in export.svg(chain.view).decode()


def test_the_text_of_a_note_is_text_in_svg(chain: Hand) -> None:
    note(chain, "## Heading\nwords **bold**\n- item")
    texts = " ".join(re.findall(r"<text[^>]*>([^<]*)", export.svg(chain.view).decode()))
    for word in ("Heading", "words", "bold", "item"):
        assert word in texts
