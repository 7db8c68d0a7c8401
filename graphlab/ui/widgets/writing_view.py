"""Texts that a network writes, the newest first: each time that it wrote has a line that says when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtWidgets import QFrame, QTextEdit, QWidget

from ..theme import mono_font, theme, theme_changed

CURSOR = "▏"


@dataclass(frozen=True)
class Written:
    """What was written from one state of the weights: `when`, and (prompt, text, whether it goes on) of each text."""

    when: str
    texts: tuple[tuple[str, str, bool], ...]


class WritingView(QTextEdit):
    """Read only; its text can be selected and copied. Where several are written at once, each has a line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(mono_font(12))
        self.setAccessibleName("What the network writes")
        self.setMinimumSize(140, 60)
        self._shown: tuple[Written, ...] = ()
        theme_changed.connect(self._dress)

    def show_written(self, all_of_them: Sequence[Written]) -> None:
        shown = tuple(all_of_them)
        if shown != self._shown:
            self._shown = shown
            self._fill()

    def _dress(self, *_: object) -> None:
        self._fill()

    def _fill(self) -> None:
        bar = self.verticalScrollBar()
        place = bar.value()
        self.setHtml("".join(_html(written) for written in self._shown))
        bar.setValue(place)


def _html(written: Written) -> str:
    now = theme()
    head = f'<p style="margin: 4px 0 1px 0; color: {now.secondary.name()}; font-size: 11px;">{escape(written.when)}</p>'
    alone = len(written.texts) == 1
    lines = []
    for prompt, text, goes_on in written.texts:
        begin = f'<span style="color: {now.accent.name()}; font-weight: 600;">{_words(prompt, alone)}</span>'
        cursor = f'<span style="color: {now.accent.name()};">{CURSOR}</span>' if goes_on else ""
        lines.append(f'<p style="margin: 0 0 2px 0;">{begin}{_words(text, alone)}{cursor}</p>')
    return head + "".join(lines)


def _words(text: str, alone: bool) -> str:
    """As HTML that keeps spaces; the ends of lines as such, or as signs where each text has one line."""
    faint = theme().secondary.name()
    end = "<br>" if alone else f'<span style="color: {faint};">⏎</span>&#8203;'
    return escape(text).replace("  ", " &nbsp;").replace("\n", end)
