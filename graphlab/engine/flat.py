"""One node of the flat DAG, and how its ends are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..ops import Op

End = tuple[str, str]  # a flat node's key and one of its outputs or sockets


@dataclass(frozen=True, slots=True)
class FlatNode:
    """One operation of the flat DAG.

    key: stable, the document's id; inside groups, the ids of the groups and of the node joined by "/". path: the
    readable name for people, joined likewise. op: None when this program does not know it, or when a group's content is
    missing. inputs: what is wired to each socket.
    owner: whose parameters it learns where the uses of the group that it stands in share theirs; "" for its own.
    frozen: whether training leaves its parameters as they are.
    """

    key: str
    path: str
    op_name: str
    op: Op | None
    inputs: Mapping[str, End]
    owner: str = ""
    owner_path: str = ""
    frozen: bool = False

    @property
    def is_shared(self) -> bool:
        return bool(self.owner)
