"""Einstein summation: products and sums over named axes, with the rule for its gradient."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError, ShapeError
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .contraction import contract, contract_flops, sizes_of
from .explaining import Call, Place
from .explanation import Term, elements, plain, sum_of_products
from .registry import register
from .spec import Size

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MOST = 8  # operands


@register
class Einsum(Op):
    """Multiplies arrays and sums, by an equation that names their axes: "ij,jk->ik" is the product of matrices.

    Left of the arrow stands one group of letters per input, a letter per axis; right of it the axes of the result.
    A letter that is missing there is summed over. Equal letters are equal sizes (or 1, then repeated), a
    letter twice in one group takes the diagonal, and … is written "..." for any further axes. Without an arrow the
    result has the letters that occur once, in alphabetical order. (torch.einsum)
    """

    category = "Math"
    formula = "y = Σ x1 · x2 · … over the axes left out"
    latex = r"y_{ik} = \sum_j x_{1,ij}\, x_{2,jk}"
    derivative = r"\frac{\partial \ell}{\partial x_{1,ij}} = \sum_k \bar{y}_{ik}\, x_{2,jk}"
    inputs = (Socket("x1"), Socket("x2"))
    equation = Param("ij,jk->ik", kind="text", help='Axes of the inputs -> axes of the result: "ij,jk->ik".')
    examples = (
        Example(x1=(4, 3), x2=(3, 2)),
        Example({"equation": "bij,bjk->bik"}, x1=(2, 4, 3), x2=(2, 3, 5)),
        Example({"equation": "bhid,bhjd->bhij"}, x1=(2, 2, 3, 4), x2=(2, 2, 5, 4)),
        Example({"equation": "i,j"}, x1=(3,), x2=(2,)),
        Example({"equation": "ij->ji"}, x1=(4, 3)),
        Example({"equation": "ij->"}, x1=(4, 3)),
        Example({"equation": "ii->i"}, x1=(3, 3)),
        Example({"equation": "ii"}, x1=(3, 3)),
        Example({"equation": "iji,kj->k"}, x1=(3, 2, 3), x2=(4, 2)),
        Example({"equation": "i,ij,j->"}, x1=(4,), x2=(4, 3), x3=(3,)),
        Example({"equation": "ab,bc,cd->ad"}, x1=(2, 3), x2=(3, 4), x3=(4, 2)),
        Example({"equation": "...ij,...jk->...ik"}, x1=(2, 1, 4, 3), x2=(5, 3, 2)),
        Example({"equation": "...i->..."}, x1=(2, 3, 4)),
        Example({"equation": "ij,ij->i"}, x1=(4, 3), x2=(1, 3)),
        Example({"equation": "ij,ij->j"}, x1=(4, 3), x2=(1, 3)),
        Example({"equation": "ij,k->i"}, x1=(4, 3), x2=(2,)),
        Example({"equation": "ij,jk"}, x1=(0, 3), x2=(3, 2)),
        Example({"equation": ","}, x1=(), x2=()),
    )
    onnx = ("Einsum",)
    factors = tuple(f"x{i + 1}" for i in range(_MOST))

    def check(self) -> None:
        groups, result = _split(self.equation)
        if len(groups) > _MOST:
            raise _bad(self.equation, f"has {len(groups)} inputs; {_MOST} are the most")
        for group in (*groups, *([] if result is None else [result])):
            bare = group.replace("...", "", 1)
            strange = next((c for c in bare if c not in _LETTERS), "")
            if strange:
                raise _bad(self.equation, f"holds '{strange}'")
        if result is None:
            return
        letters = result.replace("...", "")
        for letter in letters:
            if letters.count(letter) > 1:
                raise _bad(self.equation, f"has {letter} twice in the result")
            if not any(letter in group for group in groups):
                raise _bad(self.equation, f"has {letter} in the result, but in no input")
        if "..." in result and not any("..." in group for group in groups):
            raise _bad(self.equation, 'has "..." in the result, but in no input')

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(f"x{i + 1}") for i in range(len(_split(self.equation)[0])))

    def infer(self, **xs: Spec) -> Spec:
        groups, result = self._letters(tuple(x.ndim for x in xs.values()))
        sizes: dict[str, tuple[Size, str]] = {}
        for group, (name, x) in zip(groups, xs.items(), strict=True):
            for letter, size in zip(group, x.shape, strict=True):
                first = x.shape[group.index(letter)]
                if first != size:  # a diagonal, of which NumPy repeats nothing
                    raise self._misfit(letter, name, first, name, size, xs)
                known, whose = sizes.setdefault(letter, (size, name))
                if known == 1:
                    sizes[letter] = (size, name)
                elif size not in (1, known):
                    raise self._misfit(letter, whose, known, name, size, xs)
        return Spec(tuple(sizes[letter][0] for letter in result))

    def formula_latex(self) -> str:
        groups, result = _split(self.equation)
        if result is None or "..." in self.equation or not all(groups):
            letters = ", ".join(f"x_{{{k}}}" for k in range(1, len(groups) + 1))
            return rf"y = \mathrm{{einsum}}({letters})"
        summed = "".join(
            dict.fromkeys(letter for group in groups for letter in group if letter not in result)
        )
        factors = r"\, ".join(f"x_{{{k},{group}}}" for k, group in enumerate(groups, 1))
        left = f"y_{{{result}}}" if result else "y"
        total = rf"\sum_{{{summed}}} " if summed else ""
        return f"{left} = {total}{factors}"

    def slope_latex(self) -> str:
        return self.derivative if self.equation.replace(" ", "") == "ij,jk->ik" else ""

    def flops(self, *, y: tuple[int, ...], **xs: tuple[int, ...]) -> int:
        groups, result = self._letters(tuple(len(x) for x in xs.values()))
        return contract_flops(groups, result, list(xs.values()))

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        xs = {name: shape for name, shape in shapes.items() if name != "y"}
        groups, result = self._letters(tuple(len(x) for x in xs.values()))
        total = 0
        for i, (name, group) in enumerate(zip(xs, groups, strict=True)):
            others = (result, *groups[:i], *groups[i + 1 :])
            known = [shapes["y"], *(x for other, x in xs.items() if other != name)]
            own = "".join(a for a in dict.fromkeys(group) if any(a in other for other in others))
            total += contract_flops(others, own, known) if name in wanted else 0
        return total

    def _misfit(
        self, letter: str, whose: str, known: Size, name: str, size: Size, xs: Mapping[str, Spec]
    ) -> ShapeError:
        return ShapeError(
            f"Axis {letter if letter in self.equation else '...'} is {known} in {whose} "
            f"({xs[whose]}), but {size} in {name} ({xs[name]}).",
            hint="Equal letters need equal sizes. Change the equation or an input.",
            socket=name,
        )

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = [socket.name for socket in self.sockets()]
        groups, result = self._letters(tuple(len(shapes[name]) for name in names))
        lines = [self._gradient_line(i, names, groups, result, shapes) for i in range(len(names))]
        equation = f"{','.join(groups)}->{result}"
        return Recipe(
            f"y = np.einsum({equation!r}, {', '.join(names)})", "\n".join(lines), (recipe_tools.on_diagonal,)
        )

    def _gradient_line(
        self,
        i: int,
        names: list[str],
        groups: tuple[str, ...],
        result: str,
        shapes: Mapping[str, tuple[int, ...]],
    ) -> str:
        """The gradient of one input is the same kind of sum; a letter that it alone has is repeated."""
        name, group = names[i], groups[i]
        others = [(result, "dy", shapes["y"])]
        others += [(groups[k], names[k], shapes[names[k]]) for k in range(len(names)) if k != i]
        sizes = sizes_of([letters for letters, _, _ in others], [shape for _, _, shape in others])
        own = dict(zip(group, shapes[name], strict=True))
        kept = "".join(letter for letter, size in own.items() if sizes.get(letter) == size)
        given = ",".join(letters for letters, _, _ in others)
        text = f"np.einsum('{given}->{kept}', {', '.join(called for _, called, _ in others)})"
        missing = tuple(place for place, letter in enumerate(own) if letter not in kept)
        if missing:
            axes = missing[0] if len(missing) == 1 else missing
            shape = f"{name}.shape" if len(own) == len(group) else tuple(own.values())
            text = f"np.broadcast_to(np.expand_dims({text}, {axes}), {shape})"
        if len(own) < len(group):
            text = f"on_diagonal({text}, {group!r}, {name}.shape)"
        return f"d{name} = {text}"

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        groups, result = self._letters(tuple(x.ndim for x in xs))
        contract(ctx, "y", groups, result, xs, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """Each number of the first input times what the others make of it: the result is linear in each input."""
        (name, *_) = call.inputs
        row = call.row(output, at, [name])[name]
        places = np.argwhere(row)
        slopes = plain(elements(name, row, places).values, f"∂y/∂{name}")
        factors = (slopes,) if len(call.inputs) > 1 or not np.all(slopes.values == 1) else ()
        return sum_of_products((call.elements(name, places), *factors), keep=call.keep)

    def backward(self, ctx: Context, dy: Array, **arrays: Any) -> None:
        """The gradient of one input is the same kind of sum: dy with all the other inputs, over what is not its own."""
        names = [socket.name for socket in self.sockets()]
        xs = [arrays[name] for name in names]
        groups, result = self._letters(tuple(x.ndim for x in xs))
        for i, (name, group) in enumerate(zip(names, groups, strict=True)):
            gradient = arrays[f"d{name}"]
            if gradient is None:
                continue
            given = (result, *groups[:i], *groups[i + 1 :]), (dy, *xs[:i], *xs[i + 1 :])
            target, letters = _diagonal(group, gradient)
            if target is not gradient:
                np.copyto(gradient, 0)
            sizes = sizes_of(given[0], [x.shape for x in given[1]])
            kept = [sizes.get(a) == n for a, n in zip(letters, target.shape, strict=True)]
            if all(kept):
                contract(ctx, name, given[0], letters, given[1], target)
                continue
            # Along a letter that x alone has, every element gets the same gradient.
            shape = tuple(n if keep else 1 for n, keep in zip(target.shape, kept, strict=True))
            part = ctx.scratch(f"part of {name}", shape)
            own = "".join(a for a, keep in zip(letters, kept, strict=True) if keep)
            bare = part.reshape([n for n, keep in zip(shape, kept, strict=True) if keep])
            contract(ctx, name, given[0], own, given[1], bare)
            np.copyto(target, part)

    def emit_torch(self, **names: str) -> str:
        operands = ", ".join(names[socket.name] for socket in self.sockets())
        return f"torch.einsum({self.equation.replace(' ', '')!r}, {operands})"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        equation = attributes["equation"]
        text = equation.decode() if isinstance(equation, bytes) else str(equation)
        return {"equation": text}, {f"x{i + 1}": value for i, value in enumerate(inputs)}

    def _letters(self, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
        """The groups and the result with letters of their own in place of "...". ShapeError when axes do not match."""
        return _explicit(self.equation, ndims)


def _split(equation: str) -> tuple[list[str], str | None]:
    """The groups left of the arrow, and what stands right of it; None without an arrow."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    return left.split(","), right if arrow else None


