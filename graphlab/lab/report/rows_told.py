"""The data in a report: where the rows come from, under which licence, how they are divided."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...data import Data
from ...data.givers import rows_of
from ...errors import GraphlabError
from ...graph import Document, Node
from ...io.markup import Markup, joined, tag
from .tables import callout, facts, section, table
from .words import plural, whole

SPLITS = ("train", "validation", "test")
MOST_CLASSES = 30


def data_section(document: Document) -> Markup:
    """Every source of rows on the sheet."""
    sources = [
        node for node in document.nodes.values() if node.is_known and node.make().brings and not node.muted
    ]
    if not sources:
        return section(
            "data",
            "Data",
            tag("p", "The graph brings no rows of its own: its inputs hold numbers, or are fed."),
        )
    return section("data", "Data", (_source(document, node) for node in sources))


def split_sizes(document: Document) -> dict[str, int]:
    """Rows of each part, of the first source; {} where there is none."""
    for node in document.nodes.values():
        if node.is_known and node.make().brings and not node.muted:
            try:
                return {name: len(rows) for name, rows in _rows(document, node).splits.items()}
            except GraphlabError:
                return {}
    return {}


def _rows(document: Document, node: Node) -> Data:
    training = document.training
    return rows_of(node.make(), training.validation, training.test, training.seed, training.stratified)


def _source(document: Document, node: Node) -> Markup:
    try:
        data = _rows(document, node)
    except GraphlabError as error:
        return joined(tag("h3", node.name), callout(f"Its rows cannot be read here: {error}", kind="warn"))
    return joined(
        tag("h3", f"{data.name} (node {node.name})"),
        tag("p", data.description) if data.description else "",
        facts(_facts(node, data)),
        _splits(data),
        tag("p", f"Licence: {data.licence}.", class_="quiet") if data.licence else "",
    )


def _facts(node: Node, data: Data) -> list[tuple[str, object]]:
    op: Any = node.make()
    shape = " × ".join(map(str, data.x.shape[1:])) or "one number"
    found: list[tuple[str, object]] = [("rows", whole(len(data))), ("one row", shape)]
    if data.classes:
        names = data.classes if len(data.classes) <= MOST_CLASSES else (*data.classes[:MOST_CLASSES], "…")
        found.append((plural(len(data.classes), "class").replace("classs", "classes"), ", ".join(names)))
    else:
        found.append(("target", "numbers"))
    noise = op.params.get("augment")
    if noise:
        found.append(("augmentation", "yes"))
    if op.params.get("standardise"):
        found.append(("standardised", "yes, by the training rows"))
    return found


def _splits(data: Data) -> Markup:
    """How many rows each part has, and of each class."""
    names = [name for name in SPLITS if len(data.splits.get(name, ()))]
    shares = [(name, data.splits[name]) for name in names]
    by_class = data.classes and data.target.ndim == 1 and len(data.classes) <= MOST_CLASSES
    headings = ["Part", "Rows", "Share", *(data.classes if by_class else ())]
    rows = []
    for name, indices in shares:
        counts: list[object] = []
        if by_class:
            counts = [
                f"{count:,}"
                for count in np.bincount(data.target[indices], minlength=len(data.classes)).tolist()
            ]
        rows.append((_PART[name], whole(len(indices)), f"{100 * len(indices) / len(data):.0f} %", *counts))
    right = set(range(1, len(headings)))
    caption = "Rows of each part" + (", and how many of each class." if by_class else ".")
    return table(headings, rows, right=right, caption=caption)


_PART = {"train": "training", "validation": "validation (held out)", "test": "test (sealed)"}
