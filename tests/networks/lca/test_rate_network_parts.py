"""Rate networks: few methods that a model may have its own of, asked in the order that is told, in few rooms."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from neurosim.networks import LCA, WLSC, LinkedLCA, OrdinalLinkedLCA, ParallelLCA, TopographicLCA
from neurosim.networks.estimator import backend_choice
from neurosim.networks.lca import rate_network
from neurosim.networks.lca.encoding import Encoding
from neurosim.networks.lca.rate_network import RateNetwork
from neurosim.networks.lca.recording import Recording

ROOT = Path(__file__).resolve().parents[3]
STIMULI = np.random.default_rng(0).standard_normal((40, 16))
TOLD = re.findall(r"^\d\. `(_\w+)`", rate_network.__doc__, re.MULTILINE)
ROOMS = 13


def small(model=LCA, **options):
    return model(8, batch_size=10, backend="numpy", random_state=0, **options)


def test_a_fit_goes_through_few_rooms_outside_the_engine(monkeypatch):
    """Files of the package, those of the engine apart, in which a function is entered by the first call of `fit`.

    Bodies of modules and classes do not count. The circuit is built anew, as in a fresh process.
    """
    monkeypatch.setattr(backend_choice, "_CIRCUITS", type(backend_choice._CIRCUITS)())
    entered = set()

    def enter(frame, event, _):
        if event == "call" and not frame.f_code.co_name.startswith("<module"):
            entered.add(frame.f_code.co_filename)

    net, before = small(), sys.getprofile()
    sys.setprofile(enter)
    try:
        net.fit(STIMULI)
    finally:
        sys.setprofile(before)
    tops = [ROOT / top for top in ("neurosim", "networks", "stimuli", "analysis")]
    files = {Path(name).resolve() for name in entered if name.endswith(".py")}
    ours = {path.relative_to(ROOT).as_posix() for path in files if any(map(path.is_relative_to, tops))}
    rooms = {path for path in ours if not path.startswith("neurosim/engine/")}
    # The trace sees where it goes.
    assert {"networks/lca/lca.py", "networks/lca/rate_network.py", "networks/lca/circuit.py"} <= rooms
    assert len(rooms) <= ROOMS, sorted(rooms)


@pytest.mark.parametrize("model", [LCA, ParallelLCA, LinkedLCA, OrdinalLinkedLCA, WLSC, TopographicLCA])
def test_a_model_has_its_own_of_seven_methods_at_most(model):
    assert len(TOLD) == 7
    shared = {name for side in (Encoding, Recording, RateNetwork) for name in vars(side) if name[0] == "_"}
    methods = {name for name in shared if callable(getattr(RateNetwork, name)) and name[:2] != "__"}
    for kind in model.__mro__[: model.__mro__.index(RateNetwork)]:
        assert methods & vars(kind).keys() <= set(TOLD)


def test_they_are_asked_in_the_order_that_is_told():
    asked = []

    class Told(WLSC):
        pass

    def noting(name):
        def method(self, *given, **named):
            asked.append(name)
            return getattr(WLSC, name)(self, *given, **named)

        return method

    for name in TOLD:
        setattr(Told, name, noting(name))
    net = small(Told, n_epochs=2).fit(STIMULI, graph=np.ones((40, 8)))
    assert list(dict.fromkeys(asked)) == TOLD
    asked.clear()
    net.transform(STIMULI, graph=np.ones((40, 8)))
    told = rate_network.__doc__.split("`transform` asks ")[1].split(";")[0]
    assert told == "1, 2 if it was given a graph, and 5 to 7"
    assert list(dict.fromkeys(asked)) == [TOLD[k - 1] for k in (1, 2, 5, 6, 7)]
