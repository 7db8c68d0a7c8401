"""micrograd: one Python object a number. It does the scalar network, which is that of its demo, and no other."""

from __future__ import annotations

import numpy as np

from ..networks.scalar import ScalarNetwork, evaluate
from ..networks.workload import Workload
from .contender import Contender, Incapable, Unavailable


def contender(workload: Workload) -> Contender:
    try:
        from micrograd.engine import Value
    except ImportError:
        raise Unavailable("not installed") from None
    model = workload.model()
    if not isinstance(model, ScalarNetwork):
        raise Incapable("it computes single numbers only")
    leaves = [Value(leaf.item()) for leaf in model.leaves]
    *x, target = [float(array) for array in workload.batch.values()]

    def steps() -> list[float]:
        losses = []
        for _ in range(workload.steps):
            for leaf in leaves:
                leaf.grad = 0
            loss = (evaluate(model.sizes, leaves, x, Value.relu) - target) ** 2
            loss.backward()
            losses.append(float(loss.data))
        return losses

    return Contender(steps, lambda: {f"leaves.{k}": np.array(leaf.grad) for k, leaf in enumerate(leaves)})
