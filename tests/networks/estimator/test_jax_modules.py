"""Optional modules are loaded, or the message says which to install and how."""

import sys
from types import SimpleNamespace

import pytest

from neurosim.networks.estimator.jax_arrays import jax_and_optax


def install(monkeypatch, *, version="0.4.30", **modules):
    for name, module in {"jax": SimpleNamespace(__version__=version), "optax": object(), **modules}.items():
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.parametrize("version", ["0.4.30", "0.4.31.dev20240801", "0.10.2", "1.0"])
def test_both_modules_are_returned_from_the_oldest_version_on(monkeypatch, version):
    install(monkeypatch, version=version)
    assert jax_and_optax() == (sys.modules["jax"], sys.modules["optax"])


@pytest.mark.parametrize("missing", ["jax", "optax"])
def test_a_missing_module_is_told_with_the_extra_that_brings_it(monkeypatch, missing):
    install(monkeypatch, **{missing: None})
    with pytest.raises(ImportError, match=r'python -m pip install --upgrade -e "\.\[svae\]"'):
        jax_and_optax("svae")


@pytest.mark.parametrize("version", ["0.4.1", "0.4.29", "0.4", "0.3.99"])
def test_an_old_version_is_told_with_the_one_expected(monkeypatch, version):
    install(monkeypatch, version=version)
    with pytest.raises(
        ImportError, match=rf"expected jax 0\.4\.30 or newer, got {version}; run python -m pip"
    ):
        jax_and_optax()
