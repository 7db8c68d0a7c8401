"""NumPy functions that the recipes of augmentation call: see recipe_tools.py. Rows and columns are counted from 0."""

import numpy as np


def taken_from(x, rows, columns):
    """Images made of the pixels of x in those rows and columns of each image; 0 where x has none."""
    height, width = x.shape[2:]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    image, channel = np.arange(len(x))[:, None, None, None], np.arange(x.shape[1])[:, None, None]
    found = x[image, channel, np.clip(rows, 0, height - 1)[:, None], np.clip(columns, 0, width - 1)[:, None]]
    return found * inside[:, None]


def put_back(dy, x, rows, columns):
    """The gradient of x in `taken_from`: every pixel hands back to where it came from."""
    height, width = x.shape[2:]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    image, channel = np.arange(len(x))[:, None, None, None], np.arange(x.shape[1])[:, None, None]
    dx = np.zeros_like(x)
    places = image, channel, np.clip(rows, 0, height - 1)[:, None], np.clip(columns, 0, width - 1)[:, None]
    np.add.at(dx, places, dy * inside[:, None])
    return dx


def turned_places(x, angles):
    """Where the pixels of images turned by those angles (counterclockwise, in radians) lie in x: rows, columns."""
    height, width = x.shape[2:]
    down, right = np.arange(height)[:, None] - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    cos, sin = np.cos(angles)[:, None, None], np.sin(angles)[:, None, None]
    return (height - 1) / 2 + cos * down + sin * right, (width - 1) / 2 - sin * down + cos * right


def four_around(rows, columns):
    """The four pixels around each place between pixels, (rows, columns, share) each."""
    top, left = np.floor(rows), np.floor(columns)
    found = []
    for a in (0, 1):
        for b in (0, 1):
            share = (1 - np.abs(top + a - rows)) * (1 - np.abs(left + b - columns))
            found.append(((top + a).astype(np.int64), (left + b).astype(np.int64), share))
    return found


def blended_from(x, rows, columns):
    """As `taken_from`, for places between pixels: each is blended of the four around it."""
    y = np.zeros((len(x), x.shape[1], *rows.shape[1:]), x.dtype)
    for row, column, share in four_around(rows, columns):
        y += taken_from(x, row, column) * share[:, None].astype(x.dtype)
    return y


def blended_back(dy, x, rows, columns):
    """The gradient of x in `blended_from`."""
    dx = np.zeros_like(x)
    for row, column, share in four_around(rows, columns):
        dx += put_back(dy * share[:, None].astype(x.dtype), x, row, column)
    return dx
