"""What all tables of a recipe have in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of a recipe: every key known, every value of its own type, nothing infinite."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )
