"""A paragraph on methods with its references, ready to be pasted into a paper, from what a run's files say."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from neurosim.measures.learning import population_words
from neurosim.measures.modalities import shown_together
from neurosim.networks.models import MODELS
from neurosim.registry.model import Model
from neurosim.results.run_folder import RunFolder

__all__ = ["Methods", "methods", "models_of"]

_BRIAN2 = "Stimberg M, Brette R, Goodman DFM (2019), Brian 2, eLife 8:e47314, doi:10.7554/eLife.47314"
_WHITENING = (
    "Olshausen BA, Field DJ (1997), Sparse coding with an overcomplete basis set, Vision Res 37:3311–3325, "
    "doi:10.1016/S0042-6989(97)00169-7"
)
_GABOR = (
    "Jones JP, Palmer LA (1987), An evaluation of the two-dimensional Gabor filter model of simple receptive fields in "
    "cat striate cortex, J Neurophysiol 58:1233–1258, doi:10.1152/jn.1987.58.6.1233"
)
RINGACH = (
    "Ringach DL (2002), Spatial structure and symmetry of simple-cell receptive fields in macaque primary visual "
    "cortex, J Neurophysiol 88:455–463, doi:10.1152/jn.2002.88.1.455"
)
_MARQUES = (
    "Marques T, Schrimpf M, DiCarlo JJ (2021), Multi-scale hierarchical neural network models that bridge from single "
    "neurons in the primate primary visual cortex to object recognition behavior, doi:10.1101/2021.03.01.433495"
)


class Methods(NamedTuple):
    """What a paper says of a run."""

    text: str
    references: list[str]


def methods(run: RunFolder) -> Methods | None:
    """Return the paragraph and what it cites, or None of a run that trained no single network.

    Parameters
    ----------
    run : RunFolder
    """
    network = run.section("network")
    if not network.get("model") or not run.section("stimuli"):
        return None
    sentences = list(_sentences(run, network))
    references = list(dict.fromkeys(cited for _, several in sentences for cited in several))
    numbered = [_numbered(text, several, references) for text, several in sentences]
    return Methods(" ".join(numbered), references)


def models_of(run: RunFolder) -> list[Model]:
    """Return the models that a run trained, each once, in the order of its recipe."""
    conditions = [each.get("network", {}) for each in run.recipe.get("arms", [])]
    names = [network.get("model") for network in conditions or [run.section("network")]]
    return [model for name in dict.fromkeys(names) for model in MODELS if model.name == name]


def _sentences(run: RunFolder, network: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield sentences, each with what it cites."""
    model = [model.citation for model in models_of(run)]
    yield f"{population_words(run)} learned from {_shown(run)}.", model
    filtered = run.section("stimuli").get("whitening")
    if isinstance(filtered, dict) and filtered.get("kind") == "olshausen":
        steep = ", ".join(f"{name} {filtered[name]}" for name in ("cutoff", "ramp") if name in filtered)
        yield f"The whitening filter was that of Olshausen & Field ({steep}, cycles/pixel).", [_WHITENING]
    yield f"Parameters were {', '.join(_values(network))}; the seed was {_seed(run)}.", []
    yield _software(run), [] if any(each.has("likelihood") for each in models_of(run)) else [_BRIAN2]
    if run.number("gabor_fraction") is not None:
        yield "Fields were described by Gabor functions, fitted by least squares.", [_GABOR]
    if any(name.startswith("v1_nxny_js_bits") for name in run.summary):
        yield (
            "The shape of the fields in image space (n_x, n_y) was compared with that of macaque simple cells by the "
            "Jensen–Shannon divergence, without the bias of few cells and with a bootstrap interval.",
            [RINGACH],
        )
    if run.number("v1_similarity_mean") is not None:
        yield (
            "Responses to gratings were compared with those of macaque V1 in fourteen properties.",
            [_MARQUES],
        )


def _shown(run: RunFolder) -> str:
    # A page has its codes below, a paper has them elsewhere.
    return shown_together(run).replace("every code below is for", "it was measured on")


def _numbered(text: str, cited: list[str], references: list[str]) -> str:
    numbers = ", ".join(str(references.index(each) + 1) for each in cited)
    return f"{text.removesuffix('.')} [{numbers}]." if cited else text


def _values(network: dict[str, Any]) -> Iterator[str]:
    for name, value in network.items():
        if name not in ("model", "backend") and value is not None and not isinstance(value, dict | list):
            yield f"{name} {str(value).lower() if isinstance(value, bool) else value}"


def _seed(run: RunFolder) -> Any:
    return run.provenance.get("seed", run.section("run").get("seed", 0))


def _software(run: RunFolder) -> str:
    packages = run.provenance.get("packages", {})
    with_versions = [f"{name} {packages[name]}" for name in ("brian2", "numpy") if packages.get(name)]
    beside = f" with {' and '.join(with_versions)}" if with_versions else ""
    return f"Simulations were done in neurosim {run.provenance.get('neurosim', '')}".rstrip() + f"{beside}."
