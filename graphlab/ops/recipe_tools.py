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
