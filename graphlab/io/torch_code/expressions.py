"""How operations that are no layers are written in PyTorch: as `Op.emit_torch` says, or more plainly where that has to
hold for every number of axes and the graph knows how many there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...ops import Op, Spec

Specs = Mapping[str, Spec]
Names = Mapping[str, str]
Saying = Callable[[Op, Names, Specs], str]
_sayings: dict[str, Saying] = {}
_USUAL = re.compile(
    r", (?:keepdim=False|approximate='none'|is_causal=False|scale=None|attn_mask=None)(?=[,)])"
    r"|, dim=(?:None|\(\))(?=\)|, keepdim=False\))"
)


def _says(*names: str) -> Callable[[Saying], Saying]:
    def keep(saying: Saying) -> Saying:
        _sayings.update(dict.fromkeys(names, saying))
        return saying

    return keep


def expression(op: Op, names: Names, specs: Specs) -> str:
    """The expression of an op, with the variables of its sockets; "" where there is none.

    `names` has what is there; `specs` their shapes, and those of the results.
    """
    saying = _sayings.get(type(op).__name__)
    text = saying(op, names, specs) if saying is not None else ""
    return without_brackets(text or _USUAL.sub("", op.emit_torch(**names)))


def without_brackets(text: str) -> str:
    """Without brackets around the whole."""
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if not depth:
            return text[1:-1] if place and text[0] == "(" and place == len(text) - 1 else text
    return text


def cut(ndim: int, cuts: Mapping[int, str]) -> str:
    """The index that cuts these axes: [:, 1:]."""
    last = max(cuts)
    return f"[{', '.join(cuts.get(axis, ':') for axis in range(last + 1))}]" if ndim else ""


@_says("Slice")
def _slice(op: Op, names: Names, specs: Specs) -> str:
    params, ndim = op.params, specs["x"].ndim
    dims = params["dim"] if isinstance(params["dim"], tuple) else (params["dim"],)
    each = [
        params[n] if isinstance(params[n], tuple) else (params[n],) * len(dims)
        for n in ("start", "end", "step")
    ]
    cuts = {}
    for dim, start, end, step in zip(dims, *each, strict=True):
        if step < 0:
            return ""  # PyTorch has no negative steps
        first, last = "" if start == 0 else start, "" if end is None else end
        cuts[dim % ndim] = f"{first}:{last}" + (f":{step}" if step != 1 else "")
    return names["x"] + cut(ndim, cuts)


@_says("Split")
def _split(op: Op, names: Names, specs: Specs) -> str:
    return op.emit_torch(**names) + ("[0]" if len(op.results()) == 1 else "")


@_says("IndexSelect")
def _index_select(op: Op, names: Names, specs: Specs) -> str:
    axis = op.params["dim"] % specs["x"].ndim
    return names["x"] + cut(specs["x"].ndim, {axis: names["index"]})


@_says("Flatten")
def _flatten(op: Op, names: Names, specs: Specs) -> str:
    start, end = op.params["start_dim"], op.params["end_dim"]
    return f"torch.flatten({names['x']}, {start})" if end == -1 else ""


@_says("Permute")
def _permute(op: Op, names: Names, specs: Specs) -> str:
    ndim = specs["x"].ndim
    return (
        f"{names['x']}.permute({', '.join(map(str, reversed(range(ndim))))})"
        if op.params["dims"] is None and ndim
        else ""
    )


@_says("Reroute", "Identity", "Cut", "GivenState")
def _same(op: Op, names: Names, specs: Specs) -> str:
    return names["x"] + (".detach()" if type(op).__name__ == "Cut" else "")


@_says("Unsqueeze")
def _unsqueeze(op: Op, names: Names, specs: Specs) -> str:
    dims = op.params["dim"] if isinstance(op.params["dim"], tuple) else (op.params["dim"],)
    ndim = specs["y"].ndim
    return names["x"] + "".join(f".unsqueeze({dim})" for dim in sorted(d % ndim for d in dims))


@_says("ArgMax", "ArgMin")
def _place(op: Op, names: Names, specs: Specs) -> str:
    """The last of several equal ones is the first from the other end."""
    if not op.params["select_last"]:
        return ""
    x, dim, keep = names["x"], op.params["dim"], op.params["keepdim"]
    function = f"torch.{type(op).__name__.lower()}"
    if dim is None:
        found = f"{x}.numel() - 1 - {function}({x}.flatten().flip(0))"
        return f"({found}).reshape({tuple(1 for _ in range(specs['y'].ndim))})" if keep else found
    return f"{x}.shape[{dim}] - 1 - {function}({x}.flip({dim}), dim={dim}, keepdim={keep})"


@_says("RandnLike")
def _randn(op: Op, names: Names, specs: Specs) -> str:
    return f"torch.randn({names['x']}.shape)"


@_says("GaussianNoise")
def _noise(op: Op, names: Names, specs: Specs) -> str:
    x = names["x"]
    return f"{x} + {op.params['std']} * torch.randn_like({x}) if self.training else {x}"


@_says("PositionalEncoding")
def _positions(op: Op, names: Names, specs: Specs) -> str:
    x, first = names["x"], op.params["batch_first"]
    waves = (
        f"positional_encoding({x}.shape[{1 if first else 0}], {x}.shape[2], {op.params['period']}).to({x})"
    )
    return f"{x} + {waves}" if first else f"{x} + {waves}[:, None]"


@_says("ReverseSequence")
def _reversed(op: Op, names: Names, specs: Specs) -> str:
    text = f"reverse_sequence({names['x']}, {names['lengths']})"
    if op.params["batch_first"]:
        return text
    return f"reverse_sequence({names['x']}.transpose(0, 1), {names['lengths']}).transpose(0, 1)"


@_says("ScaledDotProductAttention")
def _attention(op: Op, names: Names, specs: Specs) -> str:
    """PyTorch's own gives no weights, and NaN where a row may see nothing."""
    if "weights" not in names and "attn_mask" not in names:
        return ""
    mask = names.get("attn_mask", "None")
    options = f"mask={mask}, is_causal={op.params['is_causal']}, scale={op.params['scale']}"
    for usual in ("mask=None, ", "is_causal=False, ", ", scale=None"):
        options = options.replace(usual, "")
    options = "" if options == "scale=None" else f", {options}"
    return f"attention({names['query']}, {names['key']}, {names['value']}{options})"


