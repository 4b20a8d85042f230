"""Sweeps: one recipe with many settings, on this machine or a cluster, one folder for all and one table.

The names below are imported when they are first used.
"""

from typing import TYPE_CHECKING

from neurosim._faces import lazy_face

if TYPE_CHECKING:
    from neurosim.sweeps.figure import sweep_figure
    from neurosim.sweeps.plan import Plan, plan_of
    from neurosim.sweeps.sweeping import sweep
    from neurosim.sweeps.table import over_seeds, sweep_table
    from neurosim.sweeps.values import SweepError

__all__ = ["Plan", "SweepError", "over_seeds", "plan_of", "sweep", "sweep_figure", "sweep_table"]

_HOMES = {
    "Plan": "neurosim.sweeps.plan",
    "SweepError": "neurosim.sweeps.values",
    "over_seeds": "neurosim.sweeps.table",
    "plan_of": "neurosim.sweeps.plan",
    "sweep": "neurosim.sweeps.sweeping",
    "sweep_figure": "neurosim.sweeps.figure",
    "sweep_table": "neurosim.sweeps.table",
}

__getattr__, __dir__ = lazy_face("neurosim.sweeps", _HOMES)
