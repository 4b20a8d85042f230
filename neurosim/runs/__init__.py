"""A run: its recipe, its execution, and the folder it leaves."""
