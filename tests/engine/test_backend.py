import os
from typing import Any

import numpy as np
import pytest
from brian2 import NeuronGroup, get_device, prefs
from numpy.testing import assert_allclose, assert_array_equal

from neurosim.engine import backend as backends
from neurosim.engine.backend import BACKENDS, activated, fresh_standalone_device, require_backend
from neurosim.engine.errors import BackendError
from neurosim.networks.lca.lca import LCA


def _standalone() -> str:
    try:
        require_backend("cpp_standalone")
    except BackendError as error:
        pytest.skip(str(error))
    return "cpp_standalone"


TOUCHED = (
    "codegen.target",
    "core.default_float_dtype",
    "core.stop_on_keyboard_interrupt",
    "codegen.cpp.extra_link_args",
    "codegen.cpp.extra_compile_args",
    "codegen.cpp.extra_compile_args_gcc",
    "devices.cpp_standalone.openmp_threads",
    "devices.cpp_standalone.extra_make_args_unix",
)


def _state() -> tuple[Any, ...]:
    return (get_device(), *(repr(prefs[name]) for name in TOUCHED))


def test_the_users_preferences_and_device_come_back_afterwards(every_backend: str) -> None:
    before = _state()
    with activated(every_backend, float_dtype=np.float32):
        assert _state() != before
    assert _state() == before


def test_they_come_back_after_an_exception(every_backend: str) -> None:
    before = _state()
    with pytest.raises(ZeroDivisionError), activated(every_backend, float_dtype=np.float32):
        raise ZeroDivisionError
    assert _state() == before


def test_activations_may_be_nested(every_backend: str) -> None:
    with activated("numpy"):
        outer = _state()
        with activated(every_backend, float_dtype=np.float32):
            with activated("numpy"):
                assert prefs.codegen.target == "numpy"
                assert type(get_device()).__name__ == "RuntimeDevice"
            assert prefs.core.default_float_dtype is np.float32
        assert _state() == outer


def test_a_users_own_choices_survive() -> None:
    kept = prefs.codegen.cpp.extra_link_args
    try:
        prefs.codegen.cpp.extra_link_args = ["-lm"]
        with activated("numpy"):
            assert prefs.codegen.cpp.extra_link_args == ["-lm"]
        assert prefs.codegen.cpp.extra_link_args == ["-lm"]
    finally:
        prefs.codegen.cpp.extra_link_args = kept


def test_a_user_who_chose_how_threads_wait_is_obeyed(cython: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    with activated(cython):
        assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_states_are_made_in_the_precision_asked_for(dtype: Any) -> None:
    with activated("numpy", float_dtype=dtype):
        group = NeuronGroup(1, "v : 1", name="precise")
    assert group.variables["v"].dtype == dtype


@pytest.mark.parametrize("name", ["c++", "Numpy", "", "cuda_standalone"])
def test_an_unknown_backend_is_refused_with_those_there_are(name: str) -> None:
    before = _state()
    with (
        pytest.raises(ValueError, match="expected a backend out of numpy, cython, cpp_standalone, got"),
        activated(name),
    ):
        pass
    assert _state() == before


@pytest.fixture
def without_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)


@pytest.mark.usefixtures("without_compiler")
@pytest.mark.parametrize(("name", "needs"), [("cython", r"g\+\+"), ("cpp_standalone", r"g\+\+ and make")])
def test_a_missing_compiler_is_named_with_numpy_as_the_way_out(name: str, needs: str) -> None:
    with pytest.raises(BackendError, match=rf"needs {needs}, not found .* or use backend=\"numpy\""):
        require_backend(name)


@pytest.mark.usefixtures("without_compiler")
def test_an_estimator_says_so_before_it_computes_anything() -> None:
    with pytest.raises(BackendError, match=r'install a compiler .* or use backend="numpy"'):
        LCA.from_dictionary(np.eye(2), backend="cython")


@pytest.mark.usefixtures("without_compiler")
def test_numpy_needs_no_compiler() -> None:
    require_backend("numpy")
    code = LCA.from_dictionary(np.eye(2), threshold=0.5, presentation="300 ms").transform([[2.0, 0.1]])
    assert_allclose(code, [[1.5, 0.0]], atol=1e-6)


def test_the_compiler_the_user_chose_is_the_one_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler -O3")
    with pytest.raises(BackendError, match="needs no-such-compiler, not found"):
        require_backend("cython")


def test_a_compiler_without_openmp_gets_no_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "false")
    backends.openmp_flags.cache_clear()
    try:
        assert backends.openmp_flags() == ()
    finally:
        backends.openmp_flags.cache_clear()


def test_a_fresh_standalone_device_has_forgotten_earlier_networks() -> None:
    with activated(_standalone()):
        old = NeuronGroup(1, "v : 1", name="forgotten")
        assert old.variables["v"] in get_device().arrays
        assert old.variables["v"] not in fresh_standalone_device().arrays


@pytest.mark.slow
def test_two_estimators_take_turns_on_standalone_in_one_process() -> None:
    _standalone()
    rng = np.random.default_rng(7)
    stimuli = rng.standard_normal((5, 4))
    dictionaries = [rng.standard_normal((n, 4)) for n in (6, 9)]

    def networks(backend: str) -> list[LCA]:
        return [LCA.from_dictionary(d, batch_size=2, backend=backend) for d in dictionaries]

    expected = [net.transform(stimuli) for net in networks("numpy")]
    compiled = networks("cpp_standalone")
    for which in (0, 1, 0, 1, 1, 0):
        assert_allclose(compiled[which].transform(stimuli), expected[which], atol=1e-12)


@pytest.mark.slow
def test_an_estimator_on_numpy_is_not_disturbed_by_one_on_standalone() -> None:
    _standalone()
    stimuli = np.random.default_rng(8).standard_normal((3, 4))
    nets = [LCA.from_dictionary(np.eye(4), batch_size=2, backend=name) for name in BACKENDS]
    first = [net.transform(stimuli) for net in nets]
    second = [net.transform(stimuli) for net in reversed(nets)][::-1]
    for one, two in zip(first, second, strict=True):
        assert_array_equal(one, two)
        assert_allclose(one, first[0], atol=1e-12)
