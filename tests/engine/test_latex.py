"""Formulas as trees: read and written back, letters put to other things by token and not by text."""

from __future__ import annotations

import pytest

from graphlab import ops
from graphlab.engine.latex import (
    Name,
    clauses,
    is_sum,
    letters_in,
    named,
    number,
    plain,
    read,
    sides,
    substitute,
    without,
    write,
)
from graphlab.engine.local_slopes import slopes

LETTERS = {
    "x": Name("h", "1"),
    "W": Name("W", r"\mathrm{out}"),
    "b": Name(r"\mathrm{bias}"),
    "y": Name(r"\mathrm{out}"),
}


def put(latex: str, **more: object) -> str:
    return write(substitute(read(latex), {**LETTERS, **more}.get))


@pytest.mark.parametrize(
    "formula",
    [text for name in ops.names() for op in [ops.get(name)] for text in (op.latex, op.derivative) if text],
)
def test_what_is_written_reads_as_the_same_and_its_braces_match(formula: str) -> None:
    again = write(read(formula))
    assert write(read(again)) == again
    assert again.replace(r"\{", "").replace(r"\}", "").count("{") == again.replace(r"\{", "").replace(
        r"\}", ""
    ).count("}")


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        (r"y = x W^\top + b", r"\mathrm{out} = h_{1} W_{\mathrm{out}}^{\top} + \mathrm{bias}"),
        (r"y_i = e^{x_i}", r"\mathrm{out}_{i} = e^{h_{1,i}}"),
        (r"\exp x + \max(x, 0)", r"\exp h_{1} + \max(h_{1}, 0)"),
        (r"\mathrm{x} + x", r"\mathrm{x} + h_{1}"),
        (r"\frac{1}{x}", r"\frac{1}{h_{1}}"),
        (r"\bar{y}_k\,x", r"\overline{\mathrm{out}}_{k}\,h_{1}"),
        (r"\bar{x}", r"\bar{h}_{1}"),
        (r"W_{o,c}\; x_{c,\,si+du-p}", r"W_{\mathrm{out},o,c}\; h_{1,c,\,si+du-p}"),
        (r"y = W_x", r"\mathrm{out} = W_{\mathrm{out},h_{1}}"),
        (r"\left( \frac{x}{b} \right)^2", r"\left( \frac{h_{1}}{\mathrm{bias}} \right)^{2}"),
        (r"b x", r"\mathrm{bias}\,h_{1}"),
    ],
)
def test_letters_are_put_by_token(formula: str, result: str) -> None:
    assert put(formula) == result


def test_a_letter_with_an_index_of_its_own_comes_before_the_bare_letter() -> None:
    letters = {"x_1": Name("a"), "x_2": Name("b"), "x": Name("no")}
    assert write(substitute(read(r"x_1^\top x_2 + x_{1,ij}"), letters.get)) == r"a^{\top} b + a_{ij}"


def test_numbers_get_brackets_and_dots_where_they_need_them() -> None:
    assert put(r"x a + \max(x, a)", a=number(-0.5)) == r"h_{1} (-0.5) + \max(h_{1}, -0.5)"
    assert put(r"2 a x + 2a", a=number(3)) == r"2 \cdot 3 h_{1} + 2 \cdot 3"
    assert number(1e-5) == r"10^{-5}"
    assert number(2.5e-7) == r"2.5 \cdot 10^{-7}"


@pytest.mark.parametrize(
    ("formula", "absent", "result"),
    [
        (r"y = x W^\top + b", "b", r"y = x W^{\top}"),
        (r"b_o + \sum_c W_c", "b", r"\sum_{c} W_{c}"),
        (r"\frac{x}{s} \cdot w + b", "wb", r"\frac{x}{s}"),
        (r"\frac{x}{s}\, w_c + b_c", "wb", r"\frac{x}{s}"),
        (r"q k^\top", "k", r"q k^{\top}"),
    ],
)
def test_what_is_not_there_goes_with_the_sign_before_it(formula: str, absent: str, result: str) -> None:
    assert write(without(read(formula), lambda letter: letter != "" and letter in absent)).strip() == result


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("h", "h"),
        ("w10", "w_{10}"),
        ("h_prev", r"h_{\mathrm{prev}}"),
        ("alpha", r"\alpha"),
        ("sigma2", r"\sigma_{2}"),
        ("hidden", r"\mathrm{hidden}"),
        ("conv1", r"\mathrm{conv1}"),
        ("50 %_off", r"\mathrm{50\ \%}_{\mathrm{off}}"),
        ("a&b", r"\mathrm{a\&b}"),
    ],
)
def test_names_are_set_as_one_writes_them(name: str, latex: str) -> None:
    assert str(named(name)) == latex


def test_a_line_falls_into_clauses_and_sides() -> None:
    parts = clauses(read(r"c_t = f_t c_{t-1},\quad h_t = \max(o_t, 0)"))
    assert [write(part) for part in parts] == ["c_{t} = f_{t} c_{t-1}", r"h_{t} = \max(o_{t}, 0)"]
    assert [write(side) for side in sides(parts[0])] == ["c_{t}", "f_{t} c_{t-1}"]


def test_a_sum_at_the_top_needs_brackets_one_inside_does_not() -> None:
    assert is_sum(read("1 - y^2"))
    assert is_sum(read("t + x"))
    assert not is_sum(read(r"y\,(1 - y)"))
    assert not is_sum(read("-y^2"))
    assert not is_sum(read(r"\begin{cases} a + 1 & b \end{cases}"))


def test_letters_are_found_with_and_without_their_index() -> None:
    assert set(letters_in(read(r"\bar{y}_i x"))) >= {"y", "y_i", "x", "i"}


def test_slopes_are_read_clause_by_clause() -> None:
    relu = slopes(r"\frac{\partial y}{\partial x} = 1 \;(x > 0),\quad a \;(x \leq 0)")
    (only,) = relu.clauses
    assert (only.of, only.by) == ("y", "x")
    assert write(only.value).startswith(r"\begin{cases} 1")
    softmax = slopes(r"\frac{\partial y_i}{\partial x_j} = y_i\,(\delta_{ij} - y_j)").by(("x",))
    assert softmax is not None
    assert softmax.summed == "i"
    helped = slopes(r"\frac{\partial y}{\partial x} = t x,\quad t = \tanh x")
    assert [write(where) for where in helped.where] == [r"t = \tanh x"]
    two = slopes(
        r"\frac{\partial \ell}{\partial W} = \bar{y}^\top x,\quad \frac{\partial \ell}{\partial x} = \bar{y}\,W"
    )
    found = two.by(("x",))
    assert found is not None
    assert write(found.value) == r"\bar{y}\,W"
    assert two.by(("b",)) is None


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (
            r"\mathrm{hidden} = x W_{\mathrm{hidden}}^{\top} + b_{\mathrm{hidden}}",
            "hidden = x W_hiddenᵀ + b_hidden",
        ),
        (
            r"\frac{\partial\, \mathrm{loss}}{\partial z} = \bar{h} \odot (1 - h^{2})",
            "∂ loss/∂ z = h\u0305 ⊙ (1 - h^2)",
        ),
        (r"x \in \mathbb{R}^{N \times 3}", "x ∈ ℝ^N × 3"),
        (r"\theta \leftarrow \theta - 0.1\, \bar{\theta}", "θ ← θ - 0.1 θ\u0305"),
    ],
)
def test_a_formula_can_be_read_aloud(latex: str, text: str) -> None:
    assert plain(latex) == text
