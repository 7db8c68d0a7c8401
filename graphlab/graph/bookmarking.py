"""Named views as a live graph keeps them: a part of `Graph`. The edits themselves are in `edits`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from ..errors import GraphError
from . import edits
from .copies import node_of
from .document import Bookmark, Document, Point
from .groups import is_use, sheet


class Bookmarking(ABC):
    """Bookmarks belong to the whole document; of a graph inside a group, `inside` goes on from there."""

    @abstractmethod
    def _whole(self) -> Bookmarking:
        """The graph of the whole document."""

    @abstractmethod
    def _way(self) -> tuple[str, ...]:
        """The ids of the group nodes that lead to this graph from the whole."""

    @property
    @abstractmethod
    def document(self) -> Document: ...

    @abstractmethod
    def replace(self, document: Document, label: str, key: str = "") -> None: ...

    def set_bookmark(
        self, name: str, centre: Point = (0.0, 0.0), zoom: float = 1.0, inside: Iterable[str] = ()
    ) -> None:
        """Names a view, to be gone to later; one of the same name is replaced.

        Args:
            name: one line.
            centre: the place on the canvas that is in the middle.
            zoom: 1 is the natural size.
            inside: the names of the groups to enter on the way, the outermost first.

        Raises:
            ParamError, UnknownNodeError, or GraphError for a group that is none: the document is unchanged.
        """
        whole = self._whole()
        path = way_to(whole.document, (*self._way(), *inside))
        bookmark = Bookmark(name, centre, zoom, path)
        whole.replace(edits.set_bookmark(whole.document, bookmark), "Bookmark view")

    def rename_bookmark(self, name: str, new: str) -> None:
        """Gives a bookmark another name. UnknownNodeError, ParamError, NameTakenError."""
        whole = self._whole()
        whole.replace(edits.rename_bookmark(whole.document, name, new), "Rename bookmark")

    def remove_bookmark(self, name: str) -> None:
        """Forgets a named view. UnknownNodeError."""
        whole = self._whole()
        whole.replace(edits.remove_bookmark(whole.document, name), "Remove bookmark")


def way_to(document: Document, steps: Iterable[str]) -> tuple[str, ...]:
    """The ids of the group nodes that these names or ids, from the outermost, stand for.

    UnknownNodeError for no node; GraphError for a node that is no group.
    """
    path: list[str] = []
    here = document
    for step in steps:
        node = here.node(node_of(step))
        definition = str(node.params.get("definition", ""))
        if not is_use(node) or definition not in document.definitions:
            raise GraphError(f"{node.name} is no group that can be entered.", node=node.name)
        here = sheet(document, definition)
        path.append(node.id)
    return tuple(path)


def leads_somewhere(document: Document, path: Iterable[str]) -> bool:
    """Whether the groups of a bookmark's `inside` are all there still."""
    try:
        way_to(document, path)
    except GraphError:
        return False
    return True
