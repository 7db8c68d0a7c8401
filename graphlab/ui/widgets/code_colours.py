"""Python coloured line by line: which stretches of a line are a comment, a string, a number, a word of the language."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtGui import QColor, QTextCharFormat, QTextLayout

from ..colour import readable
from ..theme import Theme, named

_TOKEN = re.compile(
    r"(?P<comment>#.*)"
    r"|(?P<string>[rbf]{0,2}(?:\"\"\".*?(?:\"\"\"|$)|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'))"
    r"|(?P<number>(?<![\w.])-?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)(?![\w.]))"
    r"|(?P<word>[^\W\d]\w*)"
)
_HUES = {
    "comment": "secondary",
    "string": "good",
    "number": "parameter",
    "keyword": "attention",
    "call": "math",
}
_KNOWN = frozenset(dir(builtins))
_LIT = 0.24  # how far a lit line is tinted; words read on it as well


class Stretch(NamedTuple):
    """So many characters of a line from `start` on are of that kind."""

    start: int
    length: int
    kind: str


def stretches(line: str, in_text: bool = False) -> Iterator[Stretch]:
    """The coloured stretches of a line; `in_text`: it begins inside a text of several lines."""
    begin = 0
    if in_text:
        end = line.find('"""')
        begin = len(line) if end < 0 else end + 3
        yield Stretch(0, begin, "string")
    for token in _TOKEN.finditer(line, begin):
        kind = token.lastgroup or ""
        if kind == "word":
            kind = _word(token.group(), line[token.end() : token.end() + 1])
        if kind:
            yield Stretch(token.start(), token.end() - token.start(), kind)


def _word(text: str, following: str) -> str:
    if keyword.iskeyword(text):
        return "keyword"
    return "call" if following == "(" or text in _KNOWN else ""


def begins_in_text(lines: Iterable[str]) -> list[bool]:
    """For each line, whether it begins inside a text between triple quotation marks."""
    found, inside = [], False
    for line in lines:
        found.append(inside)
        inside ^= line.count('"""') % 2 == 1
    return found


def ranges(line: str, in_text: bool, theme: Theme) -> list[QTextLayout.FormatRange]:
    """The same for Qt, in the colours of the theme."""
    found = []
    for stretch in stretches(line, in_text):
        each = QTextLayout.FormatRange()
        each.start, each.length, each.format = (
            stretch.start,
            stretch.length,
            _format(stretch.kind, theme.name),
        )
        found.append(each)
    return found


@lru_cache(maxsize=64)
def _format(kind: str, name: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(hue(kind, named(name)))
    made.setFontItalic(kind == "comment")
    return made


def hue(kind: str, theme: Theme) -> QColor:
    """The colour of that kind of word; it reads on the ground of the code, and on a line that is lit or selected."""
    colour = theme.colours()[_HUES[kind]]
    return readable(
        colour,
        theme.well,
        theme.selection,
        *(lit(theme, phase) for phase in ("forward", "backward", "update")),
    )


def lit(theme: Theme, phase: str) -> QColor:
    """The ground of the lines that are being carried out."""
    return theme.tint(theme.phase(phase), _LIT, theme.well)
