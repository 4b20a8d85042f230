"""Fields in space and time: which motion they prefer, whether space and time come apart, pictures."""
