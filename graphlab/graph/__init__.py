"""The document: nodes, edges, notes, undo, layout. Knows no screen; asks the op registry about sockets."""

from .comparison import Comparison, Difference, compare
from .diff import Diff, diff, touched
from .document import Bookmark, Document, Edge, Frame, Node, Note, Point, Training
from .graph import Graph, Handle, Output
from .inside import Inside
from .layout import layered

__all__ = [
    "Bookmark",
    "Comparison",
    "Diff",
    "Difference",
    "Document",
    "Edge",
    "Frame",
    "Graph",
    "Handle",
    "Inside",
    "Node",
    "Note",
    "Output",
    "Point",
    "Training",
    "compare",
    "diff",
    "layered",
    "touched",
]
