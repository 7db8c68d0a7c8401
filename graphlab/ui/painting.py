"""Painters that end whatever happens, and painting that nothing interrupts: Qt dies of either otherwise."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtGui import QPaintDevice, QPainter


@contextmanager
def painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A QPainter on `device`. It ends with the block, and no garbage is collected in it."""
    with unswept():
        painter = QPainter(device)
        try:
            yield painter
        finally:
            painter.end()


@contextmanager
def unswept() -> Iterator[None]:
    """Python's garbage collector waits: it might take away a closed window's plots while Qt paints another one."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
