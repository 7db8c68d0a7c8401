"""Documents as Mermaid, DOT and TikZ."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from graphlab.graph import Graph
from graphlab.io.diagram import dot, mermaid, tikz


def graph() -> Graph:
    g = Graph('say "hi"')
    x = g.add("Input", name="x", shape=("N", 3))
    h = g.add("Tanh", g.add("Linear", x, name="hidden_1", units=4), name="tanh")
    g.add("Parameter", name="50% & {more}", shape=(4,))
    y = g.add("Add", h, b="50% & {more}", name="sum")
    g.add("Mean", y, name="loss")
    return g


def test_mermaid_names_nodes_ops_and_shapes() -> None:
    assert mermaid(graph().document) == (
        "flowchart LR\n"
        '  n1(["x<br/>Input"])\n'
        '  n2["hidden_1<br/>Linear"]\n'
        '  n3(["tanh"])\n'
        '  n4[/"50% & {more}<br/>Parameter"/]\n'
        '  n5["sum<br/>Add"]\n'
        '  n6["loss<br/>Mean"]\n'
        '  n1 -->|"N×3"| n2\n'
        '  n2 -->|"N×4"| n3\n'
        '  n3 -->|"a N×4"| n5\n'
        '  n4 -->|"b 4"| n5\n'
        '  n5 -->|"N×4"| n6\n'
    )


def test_quotes_and_signs_cannot_break_the_text() -> None:
    document = graph().document
    assert dot(document).startswith('digraph "say \\"hi\\"" {\n')
    assert r"{50\% \& \{more\}\\Parameter}" in tikz(document)
    assert r"hidden\_1\\Linear" in tikz(document)
    g = Graph()
    g.add("Input", name='a"b#c')
    assert '"a#quot;b#35;c<br/>Input"' in mermaid(g.document)


def test_tikz_stands_where_the_canvas_has_it() -> None:
    g = Graph()
    g.add("Input", name="x", position=(62.0, 124.0))
    assert r"\node[round] (n1) at (1.00, -2.00) {x\\Input};" in tikz(g.document)


def test_a_group_is_one_node_with_its_shape() -> None:
    g = graph()
    cell = g.group("hidden_1", "tanh", name="cell")
    text = mermaid(g.document)
    assert f'{cell.id}[["cell<br/>Group"]]' in text
    assert f'{cell.id} -->|"a N×4"| n5' in text
    assert "peripheries=2" in dot(g.document)


def test_a_faulty_graph_is_drawn_without_what_is_not_known() -> None:
    g = Graph()
    g.add("Tanh", g.add("Linear", name="lin"))
    assert "n1 --> n2" in mermaid(g.document)
    assert "n1 -> n2;" in dot(g.document)


def framed() -> tuple[Graph, str, str, str]:
    """The graph with an inner frame, an outer one around it, and an empty one; their ids."""
    g = graph()
    inner = g.add_frame('the "core" of it', "hidden_1", "tanh", colour="amber")
    outer = g.add_frame("outer_1", inner.id, "sum")
    empty = g.add_frame("", position=(0.0, 3100.0), size=(620.0, 310.0), colour="grey")
    return g, inner.id, outer.id, empty.id


def test_frames_are_subgraphs_in_mermaid_and_stand_in_each_other() -> None:
    g, inner, outer, empty = framed()
    text = mermaid(g.document)
    assert (
        f'  subgraph {outer} ["outer_1"]\n'
        f'    subgraph {inner} ["the #quot;core#quot; of it"]\n'
        '      n2["hidden_1<br/>Linear"]\n'
        '      n3(["tanh"])\n'
        "    end\n"
        '    n5["sum<br/>Add"]\n'
        "  end\n"
    ) in text
    assert f'subgraph {empty} [" "]' in text
    assert f"style {inner} stroke:orange" in text
    assert all(text.count(f"{node}[") + text.count(f"{node}(") == 1 for node in ("n1", "n2", "n3"))


def test_frames_are_clusters_in_dot() -> None:
    g, inner, outer, _ = framed()
    text = dot(g.document)
    assert text.index(f"subgraph cluster_{outer} {{") < text.index(f"subgraph cluster_{inner} {{")
    assert r'label="the \"core\" of it"; labeljust=l; style=rounded; color=orange;' in text
    assert text.count("{") == text.count("}")


def test_frames_are_fitted_in_tikz_the_inner_ones_first() -> None:
    g, inner, outer, empty = framed()
    text = tikz(g.document)
    assert "shapes.misc, fit}" in text
    assert "fit={(n2)(n3)}, label={[anchor=south west, font=\\scriptsize\\sffamily]north west:{the " in text
    assert text.index(f"({inner}) {{}};") < text.index("fit={(n5)") < text.index(f"({outer}) {{}};")
    assert f"fit={{(0.00, -50.00)(10.00, -55.00)}}] ({empty}) {{}};" in text
    assert "outer\\_1" in text
    assert ", fit}" not in tikz(graph().document), "what is not needed is not asked for"


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
def test_graphviz_takes_it() -> None:
    done = subprocess.run(
        ["dot", "-Tplain"], input=dot(graph().document), capture_output=True, text=True, check=True
    )
    assert done.stdout.count("\nnode ") == 6
