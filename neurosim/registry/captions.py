"""Title, caption and text alternative of every figure a run folder can hold, in the order of the page."""

from typing import NamedTuple

__all__ = ["CAPTIONS", "TABLES", "Caption", "caption_of"]


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
        "Mid-grey is zero; each field has its own scale. A red frame marks a neuron that never answered. Of an "
        "autoencoder, all of whose neurons answer, usage is what the bound loses without the filter, and a red frame "
        "marks one that is not active.",
        "Grid of small grey images, one per neuron: the learned receptive fields on whitened patches.",
    ),
    "arms": Caption(
        "All arms against macaque V1",
        "Envelope size in carrier cycles of the Gabor-like fields of every network in image space (points), over the "
        "counts of 79 macaque simple cells (shaded bins; Ringach 2002, J Neurophysiol 88:455), and the joint "
        "Jensen–Shannon divergence of each, as measured and without its bias, with the 95 % interval of the latter.",
        "One scatter of n_x against n_y over shaded macaque counts per network, and a panel of their distances.",
    ),
    "arms_sweep": Caption(
        "How much the amplitude bound matters",
        "Divergence of every network from macaque, in image space and as measured, for other bounds on the amplitude "
        "of the fit than the one fixed beforehand (dashed).",
        "Line plot of the Jensen–Shannon divergence against the bound on the Gabor amplitude, one line per network.",
    ),
    "image_fields": Caption(
        "Receptive fields in the image",
        "The same neurons in the same order, seen through the whitening filter: what an experimenter would "
        "map "
        "with images. This is the space the comparison with cortex is about.",
        "Grid of small grey images, one per neuron: the receptive fields in image space.",
    ),
    "linked_fields": Caption(
        "Fields in every modality",
        "The same neuron in the same place; those that belong to a class stand together, else the most used come "
        "first. Mid-grey is zero; the fields of a neuron share one scale, so that one that lives in a single "
        "modality is grey in the other.",
        "One grid of small grey images per modality: the fields of the same neurons.",
    ),
    "learning_curve": Caption(
        "Learning",
        "Objective per stimulus, share of active neurons and learning rate, batch by batch, on training "
        "stimuli. A spiking network works out its objective once per run of batches. Of an autoencoder, minus the "
        "bound on the log likelihood, and its two parts, the log likelihood given guessed activities and their "
        "divergence from the prior, in nats.",
        "Line plots over the batches of training: objective or bound with its parts, active neurons in percent, "
        "learning rate.",
    ),
    "nx_ny": Caption(
        "Shape of the fields against macaque V1",
        "Envelope size in carrier cycles, across (n_x) and along (n_y) the bars, of the Gabor-like fields "
        "(points), over "
        "the counts of 79 macaque simple cells (shaded bins; Ringach 2002, J Neurophysiol 88:455). JS: joint "
        "Jensen–Shannon divergence as measured, and without its bias with a 95 % interval. Triangles lie beyond the "
        "table and count in its outer bins. The comparison with cortex is the one in the image.",
        "Scatter of n_x against n_y on logarithmic axes over shaded macaque counts, one panel per space.",
    ),
    "amplitude_bound": Caption(
        "How much the amplitude bound matters",
        "A two-lobed field is fitted equally well by ever larger, slower Gabors, so the fit's amplitude is "
        "bounded. "
        "The bound was fixed beforehand (dashed); the divergence from macaque without its bias, and its 95 % "
        "interval, are shown for others too.",
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
    "orientation_map": Caption(
        "Orientation map",
        "Preferred orientation of every neuron at its place on the sheet, paler where the neuron is less selective, "
        "grey where the Gabor fit is not good enough (R² of .7 or less). Discs are pinwheels, around which all "
        "orientations lie, of the map smoothed with a Gaussian of one neuron: white ones turn the way one walks "
        "around them, black ones against it.",
        "Grid of coloured squares, one per neuron, the colour telling the orientation, with discs at pinwheels.",
    ),
    "sheet_fields": Caption(
        "Fields on the sheet",
        "Receptive fields on whitened patches, each where its neuron sits. Mid-grey is zero; each field has its own "
        "scale.",
        "Grid of small grey images laid out as the neurons are on their sheet.",
    ),
    "sheet_similarity": Caption(
        "Similarity with distance on the sheet",
        "Left, the cosine of two neurons' fields; right, the correlation of their answers to held-out stimuli, both by "
        "magnitude where activity is of both signs. Bars are 95 % intervals over resampled neurons, the band is what "
        "the same neurons give in shuffled places.",
        "Line plots of mean similarity against distance over a band for shuffled places.",
    ),
    "recall": Caption(
        "Recall of what was not shown",
        "Held-out stimuli of one modality alone, what their code makes of that modality, what it recalls in the "
        "other one, and what belongs there. The two rows of one modality share a grey scale.",
        "Rows of small grey images: given, rebuilt, recalled and wanted.",
    ),
    "blocks": Caption(
        "Activity of the neurons that belong to each class",
        "Mean activity of each block of neurons to held-out stimuli of each class, in percent of the row. Labels "
        "reached the network while it learned, as currents into the block of the right class, and never since.",
        "Heat map of classes against blocks of neurons, with percentages.",
    ),
    "pca": Caption(
        "Principal components",
        "Held-out stimuli, each drawn as its class, on the two directions of largest variance of the stimuli "
        "themselves and of their codes.",
        "Two scatter plots of digits, one of stimuli and one of codes.",
    ),
    "tsne": Caption(
        "t-SNE",
        "The same stimuli, placed so that neighbours stay neighbours. Distances between clusters and their sizes "
        "mean nothing here: silhouette and neighbour_purity measure separation in the space itself.",
        "Two scatter plots of digits, one of stimuli and one of codes.",
    ),
    "disparity": Caption(
        "Disparity",
        "Answers to whitened random dots. Tuning curves of the neurons that discriminate best, preferred disparity "
        "(negative is nearer than fixation) and discrimination index of neurons tuned at p < .01, and ocular "
        "dominance of all fields.",
        "Four panels: tuning curves, and histograms of preferred disparity, discrimination index and dominance.",
    ),
    "sparsity": Caption(
        "Sparsity of the code",
        "Held-out stimuli. Activity that is not zero (or above the softening, where a network has one); sparseness of "
        "each living neuron over stimuli (Vinje & Gallant 2000); active neurons per stimulus; and how often each "
        "neuron answers.",
        "Four panels: histogram of activity, of lifetime sparseness, of active neurons per stimulus, and "
        "usage by rank.",
    ),
    "filters": Caption(
        "Filters in use",
        "What the bound on held-out stimuli loses when a filter is set to zero and the guessed activities stay, in "
        "falling order, with what those guesses cost, and norms in the same order. A filter is active above .05 nats "
        "(dashed); half of the largest norm is dashed too.",
        "Two panels over the rank of the filter: fall and cost in nats on a logarithmic axis, and norm.",
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
        "Stimuli, what the code says of them, and the error on the same grey scale, evenly spaced "
        "from the best "
        "to the worst reconstructed. Above each, its signal-to-noise ratio.",
        "Rows of small grey images: stimuli, their reconstructions and the errors.",
    ),
}

