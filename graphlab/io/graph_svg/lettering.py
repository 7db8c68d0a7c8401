"""Words in a drawing, and the bar that a title stands on."""

from __future__ import annotations

from ..markup import Markup, tag


def words(text: str, x: float, y: float, px: float, classes: str = "", anchor: str = "start") -> Markup:
    """Words whose middle is at height y."""
    return tag(
        "text",
        text,
        x=x,
        y=y + px * 0.35,
        font_size=px,
        class_=classes or None,
        text_anchor=None if anchor == "start" else anchor,
    )


def top_path(x: float, y: float, width: float, height: float, r: float) -> str:
    """The upper part of a rounded rectangle, so high, as the data of a path."""
    right = x + width
    left_corner, right_corner = (
        f"A{r:g} {r:g} 0 0 1 {x + r:g} {y:g}",
        f"A{r:g} {r:g} 0 0 1 {right:g} {y + r:g}",
    )
    return f"M{x:g} {y + height:g}V{y + r:g}{left_corner}H{right - r:g}{right_corner}V{y + height:g}Z"
