"""What every network can do with files, and the front end that it carries."""

import os
from typing import TYPE_CHECKING, Any

from neurosim._turns import one_at_a_time

if TYPE_CHECKING:
    from neurosim.front_end.parallel import AnyFrontEnd

__all__ = ["Saving"]


class Saving:
    """Base of all networks: they can be saved, and carry what lies between an image and them.

    Attributes
    ----------
    front_end_ : FrontEnd or None
        What makes the network's stimuli of images: one filter and gain for learning, laboratory and image space. A run
        sets it from its recipe; set it yourself (``net.front_end_ = FrontEnd(...)``) where you filter yourself. `fit`
        leaves it as it is.
    """

    front_end_: "AnyFrontEnd | None" = None

    @one_at_a_time()
    def save(self, path: "str | os.PathLike[str]") -> None:
        """Write the network to a file that `neurosim.load` makes it of again.

        Parameters, learned attributes, front end and versions are kept, every number to the last bit. The file is
        netCDF (HDF5): weights are labelled arrays that any netCDF reader shows. Whether `random_state` is a seed or a
        generator, it is kept: a generator in its present state, so that the loaded network draws what this one would
        draw next.

        Parameters
        ----------
        path : str or path
            Of the file, by custom ``….nc``. An earlier file of that name is replaced once the new one is whole.

        Raises
        ------
        TypeError
            If a parameter or an attribute holds what no file can, such as a function in `namespace`.
        ValueError
            If the folder is missing, or `path` is one.
        OSError
            If there is no room.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> import numpy as np
        >>> import neurosim
        >>> net = neurosim.LCA.from_dictionary(np.eye(3), threshold=0.5, backend="numpy")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     net.save(Path(folder) / "net.nc")
        ...     again = neurosim.load(Path(folder) / "net.nc")
        >>> again.threshold, bool((again.dictionary_ == net.dictionary_).all())
        (0.5, True)
        """
        from neurosim.networks.saving.saved_network import save_network

        network: Any = self
        save_network(network, path)
