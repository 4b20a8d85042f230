"""Speed against the peers: ``python -m benchmarks`` times everything in turn and writes one table and one JSON."""
