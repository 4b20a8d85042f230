"""Firing rates of integrate-and-fire neurons come to solve the LASSO, with an error that falls as one over time
=============================================================================================================

Shapero, Zhu, Hasler, Rozell 2014, Int J Neural Syst 24:1440001, doi:10.1142/S0129065714400012, and Tang, Lin, Davies
2017, arXiv:1705.05475: the soma of every neuron integrates its drive less the filtered spikes of its neighbours, and
what exceeds the threshold becomes spikes.

A stimulus is mixed from three fields. Three pairs of neurons go on firing; the others send a few spikes at the onset
and fall silent. Counting for longer gives rates that are nearer to the LASSO solution.

    python Shapero_2014_rates_solve_the_lasso.py [figure.png]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import Lasso

from neurosim.networks import SpikingLCA

N_NEURONS, N_PIXELS, THRESHOLD, CHARGE, TAU_MS = 64, 32, 0.1, 0.02, 1.0
rng = np.random.default_rng(2014)
dictionary = rng.standard_normal((N_NEURONS, N_PIXELS))
dictionary /= np.linalg.norm(dictionary, axis=1, keepdims=True)
mixed = [5, 23, 41]
stimulus = np.array([1.0, 0.8, -0.6]) @ dictionary[mixed]

net = SpikingLCA.from_dictionary(
    dictionary, threshold=THRESHOLD, charge=CHARGE, tau=f"{TAU_MS} ms", dt="0.01 ms", presentation="200 ms"
)
spikes = net.simulate([stimulus], record="spikes")
optimum = Lasso(alpha=THRESHOLD / N_PIXELS, fit_intercept=False, tol=1e-12, max_iter=100_000)
exact = optimum.fit(dictionary.T, stimulus).coef_
least = net.objective([stimulus], [exact])[0]

# The rate after t: each spike is worth one charge, with the sign of its half of the pair.
time = 1000 * spikes["time"].to_numpy()
neuron, sign = np.divmod(spikes["neuron"].to_numpy(), N_NEURONS)[::-1]
moments = np.geomspace(TAU_MS, 200, 40)
rates = np.zeros((len(moments), N_NEURONS))
for rate, until in zip(rates, moments, strict=True):
    np.add.at(rate, neuron[time < until], (1 - 2 * sign[time < until]) * CHARGE * TAU_MS / until)
error = np.abs(rates - exact).sum(axis=1)
excess = net.objective(np.repeat([stimulus], len(moments), axis=0), rates) / least - 1

figure, (raster, course, distance) = plt.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
early = time < 20
raster.plot(time[early], spikes["neuron"][early], "k|", markersize=3)
raster.set(title="Spikes, ON below and OFF above", xlabel="time (ms)", ylabel="neuron")
course.semilogx(moments, rates, color="0.75", linewidth=0.7)
course.semilogx(moments, rates[:, mixed])
course.plot(np.full(len(mixed), moments[-1]), exact[mixed], "k.", label="LASSO", clip_on=False)
course.set(title="Rates", xlabel="time (ms)", ylabel="rate (unit of the stimulus)")
course.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 0.16))
distance.loglog(moments, error, "k", label="|rates − LASSO|")
distance.loglog(moments, error[20] * moments[20] / moments, "k:", label="1 / time")
distance.loglog(moments, excess, color="tab:red", label="objective above the LASSO's")
distance.set(title="Error", xlabel="time (ms)")
distance.legend(frameon=False)

firing = sorted(set(neuron[time > 100].tolist()))
print(f"spikes in 200 ms: {len(time)}; still firing: {firing}; mixed from {mixed}")
print(f"objective above the LASSO's after 200 ms: {100 * excess[-1]:.3f} %")
if len(sys.argv) > 1:
    figure.savefig(sys.argv[1], dpi=150)
else:
    plt.show()
