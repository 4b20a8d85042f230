import logging
import warnings

import pytest

from neurosim.runs.terminal_notes import notes_on_terminal

# Warnings are errors in these tests otherwise.
shown_once = pytest.mark.filterwarnings("default:not settled")


@shown_once
def test_notes_and_warnings_are_lines_in_the_words_of_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with notes_on_terminal(str.upper):
        logging.getLogger("neurosim").info("compiling %s", "a circuit")
        logging.getLogger("neurosim.brian2").warning("said")
        warnings.warn("not settled", stacklevel=1)
    shown = capsys.readouterr()
    assert shown.err.splitlines() == ["COMPILING A CIRCUIT", "SAID", "neurosim: warning: NOT SETTLED"]
    assert shown.out == ""


@shown_once
def test_without_notes_warnings_are_still_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with notes_on_terminal(notes=False):
        logging.getLogger("neurosim").warning("compiling")
        warnings.warn("not settled", stacklevel=1)
    assert capsys.readouterr().err == "neurosim: warning: not settled\n"


@pytest.mark.parametrize("category", [DeprecationWarning, PendingDeprecationWarning, FutureWarning])
def test_deprecations_are_not_for_users(category: type[Warning], capsys: pytest.CaptureFixture[str]) -> None:
    with notes_on_terminal():
        warnings.warn("old name", category, stacklevel=1)
    assert capsys.readouterr().err == ""


def test_afterwards_everything_is_as_it_was_also_after_an_error() -> None:
    log = logging.getLogger("neurosim")
    before = log.level, list(log.handlers), list(warnings.filters), warnings.showwarning
    with pytest.raises(ZeroDivisionError), notes_on_terminal():
        raise ZeroDivisionError
    assert before == (log.level, list(log.handlers), list(warnings.filters), warnings.showwarning)


def test_the_log_of_others_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with notes_on_terminal():
        logging.getLogger("someone").info("else")
    assert capsys.readouterr().err == ""


def test_the_same_warning_is_told_once_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    with notes_on_terminal():
        for _ in range(2):
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("twice the same", stacklevel=1)
    assert capsys.readouterr().err.count("twice the same") == 1
