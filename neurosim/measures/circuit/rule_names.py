"""What the names in learning rules mean."""

import re
from collections.abc import Iterable

__all__ = ["meanings"]

_NAME = re.compile(r"[A-Za-z_]\w*")
_MEANINGS = {
    "w": "the weight of the synapse",
    "eta": "step: network.learning_rate over the mean square of the stimuli, lower from batch to batch as the recipe's "
    "schedule has it",
    "a_post": "activity of the neuron the weight leads to, once it has settled",
    "r_pre": "residual at the pixel: the stimulus minus what the population's activity explains of it",
    "s_pre": "the stimulus at the pixel",
    "n_post": "spikes of the neuron the weight leads to, while the stimulus was shown",
    "n_pre": "spikes of the neuron the weight comes from, while the stimulus was shown",
    "mean_n_post": "mean of n_post over the stimuli of the batch",
    "mean_n_pre": "mean of n_pre over the stimuli of the batch",
    "alpha": "step of the lateral weights: network.lateral_rate, times network.learning_rate as its schedule has it",
    "expected": "product of two spike counts if neurons were independent and on target: network.target_rate squared",
    "beta": "step of the fields: network.field_rate (of E-I Net over the presentation in time constants), times "
    "network.learning_rate as its schedule has it",
    "kappa": "step: network.excite_rate, inhibit_rate or disinhibit_rate over the presentation in time constants, "
    "times network.learning_rate as its schedule has it",
    "pull": "weight of the pull towards the stimuli a neuron is active for: twice network.locality",
    "edge_post": "weight of the edge between stimulus and neuron; 1 without a graph",
    "curvature_post": "running mean of how fast the error of a field grows with its activity",
    "field_pre": "the field of one of the two neurons, over all pixels and modalities",
    "field_post": "the field of the other",
    "w_first": "the weight of the first neuron of a pair",
    "w_second": "the weight of the second, which stands for the other sign",
    "norm": "length of the difference over all pixels, so that fields have length 1",
    "theta": "threshold of the neuron",
    "gain": "factor of the neuron's drive",
    "rate": "step: network.homeostasis_rate, times network.learning_rate as its schedule has it",
    "target": "network.target_rate, of inhibitory neurons inhibitory_rate over the presentation; of equalisation the "
    "share of stimuli each level is exceeded for",
    "mean_n": "spikes of the neuron, mean over the stimuli of the batch",
    "mean_square_n": "squared spikes of the neuron, mean over the stimuli of the batch",
    "memory": "running value that the neuron keeps: its mean square count, or of equalisation the level of its drive",
    "level": "mean of all neurons' levels",
    "share_above": "share of the stimuli of the batch whose drive exceeds the neuron's level",
}


def meanings(rules: Iterable[str]) -> list[tuple[str, str]]:
    """Return the names that occur in rules, with what each means, in the order of first use.

    Examples
    --------
    >>> [name for name, _ in meanings(["w += eta*a_post*r_pre"])]
    ['w', 'eta', 'a_post', 'r_pre']
    """
    used = dict.fromkeys(name for rule in rules for name in _NAME.findall(rule))
    return [(name, _MEANINGS[name]) for name in used if name in _MEANINGS]
