"""An element is what came with the frame, or is asked for; what is not known is not made up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine.messages import Frame, Look, Looked, Tensor, TensorKey
from graphlab.ui.session import Session
from graphlab.ui.values.elements import Elements
from graphlab.ui.widgets.stats_line import stats_of

WHOLE = np.arange(12.0, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def key(quiet_session: Session) -> TensorKey:
    """Of the whole 3×4 only the first 2×2 have come."""
    key = TensorKey("grad", quiet_session.document.node("h").id, "y")
    tensor = Tensor(key, (3, 4), "float32", True, stats_of(WHOLE), WHOLE[:2, :2])
    quiet_session.engine.tensors.take(Frame(0, 1, (tensor,)))
    return key


def test_what_came_is_told_at_once(quiet_session: Session, key: TensorKey) -> None:
    elements = Elements(quiet_session, quiet_session)
    assert elements.of(key, (1, 1)) == 5.0
    assert elements.of(key, (3, 0)) is None
    assert elements.of(key, (0,)) is None
    assert elements.of(TensorKey("grad", "n9", "y"), (0, 0)) is None


def test_what_did_not_come_is_asked_for_once(
    quiet_session: Session, key: TensorKey, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(quiet_session.engine, "send", sent.append)
    elements = Elements(quiet_session, quiet_session)
    assert elements.of(key, (2, 3)) is None
    assert elements.of(key, (2, 3)) is None
    (question,) = sent
    assert isinstance(question, Look)
    assert question.spans == ((2, 3, 1), (3, 4, 1))
    with qtbot.waitSignal(elements.arrived):
        answer = Looked(0, question.request, (3, 4), "float32", True, question.spans, "every", WHOLE[2:, 3:])
        quiet_session.engine.looked.emit(answer)
    assert elements.of(key, (2, 3)) == 11.0
    quiet_session.values_changed.emit({key.node})
    assert elements.of(key, (2, 3)) is None  # of another step
