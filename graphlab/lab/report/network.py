"""The network in a report: its picture, the insides of its groups, what it computes, and its layers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from ...engine import Inference, infer
from ...engine.equations import Equation, Equations
from ...engine.optimizers import make_optimizer
from ...engine.plan import Plan
from ...engine.seen import Seen
from ...errors import GraphlabError
from ...graph import Document
from ...graph.groups import definition_of, is_use, sheet
from ...io.graph_svg import drawn, extent, strips
from ...io.graph_svg.told import value_text
from ...io.markup import Markup, joined, tag
from .tables import callout, figure, section, table
from .words import plural, whole

MOST_GROUPS = 8  # whose insides are pictured
MOST_EQUATIONS = 40
MOST_LAYERS = 400
_LEAST_ZOOM = 0.36  # pixels of a canvas unit below which a picture is not shrunk on the screen
_PAGE, _WIDEST = 1040.0, 4200.0
_CAPTION = (
    "The graph as on the canvas. Lines carry arrays of the shapes written on them (N: rows of a batch)."
)
_ENTITY = re.compile(r"&#x([0-9A-Fa-f]{1,6});")  # as latex2mathml writes signs


def network(document: Document) -> Markup:
    """All about the network."""
    found = infer(document)
    if document.is_empty or not document.nodes:
        return section("network", "The network", tag("p", "There is nothing on the canvas yet."))
    seen = Seen(found, document)
    return joined(
        section(
            "network",
            "The network",
            _summary(document, found),
            _picture(document, seen),
            _groups(document, found),
        ),
        _equations(document),
        _layers(document, found),
    )


def _summary(document: Document, found: Inference) -> Markup:
    goal = found.nodes[found.goal].path if found.goal else ""
    parts = [
        f"{plural(len(document.nodes), 'node')}, {plural(len(document.edges), 'wire')},",
        f" {whole(found.total_parameters)} learnable {'number' if found.total_parameters == 1 else 'numbers'}",
        f"; training makes {goal} small." if goal else "; there is no loss to be made small yet.",
    ]
    faults = [str(problem) for problem in found.problems]
    more = callout(f"{plural(len(faults), 'fault')}: {' '.join(faults[:5])}", kind="warn") if faults else ""
    return joined(tag("p", parts), more)


def _picture(shown: Document, seen: Seen, title: str = "") -> Markup:
    """The sheet as large as the page allows: a long one in pieces, one that is large in both ways to be scrolled."""
    caption = title or _CAPTION
    label = title or f"The graph {shown.name}"
    pieces = strips(shown, seen, page=_PAGE, label=label)
    if len(pieces) > 1:
        told = f"{caption} In {len(pieces)} pieces, from left to right."
        return figure(joined(tag("div", piece, class_="plate") for piece in pieces), told)
    least = min(extent(shown)[0] * _LEAST_ZOOM, _WIDEST)
    if least <= _PAGE:
        return figure(tag("div", pieces, class_="plate"), caption)
    return figure(
        tag("div", drawn(shown, seen, page=least, label=label), class_="plate"), caption, wide=least
    )


def _groups(document: Document, found: Inference) -> Markup:
    """The insides of the groups on the sheet, and of those inside them, each once."""
    parts, known = [], set[str]()
    queue: list[tuple[Document, tuple[str, ...]]] = [(document, ())]
    while queue and len(known) < MOST_GROUPS:
        place, path = queue.pop(0)
        for node in place.nodes.values():
            key = str(node.params.get("definition", ""))
            if not is_use(node) or key in known or definition_of(document, node) is None:
                continue
            known.add(key)
            inner = sheet(document, key)
            way = (*path, node.id)
            if inner.nodes:
                title = f"Inside {node.name}" + (f": {inner.name}" if node.name != inner.name else "")
                parts.append(_picture(inner, Seen(found, inner, way), title))
            queue.append((inner, way))
            if len(known) >= MOST_GROUPS:
                break
    return joined(tag("h3", "Groups"), parts) if parts else Markup("")


# Equations


def _equations(document: Document) -> Markup:
    try:
        equations = Equations(Plan(document), make_optimizer(document.training))
    except GraphlabError:
        return Markup("")
    forward = [line for line in equations.lines if line.phase == "forward"]
    update = [line for line in equations.lines if line.phase == "update"]
    if not forward:
        return Markup("")
    more = len(forward) - MOST_EQUATIONS
    left_out = (
        tag("p", f"{plural(more, 'more equation')} of the same kind are left out.", class_="quiet")
        if more > 0
        else ""
    )
    items = [joined(_equation(equations, line)) for line in forward[:MOST_EQUATIONS]]
    parts = [
        tag("p", "Each node by the name it has on the canvas, in the order in which they are computed."),
        _list(items),
        left_out,
    ]
    if update and equations.plan.trainable_size:
        steps = _equation(equations, update[0])
        parts += [tag("h3", f"The update, by {document.training.optimizer}"), _list(steps)]
    return section("equations", "What it computes", parts)


def _list(items: list[Markup]) -> Markup:
    return tag("ol", (tag("li", item) for item in items), class_="equations")


def _equation(equations: Equations, line: Equation) -> list[Markup]:
    """An equation, and what stands beside it, each as a line of its own."""
    return [mathml(part) for part in _apart(equations.latex(line)) if part]


def _apart(latex: str) -> Iterator[str]:
    """The parts of a formula that \\quad keeps apart, outside of braces."""
    depth = start = 0
    for found in re.finditer(r"\\q?quad(?![A-Za-z])|\\\\|\\[{}]|[{}]|\\(?:begin|end)\b", latex):
        mark = found[0]
        depth += {"{": 1, "}": -1, r"\begin": 1, r"\end": -1}.get(mark, 0)
        if mark in (r"\quad", r"\qquad") and not depth:
            yield latex[start : found.start()].strip().removesuffix(",").strip()
            start = found.end()
    yield latex[start:].strip()


def mathml(latex: str) -> Markup:
    """LaTeX as MathML, which browsers set themselves; as code where it cannot be read."""
    from latex2mathml import converter

    try:
        tree = converter.convert_to_element(latex)
    except Exception:  # its errors have no common base
        return tag("code", latex)
    for element in tree.iter():
        if element.text:
            element.text = _ENTITY.sub(lambda found: chr(int(found[1], 16)), element.text)
    _space_words(tree)
    tree.set("displaystyle", "true")
    return Markup(ET.tostring(tree, encoding="unicode"))


def _space_words(tree: ET.Element) -> None:
    """A little space between two words, such as ln and softmax, which LaTeX sets as operators."""
    for parent in tree.iter():
        children = list(parent)
        for place in reversed(range(1, len(children))):
            if all(each.tag == "mi" and len(each.text or "") > 1 for each in children[place - 1 : place + 1]):
                parent.insert(place, ET.Element("mspace", width="0.17em"))


# Layers


def _layers(document: Document, found: Inference) -> Markup:
    rows = list(_rows(document, found))
    total = found.total_parameters
    caption = f"In the order in which they are computed; {whole(total)} parameters in all."
    more = ""
    if len(rows) > MOST_LAYERS:
        more = tag("p", f"{len(rows) - MOST_LAYERS:,} more rows are left out.", class_="quiet")
        rows = rows[:MOST_LAYERS]
    made = table(
        ("Name", "Operation", "Set to", "From", "Result", "Parameters"),
        rows,
        right={5},
        code={4},
        caption=caption,
    )
    return section("layers", "Layers", made, more)


def _rows(document: Document, found: Inference) -> Iterator[tuple[str, ...]]:
    """One for each node; copies of a cell in time are told once."""
    told = set[str]()
    for key in found.order:
        node = found.nodes[key]
        path = re.sub(r"\bt=\d+\b", "t", node.path)
        if path in told:
            continue
        told.add(path)
        specs = [str(spec) for (owner, _), spec in found.specs.items() if owner == key]
        count = found.parameter_count(key)
        sources = dict.fromkeys(
            re.sub(r"\bt=\d+\b", "t", found.nodes[end[0]].path)
            for end in node.inputs.values()
            if end[0] in found.nodes
        )
        params = {} if node.op is None else node.op.params
        known = {} if node.op is None else node.op.params_of
        set_to = [
            f"{name} {text}"
            for name, value in params.items()
            if name in known
            and value != known[name].default
            and len(text := value_text(value)) <= 28
            and name != "rows"
        ]
        yield (
            path,
            node.op_name,
            ", ".join(set_to),
            ", ".join(sources),
            ", ".join(specs) or "?",
            f"{count:,}" if count else "",
        )
