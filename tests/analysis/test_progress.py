"""Long analyses tell a listener how far they are, alike for every caller, and change nothing by it."""

import io
import threading

import numpy as np
import pandas as pd
import pytest

from neurosim.analysis import (
    Sheet,
    cluster_neurons,
    fit_gabors,
    pinwheel_summary,
    show_progress,
    shuffled_block_purity,
    similarity_distance_correlation,
    similarity_with_distance,
    sweep_amplitude_bounds,
)
from neurosim.analysis.maps.smoothness import map_smoothness
from neurosim.analysis.progress import CountBar, counted, counting

RNG = np.random.default_rng(0)
FIELDS = RNG.normal(size=(5, 6, 6))
SHEET = Sheet(6, 6, torus=True)
MAP = np.exp(2j * np.pi * np.arange(36) / 6)
CODE = np.abs(RNG.normal(size=(60, 12)))
LABELS = np.arange(60) % 3
LONG = {
    "fit_gabors": (lambda: fit_gabors(FIELDS), ["fitting Gabor functions"], 5),
    "sweep": (
        lambda: sweep_amplitude_bounds({"image": FIELDS}, rng=0, bounds=(1.5, 2), n_starts=2, n_bootstrap=5),
        ["fits and distances with other amplitude bounds"], 2,
    ),
    "pinwheels": (
        lambda: pinwheel_summary(MAP, SHEET, rng=0, n_shuffles=4, n_noise=7),
        ["pinwheels of shuffled maps", "pinwheels of random maps"], 7,
    ),
    "smoothness": (lambda: map_smoothness(np.angle(MAP) % np.pi, SHEET, rng=0), ["smoothness of shuffled maps"], 3),
    "similarity": (
        lambda: similarity_with_distance(-SHEET.distances(), SHEET, rng=0, n_draws=5),
        ["similarity of resampled and shuffled neurons"], 10,
    ),
    "Mantel": (
        lambda: similarity_distance_correlation(-SHEET.distances(), SHEET, rng=0, n_shuffles=9),
        ["similarity of shuffled neurons"], 9,
    ),
    "clusters": (lambda: cluster_neurons(CODE, rng=0, n_shuffles=4).labels, ["clusters of shuffled neurons"], 4),
    "blocks": (
        lambda: shuffled_block_purity(CODE, LABELS, np.arange(12) % 3, rng=0, n_shuffles=6),
        ["purity of shuffled blocks"], 6,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("run", "steps", "last"), LONG.values(), ids=LONG)
def test_a_long_analysis_counts_to_its_end_and_answers_as_without_a_listener(run, steps, last):
    told = []
    with show_progress(told.append):
        heard = run()
    assert list(dict.fromkeys(event["step"] for event in told)) == steps
    for step in steps:
        done = [event["done"] for event in told if event["step"] == step]
        assert done == sorted(done)
        assert done[0] == 0
        assert done[-1] == next(event["of"] for event in told if event["step"] == step)
    assert told[-1]["of"] == last
    assert {event["stage"] for event in told} == {"analyze"}
    n_told = len(told)
    alone = run()
    assert len(told) == n_told
    for one, other in zip(np.atleast_1d(np.asarray(heard)), np.atleast_1d(np.asarray(alone)), strict=True):
        pd.testing.assert_series_equal(pd.Series(one).astype(str), pd.Series(other).astype(str))


def test_only_the_outermost_loop_is_told():
    told = []
    with show_progress(told.append):
        for _ in counted(range(2), "outer"):
            list(counted("abc", "inner"))
        list(counted("abc", "afterwards"))
    assert [(event["step"], event["done"]) for event in told] == [
        *(("outer", done) for done in (0, 1, 2)), *(("afterwards", done) for done in (0, 1, 2, 3))
    ]  # fmt: skip


def test_a_loop_that_fails_leaves_nobody_listening():
    told = []

    def doomed():
        return [1 / k for k in counted(range(3), "doomed")]

    with show_progress(told.append), pytest.raises(ZeroDivisionError) as caught:
        doomed()
    assert caught.traceback
    list(counted(range(3), "unheard"))
    assert {event["step"] for event in told} == {"doomed"}


def test_other_threads_are_not_listened_to():
    told = []
    with show_progress(told.append):
        other = threading.Thread(target=lambda: list(counted(range(3), "elsewhere")))
        other.start()
        other.join()
    assert not told


def test_nothing_to_count_is_not_told():
    told = []
    with show_progress(told.append), counting("nothing", 0) as tell:
        tell(0)
    assert not told


def test_without_a_listener_a_bar_is_drawn_on_standard_error(capsys):
    with show_progress():
        fit_gabors(FIELDS)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "fitting Gabor functions" in shown.err
    assert "5/5" in shown.err


def test_each_step_has_a_bar_of_its_own():
    stream = io.StringIO()
    bar = CountBar(stream)
    for step in ("one", "two", "two"):
        for done in range(3):
            bar({"step": step, "done": done, "of": 2})
    bar.close()
    assert stream.getvalue().count("one: 100%") == 1
    assert stream.getvalue().count("two: 100%") == 2


def test_an_argument_that_is_refused_is_not_announced():
    told = []
    with show_progress(told.append), pytest.raises(ValueError, match="starts"):
        fit_gabors(FIELDS, n_starts=0)
    with show_progress(told.append), pytest.raises(ValueError, match="n_shuffles"):
        map_smoothness(np.angle(MAP) % np.pi, SHEET, rng=0, n_shuffles=0)
    assert not told
