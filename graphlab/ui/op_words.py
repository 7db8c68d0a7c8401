"""What the page of an operation says, as HTML made from its class: help, sockets, params, shapes, cost, other names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from ..engine.trial import asked, outcome
from ..errors import GraphlabError
from ..ops import Op, Spec, by_category, known
from ..ops.example import Example
from . import numbers
from .theme import theme

MOST_SHAPES = 4
_MOST_RELATED = 12
_CODE = re.compile(r"`([^`]+)`")
_BRACES = re.compile(r"\{(\w+)[^}]*\}")


def paragraphs(op: type[Op]) -> str:
    """The help text: blank lines part paragraphs, `code` is set apart."""
    parts = (escape(part.replace("\n", " ")) for part in op.help().split("\n\n"))
    told = (_CODE.sub(r"<code>\1</code>", part) for part in parts)
    return "".join(f"<p style='margin:0 0 6px 0'>{part}</p>" for part in told)


def sockets(op: type[Op]) -> str:
    """A row for each input and output: name, what it is, help."""
    made = _made(op)
    inputs = made.sockets() if made else op.inputs
    rows = [(s.name, _socket_kind(s.learnable, s.kind, s.literal), s.help) for s in inputs]
    rows += [(name, "output", "") for name in (made.results() if made else op.outputs)]
    return table(rows)


def _socket_kind(learnable: bool, kind: str, literal: float | None) -> str:
    what = {"int": "class indices", "any": "numbers or class indices"}.get(kind, "numbers")
    if learnable:
        return "learnt; a parameter of its own unless wired"
    return f"input, {what}" + (f"; {numbers.exact(literal)} unless wired" if literal is not None else "")


def params(op: type[Op]) -> str:
    """A row for each param that a form offers: name, default, range and help; "" when there is none."""
    rows = []
    for name, param in op.params_of.items():
        if param.shown:
            default = "automatic" if param.default is None else str(param.default).replace("-", numbers.MINUS)
            symbol = f" ({param.symbol})" if param.symbol else ""
            rows.append((name + symbol, default, f"{param.help} {_sentence(param.range_text())}".strip()))
    return table(rows, ("param", "default", ""))


class Shapes(NamedTuple):
    """One line of the table of shapes: params that differ from the default, inputs and outputs with their shapes."""

    settings: str
    inputs: str
    outputs: str


def shapes(op: type[Op]) -> list[Shapes]:
    """What becomes of some shapes, inferred from the op's examples: the plain ones first, none twice."""
    lines = [line for example in op.examples or (Example(),) if (line := _line(op, example)) is not None]
    lines.sort(key=lambda line: "0" in re.split(r"\W+", line.inputs))  # an empty array teaches least
    return list(dict.fromkeys(lines))[:MOST_SHAPES]


def _line(op: type[Op], example: Example) -> Shapes | None:
    try:
        made = op(**example.params)
        specs = {name: Spec(draw.shape, draw.kind) for name, draw in example.arguments.items()}
        results = outcome(made, specs)
    except GraphlabError:
        return None
    if results is None:
        return None
    changed = {n: v for n, v in made.params.items() if v != op.params_of[n].default and op.params_of[n].shown}
    given = {**specs, **{n: spec for n, spec in asked(made, specs).items() if n not in specs}}
    return Shapes(
        ", ".join(f"{name} = {_short(value)}" for name, value in changed.items()),
        ", ".join(f"{name} {_shape(given[name])}" for name in _in_order(made, given)),
        ", ".join(f"{name} {_shape(spec)}" for name, spec in zip(made.results(), results, strict=False)),
    )


def _in_order(op: Op, given: dict[str, Spec]) -> list[str]:
    return [socket.name for socket in op.sockets() if socket.name in given]


def _shape(spec: Spec) -> str:
    return f"{spec}{'' if spec.kind == 'float' else ' int'}"


def shapes_table(op: type[Op]) -> str:
    lines = shapes(op)
    if not lines:
        return ""
    with_settings = any(line.settings for line in lines)
    rows = [
        (
            line.inputs or "nothing",
            f"→ {line.outputs or 'nothing'}",
            *([line.settings] if with_settings else []),
        )
        for line in lines
    ]
    return table(rows, mono=True)


