"""A race of canvases: all draw the same graph in one process and take turns at each gesture."""

from __future__ import annotations

import importlib
import importlib.metadata
import time
from collections.abc import Iterable, Iterator

from PySide6.QtWidgets import QApplication

from graphlab.graph import Document

from ..report import Row, cpu_time
from .canvas_contender import CanvasContender

PEERS = {
    "NodeGraphQt": ("canvas_nodegraphqt", "NodeGraphQt"),
    "pyqtgraph.flowchart": ("canvas_flowchart", "pyqtgraph"),
}  # by the name they have in the table: the file here, the package on PyPI
OPENING = "open, first frame included"
REDRAWING = "full redraw, all in view"  # with nothing of the frame before
GESTURES = {
    OPENING: 3,
    REDRAWING: 7,
    "the same frame once more, all in view": 7,
    "zoom by a notch of the wheel, about all in view": 6,
    "drag one node, per move, all in view": 9,
    "add a node and a wire, next frame included": 5,
}  # and how many rounds of each
TARGETS = {
    (1000, OPENING, "NodeGraphQt"): 40.0,
    (1000, REDRAWING, "NodeGraphQt"): 40.0,
}
_LARGE = 500  # nodes; opening more is done once, since it takes a peer many seconds
_REST = 0.015  # seconds: pyqtgraph leaves out moves of the mouse that come faster

Times = dict[str, list[float]]  # by gesture, seconds


def race(document: Document, peers: Iterable[str] = tuple(PEERS)) -> Iterator[Row]:
    """For each gesture and peer a row: how many times as fast graphlab is."""
    count = len(document.nodes)
    missing: dict[str, str] = {}
    contenders = {"graphlab": contender("graphlab", document)}
    for name in peers:
        try:
            contenders[name] = contender(name, document)
        except ImportError as error:
            missing[name] = f"not installed ({error.name})"
    times = _turns(contenders, {**GESTURES, OPENING: 1} if count > _LARGE else GESTURES)
    for gesture in GESTURES:
        for name in peers:
            workload, target = f"{count:,} nodes: {gesture}", TARGETS.get((count, gesture, name))
            if name in missing:
                yield Row.absent(workload, title(name), missing[name])
                continue
            ours, theirs = times["graphlab"][gesture], times[name][gesture]
            yield Row.ratio(workload, ours, theirs, target=target, peer=title(name))
    for each in contenders.values():
        each.close()


def contender(name: str, document: Document) -> CanvasContender:
    """ImportError when the peer is not installed."""
    file = "canvas_graphlab" if name == "graphlab" else PEERS[name][0]
    made: CanvasContender = importlib.import_module(f"{__package__}.{file}").Contender(document)
    return made


def title(name: str) -> str:
    """The peer with its version, if it is installed."""
    try:
        return f"{name} {importlib.metadata.version(PEERS[name][1])}"
    except importlib.metadata.PackageNotFoundError:
        return name


def _turns(contenders: dict[str, CanvasContender], rounds: dict[str, int]) -> dict[str, Times]:
    """Seconds that each gesture took of each in each round."""
    times: dict[str, Times] = {name: {gesture: [] for gesture in rounds} for name in contenders}

    def take_turns(gesture: str, method: str) -> None:
        for turn in range(rounds[gesture]):
            for name, each in contenders.items():
                if method == "open" and turn:
                    each.clear()
                if gesture == REDRAWING:
                    each.forget()
                QApplication.processEvents()
                time.sleep(_REST)
                times[name][gesture].append(cpu_time(getattr(each, method)))

    _, _, again, zooming, dragging, growing = GESTURES
    take_turns(OPENING, "open")
    _require_same(contenders)
    take_turns(REDRAWING, "redraw")
    take_turns(again, "redraw")
    take_turns(zooming, "zoom")
    before = {name: each.place() for name, each in contenders.items()}
    for each in contenders.values():
        each.press()
        each.drag()  # the first may only begin it
    take_turns(dragging, "drag")
    for each in contenders.values():
        each.release()
    for name, each in contenders.items():
        if each.place() == before[name]:
            raise AssertionError(f"{name}: the node did not follow the mouse")
    take_turns(growing, "grow")
    _require_same(contenders)
    return times


def _require_same(contenders: dict[str, CanvasContender]) -> None:
    """AssertionError unless all show as many nodes and wires as graphlab does."""
    wanted = contenders["graphlab"].counts()
    for name, each in contenders.items():
        if each.counts() != wanted:
            raise AssertionError(f"{name} shows {each.counts()} nodes and wires, not {wanted}")
