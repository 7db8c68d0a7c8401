"""A document as the text of a drawing, for other programs: Mermaid, Graphviz DOT, and TikZ for papers.

Nodes carry their name and operation, wires the shape that they carry where it is known. What is inside a group stays
inside: a group is one node, as on the canvas. Frames are drawn around what lies in them; a node that lies in two is in
the smaller one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..engine import Inference, infer
from ..engine.seen import Seen
from ..graph import Document, Edge, Frame, Node, framing
from ..graph.groups import is_use
from ..ops import get

CENTIMETRES = 1 / 62  # of a canvas unit in TikZ
ROUND = ("Input", "Activation", "Structure")  # families drawn with round ends: told apart without colour
SLANTED = ("Parameter",)
SIX_CORNERS = ("Loss",)
_HUES = {
    "blue": "blue",
    "green": "green",
    "violet": "violet",
    "amber": "orange",
    "red": "red",
    "grey": "gray",
}


def mermaid(document: Document) -> str:
    """A flowchart in Mermaid's language (mermaid.js.org), left to right."""
    seen = _shapes(document)
    lines = ["flowchart LR"]
    lines += _framed(document, _mermaid_node, _mermaid_frame, "end")
    for edge in document.edges.values():
        label = _label(document, seen, edge)
        arrow = f'-->|"{_mermaid_text(label)}"|' if label else "-->"
        lines.append(f"  {edge.source} {arrow} {edge.target}")
    lines += [f"  style {frame.id} stroke:{_HUES[frame.colour]}" for frame in document.frames.values()]
    return "\n".join(lines) + "\n"


def _mermaid_node(node: Node) -> str:
    left, right = _mermaid_brackets(node)
    return f'{node.id}{left}"{_mermaid_text(_caption(node, "<br/>"))}"{right}'


def _mermaid_frame(frame: Frame) -> list[str]:
    return [f'subgraph {frame.id} ["{_mermaid_text(frame.title) or " "}"]']


def dot(document: Document) -> str:
    """A digraph in Graphviz' language, left to right; node positions are those of the canvas (for `neato -n`)."""
    seen = _shapes(document)
    lines = [
        f"digraph {_dot_text(document.name)} {{",
        "  rankdir=LR;",
        '  node [fontname="Helvetica", fontsize=11, shape=box, style=rounded];',
        '  edge [fontname="Helvetica", fontsize=9];',
    ]
    lines += _framed(document, _dot_node, _dot_frame, "}")
    for edge in document.edges.values():
        label = _label(document, seen, edge)
        more = f" [label={_dot_text(label)}]" if label else ""
        lines.append(f"  {edge.source} -> {edge.target}{more};")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_node(node: Node) -> str:
    x, y = node.position
    shape = _choose(node, "box", "oval", "parallelogram", "hexagon")
    sides = ", peripheries=2" if is_use(node) else ""
    caption = _dot_text(_caption(node, "\n"))
    return f'{node.id} [label={caption}, shape={shape}{sides}, pos="{x:g},{-y:g}"];'


def _dot_frame(frame: Frame) -> list[str]:
    return [
        f"subgraph cluster_{frame.id} {{",
        f"  label={_dot_text(frame.title)}; labeljust=l; style=rounded; color={_HUES[frame.colour]};",
    ]


def tikz(document: Document) -> str:
    r"""A tikzpicture where the canvas has it; its first line says which libraries it needs."""
    seen = _shapes(document)
    more = ", fit" if document.frames else ""
    lines = [
        r"% \usepackage{tikz} \usetikzlibrary{arrows.meta, shapes.geometric, shapes.misc" + more + "}",
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
        style = "group" if is_use(node) else _choose(node, "op", "round", "slanted", "corners")
        text = r"\\".join(_latex_text(part) for part in _caption(node, "\n").split("\n"))
        lines.append(f"  \\node[{style}] ({node.id}) at ({x:.2f}, {-y:.2f}) {{{text}}};")
    for edge in document.edges.values():
        label = _label(document, seen, edge)
        word = f" node[size] {{{_latex_text(label)}}}" if label else ""
        lines.append(f"  \\draw[->] ({edge.source}.east) to[out=0, in=180]{word} ({edge.target}.west);")
    lines += _tikz_frames(document)
    return "\n".join([*lines, r"\end{tikzpicture}"]) + "\n"


def _tikz_frames(document: Document) -> list[str]:
    """Rectangles around what lies in them; an empty one where the canvas has it."""
    homes = framing.homes(document)
    lines = []
    for i in reversed(framing.by_size(document)):  # an outer frame is fitted around inner ones that are there
        frame = document.frames[i]
        inside = "".join(
            f"({item})" for item, home in homes.items() if home == i and item not in document.notes
        )
        hue, title = _HUES[frame.colour], _latex_text(" ".join(frame.title.split()))
        style = f"draw={hue}, rounded corners=4pt, inner sep=8pt"
        label = (
            f", label={{[anchor=south west, font=\\scriptsize\\sffamily]north west:{{{title}}}}}"
            if title
            else ""
        )
        lines.append(f"  \\node[{style}, fit={{{inside or _corners(frame)}}}{label}] ({i}) {{}};")
    return lines


def _corners(frame: Frame) -> str:
    """Two opposite corners of a frame, as TikZ has them."""
    (x, y), (width, height) = frame.position, frame.size
    left, top = x * CENTIMETRES, -y * CENTIMETRES
    return f"({left:.2f}, {top:.2f})({left + width * CENTIMETRES:.2f}, {top - height * CENTIMETRES:.2f})"


def _framed(
    document: Document, node_line: Callable[[Node], str], opening: Callable[[Frame], list[str]], end: str
) -> list[str]:
    """The lines of all nodes, those in frames between the lines that open and end one; frames stand in frames."""
    homes = framing.homes(document) if document.frames else {}
    inside: dict[str, list[str]] = {}
    for item in (*document.frames, *document.nodes):
        inside.setdefault(homes.get(item, ""), []).append(item)

    def lines(home: str, depth: int) -> Iterator[str]:
        for item in inside.get(home, ()):
            if item in document.nodes:
                yield "  " * depth + node_line(document.nodes[item])
                continue
            yield from ("  " * depth + line for line in opening(document.frames[item]))
            yield from lines(item, depth + 1)
            yield "  " * depth + end

    return list(lines("", 1))


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
    if is_use(node):
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
