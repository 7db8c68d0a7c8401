"""Ready parts are as wide as what they are put behind, and a block of a transformer takes a recurrent layer's place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphlab.engine import Run, infer
from graphlab.graph import Graph
from graphlab.graph.groups import settings_of
from graphlab.graph.parts import as_wide
from graphlab.ui import offers
from graphlab.ui.canvas import surgery
from graphlab.ui.canvas.replacing import would_do
from graphlab.ui.session import Session

from .conftest import Hand, show

BLOCK = "part:gpt-block"


def writer(width: int = 24) -> Graph:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 5), dtype="int")
    inner = g.add("Embedding", x, name="embed", num_embeddings=7, embedding_dim=width)
    layer = g.add("RNN", inner, name="rnn", hidden_size=30, batch_first=True)
    g.add("Mean", g.add("Linear", layer["y"], name="out", units=7), name="goal")
    return g


def block(width: int) -> dict[str, object]:
    return {"width": width, "heads": 4 if width % 4 == 0 else 3, "hidden": 4 * width, "causal": True}


def test_a_width_brings_heads_that_share_it_and_a_layer_between_as_many_times_as_wide() -> None:
    settings = {"width": 32, "heads": 4, "hidden": 128}
    assert as_wide(settings, 48) == {"width": 48, "heads": 4, "hidden": 192}
    assert as_wide(settings, 27) == {"width": 27, "heads": 3, "hidden": 108}
    assert as_wide(settings | {"hidden": 50}, 7) == {"width": 7, "heads": 1}
    assert as_wide({"hidden": 8}, 7) == {}
    assert as_wide(settings, "N") == {}


def test_a_block_put_into_a_wire_is_as_wide_as_what_comes_along_it() -> None:
    for width in (24, 27, 32):
        g = writer(width)
        wire, known = (g["rnn"].id, "x"), infer(g.document)
        assert surgery.can_insert(g.document, known, wire, offers.op_of_part("gpt-block")())
        before = len(g.history)
        new = surgery.add_at(g, BLOCK, (0.0, 300.0), wire, known)
        assert settings_of(g.document, g.document.nodes[new]) == block(width)
        assert infer(g.document).problems == ()
        assert g.document.inputs_of(g["rnn"].id)["x"].source == new
        assert len(g.history) == before + 1


def test_what_a_part_gives_out_is_not_mistaken_for_what_it_takes() -> None:
    g = Graph()
    g.add("Linear", g.add("Input", name="x", shape=("N", 5), dtype="int"), name="out")
    wire = g["out"].id, "x"
    new = surgery.add_at(g, "part:token-embedding", (0.0, 300.0), wire, infer(g.document))
    assert settings_of(g.document, g.document.nodes[new])["width"] == 32


@pytest.fixture
def hand(qtbot: Any) -> Iterator[Hand]:
    session = Session(writer(), engine=False)
    yield Hand(show(qtbot, session))
    session.close()


def test_a_block_takes_the_place_of_a_recurrent_layer_by_hand_in_one_step(hand: Hand) -> None:
    g, rnn = hand.graph, hand.id("rnn")
    hand.view.session.select([rnn])
    hand.view.replace_selected()
    before = len(g.history)
    hand.search("gpt")
    assert g.history[before:] == ["Replace by Transformer block"]
    assert settings_of(g.document, g.document.nodes[rnn]) == block(24)
    assert infer(g.document).problems == ()
    assert Run(g).parameters["rnn/attention/q.weight"].shape == (24, 24)
    hand.view.session.select([rnn])
    hand.view.replace_selected()
    hand.search("LSTM")
    assert infer(g.document).problems == ()
    assert g["rnn"].node.op == "LSTM"
    assert g["rnn"].node.params["batch_first"] is True
    g.undo()
    g.undo()
    assert g["rnn"].node.op == "RNN"


def test_what_lacks_a_wire_is_not_offered_in_its_place() -> None:
    g = writer()
    known, rnn = infer(g.document), g["rnn"].id
    assert would_do(g.document, known, rnn, offers.op_of_part("gpt-block"))
    assert not would_do(g.document, known, rnn, offers.op_of_part("cross-attention"))  # it needs a memory
    assert not would_do(
        g.document, known, rnn, offers.op_of_part("token-embedding")
    )  # it takes whole numbers
