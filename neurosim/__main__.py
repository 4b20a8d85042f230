"""The program `neurosim`."""

from neurosim._starting import started


def main() -> None:
    """Run the command line; the entry point of the `neurosim` program."""
    with started():
        from neurosim.cli import app

        app()


if __name__ == "__main__":
    main()
