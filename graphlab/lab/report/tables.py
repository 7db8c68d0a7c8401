"""Parts of a page: sections, tables with heads that screen readers know, pairs of names and values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ...io.markup import Markup, joined, tag


def section(key: str, title: str, *content: object) -> Markup:
    """A part of the page with its heading."""
    return tag(
        "section", tag("h2", title, id=f"{key}-title"), *content, id=key, aria_labelledby=f"{key}-title"
    )


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Collection[int] = (),
    code: Collection[int] = (),
    caption: str = "",
    best: int = -1,
) -> Markup:
    """A table whose first column names its rows. right: columns of numbers; code: of what is spelt; best: a row that
    stands out.
    """
    kinds = ["n" if k in right else "k" if k in code else None for k in range(len(headings))]
    head = [
        tag("th", heading, scope="col", class_=kind) for heading, kind in zip(headings, kinds, strict=True)
    ]
    body = []
    for place, row in enumerate(rows):
        cells = [
            tag("th" if not k else "td", cell, scope="row" if not k else None, class_=kind)
            for k, (cell, kind) in enumerate(zip(row, kinds, strict=True))
        ]
        body.append(tag("tr", cells, class_="best" if place == best else None))
    made = tag(
        "table",
        tag("caption", caption) if caption else "",
        tag("thead", tag("tr", head)),
        tag("tbody", body),
    )
    return tag(
        "div", made, class_="wide", tabindex=0, role="region", aria_label=caption or headings[0] or "table"
    )


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names and values, two by two."""
    rows = (tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs)
    return tag("dl", *rows, class_="facts")


def cards(pairs: Iterable[tuple[str, str]]) -> Markup:
    """A few figures that stand out."""
    each = (tag("div", tag("b", value), tag("span", name)) for name, value in pairs)
    return tag("div", *each, class_="cards")


def figure(picture: Markup, caption: object, *, wide: float = 0.0) -> Markup:
    """A picture with what it shows below; one wider than the page can be scrolled, and shrinks on paper.

    wide: the least width in pixels at which it can be read.
    """
    style = f"min-width: {wide:.0f}px" if wide else None
    frame = tag(
        "div", tag("div", picture, style=style, class_="fit"), class_="pan", tabindex=0 if wide else None
    )
    return tag("figure", frame, tag("figcaption", caption))


def callout(*content: object, kind: str = "note") -> Markup:
    """A remark that must not be missed."""
    return tag("p", *content, class_=f"callout {kind}", role="note")


def listed(items: Iterable[object]) -> Markup:
    return tag("ul", (tag("li", item) for item in items))


def code(text: str) -> Markup:
    return tag("pre", tag("code", text), tabindex=0)


def lines(*content: object) -> Markup:
    return joined(*content)
