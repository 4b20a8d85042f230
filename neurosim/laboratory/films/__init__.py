"""The laboratory for whatever responds to clips of film."""
