"""Complex cells: a second population that learns by a trace rule which simple cells to add up."""
