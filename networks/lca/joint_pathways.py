"""Pathways of several modalities together: fields whose joint norm is kept, and the overlaps of all."""

from typing import Any

import numpy as np
from brian2.core.variables import ArrayVariable

from neurosim.engine.operation import Operation
from neurosim.engine.shared.weights import SharedFields, SharedOverlaps, compare_jointly
from neurosim.networks.lca.pathways import InputPathway, Lateral

__all__ = ["compare_joined", "scale_jointly"]


def scale_jointly(pathways: list[InputPathway]) -> Operation:
    """Scale each neuron's fields in all modalities together: their squares, times the gains, sum to one."""

    def scale(**given: Any) -> None:
        matrices = [given[f"weights{k}"].reshape(p.dictionary.shape) for k, p in enumerate(pathways)]
        squares = sum(
            given[f"gain{k}"][0] * np.einsum("np,np->n", matrix, matrix) for k, matrix in enumerate(matrices)
        )
        norms = np.sqrt(np.where(squares > 0, squares, 1))[:, np.newaxis]
        for matrix in matrices:
            np.divide(matrix, norms, out=matrix)

    arrays, sizes = _joined_arrays(pathways)
    n_neurons = pathways[0].dictionary.shape[0]
    sums = "".join(f" + gain{k}[0] * dot(w{k}, w{k}, n_pixels{k})" for k in range(len(pathways)))
    rows = "".join(
        f"auto* w{k} = weights{k} + (size_t)j * n_pixels{k}; " for k in range(len(pathways))
    )  # fmt: skip
    divide = "".join(f"for (int i = 0; i < n_pixels{k}; ++i) w{k}[i] /= norm; " for k in range(len(pathways)))
    cpp = (
        f"for (int j = 0; j < n_neurons; ++j) {{ {rows}\n"
        f"const auto norm = std::sqrt(0{sums});\nif (norm > 0) {{ {divide} }} }}\nreturn 0;"
    )
    return Operation("scale_jointly", arrays, cpp, scale, sizes={"n_neurons": n_neurons, **sizes})


def compare_joined(pathways: list[InputPathway], lateral: Lateral) -> Operation:
    """Compute Σ_m g_m Φ_m Φ_mᵀ − I afresh, with the modalities' gains g: products of fields laid side by side."""
    if isinstance(lateral, SharedOverlaps):
        fields = [pathway.dictionary for pathway in pathways if isinstance(pathway.dictionary, SharedFields)]
        return compare_jointly(fields, [p.gain for p in pathways if p.gain is not None], lateral)

    def compare(lateral: Any, **given: Any) -> None:
        joined = np.hstack([
            np.sqrt(given[f"gain{k}"][0]) * given[f"weights{k}"].reshape(p.dictionary.shape)
            for k, p in enumerate(pathways)
        ])  # fmt: skip
        overlaps = joined @ joined.T
        overlaps[np.diag_indices_from(overlaps)] -= 1
        lateral[:] = overlaps.ravel()

    arrays, sizes = _joined_arrays(pathways)
    n_neurons = pathways[0].dictionary.shape[0]
    width = " + ".join(sizes)
    copies = "".join(
        f"for (int i = 0; i < n_pixels{k}; ++i)\n"
        f"  *row++ = std::sqrt(gain{k}[0]) * weights{k}[(size_t)j * n_pixels{k} + i];\n"
        for k in range(len(pathways))
    )
    cpp = (
        f"const int width = {width};\n"
        "std::vector<std::remove_reference<decltype(lateral[0])>::type> joined((size_t)n_neurons * width);\n"
        f"auto* row = joined.data();\nfor (int j = 0; j < n_neurons; ++j) {{\n{copies}}}\n"
        "const Block all = {0, n_neurons, 0, width};\n"
        "row_overlaps(joined.data(), lateral, n_neurons, width, all); return 0;"
    )
    return Operation(
        "compare_joined",
        {"lateral": lateral.variable, **arrays},
        cpp,
        compare,
        sizes={"n_neurons": n_neurons, **sizes},
    )


def _joined_arrays(pathways: list[InputPathway]) -> tuple[dict[str, ArrayVariable], dict[str, int]]:
    arrays: dict[str, ArrayVariable] = {}
    for k, pathway in enumerate(pathways):
        assert pathway.gain is not None
        arrays |= {f"weights{k}": pathway.dictionary.variable, f"gain{k}": pathway.gain}
    return arrays, {f"n_pixels{k}": pathway.dictionary.shape[1] for k, pathway in enumerate(pathways)}
