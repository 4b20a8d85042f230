"""The one paragraph that says in words what was simulated and what came out."""

from typing import Any

from neurosim.report.arm_sentences import arm_sentences
from neurosim.report.cortex_sentences import cortex_sentences
from neurosim.report.linked_sentences import linked_sentences, shown_together
from neurosim.report.sheet_sentences import sheet_sentences
from neurosim.report.svae_sentences import AUTOENCODERS, svae_sentences
from neurosim.results.run_folder import RunFolder

__all__ = ["summary_sentences"]

_FILTERS = {
    "olshausen": "Olshausen–Field whitening",
    "centre_surround": "centre–surround filtering",
    "zca": "ZCA whitening",
}
_MODELS = {
    "lca": "LCA",
    "spiking-lca": "spiking LCA",
    "sailnet": "SAILnet",
    "einet": "E-I Net",
    "linked-lca": "linked LCA",
    "ordinal-linked-lca": "ordinal linked LCA",
    "wlsc": "WLSC",
    "topographic-lca": "topographic LCA",
}


# Spikes per second, median over macaque V1 cells (Ringach, Shapley & Hawken 2002). Some cells answer several times as
# strongly; intervals of cortical cells vary nearly like chance (Softky & Koch 1993).
_BEST_RESPONSE, _FAST, _REGULAR = 33.8, 5.0, 0.5
# The variation of fewer trains is no statement about a population.
_TRAINS = 30


def summary_sentences(run: RunFolder) -> str:
    """Say what was simulated, on what, and the key figures with their units.

    Parameters
    ----------
    run : RunFolder
        A finished run. A number it does not hold is left out with its sentence.

    Returns
    -------
    str
        Plain text, a few sentences.
    """
    if run.recipe.get("arms"):
        return " ".join((*arm_sentences(run), _time(run)))
    sentences = (
        *(_simulated(run), _code(run), *svae_sentences(run), _spikes(run), _trains(run)),
        *linked_sentences(run),
        *(_fields(run), *sheet_sentences(run), *cortex_sentences(run), _time(run)),
    )
    return " ".join(sentence for sentence in sentences if sentence)


def _simulated(run: RunFolder) -> str:
    network, stimuli = run.section("network"), run.section("stimuli")
    what = f"A population of {_neurons(network, len(run.fields))}"
    model = str(network.get("model", ""))
    if model:
        what += f" ({AUTOENCODERS.get(model) or f'{_MODELS.get(model, model)}, Brian2'})"
    if stimuli.get("kind", "photographs") != "photographs":
        return f"{what} learned from {shown_together(run)}."
    if "patch_size" not in stimuli:
        return f"{what} was trained."
    size = stimuli["patch_size"]
    number = f"{stimuli['n_train']:,} " if "n_train" in stimuli else ""
    text = f"{what} learned from {number}patches of {size} × {size} pixels, drawn from {_images(stimuli)}"
    if "n_test" in stimuli:
        text += f"; every code below is for {stimuli['n_test']:,} patches it never saw"
    return text + "."


def _neurons(network: dict[str, Any], number: int) -> str:
    if "n_inhibitory" in network:
        return f"{number} excitatory and {network['n_inhibitory']} inhibitory neurons"
    return f"{number} pairs of neurons" if network.get("pairs") else f"{number} neurons"


def _images(stimuli: dict[str, Any]) -> str:
    source = "the embedded photographs" if stimuli.get("source") == "embedded" else "the user's images"
    kind = str((stimuli.get("whitening") or {}).get("kind", "none"))
    return source if kind == "none" else f"{source} after {_FILTERS.get(kind, kind)}"


def _code(run: RunFolder) -> str:
    parts = []
    if (active := run.number("active_fraction")) is not None:
        parts.append(f"{active:.1%} of the neurons answer a stimulus on average")
    if (snr := run.number("reconstruction_snr_db")) is not None:
        parts.append(f"the stimulus is reconstructed at {snr:.1f} dB signal-to-noise ratio")
    text = " and ".join(parts)
    return f"On these held-out stimuli, {text}." if text else ""


def _spikes(run: RunFolder) -> str:
    if (spikes := run.number("spikes_per_stimulus")) is None:
        return ""
    text = f"A neuron fires {spikes:.3g} times per stimulus on average"
    if (rate := run.number("rate_hz_mean")) is not None:
        text += f" ({rate:.3g} Hz)"
    rms, floor = run.number("count_correlation_rms"), run.number("count_correlation_floor")
    if rms is not None and floor is not None:
        text += f", and the counts of two neurons correlate by {rms:.3f} (rms; {floor:.3f} if independent)"
    return text + "."


def _trains(run: RunFolder) -> str:
    """Say how neurons fire while they fire, and whether cortical cells do so."""
    if (rate := run.number("rate_hz_active")) is None:
        return ""
    text = f"In the presentations in which it fires, a neuron sends {rate:.3g} spikes a second"
    variation = run.number("isi_cv_within_stimulus")
    variation = variation if (run.number("isi_cv_trains") or 0) >= _TRAINS else None
    if variation is not None:
        text += (
            f", at intervals that vary by {variation:.2f} within a stimulus (standard deviation over mean)"
        )
    faster, regular = rate > _FAST * _BEST_RESPONSE, variation is not None and variation < _REGULAR
    unlike = " and ".join(word for word, holds in (("faster", faster), ("more regular", regular)) if holds)
    cells = f"cortical cells, whose median best response is {_BEST_RESPONSE} in macaque V1"
    cells += " and whose intervals vary by about 1" if variation is not None else ""
    return f"{text}: {f'{unlike} than' if unlike else 'in the range of'} {cells}."


def _fields(run: RunFolder) -> str:
    if (share := run.number("gabor_fraction")) is None:
        return ""
    text = f"Of the learned fields, {share:.1%} are Gabor-like"
    if (r2 := run.number("gabor_r2_median")) is not None:
        text += f" (median R² of the fit {r2:.2f}, on whitened patches)"
    return text + "."


def _time(run: RunFolder) -> str:
    named = {"seconds_compile": "compiling", "seconds_train": "learning", "seconds_analyze": "analysis"}
    times = [f"{words} {run.summary[name]:.1f} s" for name, words in named.items() if name in run.summary]
    return f"Wall time: {', '.join(times)}." if times else ""
