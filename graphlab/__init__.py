"""graphlab: draw a computation graph, step it forward and backward, watch it learn.

    import graphlab as gl

    g = gl.Graph("xor")
    x = g.add("Input", name="x", shape=("N", 2))
    …
    run = gl.Run(g)                     # step, forward, backward, update, values and gradients
    row = gl.ask(run, "hidden", (0, 2)) # ∂hidden[0, 2]/∂ everything; gl.jacobian(run, "hidden", "x") has every row
    trainer = gl.Trainer(g, data=gl.data.xor())
    print(gl.profile(g))                # where the time of a step goes
    gl.save(g, "xor.graphlab"); g, weights = gl.load("xor.graphlab")
    g, weights = gl.from_onnx("resnet50.onnx")   # another program's network, in groups that can be entered
    print(gl.to_numpy(g))               # one step as a script that needs NumPy alone
    gl.to_onnx(g, "net.onnx")           # what it predicts, for other programs; gl.to_pytorch(g, "net.py") as a module
    gl.runs("xor.graphlab", "acc>0.9")  # trainings that were kept, with their curves and weights
    gl.report("xor.graphlab", "xor.html")   # network, runs and sweeps as one page to hand in
    gl.sweep(g, {"hidden.units": "8,16", "lr": "log:1e-4:1e-1"}, trials=20)   # on held-out rows; gl.sweeps(g) has all
    gl.wants(trainer, "conv2", 3)       # the picture that a channel wants; gl.why(trainer, 12, "grad-cam") says why
    gl.open(g)                          # the window

This module is a small facade; the floors behind it are described in ARCHITECTURE.md. Qt is imported by `open` only.
"""

from __future__ import annotations

from os import PathLike

from . import data, ops
from .engine import (
    SGD,
    Adam,
    Plan,
    Report,
    Run,
    Trainer,
    ask,
    check_gradients,
    infer,
    jacobian,
    profile,
)
from .errors import GraphlabError
from .graph import Document, Graph
from .io import from_onnx, load, save, to_numpy, to_onnx, to_pytorch
from .lab.report import report
from .lab.runs import KeptRun, RunFolder, folder_beside, unsaved_folder
from .lab.sweeps.kept import KeptSweep
from .lab.sweeps.whole import sweep
from .lab.wants import best_samples, dream, wants, why

__version__ = "0.1.0"


def open(source: Graph | Document | str | PathLike[str] | None = None) -> object:
    """Opens the window on a graph (the very same object: edits show on both sides) or a file; returns the window.

    In a script it returns when the window is closed; where a Qt event loop runs already, as in a notebook with
    `%gui qt`, at once.
    """
    from .ui.app import open_window

    return open_window(Graph(source) if isinstance(source, Document) else source)


def runs(source: str | PathLike[str] | None = None, filter: str = "") -> list[KeptRun]:
    """The trainings that were kept of a file (or lie in a folder), the newest first.

    Without a source, those of examples and of graphs that no file holds. `filter`: as in the window,
    "lr<0.01 tag:good acc>0.9". FileError, ConditionError.
    """
    from pathlib import Path

    from .lab.runs.query import matching

    path = unsaved_folder() if source is None else Path(source).expanduser()
    folder = RunFolder(path if source is None or path.is_dir() else folder_beside(path))
    return matching(folder.runs(), filter)


def sweeps(source: Graph | Document | str | PathLike[str]) -> list[KeptSweep]:
    """The sweeps that were kept of a file, of a graph that no file holds, or in a folder; the newest first."""
    from pathlib import Path

    from .lab.sweeps.names import kept_sweeps, sweeps_folder

    if isinstance(source, Graph | Document):
        return kept_sweeps(sweeps_folder(None, source.name))[0]
    path = Path(source).expanduser()
    return kept_sweeps(path if path.is_dir() else sweeps_folder(path))[0]


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
    "ask",
    "best_samples",
    "check_gradients",
    "data",
    "dream",
    "from_onnx",
    "infer",
    "jacobian",
    "load",
    "open",
    "ops",
    "profile",
    "report",
    "runs",
    "save",
    "sweep",
    "sweeps",
    "to_numpy",
    "to_onnx",
    "to_pytorch",
    "wants",
    "why",
]
