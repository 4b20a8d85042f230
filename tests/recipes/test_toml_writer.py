import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neurosim.recipes.toml_writer import toml_text

_TEXT = st.text(st.characters(exclude_categories=("Cs",)))
_SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    _TEXT,
)
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=4), max_leaves=8)
_TABLES = st.recursive(
    st.dictionaries(_TEXT, _VALUES, max_size=4),
    lambda inner: st.dictionaries(
        _TEXT, st.one_of(_VALUES, inner, st.lists(inner, min_size=1, max_size=3)), max_size=4
    ),
    max_leaves=6,
)


def _typed(value: object) -> object:
    """Make 1, 1.0 and True different, which Python's == does not, and 0.0 and -0.0 too."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return type(value), repr(value)


@given(_TABLES)
def test_what_is_written_reads_back_unchanged(table: dict[str, object]) -> None:
    assert _typed(tomllib.loads(toml_text(table))) == _typed(table)


@pytest.mark.parametrize(
    "text", ['say "so"', "back\\slash", "two\nlines", "tab\t", "\x7f", "\x00", "größer 視"]
)
def test_awkward_text_survives(text: str) -> None:
    assert tomllib.loads(toml_text({"a": text})) == {"a": text}


def test_empty_tables_are_kept() -> None:
    assert tomllib.loads(toml_text({"a": {}, "b": {"c": {}}})) == {"a": {}, "b": {"c": {}}}


def test_a_list_of_tables_has_a_heading_for_each() -> None:
    text = toml_text({"arms": [{"name": "a", "network": {"n": 1}}, {}], "x": []})
    assert text == 'x = []\n\n[[arms]]\nname = "a"\n\n[arms.network]\nn = 1\n\n[[arms]]\n'


@pytest.mark.parametrize("value", [None, {1, 2}, 1j, [None]])
def test_what_toml_has_no_word_for_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="expected a string, boolean"):
        toml_text({"a": value})
