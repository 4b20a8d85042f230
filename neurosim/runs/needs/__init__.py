"""What a run needs of memory and disc, told from its recipe before anything of it is taken."""
