"""Objects whose work a loop of the package does."""

import gc

from brian2 import NeuronGroup
from brian2.utils.logger import catch_logs

from neurosim.engine.backend import activated
from neurosim.engine.dense import DensePathway
from neurosim.engine.step_parts import outside_networks


def complaints_about(*, told: bool) -> list[str]:
    """What Brian2 says when a pathway is freed that was never in a network."""
    with activated("numpy"), catch_logs() as logs:
        group = NeuronGroup(2, "a : 1\nb : 1", name=f"freed_{told}")
        pathway = DensePathway(
            group, group, [[0, 1], [1, 0]], transmits="a", into="b", name=f"freed_pathway_{told}"
        )
        if told:
            outside_networks([group, pathway])
        del group, pathway
        gc.collect()
    # Other tests' objects may be freed at the same moment.
    return [message for _, _, message in logs if "'freed_" in message and "never included" in message]


def test_brian2_does_not_complain_of_objects_whose_work_a_loop_does() -> None:
    assert not complaints_about(told=True)
    assert complaints_about(told=False)
