from pathlib import Path

import pytest

from neurosim.recipes.paths import absolute_paths


@pytest.mark.parametrize(
    ("stimuli", "changed"),
    [
        ({"source": "embedded"}, {}),
        # A folder of photographs may be called what is a word for other kinds.
        ({"source": "mnist"}, {"source": "/here/mnist"}),
        ({"kind": "digits", "source": "mnist"}, {}),
        ({"kind": "digits", "source": "my/mnist"}, {"source": "/here/my/mnist"}),
        ({"kind": "stereo", "source": "motorcycle"}, {}),
        ({"kind": "arrays", "path": "a.npz"}, {"path": "/here/a.npz"}),
        ({"kind": "digits", "font": "Arial"}, {}),
        ({"source": ["a.png", 3]}, {"source": ["/here/a.png", 3]}),
        ({"kind": 3, "source": 7}, {}),
    ],
)
def test_paths_start_from_the_folder_and_words_stay(
    stimuli: dict[str, object], changed: dict[str, object]
) -> None:
    assert absolute_paths({"stimuli": stimuli}, Path("/here")) == {"stimuli": stimuli | changed}


def test_a_font_that_is_a_file_is_found_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "own.ttf").write_bytes(b"")
    table = absolute_paths({"stimuli": {"kind": "digits", "font": "own.ttf"}}, tmp_path)
    assert table["stimuli"]["font"] == str(tmp_path / "own.ttf")


def test_a_table_without_stimuli_is_left_alone() -> None:
    assert absolute_paths({"stimuli": 3, "run": {}}, Path("/here")) == {"stimuli": 3, "run": {}}
