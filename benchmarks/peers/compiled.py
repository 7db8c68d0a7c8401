"""torch.compile: the same model and loss, compiled as one function; the optimizer stays eager, as is usual."""

from __future__ import annotations

import torch

from ..networks.workload import Workload
from .contender import Contender, Unavailable
from .pytorch import loss_of, of


def contender(workload: Workload) -> Contender:
    torch.compiler.reset()  # else it counts all workloads as one function, and gives up at the eighth
    model = workload.model()
    computes = torch.compile(loss_of(workload, model))
    try:
        of(workload, model, computes).steps()
    except Exception as error:  # compilers fail in many ways, and this one needs another of the system's
        raise Unavailable(f"does not compile here ({type(error).__name__})") from error
    model.load_state_dict(workload.model().state_dict())
    return of(workload, model, computes)
