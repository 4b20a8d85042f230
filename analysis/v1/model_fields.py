"""The fields of several trained models side by side: the sweep over amplitude bounds, and bandwidths."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from neurosim.analysis.fields.fields import participation_ratio, spectral_bandwidths
from neurosim.analysis.fields.gabor import LEAST_PARTICIPATION, fit_gabors
from neurosim.analysis.progress import counted
from neurosim.analysis.v1.model_comparison import check_reference, compare_models
from neurosim.stimuli.randomness import Randomness, generator

__all__ = ["bandwidth_medians", "sweep_arms", "sweep_models"]

_QUARTILES = {"q25": 0.25, "median": 0.5, "q75": 0.75}
_WIDTHS = {"octaves": "frequency_bandwidth_octaves", "degrees": "orientation_half_bandwidth_degrees"}


def sweep_models(
    fields_by_model: Mapping[str, Sequence[ArrayLike]],
    *,
    rng: Randomness,
    reference: str | None = None,
    bounds: Sequence[float] = (1.1, 1.5, 2.0, 3.0),
    n_bootstrap: int = 1000,
    n_starts: int = 12,
) -> pd.DataFrame:
    """Repeat the comparison of models for several bounds on the Gabor amplitude.

    It shows whether a gain over the reference hangs on the bound; 1.5 is the one that counts.

    Parameters
    ----------
    fields_by_model : mapping of str to sequence of array_like, each (n_fields, height, width)
        One array per seed, all in the same space.
    rng : numpy.random.Generator or int
    reference : str, optional
        As in `compare_models`; the first model by default.
    bounds : sequence of float
        Multiples of a field's largest magnitude.
    n_bootstrap, n_starts : int
        As in `compare_models` and `fit_gabors`.

    Returns
    -------
    DataFrame
        One row per bound and model: ``amplitude_bound`` and the columns of `compare_models`.

    Raises
    ------
    ValueError
        As `compare_models` and `fit_gabors`, or if there are no bounds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> models = {"one": [rng.normal(size=(2, 8, 8))], "two": [rng.normal(size=(3, 8, 8))]}
    >>> sweep = sweep_models(models, rng=rng, bounds=(1.5, 2), n_bootstrap=2, n_starts=2)
    >>> sweep[["arm", "amplitude_bound", "n_fields"]].to_numpy().tolist()
    [['one', 1.5, 2], ['two', 1.5, 3], ['one', 2.0, 2], ['two', 2.0, 3]]
    """
    rng = generator(rng)
    chosen = next(iter(fields_by_model), "") if reference is None else reference
    check_reference(fields_by_model, chosen)
    if len(bounds) == 0:
        raise ValueError("expected at least one bound on the amplitude, got none")
    tables = []
    for bound in counted(bounds, "fits and distances with other amplitude bounds"):
        fits = {
            model: [fit_gabors(fields, amplitude_bound=bound, n_starts=n_starts) for fields in seeds]
            for model, seeds in fields_by_model.items()
        }
        table = compare_models(fits, reference=chosen, rng=rng, n_bootstrap=n_bootstrap)
        table.insert(1, "amplitude_bound", float(bound))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


sweep_arms = sweep_models  # the former name


def bandwidth_medians(fields_by_model: Mapping[str, Sequence[ArrayLike]]) -> pd.DataFrame:
    """Summarise how sharply the fields of each model are tuned, without any fit.

    Fields with participation ratio ≥ 6 count, Gabor-like or not, of all seeds together.

    Parameters
    ----------
    fields_by_model : mapping of str to sequence of array_like, each (n_fields, height, width)
        One array per seed.

    Returns
    -------
    DataFrame
        One row per model: ``arm``, ``n_seeds``, ``n_fields``, ``n_used``; ``octaves_q25``, ``octaves_median``,
        ``octaves_q75`` of the frequency bandwidth (full width at half height) and ``degrees_q25`` and so on
        of the orientation half-bandwidth, both from `spectral_bandwidths`; ``octaves_infinite_share`` and
        ``degrees_infinite_share``, of the fields used, those whose bandwidth has no end. They are in the
        quartiles, which are values of single fields (the lower of two) and so may be infinite. NaN when no field
        is used.

    Raises
    ------
    ValueError
        As `spectral_bandwidths`, or if there are no models or one has no seeds.

    Examples
    --------
    >>> x = np.arange(16) - 7.5
    >>> row = np.exp(-(x**2) / 18) * np.cos(2 * np.pi * 0.15 * x)
    >>> field = np.exp(-(x[:, None] ** 2) / 18) * row
    >>> table = bandwidth_medians({"one": [np.stack([field, np.zeros((16, 16))])]})
    >>> table[["n_fields", "n_used", "octaves_median"]].round(1).to_numpy().tolist()
    [[2.0, 1.0, 1.3]]
    """
    if not fields_by_model:
        raise ValueError("expected at least one model, got none")
    return pd.DataFrame([{"arm": model, **_tuning(model, seeds)} for model, seeds in fields_by_model.items()])


def _tuning(model: str, seeds: Sequence[ArrayLike]) -> dict[str, float | int]:
    if len(seeds) == 0:
        raise ValueError(f"expected at least one array of fields for {model!r}, got none")
    tables = [
        spectral_bandwidths(fields)[participation_ratio(fields) >= LEAST_PARTICIPATION] for fields in seeds
    ]
    used = pd.concat(tables)
    row: dict[str, float | int] = {
        "n_seeds": len(seeds),
        "n_fields": sum(len(np.asarray(fields)) for fields in seeds),
        "n_used": len(used),
    }
    for unit, column in _WIDTHS.items():
        values = used[column].to_numpy(dtype=np.float64)
        for name, share in _QUARTILES.items():
            # Between an infinite and a finite width there is nothing to interpolate.
            quantile = np.quantile(values, share, method="inverted_cdf") if len(values) else np.nan
            row[f"{unit}_{name}"] = float(quantile)
        row[f"{unit}_infinite_share"] = float(np.isinf(values).mean()) if len(values) else np.nan
    return row
