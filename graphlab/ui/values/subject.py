"""Which tensor of which run a view is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...engine.messages import TensorKey

if TYPE_CHECKING:
    from ..session import Session


@dataclass(frozen=True)
class Subject:
    """key: the engine's, with the session that has it; None for an array that is of no run. title: what people call it.

    memory: by what name one remembers how it was seen ("Conv2d.weight.value"). is_picture: it holds images.
    """

    key: TensorKey | None = None
    session: Session | None = None
    title: str = ""
    memory: str = ""
    is_picture: bool = False

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Subject) and (self.key, self.session, self.memory) == (
            other.key,
            other.session,
            other.memory,
        )

    def __hash__(self) -> int:
        return hash((self.key, self.memory))
