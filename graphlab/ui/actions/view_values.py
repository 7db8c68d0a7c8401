"""View: how numbers are written and what colours are measured by, everywhere; a tensor in a window of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..colour import LAWS
from ..display import SCALES, display, set_display
from ..inspector.sockets import places
from ..precision import LEAST, MOST, Precision
from ..values.menu import PRECISIONS, ask_fixed
from ..values.places import subject_of
from .registry import action

if TYPE_CHECKING:
    from ..window import MainWindow


def has_values(window: MainWindow) -> bool:
    session = window.session
    return bool(session.selected_node and places(session, session.selected_node))


@action(
    "view.open_values", "Open values large", "Ctrl+Alt+V", when=has_values, icon="values", section="values"
)
def open_values(window: MainWindow) -> None:
    """Show the value of the selected node in a window of its own"""
    session = window.session
    first = places(session, session.selected_node)[0]
    session.looking.large_wanted.emit(subject_of(session, first, "value").key)


@action("view.values_following", "Values that follow the selection", icon="values", section="values")
def values_following(window: MainWindow) -> None:
    """Open a window that shows the value of whatever is selected"""
    window.session.looking.large_wanted.emit(None)


@action("view.more_digits", "More digits", "Ctrl+Alt+.", section="values", submenu="Precision")
def more_digits(window: MainWindow) -> None:
    """Write numbers one digit more exactly, everywhere"""
    _digits(1)


@action("view.fewer_digits", "Fewer digits", "Ctrl+Alt+,", section="values", submenu="Precision")
def fewer_digits(window: MainWindow) -> None:
    """Write numbers one digit less exactly, everywhere"""
    _digits(-1)


def _digits(by: int) -> None:
    now = display().precision
    kind = now.kind if now.kind == "scientific" else "digits"
    digits = now.digits if now.kind in ("digits", "scientific") else 4
    set_display(precision=Precision(kind, max(LEAST, min(digits + by, MOST))))


def _declare_precision(wanted: Precision) -> None:
    name = f"view.precision_{wanted.kind}" + (
        f"_{wanted.digits}" if wanted.kind in ("digits", "scientific") else ""
    )
    title = f"Precision: {wanted.title[0].lower()}{wanted.title[1:]}"

    @action(
        name, title, section="values", submenu="Precision", checked=lambda _: display().precision == wanted
    )
    def set_it(window: MainWindow) -> None:
        """Write the numbers of the run so, everywhere: canvas, inspector, tables, explanations"""
        set_display(precision=wanted)


def _declare_scale(scale: str, title: str) -> None:
    name = f"Colours: {title[0].lower()}{title[1:]}" + (" …" if scale == "fixed" else "")

    @action(
        f"view.scale_{scale}",
        name,
        section="values",
        submenu="Colours",
        checked=lambda _: display().scale == scale,
    )
    def set_it(window: MainWindow) -> None:
        """Give the full colour to the largest value of this"""
        if scale == "fixed":
            ask_fixed(window)
        else:
            set_display(scale=scale)


def _declare_law(law: str, title: str) -> None:
    @action(
        f"view.law_{law}",
        f"Colour strength: {title.lower()}",
        section="values",
        submenu="Colours",
        checked=lambda _: display().law == law,
    )
    def set_it(window: MainWindow) -> None:
        """How the strength of a colour follows from the value"""
        set_display(law=law)


for each in PRECISIONS:
    _declare_precision(each)
for name, words in SCALES.items():
    _declare_scale(name, words)
for name, words in LAWS.items():
    _declare_law(name, words)
