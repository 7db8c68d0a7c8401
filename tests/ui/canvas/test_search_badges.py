"""On the canvas: a badge at each node of which something is searched, its tooltip, its menu; and on the clipboard."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF

from graphlab.graph.searching import target_text
from graphlab.graph.spaces import space_text
from graphlab.ui.canvas.menus import menu_at
from graphlab.ui.session import Session
from graphlab.ui.theme import theme
from graphlab.ui.widgets.space_popup import SpacePopup

from .conftest import Hand


def searched(session: Session) -> dict[str, str]:
    whole = session.whole
    return {target_text(whole, each): space_text(each.space) for each in whole.sweep.searches}


def is_badged(hand: Hand, name: str) -> bool:
    """Whether there is the accent's colour where the badge belongs."""
    area = hand.view.search_badges.place(hand.id(name)).toRect()
    image = hand.view.grab(area).toImage()
    accent = theme().accent
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return any(abs(c.red() - accent.red()) + abs(c.blue() - accent.blue()) < 40 for c in colours)


def test_a_searched_node_has_a_badge_and_a_tooltip(chain: Hand) -> None:
    assert not is_badged(chain, "hidden")
    chain.graph.search("hidden.units", "8,16")
    assert chain.view.search_badges.nodes() == [chain.id("hidden")]
    assert is_badged(chain, "hidden")
    rect = chain.view.camera.screen_rect(chain.view.scene.rect(chain.id("hidden")))
    assert "searched: units 8,16" in chain.view.tip_at(rect.center())
    chain.graph.undo()
    assert not is_badged(chain, "hidden")


def test_a_group_has_one_for_what_is_inside_and_the_sheet_inside_too(chain: Hand) -> None:
    chain.graph.search("hidden.units", "8,16")
    chain.graph.group("hidden", name="body")
    session = chain.view.session
    assert chain.view.search_badges.nodes() == [chain.id("body")]
    session.enter(chain.id("body"))
    assert chain.view.search_badges.nodes() == [chain.id("hidden")]
    session.graph.unsearch("hidden.units")
    assert chain.view.search_badges.nodes() == []


def test_the_menu_of_a_node_asks_what_else_may_stand_there(chain: Hand, qtbot: Any) -> None:
    menu = menu_at(chain.view, QPointF(chain.header("hidden")))
    entries = {action.text().partition("\t")[0]: action for action in menu.actions()}
    entries["Search what stands here …"].trigger()
    popup = SpacePopup.of(chain.view)
    assert not popup.isHidden()
    assert popup.editor.title.text() == "hidden.op"
    popup.editor.left.emit()
    assert popup.isHidden()


def test_what_is_cut_and_pasted_is_searched_still_and_a_duplicate_is_not(chain: Hand) -> None:
    session = chain.view.session
    session.root.search("hidden.units", "8,16")
    session.select([chain.id("hidden")])
    chain.view.duplicate()
    assert searched(session) == {"hidden.units": "8,16"}
    session.root.undo()
    session.select([chain.id("hidden")])
    chain.view.cut()
    assert searched(session) == {}
    before = len(session.root.history)
    chain.view.paste()
    assert searched(session) == {"hidden.units": "8,16"}
    assert len(session.root.history) == before + 1
