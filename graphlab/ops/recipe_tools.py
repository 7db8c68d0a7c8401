"""NumPy functions that recipes call. Their source goes into scripts, so each needs nothing but `np` and the others.

They are the clearest way to the numbers, not the fastest. The operations themselves do not use them.
"""

import numpy as np


def random_generator(key, step):
    """The random numbers of one node at one step: a counter-based generator, so any step can be drawn again."""
    return np.random.Generator(np.random.Philox(key=np.array(key, np.uint64), counter=[0, 0, 0, step]))


def summed_to(gradient, shape):
    """The gradient of an array of that shape that was broadcast: what came of one number is added up."""
    new = gradient.ndim - len(shape)
    repeated = tuple(i for i in range(gradient.ndim) if i < new or shape[i - new] == 1 != gradient.shape[i])
    return gradient.sum(repeated).reshape(shape)
