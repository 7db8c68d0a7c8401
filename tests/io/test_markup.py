"""Markup put together from texts that may be anything."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlab.io.markup import Markup, figure, joined, tag


def test_what_comes_as_text_stays_text() -> None:
    made = tag("p", "<script>", Markup("<b>x</b>"), 3, None, ["a", "&"], title="\"<&>'")
    assert made == '<p title="&quot;&lt;&amp;&gt;&#x27;">&lt;script&gt;<b>x</b>3a&amp;</p>\n'


@settings(max_examples=60)
@given(st.text())
def test_any_text_comes_back_from_xml(text: str) -> None:
    root = ET.fromstring(tag("g", text, title=text))
    allowed = "".join(c for c in text if c in "\t\n\r" or (ord(c) >= 32 and c not in "\x7f\ufffe\uffff"))
    unix = allowed.replace("\r\n", "\n").replace("\r", "\n")  # as XML reads the ends of lines
    assert (root.text or "") == unix


def test_names_of_attributes_are_those_of_html() -> None:
    assert tag("input", class_="a", aria_label="b", disabled=True, hidden=False, id=None) == (
        '<input class="a" aria-label="b" disabled>'
    )


@pytest.mark.parametrize(
    ("value", "written"), [(1.0, "1"), (0.125, "0.12"), (-0.001, "0"), (-2.5, "-2.5"), (100.0, "100")]
)
def test_coordinates_have_two_decimals_at_most(value: float, written: str) -> None:
    assert figure(value) == written


def test_markup_joined_is_markup() -> None:
    assert isinstance(joined("a", ["b", Markup("<i>")]), Markup)
    assert joined("<", Markup("<")) == "&lt;<"
