"""How recurrent layers and attention explain their numbers: gates of one moment, and what one position looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .explaining import Call, Place
from .explanation import (
    Array,
    Elements,
    Term,
    call,
    number,
    plain,
    rest,
    sum_of_products,
    times,
    total,
)

if TYPE_CHECKING:
    from .recurrence import Pass

ALL = slice(None)


class Moment:
    """One unit of a recurrent layer at one step of one sequence: what its gates see.

    number: which pass it is, layer by layer; is_shown: whether its states are what the layer gives as y.
    """

    def __init__(
        self, call_of: Call, part: Pass, number: int, is_shown: bool, t: int, n: int, unit: int
    ) -> None:
        self.call, self.part, self.number, self.is_shown = call_of, part, number, is_shown
        self.t, self.n, self.unit = t, n, unit

    @property
    def is_first(self) -> bool:
        return self.t == self.part.first

    def seen_input(self, gate: int) -> list[tuple[Elements, Elements]]:
        """What comes in at this moment, with the weights of the gate."""
        return [(self._input(), self._row("weight_ih", gate))]

    def seen_state(self, gate: int) -> list[tuple[Elements, Elements]]:
        """The state before, with the weights of the gate; nothing where it is zero because nothing came before."""
        if self.is_first and not self.call.has("h_0"):
            return []
        return [(self._states_before(), self._row("weight_hh", gate))]

    def biases(self, gate: int, *kinds: str) -> list[Term]:
        names = [f"{kind}{self.part.tag}" for kind in kinds]
        return [
            self.call.at(name, gate * self.part.hidden + self.unit) for name in names if self.call.has(name)
        ]

    def gate(self, gate: int, name: str, function: str) -> Term:
        """A function of W·x + U·h + b."""
        products = self.seen_input(gate) + self.seen_state(gate)
        plus = self.biases(gate, "bias_ih", "bias_hh")
        inside = sum_of_products(*products, plus=plus, keep=self.call.keep)
        return call(function, inside).called(name)

    def before(self, state: str) -> Term:
        """The unit's own state (or cell) at the step before."""
        if not self.is_first:
            value = float(self.part.states(state)[0][self.t, self.n, self.unit])
            if state == "h" and self.is_shown:
                return self._states_before().term(self.unit)
            return number(value, f"{state}[t={self.step_before}]")
        start = f"{state}_0"
        if not self.call.has(start):
            return number(0.0, start)
        return self.call.at(start, self.number, self.n, self.unit)

    @property
    def step_before(self) -> int:
        return self.t + (1 if self.part.reverse else -1)

    def _row(self, kind: str, gate: int) -> Elements:
        return self.call.line(f"{kind}{self.part.tag}", (gate * self.part.hidden + self.unit, ALL))

    def _moment(self, t: int, n: int) -> tuple[int, int]:
        return (n, t) if self.call.op.params["batch_first"] else (t, n)

    def _input(self) -> Elements:
        if self.part.tag.startswith("_l0"):
            return self.call.line("x", (*self._moment(self.t, self.n), ALL))
        return plain(self.part.x[self.t, self.n])

    def _states_before(self) -> Elements:
        if self.is_first:
            shape = self.call.array("h_0").shape
            return self.call.line("h_0", (self.number, 0 if shape[1] == 1 else self.n, ALL))
        if not self.is_shown:
            return plain(self.part.states("h")[0][self.t, self.n])
        start = (
            self.part.hidden if self.part.tag.endswith("_reverse") else 0
        )  # behind what the other pass says
        window = slice(start, start + self.part.hidden)
        return self.call.line("y", (*self._moment(self.step_before, self.n), window))


def moment_of(call_of: Call, passes: Sequence[Pass], directions: int, output: str, at: Place) -> Moment:
    """The moment that an element of an output belongs to."""
    if output != "y":
        place, n, unit = at
        part = passes[place]
        return Moment(call_of, part, place, place >= len(passes) - directions, part.last, n, unit)
    t, n, column = (at[1], at[0], at[2]) if call_of.op.params["batch_first"] else at
    direction, unit = divmod(column, passes[0].hidden)
    place = len(passes) - directions + direction
    return Moment(call_of, passes[place], place, True, t, n, unit)


# Attention


