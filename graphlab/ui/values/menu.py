"""The menus of a tensor: ways to see it, scale of its colours, digits, copying and exporting, and where to go in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from ..colour import LAWS
from ..display import SCALES, display, set_display
from ..icons import icon
from ..precision import Precision
from . import copying
from .ask_text import AskText, index_in, number_in
from .asks import ASKS
from .supply import Whole

if TYPE_CHECKING:
    from .tensor_view import TensorView

PRECISIONS = (
    Precision(),
    *(Precision("digits", n) for n in (2, 3, 4, 6, 9, 12, 17)),
    *(Precision("scientific", n) for n in (4, 9)),
    Precision("exact"),
    Precision("hex"),
)


def menu_of(view: TensorView, index: tuple[int, ...] | None) -> QMenu:
    """Everything that can be done with the tensor, and with the element `index`."""
    menu = _menu(view)
    for ask in ASKS:
        if ask.fits(view, index):
            _add(menu, f"{ask.title}\t{ask.key}", ask.picture, partial(ask.emit, view, index))
    menu.addSeparator()
    if view.arrangement.shape:
        _ways(view, menu)
    fill_scales(menu.addMenu("Colours"), view)
    fill_precision(menu.addMenu("Precision"))
    menu.addSeparator()
    for kind, title in (
        ("numpy", "Copy as NumPy"),
        ("csv", "Copy as CSV"),
        ("tsv", "Copy as a table\tCtrl+C"),
    ):
        _add(menu, title, "copy", partial(copying.copy, view, kind))
    if len(view.arrangement.shape) > 2:
        _add(menu, "Copy all axes as NumPy", "copy", lambda: copying.copy(view, "numpy", whole=True))
    subject = view.subject
    if subject.key is not None and subject.session is not None:
        session, key = subject.session, subject.key
        _add(
            menu,
            "Export as .npy …",
            "export",
            lambda: copying.export(session, key, subject.title, view.window()),
        )
    menu.addSeparator()
    if view.arrangement.shape:
        _places(view, menu)
    if not view.large:
        _add(menu, "Open in a window of its own", "float", view.largeWanted.emit)
    return menu


def open_below(menu: QMenu, widget: QWidget) -> None:
    """Opens a menu at the lower edge of what it belongs to."""
    menu.popup(widget.mapToGlobal(QPoint(0, widget.height())))


def scales_of(view: TensorView) -> QMenu:
    """What the colours are measured by."""
    menu = _menu(view)
    fill_scales(menu, view)
    return menu


def _menu(view: QWidget) -> QMenu:
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def _add(menu: QMenu, title: str, picture: str, run: Callable[[], object]) -> None:
    entry = menu.addAction(title)
    if picture:
        entry.setIcon(icon(picture))
    entry.triggered.connect(lambda *_: run())


def _ways(view: TensorView, menu: QMenu) -> None:
    group = QActionGroup(menu)
    for sight in view.possible_modes():
        entry = menu.addAction(sight.title)
        entry.setCheckable(True)
        entry.setChecked(sight.name == view.mode)
        group.addAction(entry)
        entry.triggered.connect(lambda *_, name=sight.name: view.choose(name))
    menu.addSeparator()


def fill_scales(menu: QMenu, parent: QWidget) -> None:
    """Whose largest value has the full colour, and by which law."""
    now, scales, laws = display(), QActionGroup(menu), QActionGroup(menu)
    menu.addSection("Full colour at the largest of")
    for name, title in SCALES.items():
        entry = menu.addAction(f"{title} …" if name == "fixed" else title)
        entry.setCheckable(True)
        entry.setChecked(now.scale == name)
        scales.addAction(entry)
        if name == "fixed":
            entry.triggered.connect(lambda *_: ask_fixed(parent))
        else:
            entry.triggered.connect(lambda *_, name=name: set_display(scale=name))
    menu.addSection("Strength of the colour")
    for name, title in LAWS.items():
        entry = menu.addAction(title)
        entry.setCheckable(True)
        entry.setChecked(now.law == name)
        laws.addAction(entry)
        entry.triggered.connect(lambda *_, name=name: set_display(law=name))


def fill_precision(menu: QMenu) -> None:
    """How exactly numbers are written, everywhere."""
    now, group = display().precision, QActionGroup(menu)
    for precision in PRECISIONS:
        entry = menu.addAction(precision.title)
        entry.setCheckable(True)
        entry.setChecked(precision == now or precision.kind == now.kind in ("auto", "exact", "hex"))
        group.addAction(entry)
        entry.triggered.connect(lambda *_, wanted=precision: set_display(precision=wanted))


def ask_fixed(parent: QWidget) -> None:
    """Asks for the value of full colour."""
    asking = AskText(parent, "Full colour at ±", str(display().fixed), number_in)
    asking.entered.connect(lambda value: set_display(scale="fixed", fixed=value))


# Places


def _places(view: TensorView, menu: QMenu) -> None:
    _add(menu, "Go to an element …\tG", "locate", lambda: ask_index(view))
    goto = menu.addMenu("Go to the")
    for title, which in (("least", "low"), ("greatest", "high"), ("first NaN or infinity", "bad")):
        _add(goto, title, "", partial(go_to, view, which))


def ask_index(view: TensorView) -> None:
    """Asks for an index, and goes there."""
    shape = view.arrangement.shape
    at = view.selected_index() or (0,) * len(shape)
    asking = AskText(view, "Element", ", ".join(map(str, at)), lambda text: index_in(text, shape))
    asking.entered.connect(lambda index: view.select_index(index, closely=True))


def go_to(view: TensorView, which: str) -> None:
    """Goes to the "low"est, "high"est or first "bad" element of the whole tensor."""
    if view.supply is None:
        return

    def know(whole: Whole) -> None:
        index = getattr(whole, which)
        if index is None:
            view.told.emit(
                "info", "There is none: every element is finite." if which == "bad" else "There is none.", ""
            )
        else:
            view.select_index(index, closely=True)

    view.supply.whole(0, False, know, lane="go")
