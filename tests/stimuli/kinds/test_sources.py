import hashlib
import json
from pathlib import Path

import numpy as np

from neurosim.stimuli.images.images import photograph_path
from neurosim.stimuli.kinds.sources import file_record, image_records


def test_files_are_recorded_with_the_checksum_of_their_bytes(tmp_path: Path) -> None:
    path = tmp_path / "leaf.png"
    path.write_bytes(b"pixels")
    records = image_records({"leaf.png": np.zeros((4, 6))}, {"leaf.png": path})
    assert records == {
        "leaf.png": {"file": str(path), "sha256": hashlib.sha256(b"pixels").hexdigest(), "shape": [4, 6]}
    }


def test_embedded_photographs_tell_nothing_about_the_machine() -> None:
    record = json.dumps(file_record(photograph_path("china")))
    assert str(Path.home()) not in record
    assert "sklearn/datasets/images/china.jpg" in record
