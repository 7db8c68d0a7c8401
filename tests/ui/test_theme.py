"""Every text reads, in both themes, on every surface and on every coloured cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QApplication, QLineEdit

from graphlab.ops import CATEGORIES
from graphlab.ui import stylesheet, theme
from graphlab.ui.colour import READABLE, contrast, magnitude, readable

TEXT = ["text", "secondary", "accent", "positive_text", "negative_text", "good", "warning", "error"]
PHASES = ["forward", "backward", "update"]
FAMILIES = [category.lower() for category in CATEGORIES]


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize("word", TEXT + PHASES + FAMILIES)
def test_words_read_on_every_surface(name: str, word: str) -> None:
    now = theme.named(name)
    for surface in (now.canvas, now.panel, now.raised, now.well):
        assert contrast(now.colours()[word], surface) >= READABLE


@pytest.mark.parametrize("name", theme.NAMES)
def test_text_reads_on_every_state_of_a_control(name: str) -> None:
    now = theme.named(name)
    for ground in (now.hover, now.pressed, now.selection):
        assert contrast(now.text, ground) >= READABLE
    assert contrast(now.on_accent, now.accent) >= READABLE


@pytest.mark.parametrize("name", theme.NAMES)
def test_numbers_read_on_every_coloured_cell(name: str) -> None:
    signed = theme.named(name).signed_map
    for cell, ink in zip(signed.colours, signed.inks, strict=True):
        assert contrast(cell, ink) >= READABLE


@pytest.mark.parametrize("name", theme.NAMES)
def test_published_tokens_of_the_dark_and_light_theme_are_kept(name: str) -> None:
    surfaces = {"dark": ("#14161a", "#1b1e24", "#20242b"), "light": ("#f7f8fa", "#ffffff", "#eef1f5")}
    now = theme.named(name)
    assert tuple(c.name() for c in (now.canvas, now.panel, now.raised)) == surfaces[name]


def test_readable_keeps_a_colour_that_reads_and_darkens_one_that_does_not() -> None:
    white = QColor("white")
    assert readable(QColor("#1769d2"), white) == QColor("#1769d2")
    darker = readable(QColor("#d9b84a"), white)
    assert contrast(darker, white) >= READABLE
    assert abs(darker.hslHue() - QColor("#d9b84a").hslHue()) <= 2


def test_signed_colours_are_blue_above_zero_orange_below_and_grey_at_zero() -> None:
    now = theme.named("dark")
    rgba = now.signed(np.array([-2.0, 0.0, 2.0]))
    assert rgba.shape == (3, 4)
    assert rgba.dtype == np.uint8
    wanted = [now.negative, now.zero, now.positive]
    assert [QColor(*map(int, row)).name() for row in rgba] == [c.name() for c in wanted]


def test_nan_and_infinity_have_a_colour_of_their_own() -> None:
    now = theme.named("light")
    rgba = now.signed(np.array([[np.nan, np.inf, -np.inf, 1.0]]))[0]
    assert [QColor(*map(int, row)) for row in rgba[:3]] == [now.invalid] * 3
    assert QColor(*map(int, rgba[3])) == now.positive


@pytest.mark.parametrize("values", [[0.0, 0.0], [1e-42, -1e-42], [3e38, -3e38], []])
def test_signed_colours_take_any_scale(values: list[float]) -> None:
    assert theme.named("dark").signed(np.array(values, np.float32)).shape == (len(values), 4)


def test_signed_colours_keep_the_shape_and_take_integers() -> None:
    assert theme.signed_rgba(np.arange(24).reshape(2, 3, 4)).shape == (2, 3, 4, 4)


def test_magnitude_ignores_what_is_not_finite() -> None:
    assert magnitude([1.0, -3.0, np.nan, np.inf]) == 3.0
    assert magnitude([]) == 0.0


def test_apply_changes_palette_and_tells_everyone(qtbot, qapp: QApplication) -> None:
    with qtbot.waitSignal(theme.theme_changed) as told:
        theme.apply(qapp, "light")
    assert told.args[0] is theme.theme()
    assert qapp.palette().window().color() == theme.named("light").panel
    theme.apply(qapp, "dark")
    assert theme.theme().name == "dark"


def test_an_unknown_theme_name_gives_the_dark_one(qapp: QApplication) -> None:
    assert theme.apply(qapp, "solarised").name == "dark"


@pytest.mark.parametrize("name", theme.NAMES)
def test_the_style_sheet_has_every_token_filled_in_and_its_pictures_exist(name: str) -> None:
    sheet = stylesheet.sheet(theme.named(name))
    assert "$" not in sheet
    pictures = [part.split('"')[0] for part in sheet.split('url("')[1:]]
    assert pictures
    assert all(Path(picture).is_file() for picture in pictures)


def test_qt_accepts_the_style_sheet(each_theme: theme.Theme, qtbot) -> None:
    """A sheet that Qt cannot parse is reported as a warning, which fails the test, and styles nothing."""
    field = QLineEdit()
    qtbot.addWidget(field)
    field.ensurePolished()
    assert field.minimumSizeHint().height() >= 26


def test_numbers_are_set_in_a_fixed_width_face(qapp: QApplication) -> None:
    assert QFontInfo(theme.mono_font(12)).fixedPitch()
    assert theme.ui_font(13).pixelSize() == 13
