"""`neurosim recipes`: what ships."""

import typer


def recipes() -> None:
    """List the recipes that ship."""
    from neurosim.recipes import recipe_names
    from neurosim.recipes.recipe import load_recipe

    for name in recipe_names():
        about = load_recipe(name).run
        typer.echo(f"{name:<18} {about.description}")
        typer.echo(f"{'':<18} takes {about.expected_time or 'an unstated time'}")