def softmax_of(scores: Array, chosen: int, one: Term, keep: int) -> Term:
    """exp(score) over the sum of all, the greatest score taken out of all of them."""
    shift = number(float(scores.max()), "max score")
    powers = np.exp(scores - shift.value)
    order = np.argsort(-powers, kind="stable")
    named = {int(k): number(float(scores[k]), f"score[{k}]") for k in order[:keep]}
    named[chosen] = one
    parts = [call("exp", named[int(k)] - shift) for k in order[:keep]]
    if len(order) > keep:
        parts.append(rest(float(powers[order[keep:]].sum()), len(order) - keep))
    return call("exp", one - shift) / total(parts).called("Σ exp")


def masked(scores: Array, mask: Array | None, row: int, causal: bool) -> Array:
    """The scores of one query as softmax sees them; `mask` is the row of the mask."""
    if causal:
        scores = np.where(np.arange(len(scores)) > row, -np.inf, scores)
    if mask is None:
        return scores
    if mask.dtype.kind in "iub":
        return np.where(np.broadcast_to(mask, scores.shape) != 0, scores, -np.inf)
    return scores + mask.astype(np.float64)


def row_of_mask(mask: Array | None, shape: Place, at: Place) -> Array | None:
    """The row of a broadcast mask that belongs to a query."""
    if mask is None:
        return None
    found: Array = np.broadcast_to(mask, shape)[at]
    return found


def mixture(call_of: Call, at: Place) -> Term:
    """y[…, l, d] = Σₛ weights[…, l, s] · value[…, s, d]"""
    *lead, row, column = at
    return sum_of_products(
        (call_of.line("weights", (*lead, row, ALL)), call_of.line("value", (*lead, ALL, column))),
        keep=call_of.keep,
    )


def attention_weight(call_of: Call, at: Place, scale: float, causal: bool) -> Term:
    """softmax of the query's scores: scale · Σ query · key, plus the mask."""
    *lead, row, chosen = at
    query = call_of.line("query", (*lead, row, ALL))
    keys = call_of.array("key")[tuple(lead)].astype(np.float64)
    shape = call_of.outputs["weights"].shape
    mask = row_of_mask(call_of.inputs.get("attn_mask"), shape, (*lead, row))
    scores = masked(keys @ query.values * scale, mask, row, causal)
    agreement = sum_of_products((query, call_of.line("key", (*lead, chosen, ALL))), keep=call_of.keep)
    one = times(number(scale, "scale"), agreement)
    if mask is not None and mask.dtype.kind == "f":
        one = total([one, call_of.at("attn_mask", *at)])
    elif scores[chosen] == -np.inf:
        one = number(-np.inf, "hidden by the mask")
    named = one.called(f"score[{chosen}]") if one.parts else one
    return softmax_of(scores, chosen, named, call_of.keep)


def mixed_heads(call_of: Call, v: Array, weights_at: Sequence[Place], unit: int, inside: int) -> Term:
    """y[…, e] = Σₖ out_proj_weight[e, k] · head[k] + bias; head[k] = Σₛ weights[s] · (projected value)[s, k].

    v: heads × positions × features, the projected values of this sequence. `weights_at`: for each head, where its row
    of weights is. inside: how many terms of a head are told.
    """
    heads, _, features = v.shape
    rows = [call_of.outputs["weights"][place] for place in weights_at]
    mixed = np.concatenate([rows[h].astype(np.float64) @ v[h] for h in range(heads)])
    out = call_of.line("out_proj_weight", (unit, ALL))
    worth = out.values * mixed
    order = np.argsort(-np.abs(worth), kind="stable")
    parts = [call_of.at("out_proj_bias", unit)] if call_of.has("out_proj_bias") else []
    for k in order[: call_of.keep]:
        head, feature = divmod(int(k), features)
        looked_at = call_of.line("weights", (*weights_at[head], ALL))
        gathered = sum_of_products((looked_at, plain(v[head, :, feature])), keep=inside)
        gathered = gathered if gathered.how == "sum" else total([gathered])
        parts.append(times(out.term(int(k)), gathered.called(f"head {head}[{feature}]")))
    if len(order) > call_of.keep:
        others = order[call_of.keep :]
        parts.append(rest(float(worth[others].sum()), len(others)))
    return total(parts)


# What comes back through a recurrent layer


