"""How determinants, inverses and solutions explain their numbers: by cofactors, as one works them out on paper."""

from __future__ import annotations

import numpy as np

from .explaining import Call, Place, within
from .explanation import Array, Elements, Term, elements, minus, number, rest, times, total

WRITTEN_OUT = 3  # rows up to which a determinant is taken apart to its elements
BY_MINORS = 12  # rows up to which each cofactor is a determinant of its own; beyond, by singular values


def determinant(call: Call, name: str, batch: Place, rows: list[int], columns: list[int]) -> Term:
    """The determinant of what is left of one matrix in those rows and columns, along its first row.

    Σⱼ x[0, j] · C[0, j], where the cofactor C is the determinant without that row and column, and a sign. Of up to
    three rows it is taken apart to its elements.
    """
    if not rows:
        return number(1.0)
    if len(rows) == 1:
        return call.at(name, *batch, rows[0], columns[0])
    if len(rows) > WRITTEN_OUT:
        return _along_a_row(call, name, batch, rows, columns)
    parts = []
    for k, column in enumerate(columns):
        inner = determinant(call, name, batch, rows[1:], columns[:k] + columns[k + 1 :])
        product = times(call.at(name, *batch, rows[0], column), inner)
        parts.append(minus(product) if k % 2 else product)
    return total(parts)


def _along_a_row(call: Call, name: str, batch: Place, rows: list[int], columns: list[int]) -> Term:
    matrix = call.array(name)[batch].astype(np.float64)[np.ix_(rows, columns)]
    found = cofactors(matrix, 0)
    line = [call.at(name, *batch, rows[0], column) for column in columns]
    order = np.argsort(-np.abs(found * matrix[0]), kind="stable")
    parts = [
        times(line[k], number(float(found[k]), f"C[{rows[0]}, {columns[k]}]")) for k in order[: call.keep]
    ]
    if len(order) > call.keep:
        left = order[call.keep :]
        parts.append(rest(float((found * matrix[0])[left].sum()), len(left)))
    return total(parts)


def cofactors(matrix: Array, row: int) -> Array:
    """The cofactors along one row: determinants of what is left without that row and each column, with their signs."""
    size = len(matrix)
    if size <= BY_MINORS:
        others = np.delete(matrix, row, axis=0)
        minors = np.array([np.linalg.det(np.delete(others, k, axis=1)) for k in range(size)])
        signed: Array = minors * (-1.0) ** (row + np.arange(size))
        return signed
    u, sigma, vt = np.linalg.svd(matrix)
    without = np.where(np.eye(size, dtype=bool), 1, sigma[None, :]).prod(-1)
    found: Array = np.linalg.det(u) * np.linalg.det(vt) * ((u[row] * without) @ vt)
    return found


def of_determinant(call: Call, at: Place) -> Term:
    size = call.array("x").shape[-1]
    found = determinant(call, "x", at, list(range(size)), list(range(size)))
    return found if found.parts or found.origin else total([found])


def of_inverse(call: Call, at: Place) -> Term:
    """y[i, j] = C[j, i] / det x (Cramer's rule)."""
    *lead, i, j = at
    batch, size = tuple(lead), call.array("x").shape[-1]
    every = list(range(size))
    whole = determinant(call, "x", batch, every, every)
    whole = (whole if whole.how == "sum" else total([whole])).called("det x")
    if size <= WRITTEN_OUT:
        minor = determinant(call, "x", batch, [k for k in every if k != j], [k for k in every if k != i])
        return (minus(minor) if (i + j) % 2 else minor) / whole
    found = cofactors(call.array("x")[batch].astype(np.float64), j)[i]
    return number(float(found), f"C[{j}, {i}]") / whole


def of_solution(call: Call, at: Place) -> Term:
    """y[i, j] = Σₖ a⁻¹[i, k] · b[k, j]: a row of the inverse times the column that was asked for."""
    *lead, i, j = at
    a, b = call.array("a"), call.array("b")
    matrix = a[within(lead, a.shape[:-2])].astype(np.float64)
    one = np.zeros(len(matrix))
    one[i] = 1
    row = np.linalg.solve(matrix.T, one)  # of the inverse
    column = _column(call, b, within(lead, b.shape[:-2]), j)
    worth = row * column.values
    order = np.argsort(-np.abs(worth), kind="stable")
    parts = [times(number(float(row[k]), f"a⁻¹[{i}, {k}]"), column.term(int(k))) for k in order[: call.keep]]
    if len(order) > call.keep:
        parts.append(rest(float(worth[order[call.keep :]].sum()), len(order) - call.keep))
    return total(parts)


def _column(call: Call, b: Array, batch: Place, j: int) -> Elements:
    places = np.array([(*batch, k, j) for k in range(b.shape[-2])], np.int64).reshape(-1, b.ndim)
    return elements("b", b, places)
