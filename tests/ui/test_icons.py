"""Every drawing draws something, in the colour asked for; every operation has one of its own."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication, QPushButton

from graphlab import ops
from graphlab.resources import resource
from graphlab.ui import icons, theme

NAMES = sorted(path.stem for path in resource("icons").glob("*.svg") if path.stem != "app")


def painted(image: QImage) -> set[str]:
    """The colours of the opaque pixels."""
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return {image.pixelColor(x, y).name() for x, y in points if image.pixelColor(x, y).alpha() == 255}


@pytest.mark.parametrize("name", NAMES)
def test_a_drawing_is_drawn_in_the_colour_of_the_theme(name: str, qapp: QApplication) -> None:
    text = icons.drawing(name)
    assert 'viewBox="0 0 20 20"' in text
    assert "currentColor" in text
    colours = painted(icons.pixmap(name, 40, theme.theme().accent).toImage())
    assert theme.theme().accent.name() in colours


def test_every_operation_has_a_drawing_of_its_own(qapp: QApplication) -> None:
    missing = [name for name in ops.names() if not icons.exists(f"op-{name}")]
    assert missing == []
    drawings = [icons.drawing(f"op-{name}") for name in ops.names()]
    assert len(set(drawings)) == len(drawings)


def test_an_operation_of_someone_else_gets_its_family_drawing() -> None:
    class Swirl(ops.Op):
        """Not in the registry."""

        category = "Layer"

    assert icons.op_drawing(Swirl) == "family-layer"


def test_an_icon_follows_a_switch_of_theme(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    shown = icons.icon("step")
    dark = painted(shown.pixmap(QSize(32, 32)).toImage())
    theme.apply(qapp, "light")
    light = painted(shown.pixmap(QSize(32, 32)).toImage())
    theme.apply(qapp, "dark")
    assert dark != light


def test_a_disabled_icon_is_fainter(qapp: QApplication) -> None:
    shown = icons.icon("save")
    off = painted(shown.pixmap(QSize(32, 32), QIcon.Mode.Disabled).toImage())
    assert theme.theme().faint.name() in off
    assert theme.theme().secondary.name() not in off


def test_icons_survive_their_python_side(qtbot) -> None:
    """A QIcon lives on in Qt when Python's names for it are gone."""
    button = QPushButton()
    qtbot.addWidget(button)
    button.setIcon(QIcon(icons.icon("train")))
    copies = [QIcon(button.icon()) for _ in range(50)]
    for copy in copies:
        copy.addPixmap(icons.pixmap("stop"))  # makes Qt clone what paints it
    del copies, copy
    gc.collect()
    assert not button.icon().pixmap(QSize(16, 16)).isNull()


def test_a_missing_drawing_is_a_bug(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icons.icon("no-such-drawing")


def test_the_app_icon_comes_in_all_sizes(qapp: QApplication) -> None:
    assert {size.width() for size in icons.app_icon().availableSizes()} >= {16, 32, 256}


def test_an_icon_of_no_size_is_no_picture(qapp: QApplication) -> None:
    assert icons.icon("step").pixmap(QSize(14, -1)).isNull()
