"""The command line: `neurosim run | lab | compare | analyze | recipes | info | report | clear-cache`, and `--version`.

Nothing heavy is imported before a command needs it, so that ``--help`` answers at once.
"""

from neurosim.commands.application import app

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; the entry point of the `neurosim` program."""
    from neurosim._starting import started

    with started():
        app()


if __name__ == "__main__":
    main()
