"""How attention says itself in NumPy."""

from __future__ import annotations

from collections.abc import Mapping

from . import recipe_tools
from .recipe import Recipe
from .recipe_parts import summed

Shapes = Mapping[str, tuple[int, ...]]

TOOLS = (
    recipe_tools.softmax,
    recipe_tools.softmax_gradient,
    recipe_tools.masked,
    recipe_tools.without_future,
    recipe_tools.split_heads,
    recipe_tools.join_heads,
)


def attending(shapes: Shapes, scale: float | None, is_causal: bool) -> Recipe:
    """Queries against keys, and the values mixed by how well they match."""
    factor = f"{max(1, shapes['query'][-1])} ** (-0.5)" if scale is None else "scale"
    return Recipe(
        f"""
        scores = query @ key.swapaxes(-1, -2) * {factor}
        {_hidden(shapes, is_causal)}
        weights = softmax(scores)
        y = weights @ value
        """,
        f"""
        dy_weights = dy @ value.swapaxes(-1, -2)
        dscores = softmax_gradient(dy_weights if dweights is None else dy_weights + dweights, weights)
        dquery = dscores @ key * {factor}
        dkey = dscores.swapaxes(-1, -2) @ query * {factor}
        dvalue = weights.swapaxes(-1, -2) @ dy
        dattn_mask = {_of_mask(shapes)}
        """,
        TOOLS,
    )


def attending_by_heads(shapes: Shapes, is_causal: bool) -> Recipe:
    """The same for each head, between the projections of what goes in and of what comes out."""
    key = "key" if "key" in shapes else "query"
    sources = {"q": "query", "k": key, "v": "value" if "value" in shapes else key}
    has_bias = "in_proj_bias" in shapes
    lines = ["w_q, w_k, w_v = np.split(in_proj_weight, 3)"]
    if has_bias:
        lines.append("b_q, b_k, b_v = np.split(in_proj_bias, 3)")
    for part, source in sources.items():
        bias = f" + b_{part}" if has_bias else ""
        lines.append(f"{part} = split_heads({source} @ w_{part}.T{bias}, num_heads, batch_first)")
    scale = f"{shapes['query'][-1] // shapes['weights'][1]} ** (-0.5)"
    gradients = {
        source: " + ".join(f"d{part} @ w_{part}" for part, of in sources.items() if of == source)
        for source in dict.fromkeys(sources.values())
    }
    products = ", ".join(f'np.einsum("abo,abi->oi", d{part}, {of})' for part, of in sources.items())
    return Recipe(
        "\n".join(
            [
                *lines,
                f"scores = q @ k.swapaxes(-1, -2) * {scale}",
                _hidden(shapes, is_causal),
                "weights = softmax(scores)",
                "mixed = join_heads(weights @ v, batch_first)",
                "y = mixed @ out_proj_weight.T" + " + out_proj_bias" * has_bias,
            ]
        ),
        "\n".join(
            [
                "dmixed = split_heads(dy @ out_proj_weight, num_heads, batch_first)",
                'dout_proj_weight = np.einsum("abo,abi->oi", dy, mixed)',
                "dout_proj_bias = dy.sum(axis=(0, 1))",
                "dy_weights = dmixed @ v.swapaxes(-1, -2)",
                "dscores = softmax_gradient(dy_weights if dweights is None else dy_weights + dweights, weights)",
                f"dattn_mask = {_of_mask(shapes)}",
                f"dq = join_heads(dscores @ k * {scale}, batch_first)",
                f"dk = join_heads(dscores.swapaxes(-1, -2) @ q * {scale}, batch_first)",
                "dv = join_heads(weights.swapaxes(-1, -2) @ dmixed, batch_first)",
                *(f"d{source} = {text}" for source, text in gradients.items()),
                f"din_proj_weight = np.concatenate([{products}])",
                "din_proj_bias = np.concatenate([part.sum(axis=(0, 1)) for part in (dq, dk, dv)])",
            ]
        ),
        TOOLS,
    )


def scoring(shapes: Shapes, scale: float | None) -> Recipe:
    """Each query times each key."""
    factor = f"{max(1, shapes['query'][-1])} ** (-0.5)" if scale is None else "scale"
    return Recipe(
        f"y = query @ key.swapaxes(-1, -2) * {factor}",
        f"dquery = dy @ key * {factor}\ndkey = dy.swapaxes(-1, -2) @ query * {factor}",
    )


def weighing(shapes: Shapes, is_causal: bool) -> Recipe:
    """The softmax of what may be seen."""
    lines = ["scores = masked(x, mask)" if "mask" in shapes else "scores = x"]
    if is_causal:
        lines.append("scores = without_future(scores)")
    slope = "softmax_gradient(dy, y)"
    mask = summed("dscores", "mask", shapes["mask"], shapes["x"]) if "mask" in shapes else "0"
    return Recipe(
        "\n".join([*lines, "y = softmax(scores)"]), f"dscores = {slope}\ndx = dscores\ndmask = {mask}", TOOLS
    )


def _hidden(shapes: Shapes, is_causal: bool) -> str:
    """The line that hides what should not be seen."""
    if "attn_mask" in shapes:
        return "scores = masked(scores, attn_mask)"
    return "scores = without_future(scores)" if is_causal else ""


def _of_mask(shapes: Shapes) -> str:
    return (
        summed("dscores", "attn_mask", shapes["attn_mask"], shapes["weights"])
        if "attn_mask" in shapes
        else "0"
    )
