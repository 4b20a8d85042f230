"""From responses over phases to what tuning is measured on: mean and modulation."""

import numpy as np
import xarray as xr

from neurosim.analysis.tuning.phase import phase_components

__all__ = ["over_phases"]


def over_phases(found: xr.Dataset) -> xr.Dataset:
    """Split responses over the phases of a grating into their mean and their modulation.

    Parameters
    ----------
    found : Dataset
        From an experiment with gratings: ``response`` with the dimension ``phase_rad``.

    Returns
    -------
    Dataset
        ``mean`` (F0) and ``modulation`` (F1) with the other dimensions, in the unit of the responses, and ``blank``;
        all of `found`'s coordinates and attributes, and of angles also those in degrees (``orientation_deg`` beside
        ``orientation_rad``), which `neurosim.analysis`' properties are told in.

    Raises
    ------
    ValueError
        If there are no phases, or they do not go round in equal steps.

    Examples
    --------
    >>> response = xr.DataArray([[1.0, 0.0, 0.0, 0.0]], dims=("unit", "phase_rad"))
    >>> found = xr.Dataset({"response": response}, coords={"phase_rad": np.arange(4) * np.pi / 2})
    >>> over_phases(found).modulation.values
    array([0.5])
    """
    if "phase_rad" not in found.coords or "phase_rad" not in found.response.dims:
        raise ValueError(
            f"expected responses over phase_rad, got the dimensions {', '.join(map(str, found.response.dims))}"
        )
    response = found.response.transpose(..., "phase_rad")
    split = phase_components(response.values, phases_deg=np.rad2deg(found.phase_rad.values))
    rest = found.drop_vars(["response", "phase_rad"])
    dims = response.dims[:-1]
    degrees = {
        f"{str(name).removesuffix('_rad')}_deg": (name, np.rad2deg(found[name].values))
        for name in dims
        if str(name).endswith("_rad")
    }
    return rest.assign(mean=(dims, split.mean), modulation=(dims, split.modulation)).assign_coords(degrees)
