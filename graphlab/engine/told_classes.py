"""Which classes the scores of a node are of: those of the rows whose targets its loss takes."""

from __future__ import annotations

from typing import NamedTuple

from ..data.class_names import classes_of
from ..data.targets import renamed
from ..ops.loss import Loss
from .flatten import End
from .inference import Inference
from .verdicts import source_of


class Told(NamedTuple):
    """A loss that reads the scores at `end`, and the names of its classes."""

    loss: Loss
    end: End
    classes: tuple[str, ...]


def told_by(found: Inference, loss: str) -> Told | None:
    """What a loss is told of, by its key; None where it is none, or tells no classes apart.

    It need not be healthy: a single picture may go through a network whose targets come by the batch.
    """
    node = found.nodes.get(loss)
    if node is None or not isinstance(node.op, Loss) or not node.op.tells_classes:
        return None
    if not {"input", "target"} <= node.inputs.keys():
        return None
    source = source_of(found, node.inputs["target"])
    op = found.nodes[source].op if source else None
    classes = classes_of(op) if op is not None else ()
    if op is None or not classes:
        return None
    return Told(node.op, node.inputs["input"], renamed(classes, op.params["called"]))
