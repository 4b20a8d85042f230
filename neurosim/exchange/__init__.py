"""Exchange: networks and runs in the formats of other tools, and as a model that others can call.

The names below are imported when they are first used.
"""

from typing import TYPE_CHECKING

from neurosim._faces import lazy_face

if TYPE_CHECKING:
    from neurosim.exchange.image_model import ImageModel
    from neurosim.exchange.labelled import to_xarray
    from neurosim.exchange.neo_file import neo_block, write_neo
    from neurosim.exchange.nir_graph import to_nir, write_nir
    from neurosim.exchange.nwb import write_nwb
    from neurosim.exchange.tidy import to_table, write_csv
    from neurosim.recordings.nwb_files import read_nwb

__all__ = [
    "ImageModel",
    "neo_block",
    "read_nwb",
    "to_nir",
    "to_table",
    "to_xarray",
    "write_csv",
    "write_neo",
    "write_nir",
    "write_nwb",
]

_HOMES = {
    "ImageModel": "neurosim.exchange.image_model",
    "neo_block": "neurosim.exchange.neo_file",
    "read_nwb": "neurosim.recordings.nwb_files",
    "to_nir": "neurosim.exchange.nir_graph",
    "to_table": "neurosim.exchange.tidy",
    "to_xarray": "neurosim.exchange.labelled",
    "write_csv": "neurosim.exchange.tidy",
    "write_neo": "neurosim.exchange.neo_file",
    "write_nir": "neurosim.exchange.nir_graph",
    "write_nwb": "neurosim.exchange.nwb",
}

__getattr__, __dir__ = lazy_face(__name__, _HOMES)
