"""Settings that say when training ends: in the file only where they were set."""

import pytest

from graphlab.errors import SettingsError
from graphlab.graph import Graph, codec
from graphlab.graph.document import STOPPING, Training


def test_a_document_without_them_is_written_as_before_and_one_with_them_comes_back() -> None:
    g = Graph("any")
    assert not any(name.encode() in codec.to_bytes(g.document) for name in STOPPING)
    g.configure(stop_patience=4, keep_best=True, stop_on="metric")
    written = codec.to_bytes(g.document)
    assert b"min_delta" not in written
    assert codec.from_bytes(written).training == g.document.training
    assert codec.from_bytes(codec.to_bytes(Graph("any").document)).training == Training()


@pytest.mark.parametrize(
    "wrong", [{"stop_patience": -1}, {"stop_on": "luck"}, {"keep_best": 1}, {"stop_loss": float("nan")}]
)
def test_what_makes_no_sense_is_refused_by_name(wrong: dict[str, object]) -> None:
    g = Graph("any")
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        g.configure(**wrong)
