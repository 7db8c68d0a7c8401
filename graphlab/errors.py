"""Every error a person can cause. Anything else that escapes is a bug of graphlab.

GraphlabError
├── GraphError              an edit of the document was refused; the document is unchanged
│   ├── UnknownOpError      no operation of that name
│   ├── UnknownNodeError    no node (or output, or parameter) of that name
│   ├── NameTakenError      two nodes cannot share a name
│   ├── ParamError          a parameter of a node has an impossible value
│   └── ConnectError        a wire cannot be drawn
│       ├── SocketError     no such socket
│       └── CycleError      the wire would close a cycle
├── ShapeError              shapes that do not fit, found by inference
├── ProblemsError           a graph with faults was asked for something only a healthy one can do
├── FeedError               what was fed to a run has the wrong name, shape or type
├── MemoryBudgetError       the graph would need more memory than it may use
├── NumericsError           NaN or infinity appeared
├── GoalError               a number that cannot be asked how it changes: there is none, or it has no gradient
├── ExplainError            a number that is not there, or was not computed yet
├── ExperimentError         an experiment beside the run that cannot be made
├── ConditionError          a breakpoint's condition cannot be understood
├── DataError               a data set cannot be made or read
├── SettingsError           an impossible training setting
├── FileError               a file cannot be read or written
│   ├── BrokenFileError     its content is not what it should be
│   ├── TooLargeError       it declares more than we are willing to read
│   ├── VersionError        written by a newer graphlab
│   └── SaveError           it could not be written; the old file is untouched
├── Unsupported             an operation of another program's file that has no counterpart here
├── EngineLostError         the engine process died
└── CancelledError          somebody ended work before it was done; nothing has changed
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class GraphlabError(Exception):
    """Says what happened (`message`), at which node (`node`, "" if none) and what to try (`hint`, "" if none)."""

    def __init__(self, message: str, *, hint: str = "", node: str = "") -> None:
        super().__init__(message, hint, node)
        self.message = message
        self.hint = hint
        self.node = node

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class GraphError(GraphlabError):
    """An edit of the document was refused; the document is unchanged."""


class UnknownOpError(GraphError):
    """No operation has that name."""


class UnknownNodeError(GraphError):
    """No node, output or parameter has that name."""


class NameTakenError(GraphError):
    """Two nodes cannot share a name."""


class ParamError(GraphError):
    """A parameter of a node has an impossible value."""


class ConnectError(GraphError):
    """A wire cannot be drawn."""


class SocketError(ConnectError):
    """The node has no such socket."""


class CycleError(ConnectError):
    """The wire would close a cycle; `path` holds the names of the nodes around it."""

    def __init__(self, message: str, *, path: Sequence[str] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.path = tuple(path)


class ShapeError(GraphlabError):
    """Shapes do not fit. `socket` names the input at fault ("" when it is the node as a whole)."""

    def __init__(self, message: str, *, socket: str = "", **more: Any) -> None:
        super().__init__(message, **more)
        self.socket = socket


class ProblemsError(GraphlabError):
    """The graph has faults; `problems` lists every one."""

    def __init__(self, message: str, *, problems: Sequence[Any] = (), **more: Any) -> None:
        super().__init__(message, **more)
        self.problems = tuple(problems)


class FeedError(GraphlabError):
    """What was fed to a run has the wrong name, shape or type."""


class MemoryBudgetError(GraphlabError):
    """The graph would need more memory than it may use."""


class NumericsError(GraphlabError):
    """NaN or infinity appeared; `phase` is "forward" or "backward"."""

    def __init__(self, message: str, *, phase: str = "forward", **more: Any) -> None:
        super().__init__(message, **more)
        self.phase = phase


class GoalError(GraphlabError):
    """Gradients were asked for of something that is not there, or is no measured number."""


class ExplainError(GraphlabError):
    """A number cannot be explained: there is none there, or it has not been computed yet."""


class ExperimentError(GraphlabError):
    """An experiment beside the run that cannot be made."""


class ConditionError(GraphlabError):
    """A breakpoint's condition cannot be understood, or not be answered at its node."""


class DataError(GraphlabError):
    """A data set cannot be made or read."""


class SettingsError(GraphlabError):
    """A training setting has an impossible value."""


class FileError(GraphlabError):
    """A file cannot be read or written."""


class BrokenFileError(FileError):
    """The file's content is not what it should be."""


class TooLargeError(FileError):
    """The file declares more than graphlab is willing to read."""


class VersionError(FileError):
    """The file was written by a newer graphlab."""


class SaveError(FileError):
    """The file could not be written; an older file of that name is untouched."""


class Unsupported(GraphlabError):
    """An operation of another program's file (ONNX) has no counterpart here, or not in this form."""


class EngineLostError(GraphlabError):
    """The engine process died."""


class CancelledError(GraphlabError):
    """Somebody ended work before it was done; nothing has changed."""
