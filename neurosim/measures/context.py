"""A trained network with its stimuli, and what is derived from them: each worked out once, when first asked for."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neurosim.measures.response import Response, encoded, with_spikes
from neurosim.measures.seen import dictionaries, in_the_middle, rebuilt, shown_to, side_by_side
from neurosim.networks.models import declared
from neurosim.recipes.compatibility import present_modalities, wanted_modality
from neurosim.recipes.recipe import Recipe
from neurosim.registry.model import Capability
from neurosim.registry.progress import Progress
from neurosim.stimuli.kinds.stimuli import Arrays, Labels, Stimuli, only
from neurosim.stimuli.randomness import stream_of

if TYPE_CHECKING:
    import pandas as pd

    from neurosim.analysis.maps.sheet import Sheet
    from neurosim.measures.mapping.noise import NoiseMap
    from neurosim.recordings.recording import Recording


class Context:
    """What measures are taken of.

    Parameters
    ----------
    network : estimator
        Fitted.
    stimuli : Stimuli
        What it was fitted on; empty for a recording.
    recipe : Recipe
        Whose sections hold bounds and numbers of repetitions.
    conditions : mapping of str to Context, optional
        Of a run that compares several networks: one context for each, by name; the first is the one that the others
        are compared with. The network is None then.
    recording : Recording, optional
        In place of a network: the network is None then, and there are no stimuli that it learned from.
    progress : callable, optional
        Told, in events as `neurosim.runs.progress.TerminalProgress` takes them, before what takes long.
    """

    def __init__(
        self,
        network: Any,
        stimuli: Stimuli,
        *,
        recipe: Recipe,
        conditions: "Mapping[str, Context] | None" = None,
        recording: "Recording | None" = None,
        progress: Progress | None = None,
    ) -> None:
        self.network, self.stimuli, self.recipe, self.recording = network, stimuli, recipe, recording
        self.conditions = dict(conditions or {})
        self._progress = progress

    def say(self, step: str) -> None:
        """Tell the one who waits what is being done, in words."""
        if self._progress is not None:
            self._progress({"stage": "analyze", "step": step})

    @property
    def names(self) -> list[str]:
        """The modalities that were learned from."""
        return self.stimuli.names

    @cached_property
    def present(self) -> list[str]:
        """The modalities that codes are found from."""
        return list(present_modalities(self.recipe.linked, self.names))

    @cached_property
    def want(self) -> str | None:
        """The modality that is recalled, if any."""
        return wanted_modality(self.recipe.linked, self.names)

    @property
    def labels(self) -> Labels | None:
        """Classes of the stimuli, where there are any."""
        return self.stimuli.labels

    @property
    def has_image_fields(self) -> bool:
        """Whether there are fields that stand beside those of cells: of a network on photographs, or recorded."""
        if self.recording is not None:
            return self.recording.fields is not None
        return self.network is not None and self.stimuli.image_space is not None

    def is_of(self, model: str) -> bool:
        """Whether the network is of the model that recipes call so."""
        return self.network is not None and declared(self.network).name == model

    def has(self, capability: Capability) -> bool:
        """Whether the network's model declares a capability."""
        return self.network is not None and declared(self.network).has(capability)

    def shown(self, arrays: Arrays) -> Any:
        """Return stimuli in the modalities that are present, as the network takes them."""
        return shown_to(self.network, {name: arrays[name] for name in self.present})

    @cached_property
    def held_out(self) -> Any:
        """Held-out stimuli in the modalities that are present, as the network takes them."""
        return self.shown(self.stimuli.held_out)

    @cached_property
    def encoded(self) -> Response:
        """The network's code of them, and no spikes: what most measures ask for."""
        n_stimuli = len(next(iter(self.stimuli.held_out.values())))
        self.say(f"encoding {n_stimuli} held-out stimuli from {' and '.join(self.present)}")
        return encoded(self.network, self.held_out)

    @cached_property
    def response(self) -> Response:
        """The same with the spikes behind it, of a network that has any."""
        return with_spikes(self.encoded, self.network, self.held_out)

    @cached_property
    def code(self) -> NDArray[np.floating]:
        """Held-out code (n_test, n_neurons); of neurons that stand at every position of a picture at its middle."""
        return self.of_neurons(self.encoded.code)

    def of_neurons(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return what a network says of all its neurons (n, n_positions * n_neurons) for those of which is told."""
        return values if self.network is None else in_the_middle(self.network, values)

    @cached_property
    def objective(self) -> float:
        """Cost per held-out stimulus, averaged, in the unit of the network's own objective."""
        return float(np.mean(self.network.objective(self.held_out, self.encoded.code)))

    @cached_property
    def rebuilt(self) -> Arrays:
        """What the held-out code stands for in every modality that is present, and recalls in the others."""
        made = rebuilt(self.network, self.encoded.code, self.names, present=self.present)
        # Neurons that adapt while they recall have a code of their own.
        if self.has("modalities") and self.network.recall_adaptation is not None:
            others = {*self.present, *(self.network.completion or ())}
            absent = [name for name in self.names if name not in others]
            made |= {name: self.network.recall(self.held_out, want=name) for name in absent}
        return made

    @cached_property
    def reference(self) -> Arrays:
        """Held-out stimuli as reconstructions refer to them, by modality: standardised where the network does so."""
        if not self.has("standardises"):
            return self.stimuli.held_out
        return {self.names[0]: self.network.standardised(only(self.stimuli.held_out))}

    @cached_property
    def dictionaries(self) -> Arrays:
        """Fields (n_neurons, n_features) by modality."""
        return dictionaries(self.network, self.names)

    @cached_property
    def fields(self) -> dict[str, NDArray[np.float64]]:
        """Fields (n_neurons, height, width) by space: ``"whitened"`` and ``"image"``, or of a recording ``"image"``.

        Where the recipe has fields mapped with noise, the kind that is not compared with cortex stands beside:
        ``"adjoint"`` or ``"reverse_correlated"``.
        """
        if self.recording is not None:
            assert self.recording.fields is not None
            return {"image": self.recording.fields}
        assert self.stimuli.image_space is not None
        whitened = only(self.stimuli.fields(self.dictionaries))
        adjoint = self.stimuli.image_fields(only(self.dictionaries), margin=self.recipe.analysis.margin)
        if self.mapped is None:
            return {"whitened": whitened, "image": adjoint}
        if self.recipe.analysis.fields == "both":
            return {"whitened": whitened, "image": adjoint, "reverse_correlated": self.mapped.fields}
        return {"whitened": whitened, "image": self.mapped.fields, "adjoint": adjoint}

    @cached_property
    def mapped(self) -> "NoiseMap | None":
        """Fields by reverse correlation, where the recipe asks for them."""
        section = self.recipe.analysis
        if section.fields == "adjoint" or self.network is None or self.stimuli.image_space is None:
            return None
        from neurosim.measures.mapping.noise import map_network

        self.say(f"mapping fields with {section.noise_frames} frames of white noise")
        # Whichever measure asks first: the same frames, and no other measure's numbers move.
        rng = stream_of(np.random.SeedSequence(self.recipe.run.seed), "reverse_correlation")
        return map_network(self.network, self.stimuli, section=section, rng=rng)

    @cached_property
    def silence(self) -> float:
        """Activity up to which a neuron counts as silent: zero, or the network's softening."""
        return float(self.network.softening_) if self.has("softened") else 0.0

    @cached_property
    def filters(self) -> "pd.DataFrame | None":
        """Which fields are in use, one row per neuron, of a network all of whose neurons respond to every stimulus."""
        return self.network.filters(self.held_out) if self.has("dense") else None

    @cached_property
    def sheet(self) -> "Sheet | None":
        """The sheet the neurons sit on, row by row, if they have one."""
        from neurosim.analysis.maps.sheet import Sheet

        if not self.has("sheet"):
            return None
        height, width = np.asarray(self.network.positions_).max(axis=0) + 1
        return Sheet(int(height), int(width), torus=bool(self.network.torus))

    # What several measures share.

    @cached_property
    def training_code(self) -> NDArray[np.floating]:
        """Code (n_train, n_neurons) of the stimuli that were learned from."""
        self.say(f"encoding {self.stimuli.n_train} training stimuli from {' and '.join(self.present)}")
        return self.of_neurons(self.network.transform(self.shown(self.stimuli.training)))

    def side_by_side(self, arrays: Arrays) -> NDArray[np.floating]:
        """Return stimuli (n_stimuli, n_features), the modalities that are present side by side."""
        return side_by_side(arrays, self.present)

    @cached_property
    def usage(self) -> NDArray[np.float64]:
        """By how much each neuron is used, zero for a dead one: how often, or what the bound loses without it."""
        from neurosim.analysis.plots.filters import filter_usage

        if self.filters is not None:
            return filter_usage(self.filters)
        usage: NDArray[np.float64] = np.mean(np.abs(self.code) > self.silence, axis=0)
        return usage

    @cached_property
    def neurons(self) -> "pd.DataFrame":
        """One row per neuron: number, ``row`` and ``column`` on a sheet, how it is used, lifetime sparseness.

        How it is used is ``usage``, the share of held-out stimuli it responds to, or where all neurons respond to all
        of them the columns of `filters`. Of a recording its units, as they are called there.
        """
        import pandas as pd

        from neurosim.analysis.codes.sparsity import lifetime_sparseness

        if self.recording is not None:
            return self.recording.units
        places = (
            dict(zip(("row", "column"), np.asarray(self.network.positions_).T, strict=True))
            if self.has("sheet")
            else {}
        )
        used = pd.DataFrame({"usage": self.usage}) if self.filters is None else self.filters
        sparseness = pd.DataFrame({"lifetime_sparseness": lifetime_sparseness(self.code)})
        numbers = pd.DataFrame({"neuron": np.arange(self.code.shape[1]), **places})
        return pd.concat([numbers, used, sparseness], axis=1)

    @cached_property
    def block_of(self) -> NDArray[np.int64] | None:
        """Index of the class that each neuron belongs to, -1 for none; None where neurons belong to no class."""
        return np.asarray(self.network.block_of_, dtype=np.int64) if self.has("labels") else None

    @cached_property
    def fits(self) -> "dict[str, pd.DataFrame]":
        """Gabor fits at the bound the recipe fixed, by space; without an image space, by modality."""
        from neurosim.analysis.fields.gabor import fit_gabors

        section = self.recipe.analysis
        by_modality = self.recording is None and self.stimuli.image_space is None
        pictures = self.stimuli.pictures(self.dictionaries) if by_modality else self.fields
        n_fields = len(next(iter(pictures.values())))
        self.say(f"Gabor fits of {n_fields} fields in {' and '.join(pictures)}")
        return {
            name: fit_gabors(fields, amplitude_bound=section.amplitude_bound, n_starts=section.n_starts)
            for name, fields in pictures.items()
        }
