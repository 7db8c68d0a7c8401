"""torch.compile: the same model and loss, compiled as one function; the optimizer stays eager, as is usual."""

from __future__ import annotations

import torch

from ..networks.workload import Workload
from .contender import Contender, Unavailable
from .pytorch import of


def contender(workload: Workload) -> Contender:
    model = workload.model()

    def computes(*batch: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = workload.loss(model(*batch[:-1]), batch[-1])
        return loss

    torch.compiler.reset()
    found = of(workload, model, torch.compile(computes))
    try:
        of(workload, workload.model(), torch.compile(computes)).steps()
    except Exception as error:
        raise Unavailable(f"does not compile here: {type(error).__name__}") from error
    return found
