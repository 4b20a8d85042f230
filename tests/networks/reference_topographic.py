"""The objective of topographic coding in plain loops, and its minimum by a general solver.

Written from Hyvärinen & Hoyer 2001 (Vision Research 41:2413, eq. 7), with reconstruction in the place of independence,
to be compared with; it shares no code with `neurosim`. The objective is convex, so its minimum can be found from
anywhere.
"""

import numpy as np
from scipy.optimize import minimize


def pools(height, width, *, side, torus):
    """Members of the square around every neuron, row by row."""
    reach, found = side // 2, []
    for row in range(height):
        for column in range(width):
            members = []
            for i in range(row - reach, row + reach + 1):
                for j in range(column - reach, column + reach + 1):
                    if torus:
                        members.append((i % height) * width + j % width)
                    elif 0 <= i < height and 0 <= j < width:
                        members.append(i * width + j)
            found.append(members)
    return found


def cost(code, members, *, level, softening, side):
    """What activity costs and the derivative: λ Σ over pools of √(Σ (a/n)² + (σ/side²)²), each neuron in n pools."""
    n_pools = np.bincount(np.concatenate(members), minlength=len(code))
    floor, total, slope = softening / side**2, 0.0, np.zeros(len(code))
    for pool in members:
        root = np.sqrt(((code[pool] / n_pools[pool]) ** 2).sum() + floor**2)
        total += level * (root - floor)
        slope[pool] += level * code[pool] / n_pools[pool] ** 2 / root
    return total, slope


def minimum(stimulus, dictionary, members, *, nonnegative=False, **penalty):
    """Code of least objective, and the objective."""

    def objective(code):
        residual = stimulus - code @ dictionary
        charge, slope = cost(code, members, **penalty)
        return residual @ residual / 2 + charge, slope - dictionary @ residual

    bounds = [(0, None) if nonnegative else (None, None)] * len(dictionary)
    options = {"maxiter": 50_000, "maxfun": 100_000, "maxcor": 50, "ftol": 1e-16, "gtol": 1e-10}
    found = minimize(
        objective, np.zeros(len(dictionary)), jac=True, method="L-BFGS-B", bounds=bounds, options=options
    )
    return found.x, found.fun
