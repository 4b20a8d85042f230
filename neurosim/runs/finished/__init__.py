"""What is done with finished runs: the laboratory's experiments, and runs side by side."""