@functools.lru_cache(maxsize=1024)
def _explicit(equation: str, ndims: tuple[int, ...]) -> tuple[tuple[str, ...], str]:
    groups, result = _split(equation)
    if result is None:
        everything = "".join(groups).replace("...", "")
        result = "..." * ("..." in equation) + "".join(
            sorted(letter for letter in set(everything) if everything.count(letter) == 1)
        )
    named = [len(group.replace("...", "")) for group in groups]
    most = 0
    for i, (group, count, ndim) in enumerate(zip(groups, named, ndims, strict=True)):
        if ndim < count or (ndim > count and "..." not in group):
            raise ShapeError(
                f"The equation {equation} names {count} axes of x{i + 1}, which has {ndim}.",
                hint='Name every axis, or write "..." for further ones.',
                socket=f"x{i + 1}",
            )
        most = max(most, ndim - count)
    free = [letter for letter in _LETTERS if letter not in equation]
    dots = "".join(free[:most])
    if len(dots) < most:
        raise ShapeError(f"The equation {equation} has too many axes.", hint="Use fewer letters.")
    filled = [
        group.replace("...", dots[most - (ndim - count) :])
        for group, count, ndim in zip(groups, named, ndims, strict=True)
    ]
    return tuple(filled), result.replace("...", dots)


def _diagonal(group: str, array: Array) -> tuple[Array, str]:
    """A writable view of the elements that a group means, and its letters, each once."""
    letters = "".join(dict.fromkeys(group))
    if letters == group:
        return array, group
    return np.einsum(f"{group}->{letters}", array), letters


def _bad(equation: str, why: str) -> ParamError:
    return ParamError(
        f"Einsum.equation '{equation}' {why}.", hint='Write it like "ij,jk->ik": letters, commas, one arrow.'
    )
