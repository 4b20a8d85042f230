"""A figure that is a film is played where a reader wants it; on paper it is still pictures."""

import numpy as np
import pytest
from PIL import Image

from neurosim.analysis.films.reel import film_reel
from neurosim.report import write_report
from neurosim.report.pictures import frames_in
from neurosim.runs.analyze import save_figure

FIELDS = np.random.default_rng(0).normal(size=(6, 5, 4, 4))


def test_a_saved_film_says_how_many_frames_it_has_and_the_page_plays_them(run_dir):
    save_figure(lambda: film_reel(FIELDS), run_dir / "figures" / "film_reel.png")
    assert frames_in((run_dir / "figures" / "film_reel.png").read_bytes()) == 5
    page = write_report(run_dir).read_text(encoding="utf-8")
    assert page.count('class="film" style="--frames: 5"') == 1
    assert page.count('type="checkbox"') == 1  # nothing moves before a reader asks for it
    assert "prefers-reduced-motion" in page


def test_other_figures_are_no_films(run_dir, tmp_path):
    assert 'class="film"' not in write_report(run_dir).read_text(encoding="utf-8")
    path = tmp_path / "odd.png"
    Image.new("L", (4, 4)).save(path)
    assert frames_in(path.read_bytes()) == 1
    with pytest.raises(ValueError, match="no picture in PNG any more"):
        frames_in(b"torn")
