"""What a contender is: something that does a workload's steps, and can prove that it does them right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Unavailable(Exception):
    """This peer is not installed, or cannot do this workload; the message says which."""


@dataclass(frozen=True)
class Contender:
    """Does `workload.steps` steps at each call of `steps`, which returns their losses.

    `gradients` gives, by the names of the model's parameters, what the last step's backward pass came to; only
    where the workload does not train, as then the losses alone would prove little.
    """

    steps: Callable[[], list[float]]
    gradients: Callable[[], dict[str, Array]] | None = None

    def require_agreement(self, other: Contender, name: str) -> None:
        """AssertionError unless both come to the same, from their first steps on."""
        np.testing.assert_allclose(self.steps(), other.steps(), rtol=1e-3, err_msg=name)
        if self.gradients is None or other.gradients is None:
            return
        ours, theirs = self.gradients(), other.gradients()
        for key, gradient in theirs.items():
            np.testing.assert_allclose(ours[key], gradient, rtol=1e-3, atol=1e-5, err_msg=f"{name}, {key}")