def cost(op: type[Op]) -> str:
    """What it costs for its first example, and what its gradients need."""
    example = next((e for e in op.examples if _line(op, e) is not None and _is_full(e)), None)
    if example is None or op.role:
        return ""
    made = op(**example.params)
    specs = {name: Spec(draw.shape, draw.kind) for name, draw in example.arguments.items()}
    results = dict(zip(made.results(), outcome(made, specs) or (), strict=False))
    every = {**specs, **asked(made, specs), **results}
    sizes = {name: spec.at({}) for name, spec in every.items() if not spec.names}
    inputs = [s.name for s in made.sockets() if s.name in every and every[s.name].kind == "float"]
    forward, backward = made.flops(**sizes), made.backward_flops(inputs, **sizes)
    if not forward and not backward:
        return "It moves numbers and computes nothing."
    needs = [name for name in every if any(name in made.saves(socket) for socket in inputs)]
    kept = f" For its gradients it keeps {_listed(needs)}." if needs else " Its gradients need nothing kept."
    where = ", ".join(f"{name} {_shape(spec)}" for name, spec in specs.items())
    at = f" for {where}" if where else ""
    return (
        f"{numbers.flop(forward)} forward and {numbers.flop(backward)} backward{at}.{kept if inputs else ''}"
    )


def _is_full(example: Example) -> bool:
    return all(0 not in draw.shape for draw in example.arguments.values())


def elsewhere(op: type[Op]) -> str:
    """What other libraries call it."""
    rows = [
        ("PyTorch", _BRACES.sub(r"\1", op.torch)),
        ("ONNX", ", ".join(op.onnx)),
        ("also called", ", ".join(name for name in op.synonyms if name not in op.onnx)),
        ("formerly", ", ".join(op.aliases)),
    ]
    return table([(what, name, "") for what, name in rows if name], mono_second=True)


def related(op: type[Op]) -> list[str]:
    """Names of operations like it: those written beside it, then others of the family."""
    family = [other for other in by_category().get(op.category, []) if other is not op]
    beside = [other.__name__ for other in family if other.__module__ == op.__module__]
    others = [other.__name__ for other in family if other.__module__ != op.__module__]
    named = [name for name in op.synonyms if known(name)]
    return list(dict.fromkeys([*named, *beside, *others]))[:_MOST_RELATED]


def links(names: Iterable[str]) -> str:
    colour = theme().accent.name()
    return " &nbsp; ".join(
        f"<a href='op:{escape(name)}' style='color:{colour}'>{escape(name)}</a>" for name in names
    )


def table(
    rows: Iterable[tuple[str, ...]],
    headings: tuple[str, ...] = (),
    *,
    mono: bool = False,
    mono_second: bool = False,
) -> str:
    """Rows of three cells; the first is bold, the second quiet, unless all are shapes (`mono`)."""
    rows = list(rows)
    if not rows:
        return ""
    grey = theme().secondary.name()
    code = "font-family:monospace;font-size:12px"
    styles = [code, code, f"color:{grey};{code}"] if mono else ["font-weight:600", f"color:{grey}", ""]
    if mono_second:
        styles[1] = code
    lines = [_cells(headings, [f"color:{grey};font-size:11px"] * 3)] if headings else []
    lines += [_cells(row, styles) for row in rows]
    return f"<table cellspacing='0' cellpadding='0'>{''.join(lines)}</table>"


def _cells(row: tuple[str, ...], styles: list[str]) -> str:
    cells = "".join(
        f"<td style='padding:2px 14px 2px 0;{style}'>{escape(cell)}</td>"
        for cell, style in zip(row, styles, strict=False)
    )
    return f"<tr>{cells}</tr>"


def _made(op: type[Op]) -> Op | None:
    try:
        return op()
    except GraphlabError:
        return None


def _short(value: object) -> str:
    text = str(value).replace("-", numbers.MINUS)
    return text if len(text) <= 24 else text[:23] + "…"


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "." if words else ""


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
