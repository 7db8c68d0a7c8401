"""The canvas: draws the document and turns gestures into edits. One custom-painted widget, `CanvasView`.

Geometry lies in NumPy arrays (`scene`, `curves`), painting in `draw_*`, gestures one to a file in `gestures`.
"""

from .view import CanvasView

__all__ = ["CanvasView"]
