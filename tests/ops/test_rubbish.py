"""What lies in an output array before `forward` makes no difference: it may be what another node has left there."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.engine.record import record
from graphlab.ops import Example, Op
from tests.ops.op_trial import Trial

CALLED = [cls for family in ops.by_category().values() for cls in family if not cls.source and cls.examples]
RUBBISH = (np.nan, -1e38)


class Call:
    """The forward call of an example, each time into the same arrays."""

    def __init__(self, op: type[Op], example: Example, training: bool) -> None:
        self.trial = Trial.of(op, example, "float32", training=training)
        self.outputs = self.trial.forward()  # with all that an op keeps from its first call

    def bits(self, rubbish: float, calls=None) -> list[bytes]:
        """What the outputs come to where they held rubbish before; by other calls than the op's, if given."""
        for array in self.outputs.values():
            array[...] = rubbish if array.dtype.kind == "f" else np.iinfo(np.int64).min
        for call in calls or [self.forward]:
            call()
        return [array.tobytes() for array in self.outputs.values()]

    def forward(self) -> None:
        self.trial.op.forward(self.trial.ctx, *self.trial.inputs.values(), **self.outputs)

    def noted(self):
        arguments = (self.trial.ctx, *self.trial.inputs.values())
        return record(self.trial.op.forward, arguments, self.outputs, list(self.outputs.values()))


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
def test_forward_comes_to_the_same_whatever_its_outputs_held(op, training):
    for example in op.examples:
        call = Call(op, example, training)
        expected, noted = call.bits(0), call.noted()
        for rubbish in RUBBISH:
            assert call.bits(rubbish) == expected, example
            assert noted is None or call.bits(rubbish, noted) == expected, example


def test_what_adds_to_what_is_there_would_be_found():
    relu = ops.get("ReLU")
    call = Call(relu, relu.examples[0], False)
    adds = [partial(np.add, array, 1, array) for array in call.outputs.values()]
    assert call.bits(0, adds) != call.bits(np.nan, adds)
