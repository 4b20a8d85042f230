"""What a run can show to a network, by kind."""
