"""Commands as data: menus, toolbar, command palette and the sheet of shortcuts are made from `actions()`.

A command is a declared function in one of this folder's files: `@action("run.step", "Step forward", "F10")`.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ..window import MainWindow

Run = Callable[["MainWindow"], object]
When = Callable[["MainWindow"], bool]
F = TypeVar("F", bound=Callable[..., object])

MENUS = ("File", "Edit", "View", "Graph", "Run", "Tools", "Help")


def always(window: MainWindow) -> bool:
    return True


@dataclass(frozen=True)
class Action:
    """One command.

    id: "menu.name", never changed once published. when: whether it makes sense now. checked: its state, for a switch.
    section: a rule is drawn in the menu where it changes. submenu: the title of the menu in the menu that it stands in,
    "" for none. here: False for a key that a widget takes by itself, which the sheet of shortcuts shows all the same.
    """

    id: str
    title: str
    run: Run
    shortcuts: tuple[str, ...] = ()
    when: When = always
    icon: str = ""
    menu: str = ""
    section: str = ""
    tip: str = ""
    phase: str = ""
    checked: When | None = None
    here: bool = True
    submenu: str = ""


_actions: dict[str, Action] = {}


def action(
    id: str,
    title: str,
    *shortcuts: str,
    when: When = always,
    icon: str = "",
    menu: str = "",
    section: str = "",
    phase: str = "",
    checked: When | None = None,
    here: bool = True,
    submenu: str = "",
) -> Callable[[F], F]:
    """Decorator: makes `function(window)` a command; the first line of its docstring is its tip.

    `menu` is by default the one that the id begins with; "-" puts it into none.
    """

    def enter(function: F) -> F:
        first = inspect.cleandoc(function.__doc__ or "").partition("\n")[0]
        place = menu or id.partition(".")[0].capitalize()
        if id in _actions:
            raise ValueError(f"There are two actions '{id}'.")
        _actions[id] = Action(
            id, title, function, shortcuts, when, icon, place, section, first, phase, checked, here, submenu
        )
        return function

    return enter


def actions() -> list[Action]:
    """Every action, by menu, each menu in the order of its file."""
    _scan()
    order = {menu: i for i, menu in enumerate(MENUS)}
    return sorted(_actions.values(), key=lambda a: order.get(a.menu, len(MENUS)))


def get(id: str) -> Action:
    """The action of that id; KeyError for none is a bug."""
    _scan()
    return _actions[id]


@functools.cache
def _scan() -> None:
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
