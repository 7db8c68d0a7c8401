"""Charts as SVG."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import numpy as np

from graphlab.lab.report.charts import Dot, Frame, Line, bars, line_chart, scatter
from graphlab.lab.report.training import thinned

SVG = "{http://www.w3.org/2000/svg}"
FRAME = Frame("epoch", "loss", "The loss.")


def paths(root: ET.Element, kind: str) -> list[ET.Element]:
    return [each for each in root.iter(f"{SVG}path") if kind in each.get("class", "").split()]


def test_a_line_goes_through_its_points_and_has_gaps_where_there_is_no_number() -> None:
    line = Line("a", [(1, 1.0), (2, 3.0), (3, math.nan), (4, 2.0), (5, 2.0)])
    (path,) = paths(ET.fromstring(line_chart([line], FRAME)), "line")
    ways = re.findall(r"([ML])([\d.]+) ([\d.]+)", path.get("d"))
    assert [way for way, _, _ in ways] == ["M", "L", "M", "L"]
    heights = [float(y) for _, _, y in ways]
    assert heights[1] < heights[2] == heights[3] < heights[0]


def test_several_lines_have_a_legend_and_differ_without_colour() -> None:
    lines = [Line(f"run {k}", [(0, k), (1, k + 1)], k, k) for k in range(4)]
    root = ET.fromstring(line_chart(lines, FRAME))
    words = [each.text for each in root.iter(f"{SVG}text")]
    assert {f"run {k}" for k in range(4)} <= set(words)
    dashes = {each.get("stroke-dasharray") for each in paths(root, "line")}
    assert len(dashes) == 4


def test_every_mark_lies_within_the_picture_and_says_what_it_is() -> None:
    dots = [Dot(10.0**k, math.sin(k), f"trial {k}", k / 8, k == 8) for k in range(9)]
    root = ET.fromstring(scatter(dots, Frame("lr", "accuracy", "x", log_x=True)))
    circles = list(root.iter(f"{SVG}circle"))
    width, height = float(root.get("width")), float(root.get("height"))
    assert len(circles) == 9
    assert all(0 < float(c.get("cx")) < width and 0 < float(c.get("cy")) < height for c in circles)
    assert [c.find(f"{SVG}title").text for c in circles][-1] == "trial 8"  # the ring lies on top


def test_empty_charts_and_single_points_are_drawn() -> None:
    for line in (Line("a", []), Line("a", [(1, 1.0)]), Line("a", [(1, math.nan)])):
        ET.fromstring(line_chart([line], Frame("x", "y", "z", log_y=True)))


def test_bars_are_as_long_as_their_shares() -> None:
    root = ET.fromstring(bars([("lr", 1.0, "80 %"), ("units", 0.25, "20 %")], "importance"))
    long, short = (float(each.get("width")) for each in root.iter(f"{SVG}rect"))
    assert abs(long / short - 4) < 0.05


def test_long_curves_are_thinned_to_means_and_ranges() -> None:
    losses = np.linspace(2, 1, 9000) + np.tile([-0.1, 0.1], 4500)
    points, band = thinned(1, losses)
    assert len(points) == len(band) == 300
    assert points[0][1] == np.float64(losses[:30].mean())
    assert band[0][1:] == (losses[:30].min(), losses[:30].max())
    assert points[-1][0] == (8971 + 9000) / 2
    assert thinned(5, losses[:10]) == ([(5.0 + k, float(v)) for k, v in enumerate(losses[:10])], [])
