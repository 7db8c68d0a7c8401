"""The document: nodes, edges, notes, undo, layout. Knows no screen; asks the op registry about sockets."""

from .diff import Diff, diff, touched
from .document import Bookmark, Document, Edge, Frame, Node, Note, Point, Training
from .graph import Graph, Handle, Output
from .inside import Inside
from .layout import layered

__all__ = [
    "Bookmark",
    "Diff",
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
    "diff",
    "layered",
    "touched",
]
