"""The command line: a file per command, what they share, and the application of all."""
