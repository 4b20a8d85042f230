"""Membranes compete until few of them explain the stimulus
========================================================

Rozell, Johnson, Baraniuk, Olshausen 2008, Neural Computation 20:2526, doi:10.1162/neco.2008.03-07-486: the dynamics of
eq. 2.4 and 2.5, and their comparison with convex optimisation.

A stimulus is mixed from three fields of a population twice as large as the stimulus has pixels. At first every neuron
charges by its overlap with the stimulus; those that cross the threshold inhibit the ones they overlap with. The
three fields win, and the population comes to rest at the solution of the LASSO.

    python Rozell_2008_locally_competitive.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Lasso

from neurosim.networks import LCA

N_NEURONS, N_PIXELS, THRESHOLD = 96, 48, 0.1
rng = np.random.default_rng(2008)
dictionary = rng.standard_normal((N_NEURONS, N_PIXELS))
dictionary /= np.linalg.norm(dictionary, axis=1, keepdims=True)
mixed = [5, 23, 41]
stimulus = np.array([1.0, 0.8, -0.6]) @ dictionary[mixed]

net = LCA.from_dictionary(dictionary, threshold=THRESHOLD, tau="10 ms", presentation="150 ms", dt="0.5 ms")
traces = net.simulate([stimulus], record=("u", "a")).isel(stimulus=0)
time = 1000 * traces["time"]
energy = [net.objective([stimulus], [a])[0] for a in traces["a"].to_numpy()]
optimum = Lasso(alpha=THRESHOLD / N_PIXELS, fit_intercept=False, tol=1e-12, max_iter=100_000)
optimum.fit(dictionary.T, stimulus)

figure, (membranes, activity, descent) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
membranes.plot(time, traces["u"], color="0.75", linewidth=0.7)
for neuron in mixed:
    membranes.plot(time, traces["u"].sel(neuron=neuron), label=f"neuron {neuron}")
    activity.plot(time, traces["a"].sel(neuron=neuron))
membranes.axhspan(-THRESHOLD, THRESHOLD, color="0.9", zorder=0)
membranes.set(title="Membranes, silent within the band", xlabel="time (ms)", ylabel="u")
membranes.legend(frameon=False, loc="center right")

activity.plot(time, traces["a"].drop_isel(neuron=mixed), color="0.75", linewidth=0.7)
activity.plot(np.full(N_NEURONS, time[-1]), optimum.coef_, "k.", label="LASSO", clip_on=False)
activity.set(title="Activity: three winners", xlabel="time (ms)", ylabel="a")
activity.legend(frameon=False, loc="center right")

least = net.objective([stimulus], [optimum.coef_])[0]
descent.semilogy(time, np.subtract(energy, least).clip(1e-16), color="k")
descent.set(title="Energy above its minimum", xlabel="time (ms)", ylabel="objective − LASSO's")

print(f"active at the end: {np.flatnonzero(traces['a'][-1]).tolist()}; mixed from {mixed}")
print(f"largest difference from the LASSO: {np.abs(traces['a'][-1] - optimum.coef_).max().item():.1e}")
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=150)
else:
    plt.show()
