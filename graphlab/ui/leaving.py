"""The graph as a file of another program, written off the main thread with the weights of the moment: ONNX, PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import GraphlabError
from ..io.onnx_out import to_onnx
from ..io.python_names import identifier
from ..io.torch_code import code_of
from .notice import of_error

if TYPE_CHECKING:
    from .session import Session

ONNX = ".onnx"
ONNX_KINDS = "ONNX (*.onnx)"
TORCH_KINDS = "PyTorch (*.py)"


def name_for(session: Session, suffix: str) -> str:
    """What the file is called where nobody says otherwise; a module so that it can be imported."""
    name = (session.path.stem if session.path is not None else session.whole.name) or "graph"
    return f"{name if suffix == ONNX else identifier(name)}{suffix}"


def save_onnx(session: Session, path: Path) -> None:
    """Writes what the graph predicts; tells what was written, or why nothing was."""
    document, weights = session.whole, session.weights()

    def work(progress: object) -> list[Path]:
        to_onnx(document, path, weights=weights)
        return [path]

    _write(session, path, work, "It predicts; the loss stays here. Netron shows it, onnxruntime runs it.")


def save_module(session: Session, path: Path, loop: bool = False) -> None:
    """Writes the graph as a module of PyTorch, with its weights beside it; with `loop` what trains it, and the rows."""
    document, weights = session.whole, session.weights()

    def work(progress: object) -> list[Path]:
        return code_of(document, weights, loop=loop).save(path)

    how = "Its function load() gives the model with its weights."
    if loop:
        how = f"Train it by: python {path.name}"
    elif path.stem.isidentifier():
        how = f"In Python: from {path.stem} import load; model = load()"
    _write(session, path, work, how)


def _write(session: Session, path: Path, work: Callable[[object], list[Path]], how: str) -> None:
    def saved(paths: list[Path]) -> None:
        names = " and ".join(each.name for each in paths)
        session.notify("info", f"Saved the graph as {names}.", how)

    def failed(error: GraphlabError) -> None:
        session.tell(of_error(error))

    session.worker.start(path.name, work, saved, failed, doing="Writing")
