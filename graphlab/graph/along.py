"""Along with which settings of a group a param inside could be set: those whose number it is, or a multiple of it."""

from __future__ import annotations

from typing import Any

from .document import Document
from .groups import settings_of
from .promoting import by_end, content_of, sets, unscaled

MOST_TIMES = 16  # more gates than any cell has; a larger multiple is a coincidence


def inner_value(sheet: Document, name: str) -> Any:
    """What a setting is inside the group, where no use sets it; None where it sets nothing that is there."""
    first = sets(sheet, name)[0]
    node = sheet.nodes.get(first.node)
    if node is None or not node.is_known:
        return None
    inner = content_of(sheet, node, first.param)
    found = settings_of(sheet, node) if inner is not None else node.make().params
    return unscaled(found.get(first.param), first)


def choices(sheet: Document, node_id: str, param: str) -> list[tuple[str, int]]:
    """(setting, how many times its value the param is) of each setting that a param may be joined to."""
    node = sheet.node(node_id)
    if (node.id, param) in by_end(sheet) or not node.is_known:
        return []
    value = node.make().params.get(param)
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    found = ((name, _times(value, inner_value(sheet, name))) for name in sheet.promoted)
    return [(name, times) for name, times in found if times]


def _times(value: Any, of: Any) -> int:
    """How many times the one the other is, 1 for what is no number and equal; 0 where neither holds."""
    if type(value) is not type(of) or value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        return 1 if value == of else 0
    times = value // of if of > 0 and value % of == 0 else 0
    return times if times <= MOST_TIMES else 0