def recurrent_gradient(call_of: Call, socket: str, at: Place) -> Term | None:
    """The gradient of an element of x, a weight or a bias, gate by gate at every moment; None for a state.

    One backward pass leaves the gradient of what stands inside each gate: it is that times what the gate has seen.
    """
    op: Any = call_of.op
    ctx = call_of.fresh()
    upstream = [call_of.upstream.get(name) for name in call_of.outputs]
    nothing = dict.fromkeys((f"d{name}" for name in call_of.inputs), None)
    op.backward(ctx, *upstream, **call_of.inputs, **call_of.outputs, **nothing)
    passes: list[Pass] = op.walk_again(ctx, call_of.inputs)
    if socket == "x":
        n, t = (at[0], at[1]) if op.params["batch_first"] else (at[1], at[0])
        layer = passes[: op.directions]
        return _collected(call_of, [_through_gates(call_of, op, part, t, n, at[2]) for part in layer])
    for number_of, part in enumerate(passes):
        kind = socket.removesuffix(part.tag)
        if kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh") and f"{kind}{part.tag}" == socket:
            return _collected(call_of, _over_time(call_of, op, part, number_of, kind, at, len(passes)))
    return None


Piece = tuple[
    Elements, Sequence[str], Elements | None
]  # gradients inside gates, their names, what they go with


def _through_gates(call_of: Call, op: Any, part: Pass, t: int, n: int, column: int) -> Piece:
    """What every unit's gates hand back to one number of x."""
    inside = np.concatenate([gate[t, n] for gate in op.slopes_of_x(part)])
    names = [f"∂{name}[{unit}]" for name in op.gate_names for unit in range(part.hidden)]
    return plain(inside), names, call_of.line(f"weight_ih{part.tag}", (ALL, column))


def _over_time(
    call_of: Call, op: Any, part: Pass, number_of: int, kind: str, at: Place, count: int
) -> list[Piece]:
    """The gradients inside one gate of one unit at every moment, each with what the weight was multiplied by."""
    gate, unit = divmod(at[0], part.hidden)
    slopes = (op.slopes_of_x if kind.endswith("ih") else op.slopes_of_state)(part)[gate][:, :, unit]
    found: list[Piece] = []
    for t in part.steps:
        inside = plain(slopes[t])
        names = [f"∂{op.gate_names[gate]}[t={t}, n={n}]" for n in range(slopes.shape[1])]
        if kind.startswith("bias"):
            found.append((inside, names, None))
            continue
        seen: Elements | None
        if kind == "weight_ih":
            seen = _input_at(call_of, part, t, at[1])
        else:
            moment = Moment(call_of, part, number_of, number_of >= count - op.directions, t, 0, at[1])
            seen = _states_at(moment, slopes.shape[1])
        if seen is not None:
            found.append((inside, names, seen))
    return found


def _input_at(call_of: Call, part: Pass, t: int, column: int) -> Elements:
    if not part.tag.startswith("_l0"):
        return plain(part.x[t, :, column], "h of the layer below")
    batch_first = call_of.op.params["batch_first"]
    return call_of.line("x", (ALL, t, column) if batch_first else (t, ALL, column))


def _states_at(moment: Moment, batch: int) -> Elements | None:
    """One unit's state before a moment, for all sequences; None where it is zero because nothing came before."""
    if moment.is_first and not moment.call.has("h_0"):
        return None
    moments = [
        Moment(moment.call, moment.part, moment.number, moment.is_shown, moment.t, n, moment.unit)
        for n in range(batch)
    ]
    terms = [each.before("h") for each in moments]
    if any(term.origin is None for term in terms):
        return plain(np.array([term.value for term in terms]), f"h[t={moment.step_before}]")
    places = np.array([term.origin.index for term in terms if term.origin])
    name = terms[0].origin.name if terms and terms[0].origin else ""
    return Elements(name, places.reshape(len(terms), -1), np.array([term.value for term in terms]))


def _collected(call_of: Call, pieces: Sequence[Piece]) -> Term:
    """The sum of all, the largest told one by one."""
    worth = [inside.values * (1.0 if seen is None else seen.values) for inside, _, seen in pieces]
    sizes = np.concatenate([np.zeros(0), *worth])
    starts = np.cumsum([0, *map(len, worth)])
    order = np.argsort(-np.abs(sizes), kind="stable")
    parts = []
    for k in order[: call_of.keep]:
        which = int(np.searchsorted(starts, k, "right")) - 1
        inside, names, seen = pieces[which]
        place = int(k - starts[which])
        slope = number(float(inside.values[place]), names[place])
        parts.append(slope if seen is None else times(slope, seen.term(place)))
    others = order[call_of.keep :]
    if len(others):
        parts.append(rest(float(sizes[others].sum()), len(others)))
    return total(parts)
