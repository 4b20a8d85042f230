"""What runs leave: folders, network files, provenance."""
