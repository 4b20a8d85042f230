"""`neurosim info`: what is installed here."""

import json
from typing import Annotated

import typer


def info(
    *,
    as_json: Annotated[
        bool, typer.Option("--json", show_default="off", help="As JSON, for a bug report.")
    ] = False,
) -> None:
    """Say what is installed here: versions, backends, threads, data folder."""
    from neurosim.runs.installation import installation, installation_text

    found = installation()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    from neurosim.recipes.recipe import Recipe
    from neurosim.runs.command_words import command_words

    typer.echo(command_words(installation_text(found), recipe=Recipe()))
