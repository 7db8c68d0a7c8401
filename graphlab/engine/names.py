"""How people name things in a run: "hidden", "data.target", "hidden.weight", by name or by id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnknownNodeError
from .flatten import End
from .optimizer_state import owner

if TYPE_CHECKING:
    from .plan import Entry, ParameterSlot, Plan


class Names:
    """Finds what a name means in a plan. Every method raises UnknownNodeError, with what there is, for a bad name."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def key(self, name: str) -> str:
        """The key of a healthy node."""
        plan = self.plan
        if name in plan.names:
            return plan.names[name]
        if name in plan.nodes:
            return name
        node = plan.document.node(name)  # raises for an unknown name
        why = next((problem for problem in plan.problems if problem.node_id == node.id), None)
        raise UnknownNodeError(
            f"{node.name} cannot run.", hint=str(why or "Something upstream of it is at fault.")
        )

    def end(self, name: str) -> End:
        """An output, an owned parameter or a state; the first output when only the node is named."""
        path, dot, socket = name.partition(".")
        behind = self._behind(path, socket)
        if behind is not None:
            return behind
        key = self.key(path)
        outputs = self.plan.op(key).results()
        if not dot:
            return key, outputs[0]
        if socket in outputs or (key, socket) in self.plan.parameters or (key, socket) in self.plan.states:
            return key, socket
        if owner(self.plan, (key, socket)) is not None:
            return key, socket
        owned = [s for k, s in (*self.plan.parameters, *self.plan.states) if k == key]
        raise UnknownNodeError(f"{path} has no '{socket}'.", hint=f"It has: {', '.join([*outputs, *owned])}.")

    def _behind(self, path: str, socket: str) -> End | None:
        """What stands for an output of a group, a reroute point or a muted node of the document; else None."""
        node = self.plan.document.ids_by_name.get(path, path)
        outputs = [output for key, output in self.plan.inference.aliases if key == node]
        if not outputs or (socket and socket not in outputs):
            return None
        real = self.plan.inference.aliases[node, socket or outputs[0]]
        return real if real is not None and real[0] in self.plan.nodes else None

    def slot(self, name: str) -> ParameterSlot:
        """A learnable parameter, "hidden.weight"; a node that owns just one may be named alone. Or a state."""
        end = self.end(name)
        if end in self.plan.states:
            return self.plan.states[end]
        owned = [e for e in self.plan.parameters if e[0] == end[0]]
        if "." not in name and end not in self.plan.parameters and len(owned) == 1:
            end = owned[0]
        if end not in self.plan.parameters:
            names = [slot.name for slot in self.plan.parameters.values()]
            raise UnknownNodeError(
                f"{name} is no parameter.", hint=f"The parameters are: {', '.join(names) or 'none'}."
            )
        return self.plan.parameters[end]

    def entry(self, node: str, phase: str) -> Entry:
        """The entry of a node in a phase; the update has no node."""
        key = "" if phase == "update" else self.key(node)
        place = self.plan.places.get((phase, key))
        if place is None:
            raise UnknownNodeError(f"{node or 'This graph'} has no {phase} entry.", hint=self._why_no(phase))
        return self.plan.schedule[place]

    def _why_no(self, phase: str) -> str:
        if phase not in ("forward", "backward", "update"):
            return "The phases are forward, backward and update."
        if phase == "backward" and not self.plan.goal:
            return "There is no goal: add a loss, a Sum or a Mean at the end."
        return "The goal does not depend on it." if phase == "backward" else "It has nothing to learn."
