"""Networks and runs as tidy tables: one row per observation, one column per variable."""

import os
from collections.abc import Callable

import numpy as np
import pandas as pd

from neurosim.exchange.files import new_file
from neurosim.exchange.source import NetworkOrRun, Source, Stimuli, source_of
from neurosim.exchange.spikes import recorded

__all__ = ["TABLES", "to_table", "write_csv"]


def to_table(
    network_or_run: NetworkOrRun,
    *,
    table: str = "responses",
    stimuli: Stimuli = None,
    condition: str | None = None,
) -> pd.DataFrame:
    """Return what neurons answer, or what is known of them, as a tidy table.

    Parameters
    ----------
    network_or_run : estimator, str or Path
        A fitted network, a file that ``net.save`` wrote, or the folder of a run.
    table : {"responses", "counts", "spikes", "neurons", "learning"}
        ``"responses"``: ``stimulus``, ``neuron``, ``response``, the code, and ``label`` where stimuli have classes;
        ``"counts"``: ``stimulus``, ``population``, ``neuron``, ``spikes``; ``"spikes"``: one row per spike,
        ``stimulus``, ``population``, ``neuron``, ``time_s`` from the onset; ``"neurons"``: a run's ``fields.csv``;
        ``"learning"``: one row per batch, ``history_``. Silent pairs of stimulus and neuron have their rows too.
    stimuli : array, shape (n_stimuli, n_pixels), or int, optional
        Shown to the network; of a run, how many of its held-out stimuli, by default all.
    condition : str, optional
        Which network of a run of several.

    Returns
    -------
    DataFrame
        Stimuli and neurons are counted from 0.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is nothing of that name, a run is not whole, or what is asked for is not there.

    References
    ----------
    Wickham 2014, J Stat Softw 59(10), doi:10.18637/jss.v059.i10.

    Examples
    --------
    >>> from neurosim.networks import LCA
    >>> to_table(LCA.from_dictionary(np.eye(2), threshold=0.5), stimuli=[[2.0, 0.0]]).round(2)
       stimulus  neuron  response
    0         0       0       1.5
    1         0       1       0.0
    """
    if table not in TABLES:
        raise ValueError(f"table: expected {', '.join(TABLES)}, got {table!r}")
    return TABLES[table](source_of(network_or_run, stimuli=stimuli, condition=condition))


def write_csv(
    network_or_run: NetworkOrRun,
    path: str | os.PathLike[str],
    *,
    table: str = "responses",
    stimuli: Stimuli = None,
    condition: str | None = None,
    overwrite: bool = False,
) -> None:
    """Write a tidy table; parameters are those of `to_table`.

    Parameters
    ----------
    network_or_run, table, stimuli, condition
        As for `to_table`.
    path : str or Path
        Of the file, ``….csv``.
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    FileNotFoundError, ValueError
        As for `to_table`, or if the file is there already.
    """
    with new_file(path, ending=".csv", overwrite=overwrite) as aside:
        found = to_table(network_or_run, table=table, stimuli=stimuli, condition=condition)
        found.to_csv(aside, index=False)


def _responses(source: Source) -> pd.DataFrame:
    code = source.variable("code")
    if code is None:
        code = source.network.transform(source.shown)
    table = _long(np.asarray(code), "response")
    labels = source.variable("label")
    return table if labels is None else table.assign(label=labels[table["stimulus"]])


def _counts(source: Source) -> pd.DataFrame:
    source.require_spikes("tables of counts")
    names = list(source.network.spike_counts(source.shown[:1]))
    # Of a run they are kept, and with noise those of another trial would not be the ones behind its code.
    kept = [source.variable("counts" if name == names[0] else f"counts_{name}") for name in names]
    stored = {name: counts for name, counts in zip(names, kept, strict=True) if counts is not None}
    counts = stored if len(stored) == len(names) else source.network.spike_counts(source.shown)
    parts = [_long(values.astype(np.int64), "spikes") for values in counts.values()]
    for population, part in zip(names, parts, strict=True):
        part.insert(1, "population", population)
    return pd.concat(parts, ignore_index=True)


def _spikes(source: Source) -> pd.DataFrame:
    source.require_spikes("tables of spikes")
    found = recorded(source.network, source.shown)
    own = found.units.iloc[found.spikes["neuron"].to_numpy()]
    table = pd.DataFrame(
        {
            "stimulus": found.spikes["stimulus"].to_numpy(),
            "population": own["population"].to_numpy(),
            "neuron": own["neuron"].to_numpy(),
            "time_s": found.spikes["time"].to_numpy(),
        }
    )
    return table.sort_values(["stimulus", "time_s", "population", "neuron"], ignore_index=True)


def _neurons(source: Source) -> pd.DataFrame:
    if source.neurons is None:
        raise ValueError(
            f"{source.name}: the table 'neurons' is what a run measured of fields, and this is a network alone; "
            "pass the folder of a run"
        )
    return source.neurons


def _learning(source: Source) -> pd.DataFrame:
    history: pd.DataFrame = source.network.history_
    return history.reset_index(drop="batch" in history)


def _long(values: np.ndarray, name: str) -> pd.DataFrame:
    stimulus, neuron = (axis.ravel() for axis in np.indices(values.shape))
    return pd.DataFrame({"stimulus": stimulus, "neuron": neuron, name: values.ravel()})


TABLES: dict[str, Callable[[Source], pd.DataFrame]] = {
    "responses": _responses,
    "counts": _counts,
    "spikes": _spikes,
    "neurons": _neurons,
    "learning": _learning,
}
"""What each table is made by."""
