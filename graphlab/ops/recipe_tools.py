"""NumPy functions that recipes call. Their source goes into scripts, so each needs nothing but `np` and the others.

They are the clearest way to the numbers, not the fastest. The operations themselves do not use them.
"""

import numpy as np


def random_generator(key, step):
    """The random numbers of one node at one step: a counter-based generator, so any step can be drawn again."""
    return np.random.Generator(np.random.Philox(key=np.array(key, np.uint64), counter=[0, 0, 0, step]))


def erf(x):
    """The Gauss error function: x times a quotient of two polynomials in x², to the last digit of float64."""
    above = (
        *(1.5714242974320644e-17, 2.2271380615896967e-14, 3.3372012986939043e-12, 1.7201998771262123e-10),
        *(6.760925778842127e-09, 1.6950430976991405e-07, 3.900757059802355e-06, 5.694828522116559e-05),
        *(0.0008556971454380927, 0.006889862532650422, 0.06612260384277284, 0.2201770576939542),
        1.1283791670955126,
    )
    below = (
        *(8.851789224113641e-16, 3.3197102520477737e-13, 2.5500483916917557e-11, 1.1247855927144627e-09),
        *(3.516062402543579e-08, 8.351165145230994e-07, 1.549991877209723e-05, 0.00022610876492186577),
        *(0.0025648491849666164, 0.021987162469837687, 0.13475302198277148, 0.5284601702286783, 1.0),
    )
    x = np.clip(x, -5.93, 5.93)
    top, bottom = 0 * x, 0 * x
    for coefficient in above:
        top = top * x**2 + coefficient
    for coefficient in below:
        bottom = bottom * x**2 + coefficient
    return np.clip(x * top / bottom, -1, 1)


def product_of_others(x, axis=None):
    """For each element the product of all the others along the axis (or axes), right where some are zero, too."""
    is_zero = x == 0
    zeros = is_zero.sum(axis=axis, keepdims=True)
    product = np.where(is_zero, 1, x).prod(axis=axis, keepdims=True)
    only_zero = np.where(is_zero & (zeros == 1), product, 0)
    return np.where(zeros == 0, product / np.where(is_zero, 1, x), only_zero)


def running(accumulate, x, start, axis, reverse=False, exclusive=False):
    """Running totals by np.cumsum or np.cumprod, from the other end or without the element itself."""
    x = np.moveaxis(x, axis, 0)
    if reverse:
        x = x[::-1]
    if exclusive:
        x = np.concatenate([np.full_like(x[:1], start), x[:-1]])
    y = accumulate(x, axis=0)
    if reverse:
        y = y[::-1]
    return np.moveaxis(y, 0, axis)


def running_product_gradient(dy, x, y, axis, reverse, exclusive):
    """What comes back through a running product, from the last element on, without dividing (by zero)."""
    dy, x, y = (np.moveaxis(array, axis, 0)[:: -1 if reverse else 1] for array in (dy, x, y))
    dx, rest, count = np.zeros_like(x), np.zeros_like(x[:1]), len(x)
    for j in range(count - 1, -1, -1):
        before = y[j] if exclusive else y[j - 1] if j else np.ones_like(x[0])
        if exclusive:
            dx[j] = before * rest
            rest = dy[j] + x[j] * rest
        else:
            rest = dy[j] + (x[j + 1] * rest if j + 1 < count else 0)
            dx[j] = before * rest
    return np.moveaxis(dx[:: -1 if reverse else 1], 0, axis)


