"""A graph as SVG without Qt."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from graphlab.engine import infer
from graphlab.engine.seen import Seen
from graphlab.errors import SaveError
from graphlab.graph import Document, Graph
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.io.graph_svg import drawn, extent, graph_svg, strips
from graphlab.io.graph_svg.words import cut, lines, width

SVG = "{http://www.w3.org/2000/svg}"


def texts(root: ET.Element) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def small() -> Graph:
    g = Graph("small")
    x = g.add("Input", name="x", shape=("N", 3), position=(0, 0))
    h = g.add("Linear", x, name="hidden", units=4, position=(250, 0))
    g.add("Mean", h, name="loss", position=(500, 0))
    return g


def test_a_node_says_its_name_settings_shape_and_parameters_where_the_canvas_has_it() -> None:
    root = ET.fromstring(graph_svg(small().document))
    found = texts(root)
    assert {"x", "hidden", "loss", "units 4", "N×4", "16 par."} <= set(found)
    assert "translate(250 0)" in [each.get("transform") for each in root.iter(f"{SVG}g")]
    titles = [each.text or "" for each in root.iter(f"{SVG}title")]
    assert "hidden, Linear, units 4, gives N×4, 16 parameters" in titles


def test_a_wire_runs_from_socket_to_socket() -> None:
    root = ET.fromstring(graph_svg(small().document))
    wires = [each.get("d") for each in root.iter(f"{SVG}path") if each.get("class") == "wire"]
    assert len(wires) == 2
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", wires[0])]
    assert numbers[:2] == [160.0, 58.0]
    assert numbers[-2:] == [250.0, 58.0]


def test_all_that_is_drawn_lies_within_the_picture() -> None:
    document = load(example("names-lstm").path)[0].document
    root = ET.fromstring(graph_svg(document))
    x, y, w, h = map(float, root.get("viewBox").split())
    for node in document.nodes.values():
        assert x <= node.position[0] <= x + w
        assert y <= node.position[1] <= y + h
    assert float(root.get("width")) == w


@pytest.mark.parametrize("name", ["digits-cnn", "names-gpt", "captions", "loop", "unet-shapes"])
def test_examples_come_out_as_sound_xml_that_asks_for_nothing(name: str) -> None:
    document = load(example(name).path)[0].document
    text = graph_svg(document, "dark")
    root = ET.fromstring(text)
    assert {node.name for node in document.nodes.values()} <= {title.split(",")[0] for title in _titles(root)}
    assert set(re.findall(r"url\([^)]*\)", text)) <= {"url(#gl-hatch)"}
    assert "href" not in text


def _titles(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}title")]


def test_names_of_any_kind_stay_text() -> None:
    g = small()
    g.rename("hidden", "<script>&\"'")
    g.add_note("</svg><script>", (0, -200))
    root = ET.fromstring(graph_svg(g.document))
    assert "<script>&\"'" in texts(root)
    assert not list(root.iter(f"{SVG}script"))


def test_muted_nodes_are_hatched_and_faults_told() -> None:
    g = small()
    g.set_flags("hidden", muted=True)
    text = graph_svg(g.document)
    assert 'fill="url(#gl-hatch)"' in text
    assert "hidden, Linear, units 4, gives N×3, muted" in text
    wrong = small()
    wrong.add("MatMul", "x", "hidden", name="clash", position=(500, 200))
    text = graph_svg(wrong.document)
    assert 'class="edge bad"' in text


def test_a_group_is_a_stack_and_its_inside_can_be_drawn() -> None:
    g = small()
    use = g.group("hidden", name="cell")
    text = graph_svg(g.document)
    assert "card1" in text
    assert "1 node" in text
    node = g.document.node(use.name)
    inner = g.document.definitions[str(node.params["definition"])]
    inside = drawn(inner, Seen(infer(g.document), inner, (node.id,)))
    assert "N×4" in inside


def test_unrolled_cells_show_copies_and_folded_ones_their_loop() -> None:
    document = load(example("loop").path)[0].document
    (unroll,) = [node for node in document.nodes.values() if node.op == "Unroll"]
    folded = graph_svg(document)
    assert "h  t−1" in folded
    g = Graph(document)
    g.set(unroll.name, drawn="unrolled")
    found = texts(ET.fromstring(graph_svg(g.document)))
    assert {"t = 0", "t = 11", "⋯"} <= set(found)


def test_large_graphs_are_drawn_with_less_detail_and_names_that_can_be_read() -> None:
    g = Graph("long")
    last = g.add("Input", name="x", shape=("N", 3), position=(0, 0))
    for k in range(299):
        last = g.add("ReLU", last, name=f"r{k}", position=(250.0 * (k % 20 + 1), 160.0 * (k // 20)))
    seen = Seen(infer(g.document), g.document)
    near, far = drawn(g.document, seen, page=1e9), drawn(g.document, seen, page=1000)
    assert len(far) < len(near) / 2
    assert "r17" in far
    root = ET.fromstring(far)
    zoom = 1000 / float(root.get("width"))
    sizes = [float(each.get("font-size")) * zoom for each in root.iter(f"{SVG}text")]
    assert min(sizes) > 5


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(SaveError, match="nothing to draw"):
        graph_svg(Document())


def test_words_are_cut_to_the_room_they_have() -> None:
    assert cut("hidden", 1000, 12) == "hidden"
    shorter = cut("a very long name of a node", 60, 12)
    assert shorter.endswith("…")
    assert width(shorter, 12) <= 60
    assert cut("W", 1, 12) == ""
    assert lines("one two three\n\nfour", width("one two", 12) + 1, 12) == ["one two", "three", "", "four"]


def test_it_needs_no_qt() -> None:
    script = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from graphlab.io import load\n"
        "from graphlab.io.examples import example\n"
        "from graphlab.io.graph_svg import graph_svg\n"
        "print(len(graph_svg(load(example('xor').path)[0].document)) > 1000)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def chain(count: int) -> Graph:
    g = Graph("chain")
    last = g.add("Input", name="x", shape=("N", 3), position=(0, 0))
    for k in range(count):
        last = g.add("ReLU", last, name=f"r{k}", position=(250.0 * (k + 1), 0.0))
    return g


def test_long_graphs_come_in_pieces_that_show_every_node_and_can_be_read() -> None:
    g = chain(99)
    seen = Seen(infer(g.document), g.document)
    pieces = [ET.fromstring(piece) for piece in strips(g.document, seen, page=1000)]
    width, _ = extent(g.document)
    assert len(pieces) == pytest.approx(width * 0.42 / 1000, abs=1)
    shown = {word for piece in pieces for word in texts(piece)}
    assert {f"r{k}" for k in range(99)} <= shown
    views = [list(map(float, piece.get("viewBox").split())) for piece in pieces]
    assert all(a[0] + a[2] == pytest.approx(b[0], abs=0.1) for a, b in itertools.pairwise(views))
    assert all(height < 200 for _, _, _, height in views)
    assert len(strips(small().document, Seen(infer(small().document), small().document))) == 1
