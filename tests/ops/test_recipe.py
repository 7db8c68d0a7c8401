"""How a recipe is written in the names of a graph: what becomes of letters, params, choices and lines."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import ops
from graphlab.ops import Op, Recipe, recipe_cells, recipe_tools
from graphlab.ops.recipe import constants_of, sources, written
from graphlab.ops.recipe_parts import rewritten, summed, summing


def lines(recipe, names, wanted=("x",), prefix="", **constants):
    found = written(recipe, names, constants, wanted, prefix)
    return [*found.forward, *found.backward]


TANH = Recipe("y = np.tanh(x)", "dx = dy * (1 - y**2)")
XY = {"x": "h", "y": "out", "dx": "d_h", "dy": "d_out"}


def of(name, shapes, params=None, wanted=(), **more):
    """The lines of an op in its own letters."""
    op = ops.make(name, params or {})
    letters = [letter for letter in shapes if letter != "literal"]
    names = {n: n for letter in letters for n in (letter, f"d{letter}")}
    return written(op.recipe(shapes), names, constants_of(op, **more), wanted)


def test_letters_become_the_names_of_the_graph():
    assert lines(TANH, XY) == ["out = np.tanh(h)", "d_h = d_out * (1 - out ** 2)"]


def test_no_gradient_wanted_leaves_no_backward():
    assert lines(TANH, XY, wanted=()) == ["out = np.tanh(h)"]


def test_an_expression_may_stand_for_what_is_only_read():
    assert lines(Recipe("y = x**2"), {"x": "a + b", "y": "out"}, ()) == ["out = (a + b) ** 2"]
    assert lines(Recipe("y = x**2"), {"x": 'w["h"]', "y": 'v["y"]'}, ()) == ['v["y"] = w["h"] ** 2']
    with pytest.raises(ValueError, match="y is computed"):
        lines(Recipe("y = x"), {"x": "a", "y": "a + b"}, ())


def test_params_become_literals():
    recipe = Recipe("y = np.clip(x, low, high).sum(dim)")
    found = lines(recipe, XY, (), low=-0.5, high=float("inf"), dim=(0, 2))
    assert found == ["out = np.clip(h, -0.5, np.inf).sum((0, 2))"]


def test_what_has_no_literal_is_refused():
    with pytest.raises(TypeError, match="literal"):
        lines(Recipe("y = x + p"), XY, (), p=b"raw")


def test_a_name_goes_before_the_constant_of_a_socket():
    assert lines(Recipe("y = x + b"), {**XY, "b": "shift"}, (), b=1.0) == ["out = h + shift"]
    assert lines(Recipe("y = x + b"), XY, (), b=1.5) == ["out = h + 1.5"]


def test_choices_that_params_decide_are_made():
    recipe = Recipe(
        """
        if training and p > 0:
            y = x * p
        else:
            y = x + 0.5
        """,
    )
    assert lines(recipe, XY, (), training=True, p=0.25) == ["out = h * 0.25"]
    assert lines(recipe, XY, (), training=False, p=0.25) == ["out = h + 0.5"]
    chosen = Recipe('y = x.mean(axis=dim) if way == "mean" else x.sum(axis=dim)')
    assert lines(chosen, XY, (), way="mean", dim=1) == ["out = h.mean(axis=1)"]
    assert lines(chosen, XY, (), way="sum", dim=None) == ["out = h.sum()"]


def test_a_choice_that_numbers_decide_stays():
    assert lines(Recipe("y = x if n > 3 else -x"), {**XY, "n": "count"}, ()) == [
        "out = h if count > 3 else -h"
    ]


def test_what_goes_without_saying_is_not_said():
    recipe = Recipe("y = a * x / b + c * (d - 1)")
    assert lines(recipe, XY, (), a=1.0, b=1, c=-1.0, d=2.5) == ["out = h + -1.5"]


def test_two_numbers_to_choose_from_have_the_dtype_of_the_run():
    found = lines(Recipe("y = np.where(x > 0, a, b)"), XY, (), a=1.0, b=0.0, dtype="float32")
    assert found == ["out = np.where(h > 0, 1.0, 0.0).astype('float32')"]


def test_a_function_of_numbers_is_no_number_of_double_precision():
    assert lines(Recipe("y = x * np.log(a)"), XY, (), a=3.0) == ["out = h * float(np.log(3.0))"]


def test_lines_of_its_own_have_a_prefix_and_only_those_are_kept_that_serve():
    recipe = Recipe(
        "e = np.exp(x)\nn = e.sum()\ny = e / n", "part = dy * y\nother = dy + 1\ndx = part - y * part.sum()"
    )
    assert lines(recipe, XY, prefix="soft") == [
        "soft_e = np.exp(h)",
        "soft_n = soft_e.sum()",
        "out = soft_e / soft_n",
        "soft_part = d_out * out",
        "d_h = soft_part - out * soft_part.sum()",
    ]


def test_what_forward_keeps_for_backward_alone_goes_with_it():
    recipe = Recipe("slope = np.cos(x)\ny = np.sin(x)", "dx = dy * slope")
    assert lines(recipe, XY, prefix="n") == [
        "n_slope = np.cos(h)",
        "out = np.sin(h)",
        "d_h = d_out * n_slope",
    ]
    assert lines(recipe, XY, (), prefix="n") == ["out = np.sin(h)"]


def test_changes_in_place_are_kept():
    recipe = Recipe("y = x[i]", "dx = np.zeros_like(x)\nnp.add.at(dx, i, dy)\ndx[0] = 0")
    found = lines(recipe, {**XY, "i": "index"})
    assert found[1:] == ["d_h = np.zeros_like(h)", "np.add.at(d_h, index, d_out)", "d_h[0] = 0"]


def test_of_several_results_only_the_wanted_ones_have_a_name():
    recipe = Recipe("y = x @ w", "dx, dw = both(dy, x, w)", (recipe_tools.erf,))
    both = Recipe(recipe.forward, recipe.backward.replace("both", "erf"), recipe.tools)
    names = {**XY, "w": "w", "dw": "d_w"}
    assert lines(both, names, ("x",))[1] == "d_h, _ = erf(d_out, h, w)"
    assert lines(both, names, ("x", "w"))[1] == "d_h, d_w = erf(d_out, h, w)"


def test_an_upstream_gradient_that_is_not_there_is_zero():
    recipe = Recipe("y, z = x + 1, x * 2", "dx = dy + dz * 2")
    names = {**XY, "z": "twice"}
    assert lines(recipe, names, prefix="n")[1:] == ["n_dz = np.zeros_like(twice)", "d_h = d_out + n_dz * 2"]
    shorter = Recipe("y, z = x + 1, x * 2", "dx = dy if dz is None else dy + dz * 2")
    assert lines(shorter, names)[1] == "d_h = d_out"
    assert lines(shorter, {**names, "dz": "d_twice"})[1] == "d_h = d_out + d_twice * 2"


def test_a_second_name_for_the_same_is_left_out():
    recipe = Recipe("result = x + 1\ny = result", "share = dy\ndx = share * 2")
    assert lines(recipe, XY, prefix="n") == ["out = h + 1", "d_h = d_out * 2"]
    twice = Recipe("rows = x\nrows = rows + 1\ny = rows * 2")
    assert lines(twice, XY, (), prefix="n") == ["n_rows = h", "n_rows = n_rows + 1", "out = n_rows * 2"]


def test_what_was_given_may_not_be_changed():
    for forward, backward in (("x[0] = 1\ny = x + 0", "dx = dy"), ("y = x + 0", "dy[0] = 1\ndx = dy + 0")):
        with pytest.raises(ValueError, match="which it was given"):
            lines(Recipe(forward, backward), XY)


def test_a_name_that_means_nothing_is_refused():
    with pytest.raises(ValueError, match="uses scipy"):
        lines(Recipe("y = scipy.special.erf(x)"), XY, ())


def test_a_wanted_gradient_of_which_nothing_is_said_is_refused():
    with pytest.raises(ValueError, match="nothing of dx"):
        lines(Recipe("y = x + 1"), XY)


def test_names_inside_a_comprehension_are_left_alone():
    recipe = Recipe("y = np.stack([k * x for k in range(1, n + 1)])")
    assert lines(recipe, XY, (), prefix="p", n=2) == ["out = np.stack([k * h for k in range(1, 3)])"]


def test_equal_numbers_of_different_types_are_not_taken_for_each_other():
    found = [lines(Recipe("y = x * (p, p)"), XY, (), p=p) for p in (2, 2.0, True)]
    assert found == [["out = h * (2, 2)"], ["out = h * (2.0, 2.0)"], ["out = h * (True, True)"]]


def test_a_gradient_is_summed_over_what_was_broadcast():
    recipe = Recipe("y = a * b", "da = dy * b\ndb = dy * a")
    found = summing(recipe, {"a": (4, 3), "b": (3,), "y": (4, 3)})
    assert found.backward == "da = dy * b\ndb = (dy * a).sum(axis=0)"
    assert summed("dy", "b", (1, 3), (4, 3)) == "dy.sum(axis=0, keepdims=True)"
    assert summed("dy", "a", (4, 1), (2, 4, 3)) == "dy.sum(axis=(0, 2)).reshape(a.shape)"
    assert summing(recipe, {"a": (3,), "b": (3,), "y": (3,)}) is recipe


def test_letters_are_put_in_the_place_of_others():
    recipe = Recipe("y = x.sum(axis)", "dx = dy + y")
    found = rewritten(recipe, {"axis": "1"}, {"dy": "dy[:, None]"})
    assert (found.forward, found.backward) == ("y = x.sum(1)", "dx = dy[:, None] + y")


def test_a_tool_brings_what_it_calls_in_front_of_it():
    text = sources([recipe_cells.lstm_gradient, recipe_cells.lstm])
    names = [source.split("(")[0].removeprefix("def ") for source in text]
    assert names == ["product_back", "lstm_gradient", "begun", "sigmoid", "lstm"]
    assert sources([recipe_tools.choices])[0].count("choices(") == 2  # which calls itself, in a comprehension


def test_only_tools_that_are_called_are_told():
    shapes = {"x": (2, 3), "y": (2, 3)}
    assert [tool.__name__ for tool in of("GELU", shapes).tools] == ["erf"]
    assert of("GELU", shapes, {"approximate": "tanh"}).tools == ()


def test_a_layer_without_a_bias_names_none():
    shapes = {"x": (4, 3), "weight": (2, 3), "y": (4, 2)}
    found = of("Linear", shapes, {"units": 2, "bias": False}, ("x", "weight"))
    assert found.forward == ["y = x @ weight.T"]
    assert found.backward == ["dx = dy @ weight", "dweight = dy.T @ x"]


def test_a_literal_socket_needs_no_gradient_and_reads_as_a_number():
    shapes = {"a": (2, 3), "b": (), "y": (2, 3)}
    op = ops.make("Pow", {"b": 2.0})
    names = {"a": "x", "y": "square", "da": "dx", "dy": "d_square"}
    found = written(op.recipe(shapes), names, constants_of(op), ("a",))
    assert found == (["square = x ** 2.0"], ["dx = d_square * (2.0 * x ** 1.0)"], ())


def test_an_op_of_ones_own_says_itself_by_a_class_attribute():
    class Doubled(Op):
        numpy = Recipe("y = 2 * x", "dx = 2 * dy")

    assert lines(Doubled().recipe({}), XY) == ["out = 2 * h", "d_h = 2 * d_out"]
    assert Op().recipe({}) is None


def test_the_random_key_is_that_of_the_node():
    op = ops.make("Dropout", {})
    constants = constants_of(op, seed=3, step=5, node="drop")
    clock = ops.Clock(3)
    clock.step = 5
    drawn = recipe_tools.random_generator(constants["key"], constants["step"]).random(4)
    np.testing.assert_array_equal(drawn, ops.Context("drop", clock).rng().random(4))
