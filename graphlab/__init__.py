"""graphlab: draw a computation graph, step it forward and backward, watch it learn.

    import graphlab as gl

    g = gl.Graph("xor")
    x = g.add("Input", name="x", shape=("N", 2))
    …
    run = gl.Run(g)                     # step, forward, backward, update, values and gradients
    trainer = gl.Trainer(g, data=gl.data.xor())
    print(gl.profile(g))                # where the time of a step goes
    gl.save(g, "xor.graphlab"); g, weights = gl.load("xor.graphlab")
    print(gl.to_numpy(g))               # one step as a script that needs NumPy alone
    gl.open(g)                          # the window

This module is a small facade; the floors behind it are described in ARCHITECTURE.md. Qt is imported by `open` only.
"""

from __future__ import annotations

from os import PathLike

from . import data, ops
from .engine import SGD, Adam, Plan, Report, Run, Trainer, check_gradients, infer, profile
from .errors import GraphlabError
from .graph import Document, Graph
from .io import load, save, to_numpy

__version__ = "0.1.0"


def open(source: Graph | Document | str | PathLike[str] | None = None) -> object:
    """Opens the window on a graph (the very same object: edits show on both sides) or a file; returns the window.

    In a script it returns when the window is closed; where a Qt event loop runs already, as in a notebook with
    `%gui qt`, at once.
    """
    from .ui.app import open_window

    return open_window(Graph(source) if isinstance(source, Document) else source)


__all__ = [
    "SGD",
    "Adam",
    "Document",
    "Graph",
    "GraphlabError",
    "Plan",
    "Report",
    "Run",
    "Trainer",
    "check_gradients",
    "data",
    "infer",
    "load",
    "open",
    "ops",
    "profile",
    "save",
    "to_numpy",
]
