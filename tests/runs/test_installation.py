"""What `neurosim info` says of extras."""

from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace

import pytest

from neurosim.runs import installation as module
from neurosim.runs.installation import extras, installation, installation_text

REQUIRES = [
    "numpy>=1",
    'there>=1; extra == "one"',
    'there>=3; extra == "two"',
    'nowhere; extra == "two"',
    'neurosim-v1[one]; extra == "both"',
]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    about = SimpleNamespace(
        requires=REQUIRES, metadata=SimpleNamespace(get_all=lambda name: ["one", "two", "both"])
    )

    def version(name: str) -> str:
        if name == "there":
            return "2.1"
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "distribution", lambda name: about)
    monkeypatch.setattr(module, "version", version)


@pytest.mark.usefixtures("installed")
def test_an_extra_works_if_all_its_packages_are_there_and_new_enough() -> None:
    assert extras() == {
        "one": "works",
        "two": "there >=3 is needed, 2.1 is here, nowhere is missing: pip install 'neurosim-v1[two]'",
        "both": "works",
    }


def test_a_checkout_that_is_not_installed_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(module, "distribution", lost)
    assert extras() == {}


@pytest.mark.usefixtures("installed")
def test_info_tells_of_every_extra() -> None:
    text = installation_text(installation())
    assert "extra   one" in text
    assert "extra   two" in text
    assert "nowhere is missing" in text
