"""The published V1 protocol on whatever answers images: from gratings to the table of fourteen properties."""
