"""Thousands of rectangles or lines in one call: NumPy rows handed to QPainter as they lie in memory, without a copy.

QRectF and QLineF are four doubles each, so an (n, 4) float64 array is an array of them.
"""

from __future__ import annotations

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter


def draw_rects(painter: QPainter, rows: NDArray[np.float64]) -> None:
    """Draws rows of x, y, width, height."""
    rows = np.ascontiguousarray(rows, dtype=np.float64)
    if len(rows):
        painter.drawRects(shiboken6.wrapInstance(rows.ctypes.data, QRectF), len(rows))  # type: ignore[call-overload]


def draw_lines(painter: QPainter, rows: NDArray[np.float64]) -> None:
    """Draws rows of x0, y0, x1, y1."""
    rows = np.ascontiguousarray(rows, dtype=np.float64)
    if len(rows):
        painter.drawLines(shiboken6.wrapInstance(rows.ctypes.data, QLineF), len(rows))  # type: ignore[call-overload]


def segments(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, k, 2) polylines → (n·(k−1), 4) line segments."""
    return np.concatenate([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 4)
