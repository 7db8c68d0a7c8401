"""SVG and HTML as text, put together so that nothing that comes from a document can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_EMPTY = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}  # elements of HTML that have no end
_BLOCKS = {
    "svg",
    "g",
    "section",
    "table",
    "tr",
    "p",
    "h1",
    "h2",
    "h3",
    "figure",
    "div",
    "details",
    "title",
    "ul",
}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """A value as text: everything that means something to HTML or XML is escaped, what XML cannot hold left out."""
    if isinstance(value, Markup):
        return value
    return Markup(escape(_NOT_XML.sub("", str(value)), quote=True))


def joined(*content: object) -> Markup:
    """Texts, markup and lists of both, one after another; None is nothing."""
    parts: list[str] = []
    for each in content:
        if each is None:
            continue
        if isinstance(each, str) or not isinstance(each, Iterable):
            parts.append(text(each))
        else:
            parts.append(joined(*each))
    return Markup("".join(parts))


def tag(name: str, /, *content: object, **attributes: object) -> Markup:
    """An element. `class_` stands for class, and an underscore for a hyphen; None leaves an attribute out, True names
    it alone.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    end = "\n" if name in _BLOCKS else ""
    return Markup(f"<{name}{written}>{joined(*content)}</{name}>{end}")


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_") if key in ("class_", "for_", "type_") else key.replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{figure(value) if isinstance(value, float) else text(value)}"'


def figure(value: float) -> str:
    """A coordinate: two decimals at most."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written
