"""Several senses, one code."""
