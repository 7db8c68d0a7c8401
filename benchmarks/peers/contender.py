"""What a contender is: something that does a workload's steps, and can prove that it does them right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..networks.workload import Array


class Unavailable(Exception):
    """This peer does not run on this machine; the message says why."""


class Incapable(Exception):
    """This peer has not what the workload takes; the message says what."""


@dataclass(frozen=True)
class Contender:
    """Does `workload.steps` steps at each call of `steps`, which returns their losses.

    `gradients` gives, by the names of the model's parameters, what the last step's backward pass came to. Those that
    do not train have it, as their losses alone would prove little.
    """

    steps: Callable[[], list[float]]
    gradients: Callable[[], dict[str, Array]] | None = None

    def require_same(self, other: Contender, name: str) -> None:
        """AssertionError unless both come to the same from their first step on: losses, and gradients if both tell.

        Rounding may drive training apart, so the first loss must agree to 1e-5 and the others to 1e-3.
        """
        ours, theirs = self.steps(), other.steps()
        np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5, err_msg=f"{name}: first loss")
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, err_msg=f"{name}: losses")
        if self.gradients is None or other.gradients is None:
            return
        mine, its = self.gradients(), other.gradients()
        for key in its:
            np.testing.assert_allclose(mine[key], its[key], rtol=1e-4, atol=1e-6, err_msg=f"{name}: d{key}")
