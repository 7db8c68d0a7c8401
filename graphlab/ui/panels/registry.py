"""The panels of the window: each is one file in this folder whose class carries `@panel(...)`.

The View menu, the docks, the saved layout and the smoke test come from `panels()`.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Area = Literal["left", "right", "bottom", "timeline"]
AREAS: tuple[Area, ...] = ("left", "right", "timeline", "bottom")
T = TypeVar("T", bound=type)


@dataclass(frozen=True)
class Panel:
    """A panel as the window knows it: `make(session, parent)` builds the widget.

    area: where it docks at first. order: its place there, smallest first. shown: whether a fresh window shows it.
    stretch: how much wider than the others of its row, in percent. tabbed: behind the first of its side, as a tab.
    """

    id: str
    title: str
    area: Area
    order: int
    icon: str
    make: Callable[..., Any]
    shown: bool = True
    stretch: int = 0
    tabbed: bool = False


_panels: dict[str, Panel] = {}


def panel(
    id: str,
    title: str,
    area: Area,
    order: int = 0,
    icon: str = "",
    *,
    shown: bool = True,
    stretch: int = 0,
    tabbed: bool = False,
) -> Callable[[T], T]:
    """Class decorator: makes a QWidget class, constructed as `cls(session, parent)`, a panel of the window."""
    if area not in AREAS:
        raise ValueError(f"There is no dock area '{area}', only {', '.join(AREAS)}.")

    def enter(cls: T) -> T:
        cls.id = id  # type: ignore[attr-defined]
        _panels[id] = Panel(id, title, area, order, icon or id, cls, shown, stretch, tabbed)
        return cls

    return enter


def panels() -> list[Panel]:
    """Every panel, by area and order."""
    _scan()
    return sorted(_panels.values(), key=lambda p: (AREAS.index(p.area), p.order, p.id))


@functools.cache
def _scan() -> None:
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
