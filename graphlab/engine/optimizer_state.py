"""What an optimizer keeps of a parameter, as arrays of the parameter's shape, by PyTorch's names: "weight.exp_avg".

An array of it is named like a socket: that of the parameter, a dot, and the name of the state. "step", how many updates
have been made, is a single number and there for every parameter that is learnt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import SettingsError
from ..graph import Training
from .flatten import End
from .optimizers import OPTIMIZERS, Optimizer, make_optimizer

if TYPE_CHECKING:
    from .plan import ParameterSlot, Plan
    from .run import Run

Array = npt.NDArray[Any]
STEP = "step"
STATES = frozenset({STEP, *(name for kind in OPTIMIZERS.values() for name in kind.called.values())})


def names_of(optimizer: Optimizer) -> tuple[str, ...]:
    """By which names it keeps something of each parameter, then the step."""
    return (*(optimizer.called[name] for name in optimizer.kept()), STEP)


def names_for(training: Training) -> tuple[str, ...]:
    """The same of a document's settings; () where they name no optimizer."""
    try:
        return names_of(make_optimizer(training))
    except SettingsError:
        return ()


def split(socket: str) -> tuple[str, str]:
    """ "weight.exp_avg" as ("weight", "exp_avg"); ("", "") for what names no state."""
    parameter, _, name = socket.rpartition(".")
    return (parameter, name) if parameter and name in STATES else ("", "")


def parameter_of(plan: Plan, end: End) -> End | None:
    """The parameter that an end is; the output of a Parameter node stands for what the node owns."""
    key, socket = end
    if end in plan.parameters:
        return end
    if key not in plan.nodes or socket not in plan.op(key).results() or plan.op(key).category != "Parameter":
        return None
    return next((owned for owned in plan.parameters if owned[0] == key), None)


def owner(plan: Plan, end: End) -> tuple[End, str] | None:
    """The parameter that an end such as ("n3", "weight.exp_avg") is about, and the state; None for others."""
    parameter, name = split(end[1])
    found = parameter_of(plan, (end[0], parameter)) if name else None
    return None if found is None else (found, name)


def is_learnt(plan: Plan, slot: ParameterSlot) -> bool:
    """Whether the update changes it: it is not frozen, and there is an update."""
    return bool(plan.trains) and slot.offset + slot.size <= plan.trainable_size


def state_array(run: Run, end: End) -> Array | None:
    """What is kept as it is now; what it begins with before the first update. None where nothing is kept."""
    found = owner(run.plan, end)
    if found is None:
        return None
    slot, name = run.plan.parameters[found[0]], found[1]
    optimizer = run.optimizer
    if not is_learnt(run.plan, slot):
        return None
    if name == STEP:
        return np.array(optimizer.steps, run.plan.dtype)
    for own, fill in optimizer.kept().items():
        if optimizer.called[own] == name:
            vector = optimizer.state.get(own)
            if vector is None or len(vector) < slot.offset + slot.size:
                return np.full(slot.shape, fill, run.plan.dtype)
            return vector[slot.window].reshape(slot.shape)
    return None
