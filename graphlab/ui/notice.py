"""What the window tells a person in place, without stopping them: on the strip over the canvas and in the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ..errors import GraphlabError

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True)
class Notice:
    """One message. `node_id` is the node it is about ("" for none); `at` is seconds since the epoch.

    choice: what a button beside it says and does, such as taking back what was done.
    """

    level: Level
    text: str
    hint: str = ""
    node_id: str = ""
    at: float = field(default_factory=time.time, compare=False)
    choice: tuple[str, Callable[[], object]] | None = field(default=None, compare=False)

    @property
    def sentence(self) -> str:
        return f"{self.text} {self.hint}".strip()


def of_error(error: GraphlabError, node_id: str = "") -> Notice:
    """An error a person caused, as a notice."""
    return Notice("error", error.message, error.hint, node_id)
