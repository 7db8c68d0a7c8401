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


def rnn(x, h, w_ih, w_hh, b_ih=0, b_hh=0, nonlinearity="tanh"):
    """Each state comes from the input of the moment and the state before."""
    states = begun(x, h, w_hh)
    for t in range(len(x)):
        inside = x[t] @ w_ih.T + b_ih + states[t] @ w_hh.T + b_hh
        states[t + 1] = np.tanh(inside) if nonlinearity == "tanh" else np.maximum(inside, 0)
    return states


def rnn_gradient(dy, dh, x, states, w_ih, w_hh, nonlinearity="tanh"):
    """Backpropagation through time. Gives dx, dh, dw_ih, dw_hh, db_ih, db_hh."""
    dx, dw_ih, dw_hh, db = (
        np.zeros_like(x),
        np.zeros_like(w_ih),
        np.zeros_like(w_hh),
        np.zeros_like(w_hh[:, 0]),
    )
    for t in reversed(range(len(x))):
        dh = dh + dy[t]
        slope = 1 - states[t + 1] ** 2 if nonlinearity == "tanh" else states[t + 1] > 0
        dinside = dh * slope
        dx[t], dh = dinside @ w_ih, dinside @ w_hh
        dw_ih += dinside.T @ x[t]
        dw_hh += dinside.T @ states[t]
        db += dinside.sum(axis=0)
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
    dx, dw_ih, dw_hh, db = (
        np.zeros_like(x),
        np.zeros_like(w_ih),
        np.zeros_like(w_hh),
        np.zeros_like(w_hh[:, 0]),
    )
    for t in reversed(range(len(x))):
        i, f, g, o = gates[t]
        bent = np.tanh(cells[t + 1])
        dh = dh + dy[t]
        dc = dc + dh * o * (1 - bent**2)
        di, df = dc * g * i * (1 - i), dc * cells[t] * f * (1 - f)
        dg, do = dc * i * (1 - g**2), dh * bent * o * (1 - o)
        dinside = np.concatenate([di, df, dg, do], axis=-1)
        dx[t], dh, dc = dinside @ w_ih, dinside @ w_hh, dc * f
        dw_ih += dinside.T @ x[t]
        dw_hh += dinside.T @ states[t]
        db += dinside.sum(axis=0)
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
    dx, dw_ih, dw_hh = np.zeros_like(x), np.zeros_like(w_ih), np.zeros_like(w_hh)
    db_ih, db_hh = np.zeros_like(w_hh[:, 0]), np.zeros_like(w_hh[:, 0])
    for t in reversed(range(len(x))):
        r, z, n, seen = gates[t]
        dh = dh + dy[t]
        dn = dh * (1 - z) * (1 - n**2)
        dr, dz = dn * seen * r * (1 - r), dh * (states[t] - n) * z * (1 - z)
        dof_x = np.concatenate([dr, dz, dn], axis=-1)
        dof_h = np.concatenate([dr, dz, dn * r], axis=-1)
        dx[t], dh = dof_x @ w_ih, dh * z + dof_h @ w_hh
        dw_ih += dof_x.T @ x[t]
        dw_hh += dof_h.T @ states[t]
        db_ih += dof_x.sum(axis=0)
        db_hh += dof_h.sum(axis=0)
    return dx, dh, dw_ih, dw_hh, db_ih, db_hh
