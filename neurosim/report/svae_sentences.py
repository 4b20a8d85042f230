"""What an autoencoder's filters and bounds are, in sentences."""

from collections.abc import Iterator

from neurosim.results.run_folder import RunFolder

__all__ = ["AUTOENCODERS", "svae_sentences"]

AUTOENCODERS = {"svae": "a sparse-coding variational autoencoder, trained by back-propagation, not Brian2"}
"""Models that are no circuits, and what to say of them."""


def svae_sentences(run: RunFolder) -> Iterator[str]:
    """Say how many filters are in use, and what is known of the likelihood.

    Parameters
    ----------
    run : RunFolder
        A finished run.

    Yields
    ------
    str
        One sentence for each measure the run has.
    """
    if (active := run.number("active_filters")) is not None:
        yield _filters(run, active)
    if (elbo := run.number("elbo_nats")) is not None:
        yield _bounds(run, elbo)


def _filters(run: RunFolder, active: float) -> str:
    text = f"Of {len(run.fields)} filters {active:.0f} are active: without one the bound falls by more than .05 nats"
    others = [
        f"{number:.0f} {words}"
        for name, words in {
            "active_gabor_filters": "of them are Gabor-like, fits at a bound included",
            "active_filters_norm": "filters are longer than half of the longest",
            "worthwhile_filters": "are worth more than their guesses cost",
        }.items()
        if (number := run.number(name)) is not None
    ]
    return text + (f" ({'; '.join(others)})." if others else ".")


def _bounds(run: RunFolder, elbo: float) -> str:
    interval = run.summary.get("elbo_nats_interval")
    within = f" (95 % interval {interval[0]:.1f} to {interval[1]:.1f})" if interval else ""
    text = f"The log likelihood of a held-out stimulus is at least {elbo:.1f} nats{within}"
    likelihood = run.section("likelihood")
    if (weighted := run.number("iwae_nats")) is not None:
        samples = likelihood.get("n_samples")
        text += f", {weighted:.1f} by {f'{samples} ' if samples else ''}importance samples"
    if (annealed := run.number("ais_nats")) is not None:
        text += f", {annealed:.1f} by annealed sampling"
        if (gap := run.number("ais_gap_nats")) is not None:
            text += f", whose bounds from both sides are {gap:.1f} nats apart on stimuli drawn from the network itself"
    if (above := run.number("elbo_over_noise_nats")) is not None:
        text += (
            f"; the bound is {above:.1f} nats above white noise of the stimuli's size (one nat is a factor of e in "
            "probability), whatever their unit, which moves all the others by one constant"
        )
    return f"{text}."
