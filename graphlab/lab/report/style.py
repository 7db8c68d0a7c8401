"""The style sheet of a report: light, dark as the reader's system wants it, and paper. Nothing is loaded."""

from __future__ import annotations

from ...graph import Document
from ...io.colours import Palette, mix, palette
from ...io.graph_svg import colours, forms
from ...io.graph_svg.sheet import MONO, SANS

_HUES = ("Math", "Loss", "Activation", "Parameter", "Attention", "Features")  # of lines, in this order


def style(documents: tuple[Document, ...]) -> str:
    """All rules. documents: whose graphs are drawn."""
    light, dark = palette("light"), palette("dark")
    graph_light = "\n".join(dict.fromkeys(rule for d in documents for rule in colours(light, d).splitlines()))
    graph_dark = "\n".join(dict.fromkeys(rule for d in documents for rule in colours(dark, d).splitlines()))
    return "\n".join(
        (
            f":root {{ color-scheme: light dark; {_tokens(light)} }}",
            _PAGE.replace("SANS", SANS).replace("MONO", MONO),
            forms(),
            graph_light,
            f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_tokens(dark)} }}\n{graph_dark} }}",
            _PAPER,
        )
    )


def _tokens(now: Palette) -> str:
    """The colours of the page as variables."""
    words = {name: now.words(name) for name in ("secondary", "accent", "good", "warning", "error")}
    plain = {name: now[name] for name in ("canvas", "panel", "raised", "line", "text")}
    hues = {f"c{k}": now.family(category) for k, category in enumerate(_HUES)}
    poor, good = now.family("Parameter"), now.family("Math")
    steps = {f"q{k}": mix(poor, good, k / 4) if k else poor for k in range(5)}
    more = {"tint": mix(now["panel"], words["accent"], 0.09), "warn": mix(now["panel"], now["warning"], 0.12)}
    return " ".join(
        f"--{name}: {value};" for name, value in {**plain, **words, **hues, **steps, **more}.items()
    )


