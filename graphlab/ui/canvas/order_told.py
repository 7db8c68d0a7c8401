"""Why a node is computed when it is: said in a bubble beside it, with the wires lit from what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...engine.inference import Inference
from ...engine.ordering import place_of

if TYPE_CHECKING:
    from .commands import Commands

MOST = 4  # names that are spelt out


def explain_order(view: Commands, node: str) -> None:
    """Says why a node of the sheet stands where it stands in the order of computing."""
    session = view.session
    key, whole = session.seen.key(node), session.seen.whole
    if key not in whole.nodes:
        return
    view.reveal(node)
    view.select_wires((edge.target, edge.input) for edge in session.document.inputs_of(node).values())
    corner = view.camera.screen_rect(view.scene.rect(node)).bottomLeft()
    view.explain(corner, *told(whole, key))


def told(whole: Inference, key: str) -> tuple[str, str]:
    """The same in words: why there, and where else it could stand."""
    order = whole.order
    place = place_of(whole.nodes, order, key)
    number = {k: at for at, k in enumerate(order, 1)}
    name = whole.nodes[key].path
    waits = [f"{whole.nodes[k].path} ({number[k]})" for k in place.waits_for]
    more = len(waits) - MOST
    named = ", ".join(waits[-MOST:]) + (f" and {more} more" if more > 0 else "")
    why = f"it waits for {named}." if waits else "nothing feeds it, so it waits for nothing."
    if place.earliest == place.latest:
        where = "It can stand nowhere else."
    else:
        where = f"Any place from {place.earliest} to {place.latest} would do, with the same numbers."
    return f"{name} is number {place.number} of {len(order)}: {why}", where
