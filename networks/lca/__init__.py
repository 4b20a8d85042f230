"""The locally competitive algorithm, and what other networks whose membranes settle build on."""
