"""What is measured of a trained network, one file for each measure."""
