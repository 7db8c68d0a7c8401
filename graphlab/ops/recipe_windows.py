"""NumPy functions that recipes call, for windows over images and sequences and for making them larger or smaller.

They need nothing but `np` and one another, as those of recipe_tools.py. What resampling.py multiplies by is made here.
"""

import numpy as np


def windows(x, kernel, stride, padding, dilation, count, fill=0.0):
    """All windows over N×C×…, as many as `count` says: N×C×(windows along each axis)×(places inside a window)."""
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    reach = [(n - 1) * s + e for n, s, e in zip(count, stride, extent, strict=True)]
    behind = [max(0, r - p - size) for r, p, size in zip(reach, padding, x.shape[2:], strict=True)]
    padded = np.pad(x, [(0, 0), (0, 0), *zip(padding, behind, strict=True)], constant_values=fill)
    every = np.lib.stride_tricks.sliding_window_view(padded, extent, axis=tuple(range(2, x.ndim)))
    starts = [slice(0, (n - 1) * s + 1, s) for n, s in zip(count, stride, strict=True)]
    inside = [slice(None, None, d) for d in dilation]
    return every[(slice(None), slice(None), *starts, *inside)]


def windows_gradient(dwindows, shape, stride, padding, dilation):
    """To each pixel of an array of that shape what comes back from all windows that it lies in, added up."""
    count, kernel = dwindows.shape[2 : len(shape)], dwindows.shape[len(shape) :]
    steps = list(zip(count, kernel, stride, padding, dilation, shape[2:], strict=True))
    room = [max(p + size, (n - 1) * s + (k - 1) * d + 1) for n, k, s, p, d, size in steps]
    dpadded = np.zeros((*shape[:2], *room), dwindows.dtype)
    for place in np.ndindex(*kernel):
        starts = [i * d for i, d in zip(place, dilation, strict=True)]
        met = [slice(i, i + (n - 1) * s + 1, s) for i, n, s in zip(starts, count, stride, strict=True)]
        dpadded[(..., *met)] += dwindows[(..., *place)]
    return dpadded[(..., *(slice(p, p + size) for p, size in zip(padding, shape[2:], strict=True)))]


def shares(size, before):
    """So many windows over `before` elements: from ⌊i·before/size⌋ to ⌈(i+1)·before/size⌉ − 1."""
    return [slice(i * before // size, -(-(i + 1) * before // size)) for i in range(size)]


def adaptive_windows(x, size):
    """(where in the result, where in x) for each of the windows that make so many of N×C×…."""
    cuts = [shares(after, before) for after, before in zip(size, x.shape[2:], strict=True)]
    for place in np.ndindex(*size):
        yield (..., *place), (..., *(cut[i] for cut, i in zip(cuts, place, strict=True)))


def adaptive_maxima(x, size):
    """The largest value of each of so many windows over N×C×…."""
    y = np.empty((*x.shape[:2], *size), x.dtype)
    for place, window in adaptive_windows(x, size):
        y[place] = x[window].max(axis=tuple(range(2, x.ndim)))
    return y


def adaptive_maxima_gradient(dy, x):
    """What comes back goes to the first of the largest values of each window, in reading order."""
    dx = np.zeros_like(x)
    for place, window in adaptive_windows(x, dy.shape[2:]):
        part = x[window]
        inside = int(np.prod(part.shape[2:]))
        winner = part.reshape(*x.shape[:2], inside).argmax(axis=-1)[..., None]
        dx[window] += ((np.arange(inside) == winner) * dy[place][..., None]).reshape(part.shape)
    return dx


def averaging(size, before):
    """The matrix (size × before) whose row i averages the elements ⌊i·before/size⌋ to ⌈(i+1)·before/size⌉ − 1."""
    matrix = np.zeros((size, before))
    for row, window in zip(matrix, shares(size, before), strict=True):
        row[window] = 1 / (window.stop - window.start)
    return matrix


def repeating(size, before, scale, middles):
    """Row i takes the element that its edge, or its middle, lies in. Without `scale` it is size/before, exactly."""
    half = 0.5 if middles else 0.0
    if scale is None:
        places = (2 * np.arange(size) + int(middles)) * before // (2 * size)
    else:
        places = np.floor((np.arange(size) + half) / scale).astype(np.int64)
    matrix = np.zeros((size, before))
    matrix[np.arange(size), np.minimum(places, before - 1)] = 1
    return matrix


def blending(size, before, scale, corners):
    """Row i blends the two elements between which it lies, as PyTorch's (bi)linear mode does."""
    places = np.maximum(places_before(size, before, scale, corners), 0)
    first = np.minimum(places.astype(np.int64), before - 1)
    share = places - first
    return weighing(before, first, [1 - share, share])


def smoothing(size, before):
    """Row i weighs what it covers by a triangle about its middle, as PyTorch's bilinear mode with antialias does."""
    step = before / size
    reach = max(step, 1.0)
    middles = (np.arange(size) + 0.5) * step
    away = np.abs(np.arange(before) + 0.5 - middles[:, None]) / reach
    matrix = np.maximum(1 - away, 0)
    return matrix / matrix.sum(axis=1, keepdims=True)


def bending(size, before, scale, corners):
    """Row i weighs the four elements around it by Keys's cubic with a = −0.75, as PyTorch's bicubic mode does.

    Keys 1981, "Cubic convolution interpolation for digital image processing".
    """
    places = places_before(size, before, scale, corners)
    first = np.floor(places)
    share = places - first
    weights = [cubic(share + 1), cubic(share), cubic(1 - share), cubic(2 - share)]
    return weighing(before, first.astype(np.int64) - 1, weights)


def places_before(size, before, scale, corners):
    """Where among the elements before each of the result lies."""
    if corners:
        return np.arange(size) * ((before - 1) / (size - 1) if size > 1 else 0.0)
    step = before / size if scale is None else 1 / scale
    return (np.arange(size) + 0.5) * step - 0.5


def cubic(distance, a=-0.75):
    """How much an element counts at that distance."""
    d = np.abs(distance)
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((d - 5) * d + 8) * d * a - 4 * a
    return np.where(d <= 1, near, far)


def weighing(before, first, weights):
    """The matrix of rows that give the weights to the elements from `first` on; what lies outside is the border."""
    matrix = np.zeros((len(first), before))
    for k, weight in enumerate(weights):
        np.add.at(matrix, (np.arange(len(first)), np.clip(first + k, 0, before - 1)), weight)
    return matrix
