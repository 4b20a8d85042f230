"""Published measurements of primary visual cortex, as numbers with citations, and checksums of data sets."""
