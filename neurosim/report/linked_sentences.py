"""What a run on several modalities showed and found, in sentences."""

from collections.abc import Iterator
from typing import Any

from neurosim.results.run_folder import RunFolder

__all__ = ["linked_sentences", "shown_together"]

_READERS = {
    "logistic": "a logistic regression",
    "linear_svm": "a linear support vector machine",
    "rbf_svm": "a support vector machine with a Gaussian kernel",
}


def shown_together(run: RunFolder) -> str:
    """Say what was learned from, and how much of it.

    Parameters
    ----------
    run : RunFolder
        A finished run on stimuli other than photographs.

    Returns
    -------
    str
        Plain text to stand after "learned from".
    """
    n_train, n_test = run.provenance.get("n_train"), run.provenance.get("n_test")
    text = _stimuli(run.section("stimuli"))
    text = f"{n_train:,} {text}" if isinstance(n_train, int) else text
    if isinstance(n_test, int):
        text += f"; every code below is for {n_test:,} it never saw"
    present, modalities = run.provenance.get("present"), run.provenance.get("modalities")
    if isinstance(present, list) and present != modalities:
        text += f", found from {' and '.join(map(str, present))} alone"
    return text


def linked_sentences(run: RunFolder) -> Iterator[str]:
    """Say what codes tell of classes and of modalities that were not shown, and how two eyes are used.

    Parameters
    ----------
    run : RunFolder
        A finished run.

    Yields
    ------
    str
        One sentence for each measure the run has.
    """
    told = [
        f"{words} ({share:.1%})"
        for name, words in _READERS.items()
        if (share := run.number(f"accuracy_{name}")) is not None
    ]
    if told:
        yield f"From the code of a held-out stimulus, its class is told right by {', '.join(told)}."
    right, chance = (run.number(f"clustering_accuracy{suffix}") for suffix in ("", "_shuffled"))
    if right is not None and chance is not None:
        words = f"put {right:.1%} of the held-out stimuli with their class ({chance:.1%} by chance)"
        yield f"Clusters found without labels, through the graph of neurons active together, {words}."
    if (right := run.number("recall_accuracy")) is not None:
        what = run.provenance.get("recalled", "the modality that was not shown")
        yield f"What their codes recall in {what} is nearest to the right class for {right:.1%} of the stimuli."
    inside, chance = run.number("block_purity"), run.number("block_purity_shuffled")
    if inside is not None and chance is not None:
        words = f"{inside:.1%} is in the right ones ({chance:.1%} by chance)"
        yield f"Of the activity in neurons that belong to a class, {words}."
    if (both := run.number("binocular_fraction")) is not None:
        yield f"Both eyes drive {both:.1%} of the neurons."
    index, shuffled = (run.number(f"disparity_discrimination_median{suffix}") for suffix in ("", "_shuffled"))
    if index is not None and shuffled is not None:
        yield f"The median disparity discrimination index is {index:.2f} ({shuffled:.2f} by chance)."


def _stimuli(stimuli: dict[str, Any]) -> str:
    match stimuli.get("kind"):
        case "digits":
            source = {"embedded": "embedded digits", "mnist": "digits of MNIST"}.get(
                str(stimuli.get("source")), "digits"
            )
            if stimuli.get("classes"):
                source += f" ({', '.join(map(str, stimuli['classes']))})"
            shown = stimuli.get("modalities") or []
            return f"{source}, {'shown in handwriting and print' if len(shown) > 1 else 'handwritten'}"
        case "stereo":
            size = stimuli.get("patch_size")
            scene = (
                "a stereo pair"
                if stimuli.get("source") == "motorcycle"
                else "photographs at planted disparities"
            )
            return f"pairs of patches of {size} × {size} pixels, one for each eye, from {scene}"
        case _:
            return "samples of the user's own"