@_says("SplitHeads")
def _split_heads(op: Op, names: Names, specs: Specs) -> str:
    return f"{names['x']}.unflatten(2, ({op.params['heads']}, {specs['y'].shape[3]})).transpose(1, 2)"


@_says("LearnedPositions")
def _learned_positions(op: Op, names: Names, specs: Specs) -> str:
    length = specs["x"].shape[1]
    rows = names["weight"] if op.params["length"] in (None, length) else f"{names['weight']}[:{length}]"
    return f"{names['x']} + {rows}" if isinstance(length, int) else ""


@_says("ClassToken")
def _class_token(op: Op, names: Names, specs: Specs) -> str:
    x = names["x"]
    return f"torch.cat([{names['token']}.expand({x}.shape[0], 1, -1), {x}], dim=1)"


@_says("MaskedSoftmax")
def _masked_softmax(op: Op, names: Names, specs: Specs) -> str:
    mask = f", mask={names['mask']}" if "mask" in names else ""
    if not mask and not op.params["is_causal"]:
        return f"torch.softmax({names['x']}, dim=-1)"
    causal = ", is_causal=True" if op.params["is_causal"] else ""
    return f"masked_softmax({names['x']}{mask}{causal})"


@_says("RandomHorizontalFlip", "RandomVerticalFlip")
def _flip(op: Op, names: Names, specs: Specs) -> str:
    axis = 3 if "Horizontal" in type(op).__name__ else 2
    return f"random_flip({names['x']}, {op.params['p']}, dim={axis}) if self.training else {names['x']}"


@_says("RandomCrop")
def _crop(op: Op, names: Names, specs: Specs) -> str:
    padding = f", padding={op.params['padding']}" if op.params["padding"] else ""
    size = op.params["size"]
    size = (
        size
        if isinstance(size, tuple) and len(size) == 2
        else (size, size)
        if not isinstance(size, tuple)
        else size * 2
    )
    return f"crop({names['x']}, {size}, self.training{padding})"


@_says("RandomShift")
def _shift(op: Op, names: Names, specs: Specs) -> str:
    most = op.params["shift"]
    pair = (
        most
        if isinstance(most, tuple) and len(most) == 2
        else (most if not isinstance(most, tuple) else most[0],) * 2
    )
    return f"random_shift({names['x']}, {pair}) if self.training else {names['x']}"


