"""Losses that are given fewer scores than there are classes: told before training comes upon a class without one."""

from __future__ import annotations

from collections.abc import Iterator

from ...data.looking import Look, Remark
from ...engine.inference import Inference
from ...graph import Document


def lacking_scores(document: Document, found: Inference, source: str, rows: Look) -> Iterator[Remark]:
    """What is to be said of the losses that the targets of a source are wired to."""
    target = found.specs.get((source, "target"))
    if rows.labels is None or target is None or target.kind != "int":
        return
    for edge in document.consumers(source):
        loss = document.nodes[edge.target]
        if edge.output != "target" or not loss.is_known or not loss.make().scalar_loss:
            continue
        into = document.inputs_of(loss.id).get(loss.make().sockets()[0].name)
        spec = found.specs.get((into.source, into.output)) if into else None
        count = spec.shape[1] if spec is not None and spec.ndim == 2 else None
        if into and isinstance(count, int) and count < len(rows.classes):
            yield Remark(
                "error",
                f"{loss.name} gets {count} scores, but there are {len(rows.classes)} classes.",
                f"Make {document.nodes[into.source].name} {len(rows.classes)} wide.",
            )
