"""A document as the text of a drawing, for other programs: Mermaid, Graphviz DOT, and TikZ for papers.

Nodes carry their name and operation, wires the shape that they carry where it is known. What is inside a group stays
inside: a group is one node, as on the canvas.
"""

from __future__ import annotations

from collections.abc import Callable

from ..engine import Inference, infer
from ..engine.seen import Seen
from ..graph import Document, Edge, Node
from ..graph.groups import role
from ..ops import get

CENTIMETRES = 1 / 62  # of a canvas unit in TikZ
ROUND = ("Input", "Activation", "Structure")  # families drawn with round ends: told apart without colour
SLANTED = ("Parameter",)
SIX_CORNERS = ("Loss",)


def mermaid(document: Document) -> str:
    """A flowchart in Mermaid's language (mermaid.js.org), left to right."""
    seen = _shapes(document)
    lines = ["flowchart LR"]
    for node in document.nodes.values():
        left, right = _mermaid_brackets(node)
        lines.append(f'  {node.id}{left}"{_mermaid_text(_caption(node, "<br/>"))}"{right}')
    for edge in document.edges.values():
        label = _label(document, seen, edge)
        arrow = f'-->|"{_mermaid_text(label)}"|' if label else "-->"
        lines.append(f"  {edge.source} {arrow} {edge.target}")
    return "\n".join(lines) + "\n"


def dot(document: Document) -> str:
    """A digraph in Graphviz' language, left to right; node positions are those of the canvas (for `neato -n`)."""
    seen = _shapes(document)
    lines = [
        f"digraph {_dot_text(document.name)} {{",
        "  rankdir=LR;",
        '  node [fontname="Helvetica", fontsize=11, shape=box, style=rounded];',
        '  edge [fontname="Helvetica", fontsize=9];',
    ]
    for node in document.nodes.values():
        x, y = node.position
        shape = _choose(node, "box", "oval", "parallelogram", "hexagon")
        sides = ", peripheries=2" if role(node) == "group" else ""
        caption = _dot_text(_caption(node, "\n"))
        lines.append(f'  {node.id} [label={caption}, shape={shape}{sides}, pos="{x:g},{-y:g}"];')
    for edge in document.edges.values():
        label = _label(document, seen, edge)
        more = f" [label={_dot_text(label)}]" if label else ""
        lines.append(f"  {edge.source} -> {edge.target}{more};")
    return "\n".join([*lines, "}"]) + "\n"


def tikz(document: Document) -> str:
    r"""A tikzpicture where the canvas has it; needs \usetikzlibrary{arrows.meta, shapes.geometric, shapes.misc}."""
    seen = _shapes(document)
    lines = [
        r"% \usepackage{tikz} \usetikzlibrary{arrows.meta, shapes.geometric, shapes.misc}",
        r"\begin{tikzpicture}[",
        r"  >={Stealth[round]}, font=\footnotesize\sffamily,",
        r"  op/.style={draw, rounded corners=2pt, align=center, inner sep=4pt},",
        r"  round/.style={op, rounded corners=8pt},",
        r"  slanted/.style={op, trapezium, trapezium left angle=75, trapezium right angle=105},",
        r"  corners/.style={op, chamfered rectangle, chamfered rectangle xsep=2pt},",
        r"  group/.style={op, double},",
        r"  size/.style={font=\tiny\sffamily, midway, fill=white, inner sep=1pt}]",
    ]
    for node in document.nodes.values():
        x, y = (value * CENTIMETRES for value in node.position)
        style = "group" if role(node) == "group" else _choose(node, "op", "round", "slanted", "corners")
        text = r"\\".join(_latex_text(part) for part in _caption(node, "\n").split("\n"))
        lines.append(f"  \\node[{style}] ({node.id}) at ({x:.2f}, {-y:.2f}) {{{text}}};")
    for edge in document.edges.values():
        label = _label(document, seen, edge)
        word = f" node[size] {{{_latex_text(label)}}}" if label else ""
        lines.append(f"  \\draw[->] ({edge.source}.east) to[out=0, in=180]{word} ({edge.target}.west);")
    return "\n".join([*lines, r"\end{tikzpicture}"]) + "\n"


FORMATS: dict[str, Callable[[Document], str]] = {".mmd": mermaid, ".dot": dot, ".tex": tikz}


def _shapes(document: Document) -> Inference:
    return Seen(infer(document), document).inference


def _caption(node: Node, between: str) -> str:
    same = node.name.rstrip("0123456789").lower() == node.op.lower()
    return node.name if same else f"{node.name}{between}{node.op}"


def _label(document: Document, seen: Inference, edge: Edge) -> str:
    """The shape on a wire, and the socket where the target has several that are wired."""
    spec = seen.specs.get((edge.source, edge.output))
    words = [str(spec)] if spec is not None else []
    if len(document.inputs_of(edge.target)) > 1:
        words.insert(0, edge.input)
    return " ".join(words)


def _choose(node: Node, plain: str, round_: str, slanted: str, corners: str) -> str:
    family = get(node.op).category if node.is_known else ""
    if family in ROUND:
        return round_
    if family in SLANTED:
        return slanted
    return corners if family in SIX_CORNERS else plain


def _mermaid_brackets(node: Node) -> tuple[str, str]:
    if role(node) == "group":
        return "[[", "]]"
    left, right = _choose(node, "[ ]", "([ ])", "[/ /]", "{{ }}").split()
    return left, right


def _mermaid_text(text: str) -> str:
    return "".join({'"': "#quot;", "#": "#35;", "\n": " "}.get(letter, letter) for letter in text)


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": r"$-$",
}


def _latex_text(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
