"""The settings of a group: which params of nodes inside a use of it may set, one by one or several along with one.

A hidden size is the width of several layers, and four times as much where four gates stand side by side: `along` says
how. What a use has set is kept in its node; `groups` reads and writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..errors import NameTakenError, ParamError, UnknownNodeError
from ..ops import Param
from .document import Document, Node


class Sets(NamedTuple):
    """A param that a setting sets, and how many times the setting's value it becomes.

    Of a group inside, `param` is the name of one of its settings: so a block sets the width of what is in it.
    """

    node: str
    param: str
    times: int = 1


def sets(sheet: Document, name: str) -> tuple[Sets, ...]:
    """All that a setting sets, its first one in front. KeyError for none of that name."""
    several = sheet.along.get(name)
    return tuple(Sets(*end) for end in several) if several else (Sets(*sheet.promoted[name]),)


def by_end(sheet: Document) -> dict[tuple[str, str], str]:
    """The name of the setting by (node id, param) that it sets."""
    return {(end.node, end.param): name for name in sheet.promoted for end in sets(sheet, name)}


def promote(sheet: Document, node_id: str, param: str, name: str = "", times: int = 1) -> Document:
    """Lets every use of the group set that param of a node inside. ParamError, NameTakenError.

    `times`: the param is so many times the setting.
    """
    node = sheet.node(node_id)
    param_of(sheet, node.id, param)
    if (node.id, param) in by_end(sheet):
        return sheet
    wish = name or (param if param not in sheet.promoted else f"{node.name} {param}")
    if wish in sheet.promoted:
        raise NameTakenError(f"The group has a setting '{wish}' already.", hint="Choose another name.")
    promoted = {**sheet.promoted, wish: (node.id, param)}
    along = {**sheet.along, wish: (Sets(node.id, param, times),)} if times != 1 else sheet.along
    return sheet.with_(promoted=promoted, along=along)


def join(sheet: Document, name: str, node_id: str, param: str, times: int = 1) -> Document:
    """Lets a setting that there is set one more param along with it. UnknownNodeError, ParamError, NameTakenError."""
    _require(sheet, name)
    node = sheet.node(node_id)
    param_of(sheet, node.id, param)
    taken = by_end(sheet).get((node.id, param))
    if taken is not None:
        raise NameTakenError(f"{node.name}.{param} is set by '{taken}' already.", hint="Take it off first.")
    return sheet.with_(along={**sheet.along, name: (*sets(sheet, name), Sets(node.id, param, times))})


def demote(sheet: Document, name: str, node_id: str = "") -> Document:
    """Uses of the group no longer set that. UnknownNodeError. `node_id`: only of this node, if it sets several."""
    _require(sheet, name)
    gone = [end for end in sets(sheet, name) if node_id in ("", end.node)]
    return sheet.with_(**kept_of(sheet, lambda end: end not in gone))


def _require(sheet: Document, name: str) -> None:
    if name not in sheet.promoted:
        raise UnknownNodeError(f"The group has no setting '{name}'.")


def kept_of(sheet: Document, stays: Callable[[Sets], bool]) -> dict[str, Any]:
    """Fields of a document that keeps, of what settings set, that for which `stays` says so.

    A setting that sets nothing more goes.
    """
    promoted: dict[str, tuple[str, str]] = {}
    along: dict[str, tuple[Sets, ...]] = {}
    for name in sheet.promoted:
        left = tuple(end for end in sets(sheet, name) if stays(end))
        if left:
            promoted[name] = left[0].node, left[0].param
            if name in sheet.along:
                along[name] = left
    return {"promoted": promoted, "along": along}


def param_of(sheet: Document, node_id: str, param: str) -> Param:
    """The param of a node inside. ParamError when it has none of that name."""
    node = sheet.node(node_id)
    found: Mapping[str, Param] = node.make().params_of
    inner = content_of(sheet, node, param)
    if inner is not None and param in inner.promoted:
        first = sets(inner, param)[0]
        return param_of(inner, first.node, first.param)
    if param not in found:
        raise ParamError(f"{node.name} has no param '{param}'.", node=node.name)
    return found[param]


def content_of(sheet: Document, node: Node, param: str = "") -> Document | None:
    """What is in a group that stands on the sheet, with all groups at hand; None for a node that is none.

    None, too, where the node has a `param` of its own of that name, such as the steps of a cell that is repeated.
    """
    found = sheet.definitions.get(str(node.params.get("definition", "")))
    if found is not None and node.is_known and param in node.make().params_of:
        return None
    return None if found is None else found.with_(definitions=sheet.definitions)


def scaled(value: Any, end: Sets, param: Param | None) -> Any:
    """What a param becomes of a setting's value: so many times the number; a shape, that of a vector so long.

    `param`: None for a setting of a group, which looks after that itself.
    """
    number = value * end.times if end.times != 1 and isinstance(value, int) else value
    return (number,) if param is not None and param.kind == "shape" and isinstance(number, int) else number


def unscaled(value: Any, end: Sets) -> Any:
    """The setting's value of which a param becomes this."""
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], int):
        value = value[0]
    return value // end.times if end.times != 1 and isinstance(value, int) else value
