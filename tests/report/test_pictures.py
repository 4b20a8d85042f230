"""Figures get smaller on the page, and look the same."""

import io

import numpy as np
from PIL import Image

from neurosim.analysis.plots import dictionary_mosaic, learning_curve
from neurosim.report.pictures import smaller


def _saved(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int)


def test_a_mosaic_is_smaller_and_the_same_to_the_pixel():
    rng = np.random.default_rng(0)
    png = _saved(dictionary_mosaic(rng.normal(size=(49, 8, 8)), sort_by="frequency"))
    assert len(smaller(png)) < 0.9 * len(png)
    assert np.abs(_pixels(smaller(png)) - _pixels(png)).max() == 0


def test_a_drawing_keeps_its_colours():
    import pandas as pd

    history = pd.DataFrame({"batch": range(200), "objective": np.linspace(3, 1, 200), "learning_rate": 0.1})
    png = _saved(learning_curve(history, held_out=1.5))
    assert len(smaller(png)) < 0.7 * len(png)
    assert np.abs(_pixels(smaller(png)) - _pixels(png)).mean() < 0.5


def test_what_would_not_get_smaller_stays_as_it_is():
    file = io.BytesIO()
    Image.new("L", (2, 2), color=3).save(file, "PNG", optimize=True)
    assert smaller(file.getvalue()) == file.getvalue()