_PAGE = (
    """
* { box-sizing: border-box; }
html { background: var(--canvas); -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 24px 28px 64px; max-width: 1120px; color: var(--text);
  font: 15px/1.55 SANS; overflow-wrap: anywhere; }
h1 { font-size: 30px; line-height: 1.2; margin: 6px 0 2px; letter-spacing: -.01em; }
h2 { font-size: 20px; line-height: 1.3; margin: 0 0 12px; }
h3 { font-size: 15.5px; margin: 22px 0 8px; }
p { margin: 0 0 12px; max-width: 76ch; }
a { color: var(--accent); }
section { background: var(--panel); border: 1px solid var(--line); border-radius: 9px; padding: 18px 20px 16px;
  margin: 16px 0; }
header p { color: var(--secondary); margin: 0; max-width: none; }
.who { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: baseline; margin: 14px 0 4px; }
.who label { color: var(--secondary); }
.who input { font: inherit; color: inherit; background: transparent; border: 0;
  border-bottom: 1px solid var(--secondary); padding: 2px 4px; width: 260px; max-width: 60vw; border-radius: 0; }
.who input:focus { outline: 2px solid var(--accent); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 14px 0 0; padding: 0;
  font-size: 14px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 10px; margin: 4px 0 14px; }
.cards div { background: var(--raised); border-radius: 8px; padding: 10px 14px; }
.cards b { display: block; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.cards span { color: var(--secondary); font-size: 13px; }
.wide { overflow-x: auto; margin: 0 0 14px; }
table { border-collapse: collapse; font-size: 13.5px; width: 100%; overflow-wrap: normal; }
caption { text-align: left; color: var(--secondary); padding: 0 0 6px; font-size: 13.5px; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top;
  max-width: 420px; overflow-wrap: break-word; }
thead th { color: var(--secondary); font-weight: 600; vertical-align: bottom; }

tbody th { font-weight: 600; }
tr.best th { white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th.n { white-space: normal; }
td.k, code, pre { font-family: MONO; font-size: 12.5px; }
tr.best th, tr.best td { background: var(--tint); }
tr.best th::before { content: "★ "; color: var(--accent); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 4px 28px; margin: 0 0 14px; }
.facts div { display: flex; justify-content: space-between; gap: 14px;
  border-bottom: 1px solid var(--line); padding: 3px 0; }
.facts dt { color: var(--secondary); white-space: nowrap; }
.facts dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
.quiet { color: var(--secondary); font-size: 13.5px; }
pre { background: var(--raised); border-radius: 8px; padding: 10px 14px; margin: 0 0 12px; white-space: pre-wrap;
  overflow-wrap: anywhere; }
.callout { border-left: 4px solid var(--accent); background: var(--tint); padding: 9px 14px; border-radius: 0 8px 8px 0;
  max-width: none; }
.callout.warn { border-color: var(--warning); background: var(--warn); }
.callout.warn::before { content: "⚠ "; }
figure { margin: 0 0 16px; }
figcaption { color: var(--secondary); font-size: 13.5px; margin-top: 6px; max-width: 90ch; }
.pan { overflow-x: auto; }
.fit svg { display: block; max-width: 100%; height: auto; margin: 0 auto; }
.plate { background: var(--canvas); border-radius: 8px; }
.plate + .plate { margin-top: 6px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr)); gap: 8px 24px; }
.chart { font-family: SANS; }
.chart .t { font-size: 11.5px; fill: var(--secondary); }
.chart .a { font-size: 12px; fill: var(--text); }
.chart .halo { paint-order: stroke; stroke: var(--panel); stroke-width: 4; stroke-linejoin: round; }
.chart .grid { stroke: var(--line); fill: none; }
.chart .tick { stroke: var(--secondary); fill: none; }
.chart .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.chart .line.faint { stroke-width: 1; stroke-opacity: .55; }
.chart .band { stroke: none; fill-opacity: .18; }
.chart .dot { stroke: var(--panel); stroke-width: 1; }
.chart .dot.ring { stroke: var(--text); stroke-width: 1.8; }
"""
    + "".join(
        f".chart .line.c{k} {{ stroke: var(--c{k}); }}\n"
        f".chart .c{k}.fill, .chart .dot.c{k}, .chart .band.c{k} {{ fill: var(--c{k}); }}\n"
        for k in range(6)
    )
    + "".join(
        f".chart .dot.q{k} {{ fill: var(--q{k}); }} .chart .way.q{k} {{ stroke: var(--q{k}); }}\n"
        for k in range(5)
    )
    + """
.chart .way { fill: none; stroke-width: 1.3; stroke-opacity: .6; }
.chart .way.top { stroke-width: 3; stroke-opacity: 1; }
.equations { list-style: none; padding: 0; margin: 0 0 10px; }
.equations li { padding: 5px 0; border-bottom: 1px solid var(--line); overflow-x: auto; overflow-y: hidden;
  display: flex; flex-wrap: wrap; gap: 2px 28px; align-items: baseline; }
math { font-size: 17px; font-family: 'Latin Modern Math', 'STIX Two Math', 'Cambria Math', 'Libertinus Math',
  'TeX Gyre DejaVu Math', math; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""
)

_PAPER = """
@page { size: A4; margin: 15mm 14mm 16mm; }
@media print {
  html, body { background: #fff; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  section { border: 0; padding: 0; margin: 0 0 7mm; border-radius: 0; }
  h1 { font-size: 20pt; } h2 { font-size: 13.5pt; border-bottom: 1px solid var(--line); padding-bottom: 3px; }
  h1, h2, h3, figcaption { break-after: avoid; } figcaption { break-before: avoid; }
  .plate, figure:not(:has(.plate + .plate)), .cards, tr, .callout, pre, .equations li { break-inside: avoid; }
  nav { display: none; }
  .wide, .pan, .equations li { overflow: visible; } .fit { min-width: 0 !important; }
  #network > p, section > p:has(+ figure) { break-after: avoid; }
  table { font-size: 8.5pt; } th, td { padding: 3px 7px 3px 0; } thead .n { white-space: normal; }
  .fit svg { max-height: 235mm; }
  .charts { grid-template-columns: 1fr 1fr; }
  .cards { grid-template-columns: repeat(4, 1fr); } .cards b { font-size: 13pt; }
  .facts { grid-template-columns: repeat(3, 1fr); font-size: 8.5pt; gap: 0 18px; }
  thead { display: table-header-group; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
