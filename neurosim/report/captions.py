"""Title, caption and text alternative of every figure a run folder can hold, in the order of the page."""

from typing import NamedTuple

__all__ = ["CAPTIONS", "Caption"]


class Caption(NamedTuple):
    """Words that go with a figure."""

    title: str
    text: str
    alternative: str
    """What the figure shows, for somebody who cannot see it."""


CAPTIONS: dict[str, Caption] = {
    "dictionary": Caption(
        "Receptive fields as learned",
        "Rows of the dictionary, which live on whitened patches, in falling order of usage on held-out "
        "stimuli. "
        "Mid-grey is zero; each field has its own scale. A red frame marks a neuron that never answered.",
        "Grid of small grey images, one per neuron: the learned receptive fields on whitened patches.",
    ),
    "image_fields": Caption(
        "Receptive fields in the image",
        "The same neurons in the same order, seen through the whitening filter: what an experimenter would "
        "map "
        "with images. This is the space the comparison with cortex is about.",
        "Grid of small grey images, one per neuron: the receptive fields in image space.",
    ),
    "learning_curve": Caption(
        "Learning",
        "Objective per stimulus, share of active neurons and learning rate, batch by batch, on training "
        "patches. A spiking network works out its objective once per run of batches.",
        "Three line plots over the batches of training: objective, active neurons in percent, learning rate.",
    ),
    "nx_ny": Caption(
        "Shape of the fields against macaque V1",
        "Envelope size in carrier cycles, across (n_x) and along (n_y) the bars, of the Gabor-like fields "
        "(points), over "
        "the counts of 79 macaque simple cells (shaded bins; Ringach 2002, J Neurophysiol 88:455). JS: joint "
        "Jensen–Shannon divergence with its 95 % bootstrap interval. Triangles lie beyond the table and "
        "count in its "
        "outer bins.",
        "Scatter of n_x against n_y on logarithmic axes over shaded macaque counts, one panel per space.",
    ),
    "amplitude_bound": Caption(
        "How much the amplitude bound matters",
        "A two-lobed field is fitted equally well by ever larger, slower Gabors, so the fit's amplitude is "
        "bounded. "
        "The bound was fixed beforehand (dashed); the divergence from macaque is shown for others too.",
        "Line plot of the Jensen–Shannon divergence against the bound on the Gabor amplitude, one line per "
        "space.",
    ),
    "orientation_frequency": Caption(
        "Orientation and spatial frequency",
        "Left, the Gabor-like fields on whitened patches in the frequency plane: angle is the direction of "
        "the "
        "wave vector (clockwise, as rows of the image run downwards), radius the frequency; each field is "
        "drawn "
        "at its wave vector and at the opposite one, which are the same wave. Right, the two distributions.",
        "Polar scatter of orientation and frequency of the fitted fields, with a histogram of each.",
    ),
    "sparsity": Caption(
        "Sparsity of the code",
        "Held-out stimuli. Activity that is not zero; sparseness of each living neuron over stimuli (Vinje "
        "& Gallant "
        "2000); active neurons per stimulus; and how often each neuron answers.",
        "Four panels: histogram of activity, of lifetime sparseness, of active neurons per stimulus, and "
        "usage by rank.",
    ),
    "rates": Caption(
        "Firing rates",
        "Mean number of spikes of each neuron per held-out stimulus, over the population.",
        "Histogram of the neurons' mean spikes per stimulus with a line at the population's mean.",
    ),
    "raster": Caption(
        "Spikes of some held-out stimuli",
        "One mark per spike, one row per neuron; membranes start from rest when the stimulus appears. Where each "
        "field has two neurons, those that answer its opposite are the upper half.",
        "Raster of spikes over time, neurons from the bottom up, one panel per stimulus.",
    ),
    "reconstructions": Caption(
        "Reconstruction of held-out stimuli",
        "Whitened patches, what the code says of them, and the error on the same grey scale, evenly spaced "
        "from the best "
        "to the worst reconstructed. Above each, its signal-to-noise ratio.",
        "Rows of small grey images: stimuli, their reconstructions and the errors.",
    ),
}
