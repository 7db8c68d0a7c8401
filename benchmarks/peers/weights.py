"""The model's weights and gradients as plain arrays, for peers that have no modules."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..networks.scalar import ScalarNetwork
from ..networks.workload import Array, Workload


def first_weights(workload: Workload) -> tuple[dict[str, Array], dict[str, Array]]:
    """(parameters, running statistics) at first. All single numbers of a scalar network stand in one vector."""
    model = workload.model()
    parameters = {name: p.detach().numpy() for name, p in model.named_parameters()}
    if isinstance(model, ScalarNetwork):
        parameters = {"leaves": np.stack(list(parameters.values()))}
    return parameters, {name: b.numpy() for name, b in model.named_buffers()}


def by_parameter(workload: Workload, gradients: dict[str, Any]) -> dict[str, Array]:
    """Gradients by the names of the model's parameters."""
    arrays = {name: np.asarray(gradient) for name, gradient in gradients.items()}
    if isinstance(workload.skeleton(), ScalarNetwork):
        return {f"leaves.{k}": gradient for k, gradient in enumerate(arrays["leaves"])}
    return arrays
