"""Garbage of the window is collected in its own thread, whoever makes it."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

from PySide6.QtCore import QObject

from graphlab.ui.tidying import Tidying


class Ring:
    """An object that only the collector can free; it tells in which thread."""

    freed_in: threading.Thread | None = None

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        type(self).freed_in = threading.current_thread()


def test_a_thread_that_makes_many_objects_frees_none_and_the_timer_does(qtbot: Any) -> None:
    gc.enable()
    owner = QObject()
    Tidying(owner)
    seen = weakref.ref(Ring())
    thread = threading.Thread(target=lambda: [[] for _ in range(5 * gc.get_threshold()[0])])
    thread.start()
    thread.join()
    assert seen() is not None
    rings = [[] for _ in range(2 * gc.get_threshold()[0])]
    qtbot.waitUntil(lambda: seen() is None, timeout=10_000)
    assert Ring.freed_in is threading.main_thread()
    del rings


def test_without_it_python_collects_again(qtbot: Any) -> None:
    owner = QObject()
    Tidying(owner)
    assert not gc.isenabled()
    owner.deleteLater()
    qtbot.waitUntil(gc.isenabled, timeout=5_000)
    gc.disable()
