"""The document: nodes, edges, notes, undo, layout. Knows no screen; asks the op registry about sockets."""

from .diff import Diff, diff, touched
from .document import Document, Edge, Node, Note, Point, Training
from .graph import Graph, Handle, Output
from .layout import layered

__all__ = [
    "Diff",
    "Document",
    "Edge",
    "Graph",
    "Handle",
    "Node",
    "Note",
    "Output",
    "Point",
    "Training",
    "diff",
    "layered",
    "touched",
]
