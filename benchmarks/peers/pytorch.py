"""PyTorch eager: the model as it stands, the loop that every tutorial has."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from ..networks.workload import LR, Array, Workload
from .contender import Contender

Computes = Callable[..., torch.Tensor]  # the loss, from the batch


def contender(workload: Workload) -> Contender:
    model = workload.model()
    return of(workload, model, loss_of(workload, model))


def loss_of(workload: Workload, model: nn.Module) -> Computes:
    def computes(*batch: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = workload.loss(model(*batch[:-1]), batch[-1])
        return loss

    return computes


def of(workload: Workload, model: nn.Module, computes: Computes) -> Contender:
    """The contender whose loss is computed that way, from the model's parameters."""
    batch = [torch.from_numpy(array) for array in workload.batch.values()]
    if workload.does == "forward":
        return Contender(lambda: _evaluate(computes, batch, workload.steps))
    update = getattr(torch.optim, workload.optimizer)(model.parameters(), lr=LR)
    trains = workload.does == "train"

    def steps() -> list[float]:
        losses = []
        for _ in range(workload.steps):
            update.zero_grad()
            loss = computes(*batch)
            loss.backward()
            if trains:
                update.step()
            losses.append(loss.item())
        return losses

    return Contender(steps, None if trains else lambda: _gradients(model))


def _evaluate(computes: Computes, batch: list[torch.Tensor], steps: int) -> list[float]:
    with torch.inference_mode():
        return [computes(*batch).item() for _ in range(steps)]


def _gradients(model: nn.Module) -> dict[str, Array]:
    return {name: p.grad.numpy() for name, p in model.named_parameters()}
