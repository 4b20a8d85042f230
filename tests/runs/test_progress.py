import io

from neurosim.runs.progress import TerminalProgress, silent

_BATCH = {"stage": "train", "n_batches": 4, "objective": 12.3456, "active_fraction": 0.071}


def test_the_bar_shows_objective_and_active_fraction() -> None:
    stream = io.StringIO()
    with TerminalProgress(stream) as progress:
        for batch in range(1, 5):
            progress(_BATCH | {"batch": batch})
    shown = stream.getvalue()
    assert "4/4" in shown
    assert "objective=12.35" in shown
    assert "active=7.1 %" in shown


def test_the_bar_does_without_an_active_fraction() -> None:
    stream = io.StringIO()
    with TerminalProgress(stream) as progress:
        progress({"stage": "train", "n_batches": 1, "batch": 1, "objective": -2.5})
    assert "objective=-2.5" in stream.getvalue()
    assert "active=" not in stream.getvalue()


def test_every_stage_is_announced_in_order() -> None:
    stream = io.StringIO()
    with TerminalProgress(stream) as progress:
        progress({"stage": "compile"})
        progress(_BATCH | {"batch": 1})
        progress({"stage": "analyze", "step": "Gabor fits"})
    shown = stream.getvalue()
    assert shown.index("compile") < shown.index("train") < shown.index("analyze: Gabor fits")


def test_silence_is_silent(capsys: object) -> None:
    silent({"stage": "compile"})
    assert capsys.readouterr() == ("", "")  # type: ignore[attr-defined]