_ARM = "dictionary_"


def caption_of(stem: str) -> Caption | None:
    """Return the words that go with a figure, or None if nobody knows it.

    Parameters
    ----------
    stem : str
        The file's name; ``dictionary_<arm>`` is that of one network among several.

    Examples
    --------
    >>> caption_of("dictionary_l1").title
    'Receptive fields of l1 as learned'
    """
    if stem in CAPTIONS or not stem.startswith(_ARM):
        return CAPTIONS.get(stem)
    words = CAPTIONS["dictionary"]
    return words._replace(title=f"Receptive fields of {stem.removeprefix(_ARM)} as learned")


TABLES: dict[str, str] = {
    "bound_sweep": "Distance to macaque V1 by space and bound on the amplitude: divergence in bits as measured, "
    "without its bias and with its 95 % interval (low, high), what as many fields of the cells' own distribution would "
    "give (floor_bits), and the Gabor-like fields: their number, medians in cycles (macaque .365 and .445) and the "
    "share that is broadly tuned (macaque .24). The claim is image space at the bound of the recipe (bound_sweep.csv).",
    "arms": "All arms in both spaces: divergence from macaque in bits, without its bias (corrected) and with its 95 % "
    "interval, the difference from the first arm (negative is closer to macaque) with its interval against the same "
    "resampled cells, the Gabor-like fields, those left out by the first reason that holds, and held-out codes "
    "(arms.csv).",
    "arms_bandwidths": "Bandwidth of every arm's fields without fitting, quartiles: spatial frequency in octaves, "
    "orientation in degrees (arms_bandwidths.csv).",
    "classification": "What classifiers tell from held-out codes, and from the stimuli themselves (raw); settings "
    "were searched on training stimuli (classification.csv).",
    "recall": "What is recalled of the modality that was not shown, by class (recall.csv).",
    "blocks": "Activity in the block of the right class (purity) and how often that block is the most active "
    "(accuracy); shuffled: labels dealt out at random (blocks.csv).",
}
"""Caption of every table a run folder can hold that the page shows, in the order of the page."""
