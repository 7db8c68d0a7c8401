"""`graphlab [FILE]`: the window. Qt is imported here, when it is asked for."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import click

from ..errors import GraphlabError
from ..graph import Graph


@click.command("open", hidden=True)
@click.argument("what", metavar="[FILE]", required=False)
def open_window(what: str | None = None) -> None:
    """Open the window on a file, an example, or nothing."""
    source = window_source(what) if what else None
    if not has_screen():
        raise GraphlabError(
            "There is no screen here to open a window on.",
            hint="Try graphlab train, run or show, or graphlab shot for a picture of the window.",
        )
    app = qt_app()
    app.open_window(source)


def window_source(what: str) -> Graph | str:
    """A path for a file, which the window saves to; a graph for an example, which it must not write to.

    GraphlabError when it can be neither read nor found.
    """
    from .sources import open_source

    source = open_source(what)
    return str(source.path) if source.path else source.graph


def qt_app() -> ModuleType:
    """The module that draws. GraphlabError when Qt or a library that it needs is missing."""
    try:
        from ..ui import app
    except ImportError as error:
        raise GraphlabError(
            f"The window needs Qt, which cannot be loaded: {error}.", hint="See README.md."
        ) from error
    return app


def unseen_qt_app() -> ModuleType:
    """The same, drawing offscreen wherever no platform was asked for, and quiet about what offscreen cannot do."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
    return qt_app()


def has_screen() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
