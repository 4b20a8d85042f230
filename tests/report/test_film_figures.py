"""A figure that is a film is played where a reader wants it; on paper it is still pictures."""

import shutil

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


@pytest.fixture
def page(run_dir):
    """The page with a film, in a browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: the extra page")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs chromium: apt-get install chromium")
    fields = np.random.default_rng(0).normal(size=(54, 8, 12, 12))
    save_figure(lambda: film_reel(fields), run_dir / "figures" / "film_reel.png")
    assert (run_dir / "figures" / "film_reel.png").stat().st_size < 250_000
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_context(offline=True, viewport={"width": 1400, "height": 1000}).new_page()
        opened.goto(write_report(run_dir).as_uri())
        yield opened
        browser.close()


def test_fields_move_when_a_reader_wants_it_and_not_on_paper(page):
    reel, play = page.locator(".reel img"), page.get_by_label("Play")
    moves = "one => [getComputedStyle(one).animationName, getComputedStyle(one).animationTimingFunction]"
    width = "one => one.getBoundingClientRect().width / one.parentElement.getBoundingClientRect().width"
    assert reel.evaluate(moves)[0] == "none"
    play.check()
    assert reel.evaluate(moves) == ["reel", "steps(8)"]
    assert reel.evaluate(width) == pytest.approx(8, rel=1e-3)  # one frame fills the window
    page.emulate_media(reduced_motion="reduce")
    assert reel.evaluate(moves)[0] == "none"
    assert play.is_hidden()
    page.emulate_media(media="print", reduced_motion="no-preference")
    assert reel.evaluate(moves)[0] == "none"
    assert reel.evaluate(width) <= 1
    assert play.is_hidden()
