"""WLSC in plain loops and by exact solvers: one stimulus, one neuron, one batch at a time.

Written from Huml, Tasissa & Ba 2023 (arXiv:2402.10213) to be read, and to be compared with; it shares no code with
`neurosim`.
"""

import numpy as np
from sklearn.linear_model import Lasso


def thresholds(stimuli, dictionary, *, locality, threshold=0.0, graph=None):
    """Threshold of every neuron for every stimulus: λ times the squared distance, and the weight of the edge."""
    found = np.empty((len(stimuli), len(dictionary)))
    for i, stimulus in enumerate(stimuli):
        for j, field in enumerate(dictionary):
            edge = 1 if graph is None else graph[i, j]
            found[i, j] = threshold + locality * edge * ((stimulus - field) ** 2).sum()
    return found


def encode(stimuli, dictionary, *, code="nonnegative", **penalty):
    """Weighted LASSO by coordinate descent: plain ℓ1 over z = θx with fields divided by θ."""
    solver = Lasso(
        alpha=1 / dictionary.shape[1],
        fit_intercept=False,
        positive=code == "nonnegative",
        tol=1e-15,
        max_iter=10**6,
    )
    pairs = zip(stimuli, thresholds(stimuli, dictionary, **penalty), strict=True)
    return np.array([solver.fit((dictionary / theta[:, None]).T, y).coef_ / theta for y, theta in pairs])


def learn(stimuli, dictionary, *, batch_size, rates, graph=None, **penalty):
    """Dictionary and mean objective after each batch, and the running curvatures.

    A step along −∂/∂φ_j of ½‖y − Φᵀx‖² + λ Σ_j |x_j| ‖y − φ_j‖², over a running second derivative, or over a hundredth
    of the batch's mean activity if that is more: a field moves by a hundred stimuli at most.
    """
    running, objectives, locality = np.zeros(len(dictionary)), [], penalty["locality"]
    for start, rate in zip(range(0, len(stimuli), batch_size), rates, strict=True):
        part = slice(start, start + batch_size)
        batch, edges = stimuli[part], None if graph is None else graph[part]
        code = encode(batch, dictionary, graph=edges, **penalty)
        weights = np.ones(code.shape) if graph is None else edges
        residuals = batch - code @ dictionary
        own = {name: penalty[name] for name in ("locality", "threshold") if name in penalty}
        costs = (thresholds(batch, dictionary, graph=edges, **own) * np.abs(code)).sum(axis=1)
        objectives.append(((residuals**2).sum(axis=1) / 2 + costs).mean())
        changed = dictionary.copy()
        for j in range(len(dictionary)):
            step, curvature, activity = 0, 0, 0
            for i in range(len(batch)):
                pull = 2 * locality * weights[i, j] * abs(code[i, j])
                step = step + code[i, j] * residuals[i] + pull * (batch[i] - dictionary[j])
                curvature += code[i, j] ** 2 + pull
                activity += abs(code[i, j])
            curvature, activity = curvature / len(batch), activity / len(batch)
            running[j] = 0.95 * running[j] + 0.05 * curvature if running[j] else curvature
            changed[j] += rate * step / len(batch) / (max(running[j], curvature, activity / 100) or 1)
        dictionary = changed
    return dictionary, objectives, running


def free_dictionary(n_neurons, n_pixels, rng):
    """Rows in random directions, of norms between a half and one and a half."""
    rows = rng.standard_normal((n_neurons, n_pixels))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True) * rng.uniform(0.5, 1.5, (n_neurons, 1))


def mixtures(n_stimuli, dictionary, rng, *, n_active=2):
    """Sums of a few fields, with positive amplitudes that make up one on average, and a little noise."""
    active = rng.random((n_stimuli, len(dictionary))).argsort(axis=1) < n_active
    amplitudes = active * rng.uniform(0.5, 1.5, active.shape) / n_active
    return amplitudes @ dictionary + 0.02 * rng.standard_normal((n_stimuli, dictionary.shape[1]))
