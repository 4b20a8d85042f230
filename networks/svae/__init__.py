"""The sparse-coding autoencoder."""
