"""The style sheet of a drawing: every colour stands here once, so that a page can show it light, dark and on paper."""

from __future__ import annotations

from ...graph.document import Document
from ..colours import FAMILIES, FRAMES, Palette, mix

SANS = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Helvetica, Arial, sans-serif"
MONO = "ui-monospace, 'SF Mono', 'Cascadia Mono', Consolas, 'DejaVu Sans Mono', 'Noto Sans Mono', monospace"


def family_class(category: str) -> str:
    """The class of what has the colour of a family; that of Math for one of someone else's making."""
    return f"f-{FAMILIES.get(category, 'math')}" if category else "f-none"


def frame_class(colour: str) -> str:
    return f"r-{colour if colour in FRAMES else 'grey'}"


def forms() -> str:
    """What does not depend on the theme."""
    return f"""
.gl text {{ font-family: {SANS}; }}
.gl .m {{ font-family: {MONO}; }}
.gl .b {{ font-weight: 600; }}
.gl .wire {{ fill: none; stroke-width: 2; }}
.gl .wire.off {{ stroke-dasharray: 6 4; }}
.gl .icon {{ fill: none; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }}
"""


def colours(now: Palette, document: Document | None = None) -> str:
    """The colours of a theme; of the families and frames that the document has, or of all."""
    families = set(FAMILIES) if document is None else _families(document)
    rules = [
        f".gl .ground {{ fill: {now['canvas']}; }}",
        f".gl .wire {{ stroke: {now.wire}; }}",
        f".gl .wire.off {{ stroke: {now.words('error')}; }}",
        f".gl .pill {{ fill: {now['canvas']}; }}",
        f".gl text {{ fill: {now['text']}; }}",
        f".gl text.s {{ fill: {now.words('secondary')}; }}",
        f".gl text.e {{ fill: {now.words('error')}; }}",
        f".gl .body {{ fill: {now.body}; stroke: {now.border}; }}",
        f".gl .body.bad {{ stroke: {now.words('error')}; stroke-width: 1.4; }}",
        f".gl .edge {{ fill: none; stroke: {now.border}; }}",
        f".gl .edge.bad {{ stroke: {now.words('error')}; stroke-width: 1.4; }}",
        f".gl .shade {{ fill: #000; fill-opacity: {0.14 if now.is_dark else 0.05}; }}",
        f".gl .dot {{ fill: {now.body}; stroke: {now.wire}; stroke-width: 1.5; }}",
        f".gl .dot.on {{ fill: {now.wire}; }}",
        f".gl .dot.own {{ stroke: {mix(now.wire, now['update'], 0.5)}; }}",
        f".gl .joint {{ fill: {now.wire}; }}",
        f".gl .core {{ fill: {mix(now.wire, now['canvas'], 0.55)}; }}",
        f".gl .well {{ fill: {mix(now.body, now['canvas'], 0.55)}; stroke: {now.border}; }}",
        f".gl .thin {{ stroke: {mix(now['canvas'], now.wire, 0.7)}; fill: none; }}",
        f".gl .hatch {{ stroke: {now['faint']}; stroke-opacity: .45; stroke-width: 1; }}",
        f".gl .veil {{ fill: {now['canvas']}; fill-opacity: .35; }}",
        f".gl .note {{ fill: {now.note}; stroke: {now.note_edge}; }}",
        f".gl rect.chip {{ fill: {now['canvas']}; stroke: {now.words('secondary')}; }}",
        f".gl rect.chip.goal {{ stroke: {now.family('Loss')}; }}",
        f".gl text.chip {{ fill: {now.words('secondary')}; }} .gl text.chip.goal {{ fill: {now.family('Loss')}; }}",
        f".gl .cold {{ stroke: {now.words('accent')}; }}",
        f".gl .f-none {{ --f: {now['faint']}; fill: {now['faint']}; stroke: {now['faint']}; }}",
    ]
    for category, token in FAMILIES.items():
        if category in families:
            rules.extend(_family(token, now.family(category), now))
    for name in FRAMES:
        hue = now.frame(name)
        rules.append(
            f".gl .r-{name} {{ fill: {hue}; fill-opacity: .06; stroke: {hue}; stroke-opacity: .75; }}"
        )
        rules.append(f".gl .bar.r-{name} {{ fill-opacity: .20; stroke: none; }}")
    return "\n".join(rules)


def _family(token: str, hue: str, now: Palette) -> list[str]:
    return [
        f".gl .head.f-{token} {{ fill: {mix(now.body, hue, 0.16)}; }}",
        f".gl .side.f-{token} {{ fill: {hue}; }}",
        f".gl .icon.f-{token} {{ stroke: {hue}; color: {hue}; }}",
        f".gl .far.f-{token} {{ fill: {mix(now.body, hue, 0.34)}; }}",
        f".gl .card1.f-{token} {{ fill: {mix(now.body, hue, 0.20)}; stroke: {now.border}; }}",
        f".gl .card2.f-{token} {{ fill: {mix(now.body, hue, 0.30)}; stroke: {now.border}; }}",
    ]


def _families(document: Document) -> set[str]:
    from ...ops import get

    sheets = (document, *document.definitions.values())
    ops = {node.op for sheet in sheets for node in sheet.nodes.values() if node.is_known}
    return {get(op).category for op in ops} | {"Math", "Structure"}
