"""The gratings that the fourteen properties are measured with, stated once, and how properties are read from them."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from neurosim.analysis.tuning.frequency import frequency_properties
from neurosim.analysis.tuning.orientation import orientation_properties
from neurosim.analysis.tuning.phase import PhaseComponents
from neurosim.analysis.tuning.size import size_properties

__all__ = ["PROTOCOL", "GratingSet", "Protocol", "properties_of_sets"]

Floats = NDArray[np.floating[Any]]

_LEAST_FREQUENCIES = 8  # of the fine ones: fewer give no curve with a peak and two flanks


class GratingSet(NamedTuple):
    """Gratings of one set: all conditions at all orientations, each at the phases `GABOR_PHASES`."""

    conditions: list[tuple[float, float]]
    """Frequency (cycles/degree) and diameter (degrees); the tuned parameter runs fastest."""
    orientations: Floats
    """Degrees, of the bars."""


@dataclass(frozen=True, eq=False)
class Protocol:
    """Gratings of full contrast in discs on grey, as Marques et al. 2021 show them.

    Attributes
    ----------
    fine : ndarray
        Frequencies of the frequency set, cycles/degree.
    coarse : ndarray
        Frequencies of the other two.
    diameters : ndarray
        Of the size set, degrees.
    n_left_out : int
        Frequencies of ``fine`` that pixels cannot show (`below`).

    References
    ----------
    Marques, Schrimpf & DiCarlo 2021, doi:10.1101/2021.03.01.433495.

    Examples
    --------
    >>> [len(each.conditions) * len(each.orientations) * len(GABOR_PHASES) for each in PROTOCOL.sets]
    [1152, 2112, 2304]
    """

    fine: Floats
    coarse: Floats
    diameters: Floats
    n_left_out: int = 0

    @property
    def sets(self) -> tuple[GratingSet, GratingSet, GratingSet]:
        """Orientation, frequency and size set."""
        every_30, every_15 = np.arange(0.0, 180.0, 30.0), np.arange(0.0, 180.0, 15.0)
        return (
            GratingSet([(f, n / f) for n, f in product((2, 3, 4), self.coarse)], every_15),
            GratingSet([(f, d) for d, f in product((1.5, 4.5), self.fine)], every_30),
            GratingSet([(f, d) for f, d in product(self.coarse, self.diameters)], every_30),
        )

    def below(self, nyquist_cpd: float) -> "Protocol":
        """Return the protocol without frequencies that pixels cannot show.

        Parameters
        ----------
        nyquist_cpd : float
            Half of the pixels per degree.

        Raises
        ------
        ValueError
            If too few are left to see a peak.

        Examples
        --------
        >>> fewer = PROTOCOL.below(8.0)
        >>> len(fewer.fine), len(fewer.coarse), fewer.n_left_out
        (18, 4, 4)
        """
        fine, coarse = (each[each <= nyquist_cpd] for each in (self.fine, self.coarse))
        if len(fine) < _LEAST_FREQUENCIES or not len(coarse):
            raise ValueError(
                f"expected pixels per degree that show {_LEAST_FREQUENCIES} of the protocol's frequencies without "
                f"aliasing ({2 * self.fine[_LEAST_FREQUENCIES - 1]:.3g} or more), got {2 * nyquist_cpd:.3g}; state "
                "more pixels per degree"
            )
        return replace(
            self, fine=fine, coarse=coarse, n_left_out=self.n_left_out + len(self.fine) - len(fine)
        )


PROTOCOL = Protocol(
    fine=2.0 ** np.linspace(-1.375, 3.875, 22),
    coarse=0.7711 * 2.0 ** np.arange(4),
    diameters=2.0 ** np.linspace(-2.25, 3.25, 12),
)
"""As published."""


def properties_of_sets(
    components: tuple[PhaseComponents, PhaseComponents, PhaseComponents],
    *,
    protocol: Protocol = PROTOCOL,
    spontaneous: Floats,
) -> pd.DataFrame:
    """Measure the properties of units on the protocol's three sets.

    Parameters
    ----------
    components : three PhaseComponents
        Mean and modulation in spikes/s, (n_units, n_conditions, n_orientations), of the orientation, frequency and size
        set.
    protocol : Protocol
        What was shown.
    spontaneous : ndarray (n_units,)
        Rate without a stimulus, spikes/s.

    Returns
    -------
    DataFrame
        For `v1_scoreboard` and `joint_structure`: one row per unit.

    Examples
    --------
    >>> tuned = [np.ones((2, len(each.conditions), len(each.orientations))) for each in PROTOCOL.sets]
    >>> table = properties_of_sets(tuple(PhaseComponents(each, each) for each in tuned), spontaneous=np.zeros(2))
    >>> len(table), bool(table["circular_variance"].isna().all())
    (2, True)
    """
    orientation, frequency, size = components
    tuned = orientation_properties(
        orientation.mean,
        orientations_deg=protocol.sets[0].orientations,
        modulation=orientation.modulation,
        spontaneous=spontaneous,
    )
    frequency = _settings(frequency, len(protocol.fine))
    peaked = frequency_properties(
        frequency.mean,
        frequencies_cpd=protocol.fine,
        modulation=frequency.modulation,
        spontaneous=spontaneous,
    )
    size = _settings(size, len(protocol.diameters))
    sized = size_properties(
        size.mean, diameters_deg=protocol.diameters, modulation=size.modulation, spontaneous=spontaneous
    )
    return pd.concat([tuned, peaked, sized], axis=1)


def _settings(components: PhaseComponents, n_values: int) -> PhaseComponents:
    """Return them with the tuned parameter, the fastest of the conditions, last: (n_units, n_settings, n_values)."""
    return PhaseComponents(
        *(
            np.moveaxis(each.reshape(len(each), -1, n_values, each.shape[2]), 2, 3).reshape(
                len(each), -1, n_values
            )
            for each in components
        )
    )
