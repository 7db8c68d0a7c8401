"""The colours as text are those that the window computes."""

from __future__ import annotations

import pytest

from graphlab.io.colours import FAMILIES, FRAMES, contrast, mix, palette
from graphlab.ui import theme


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_palette_has_the_colours_of_the_window(name: str) -> None:
    now, found = theme.named(name), palette(name)
    assert {c: found.family(c) for c in FAMILIES} == {c: now.family(c).name() for c in FAMILIES}
    assert {f: found.frame(f) for f in FRAMES} == {f: now.frame(f).name() for f in FRAMES}
    for token in ("secondary", "accent", "good", "warning", "error"):
        assert found.words(token) == getattr(now, token).name()
    assert found.family("Somebody's") == found.family("Math")
    assert found.frame("mauve") == found.frame("grey")


def test_contrast_and_mixing_are_those_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)  # WebAIM's contrast checker
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
