"""Groups brought along from another document, or from an earlier state of this one: which of ours each becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .document import Document
from .groups import free_definition, is_use, with_params


def brought(document: Document, nodes: Iterable[str]) -> dict[str, Document]:
    """The groups that those nodes use, and those that are used inside them, by id."""
    found: dict[str, Document] = {}
    todo = [str(document.nodes[i].params.get("definition", "")) for i in nodes]
    while todo:
        name = todo.pop()
        if name in document.definitions and name not in found:
            found[name] = document.definitions[name]
            todo += [str(node.params.get("definition", "")) for node in found[name].nodes.values()]
    return found


def take_in(document: Document, guests: Mapping[str, Document]) -> tuple[Document, dict[str, str]]:
    """Adds groups that came along; returns the document and, by their id there, their id here.

    A group that is here already, equal in all that it holds, is not added a second time. The others get free ids. No
    guest may contain itself.
    """
    moved: dict[str, str] = {}

    def settle(name: str) -> None:
        nonlocal document
        for node in guests[name].nodes.values():
            inner = str(node.params.get("definition", ""))
            if inner in guests and inner not in moved:
                settle(inner)
        guest = relabelled(guests[name], moved).with_(definitions={})
        same = [i for i, own in document.definitions.items() if own == guest]
        moved[name] = name if name in same else same[0] if same else free_definition(document)
        document = document.with_(definitions={**document.definitions, moved[name]: guest})

    for name in guests:
        if name not in moved:
            settle(name)
    return document, moved


def relabelled(sheet: Document, moved: Mapping[str, str]) -> Document:
    """A sheet whose uses name the groups by other ids."""
    nodes = {
        i: with_params(n, {"definition": moved[str(n.params["definition"])]})
        if is_use(n) and n.params.get("definition") in moved
        else n
        for i, n in sheet.nodes.items()
    }
    return sheet.with_(nodes=nodes)
