"""Networks in files: parameters and all that was learned, to the last bit, without pickle."""
