"""The graph as a module of PyTorch, for looking at: written anew when it computes something else, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.plan import Plan
from ..errors import GraphlabError
from ..io.torch_code import lines_of
from .leaving import name_for
from .plans import plan_of

if TYPE_CHECKING:
    from .session import Session


class ModuleLines:
    """`texts` are the lines, `nodes` the keys of the nodes that they are of ("" for none)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._plan: Plan | None = None
        self._title = ""
        self.texts: list[str] = []
        self.nodes: list[str] = []

    def keep(self) -> bool:
        """Writes them if the graph is another. Whether they are others now."""
        plan = plan_of(self._session)
        title = plan.document.name
        if plan is self._plan and title == self._title:
            return False
        self._plan, self._title = plan, title
        try:
            lines = lines_of(plan)
        except GraphlabError as error:
            lines = ((f"# {error.message}", ""), *(((f"# {error.hint}", ""),) if error.hint else ()))
        self.texts, self.nodes = [text for text, _ in lines], [node for _, node in lines]
        return True

    @property
    def beside(self) -> str:
        """What is not in the text itself."""
        if not any(text.startswith("WEIGHTS = ") for text in self.texts):
            return "All numbers stand in the module." if "import torch" in self.texts else ""
        return f"Weights: read from {name_for(self._session, '.safetensors')}, which Save writes beside it."

    def of(self, keys: set[str]) -> list[int]:
        """The lines of these nodes; of a group that stands for what is in it, its own."""
        return [at for at, node in enumerate(self.nodes) if node and (node in keys or _inside(node, keys))]


def _inside(node: str, keys: set[str]) -> bool:
    """Whether all that is lit is inside of that node: a group, or a repeated cell."""
    return any(key.startswith(f"{node}/") for key in keys)
