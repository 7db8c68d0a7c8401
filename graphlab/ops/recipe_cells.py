"""NumPy functions that recipes call: one pass of a recurrent layer over a sequence, and back.

They need nothing but `np` and one another, as those of recipe_tools.py. x and dy are T×N×features; what is of states
begins with the state before the first step, so that `states[t]` is what step t starts from.
"""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def begun(x, h, w_hh):
    """Room for the states of all steps, T+1×N×hidden, with the first one filled in."""
    states = np.zeros((len(x) + 1, x.shape[1], w_hh.shape[1]), x.dtype)
    states[0] = h
    return states


def product_back(dy, x, w):
    """What comes back through y = x @ w.T + b at all steps together: dx, dw, db."""
    return dy @ w, np.tensordot(dy, x, axes=((0, 1), (0, 1))), dy.sum(axis=(0, 1))


def rnn(x, h, w_ih, w_hh, b_ih=0, b_hh=0, nonlinearity="tanh"):
    """Each state comes from the input of the moment and the state before."""
    states = begun(x, h, w_hh)
    for t in range(len(x)):
        inside = x[t] @ w_ih.T + b_ih + states[t] @ w_hh.T + b_hh
        states[t + 1] = np.tanh(inside) if nonlinearity == "tanh" else np.maximum(inside, 0)
    return states


def rnn_gradient(dy, dh, x, states, w_ih, w_hh, nonlinearity="tanh"):
    """Backpropagation through time. Gives dx, dh, dw_ih, dw_hh, db_ih, db_hh."""
    dinside = np.empty((*x.shape[:2], len(w_hh)), x.dtype)
    for t in reversed(range(len(x))):
        dh = dh + dy[t]
        slope = 1 - states[t + 1] ** 2 if nonlinearity == "tanh" else states[t + 1] > 0
        dinside[t] = dh * slope
        dh = dinside[t] @ w_hh
    (dx, dw_ih, db), (_, dw_hh, _) = product_back(dinside, x, w_ih), product_back(dinside, states[:-1], w_hh)
    return dx, dh, dw_ih, dw_hh, db, db


def lstm(x, h, c, w_ih, w_hh, b_ih=0, b_hh=0):
    """Gives the states, the cells, and for each step the gates i, f, g and o side by side."""
    states, cells, gates = begun(x, h, w_hh), begun(x, c, w_hh), []
    for t in range(len(x)):
        i, f, g, o = np.split(x[t] @ w_ih.T + b_ih + states[t] @ w_hh.T + b_hh, 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        cells[t + 1] = f * cells[t] + i * g
        states[t + 1] = o * np.tanh(cells[t + 1])
        gates.append((i, f, g, o))
    return states, cells, gates


def lstm_gradient(dy, dh, dc, x, states, cells, gates, w_ih, w_hh):
    """Backpropagation through time. Gives dx, dh, dc, dw_ih, dw_hh, db_ih, db_hh."""
    dinside = np.empty((*x.shape[:2], len(w_hh)), x.dtype)
    for t in reversed(range(len(x))):
        i, f, g, o = gates[t]
        bent = np.tanh(cells[t + 1])
        dh = dh + dy[t]
        dc = dc + dh * o * (1 - bent**2)
        di, df = dc * g * i * (1 - i), dc * cells[t] * f * (1 - f)
        dg, do = dc * i * (1 - g**2), dh * bent * o * (1 - o)
        dinside[t] = np.concatenate([di, df, dg, do], axis=-1)
        dh, dc = dinside[t] @ w_hh, dc * f
    (dx, dw_ih, db), (_, dw_hh, _) = product_back(dinside, x, w_ih), product_back(dinside, states[:-1], w_hh)
    return dx, dh, dc, dw_ih, dw_hh, db, db


def gru(x, h, w_ih, w_hh, b_ih=0, b_hh=0):
    """Gives the states, and for each step the gates r and z, the proposal n and what n sees of the state."""
    states, gates = begun(x, h, w_hh), []
    for t in range(len(x)):
        of_x = np.split(x[t] @ w_ih.T + b_ih, 3, axis=-1)
        of_h = np.split(states[t] @ w_hh.T + b_hh, 3, axis=-1)
        r, z = sigmoid(of_x[0] + of_h[0]), sigmoid(of_x[1] + of_h[1])
        n = np.tanh(of_x[2] + r * of_h[2])
        states[t + 1] = (1 - z) * n + z * states[t]
        gates.append((r, z, n, of_h[2]))
    return states, gates


def gru_gradient(dy, dh, x, states, gates, w_ih, w_hh):
    """Backpropagation through time. Gives dx, dh, dw_ih, dw_hh, db_ih, db_hh."""
    dof_x, dof_h = (np.empty((*x.shape[:2], len(w_hh)), x.dtype) for _ in range(2))
    for t in reversed(range(len(x))):
        r, z, n, seen = gates[t]
        dh = dh + dy[t]
        dn = dh * (1 - z) * (1 - n**2)
        dr, dz = dn * seen * r * (1 - r), dh * (states[t] - n) * z * (1 - z)
        dof_x[t] = np.concatenate([dr, dz, dn], axis=-1)
        dof_h[t] = np.concatenate([dr, dz, dn * r], axis=-1)
        dh = dh * z + dof_h[t] @ w_hh
    (dx, dw_ih, db_ih), (_, dw_hh, db_hh) = (
        product_back(dof_x, x, w_ih),
        product_back(dof_h, states[:-1], w_hh),
    )
    return dx, dh, dw_ih, dw_hh, db_ih, db_hh
