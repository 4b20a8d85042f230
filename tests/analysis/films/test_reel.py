"""Frames of fields side by side, equally wide, so that a page can play them."""

import numpy as np
import pytest

from neurosim.analysis.films.reel import film_reel


def test_every_frame_is_an_equal_part_of_the_picture_and_shows_every_field() -> None:
    fields = np.zeros((5, 4, 6, 6))
    fields[:, :, 0, 0] = -1.0
    for frame in range(4):
        fields[:, frame, 2, frame + 1] = 2.0  # what moves
    figure = film_reel(fields)
    image = np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)
    assert figure.frames == 4
    frames = np.split(image, 4, axis=1)  # raises unless equally wide
    for number, frame in enumerate(frames):
        white = np.argwhere(frame == 1)
        assert len(white) == 5
        np.testing.assert_array_equal((white[:, 1]) % 7, number + 1)
        assert (frame == -0.5).sum() == 5  # one scale for all frames of a field
    box = figure.axes[0].get_position()
    assert (box.x0, box.y0, box.x1, box.y1) == (0, 0, 1, 1)


def test_fields_of_one_frame_or_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="2 frames or more"):
        film_reel(np.ones((3, 1, 4, 4)))
    with pytest.raises(ValueError, match="expected finite fields"):
        film_reel(np.full((3, 2, 4, 4), np.nan))
