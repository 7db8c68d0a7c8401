"""The small GPT and its twin of PyTorch's layers take the same steps."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional as F  # noqa: E402

from benchmarks.networks.gpt import gpt  # noqa: E402
from graphlab.engine import Trainer  # noqa: E402
from graphlab.io import load  # noqa: E402
from graphlab.io.examples import example  # noqa: E402


@pytest.mark.parity
def test_both_come_to_the_same_losses():
    trainer = Trainer(load(example("names-gpt").path)[0].document)
    twin, data = gpt(trainer), trainer.batches.data
    x, target = torch.from_numpy(data.x.astype(np.int64)), torch.from_numpy(np.array(data.target))
    for _ in range(3):
        rows = torch.from_numpy(np.array(trainer.rows_of(trainer.steps_done)))
        theirs = float(F.cross_entropy(twin(x[rows]), target[rows]).detach())
        assert trainer.train_step() == pytest.approx(theirs, rel=1e-5)
        twin = gpt(trainer)