@_says("RandomRotation")
def _rotation(op: Op, names: Names, specs: Specs) -> str:
    return f"random_rotation({names['x']}, {op.params['degrees']}) if self.training else {names['x']}"


# Functions that expressions call; what is called comes along into the file.

FUNCTIONS: dict[str, str] = {
    "positional_encoding": '''
def positional_encoding(length, width, period):
    """Sines and cosines of ever longer waves, length×width (Vaswani et al. 2017)."""
    feature = torch.arange(width)
    angle = torch.arange(length)[:, None] / period ** (feature // 2 * 2 / width)
    return torch.where(feature % 2 == 0, angle.sin(), angle.cos())
''',
    "reverse_sequence": '''
def reverse_sequence(x, lengths):
    """The steps of each row the other way round, as many as it has."""
    steps = torch.arange(x.shape[1], device=x.device)
    last = lengths.clamp(0, x.shape[1])[:, None] - 1
    places = torch.where(steps <= last, last - steps, steps)
    return x[torch.arange(x.shape[0], device=x.device)[:, None], places]
''',
    "masked_softmax": '''
def masked_softmax(scores, mask=None, is_causal=False):
    """Weights that are 1 in sum over what may be seen; a row that sees nothing gets zeros."""
    if mask is not None and mask.is_floating_point():
        scores = scores + mask
    elif mask is not None:
        scores = scores.masked_fill(mask == 0, -torch.inf)
    if is_causal:
        seen = torch.ones_like(scores).tril()
        scores = scores.masked_fill(seen == 0, -torch.inf)
    return torch.softmax(scores, dim=-1).nan_to_num()
''',
    "attention": '''
def attention(query, key, value, mask=None, is_causal=False, scale=None):
    """What each query gathers from the values, and the weights with which it does."""
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    weights = masked_softmax(query @ key.transpose(-1, -2) * scale, mask, is_causal)
    return weights @ value, weights
''',
    "random_flip": '''
def random_flip(x, p, dim):
    """Some of the images turned over, each with probability p."""
    turned = torch.rand(x.shape[0], 1, 1, 1, device=x.device) < p
    return torch.where(turned, x.flip(dim), x)
''',
    "crop": '''
def crop(x, size, training, padding=0):
    """A window of every image: at random in training, else from the middle."""
    x = F.pad(x, (padding,) * 4)
    room = [there - wanted for there, wanted in zip(x.shape[2:], size)]
    windows = []
    for image in x:
        places = [int(torch.randint(r + 1, ())) if training else r // 2 for r in room]
        top, left = places
        windows.append(image[:, top : top + size[0], left : left + size[1]])
    return torch.stack(windows) if windows else x[:, :, : size[0], : size[1]]
''',
    "random_shift": '''
def random_shift(x, most):
    """Every image shifted at random by up to so many pixels down and right."""
    down, right = most
    padded = F.pad(x, (right, right, down, down))
    return crop(padded, x.shape[2:], training=True)
''',
    "random_rotation": '''
def random_rotation(x, degrees):
    """Every image turned about its middle by up to so many degrees."""
    height, width = x.shape[2:]
    angle = torch.deg2rad((2 * torch.rand(len(x), 1, 1, device=x.device) - 1) * degrees)
    down = torch.arange(height, device=x.device)[:, None] - (height - 1) / 2
    right = torch.arange(width, device=x.device) - (width - 1) / 2
    rows = (angle.cos() * down + angle.sin() * right) * 2 / height
    columns = (angle.cos() * right - angle.sin() * down) * 2 / width
    places = torch.stack([columns, rows], dim=-1).to(x)
    return F.grid_sample(x, places, align_corners=False)
''',
}
CALLS = {"attention": ("masked_softmax",), "random_shift": ("crop",)}


def functions_in(text: str) -> list[str]:
    """The source of the functions that a text calls, what is called first."""
    wanted: dict[str, None] = {}
    for name in FUNCTIONS:
        if re.search(rf"(?<![\w.]){name}\(", text):
            wanted |= dict.fromkeys((*CALLS.get(name, ()), name))
    return [FUNCTIONS[name].strip("\n") for name in wanted]


def as_text(value: Any) -> str:
    """A param as Python, quotes as formatters have them."""
    return f'"{value}"' if isinstance(value, str) else repr(value)
