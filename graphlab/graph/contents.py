"""Which contents of files a document needs besides itself: rows of tables and pixels, by their hashes."""

from __future__ import annotations

from collections.abc import Iterable

from ..ops import Op, get, known
from .document import Document, Node


def contents_of(document: Document) -> tuple[str, ...]:
    """The hashes of all contents, each once, those inside groups too; in the order of the nodes."""
    sheets = (document, *document.definitions.values())
    return contents_of_nodes(node for sheet in sheets for node in sheet.nodes.values())


def contents_of_nodes(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The same of these nodes alone."""
    found: dict[str, None] = {}
    needing: dict[str, bool] = {}  # by op: whether it may need any, since ten thousand nodes have few kinds
    for node in nodes:
        if node.op not in needing:
            needing[node.op] = known(node.op) and get(node.op).contents is not Op.contents
        if needing[node.op]:
            found |= dict.fromkeys(node.make().contents())
    return tuple(found)