def cofactors(x):
    """The derivatives of the determinant, from the singular values: they are there for singular matrices, too."""
    u, sigma, vt = np.linalg.svd(x)
    others = np.where(np.eye(sigma.shape[-1], dtype=bool), 1, sigma[..., None, :]).prod(axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return sign[..., None, None] * (u * others[..., None, :]) @ vt


def on_diagonal(values, letters, shape):
    """Zeros but for a diagonal: with letters "ii" the values stand where both indices are the same."""
    result = np.zeros(shape, values.dtype)
    np.einsum(f"{letters}->{''.join(dict.fromkeys(letters))}", result)[...] = values
    return result


def places_along(index, axis):
    """The places in an array that an index names along one axis: each entry in its own place along the others."""
    places = list(np.indices(index.shape, sparse=True))
    places[axis] = index
    return tuple(places)


def positional_encoding(length, width, period):
    """Sines and cosines of ever longer waves, length×width: Vaswani et al. 2017, section 3.5."""
    waves = np.arange(0, width, 2) / max(1, width)
    angles = np.arange(length)[:, None] / period**waves
    table = np.empty((length, width))
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles[:, : width // 2])
    return table


def length(x, p, axis=-1):
    """(Σ |x|ᵖ)^(1/p) along an axis, which stays with size 1."""
    return (np.abs(x) ** p).sum(axis=axis, keepdims=True) ** (1 / p)


def length_slope(x, size, p):
    """The derivative of that length by each x: sign(x)·(|x|/length)^(p − 1), and 0 where the length is 0."""
    share = x / np.where(size == 0, 1, size)
    return np.sign(share) * np.abs(share) ** (p - 1)


def sums_of_neighbours(x, before, behind):
    """Each channel of N×C×… with so many before and behind it, added up."""
    count = x.shape[1]
    padded = np.pad(x, [(0, 0), (before, behind)] + [(0, 0)] * (x.ndim - 2))
    return sum(padded[:, i : i + count] for i in range(before + behind + 1))


def choices(items, size):
    """All ways to choose so many of the items, in order: [1, 2, 3] and 2 give [1, 2], [1, 3] and [2, 3]."""
    if size == 0:
        return [[]]
    return [[first, *rest] for i, first in enumerate(items) for rest in choices(items[i + 1 :], size - 1)]


def feature_products(x, order):
    """The products of all choices of 1, 2, … features."""
    every = [c for size in range(1, order + 1) for c in choices(range(x.shape[-1]), size)]
    return np.stack([x[..., c].prod(axis=-1) for c in every], axis=-1)


def feature_products_gradient(dy, x, order):
    """Each product hands on to each of its features what comes back times the product of the others."""
    dx = np.zeros_like(x)
    every = [c for size in range(1, order + 1) for c in choices(range(x.shape[-1]), size)]
    for k, c in enumerate(every):
        dx[..., c] += dy[..., k, None] * product_of_others(x[..., c], axis=-1)
    return dx


def softmax(scores):
    """The exponentials along the last axis, in proportion; zeros where a mask of −∞ hides all of them."""
    top = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(scores.dtype).min)
    e = np.exp(scores - top)
    return e / np.maximum(e.sum(axis=-1, keepdims=True), np.finfo(scores.dtype).tiny)


def softmax_gradient(dy, y):
    """What comes back through a softmax along the last axis."""
    return y * (dy - (dy * y).sum(axis=-1, keepdims=True))


def masked(scores, mask):
    """Scores plus a mask of numbers; a mask of whole numbers hides where it is 0."""
    return scores + mask if mask.dtype.kind == "f" else np.where(mask != 0, scores, -np.inf)


def without_future(scores):
    """Scores in which no position sees what comes after it."""
    return np.where(np.tri(*scores.shape[-2:], dtype=bool), scores, -np.inf)


def split_heads(x, heads, batch_first):
    """T×N×(heads·features), or N×T×…, as N×heads×T×features."""
    by_head = x.reshape(*x.shape[:2], heads, x.shape[2] // heads)
    return by_head.transpose((0, 2, 1, 3) if batch_first else (1, 2, 0, 3))


def join_heads(x, batch_first):
    """The other way round."""
    by_head = x.transpose((0, 2, 1, 3) if batch_first else (2, 0, 1, 3))
    return by_head.reshape(*by_head.shape[:2], x.shape[1] * x.shape[3])
