"""Maps on a sheet of neurons: smoothness, waves, pinwheels."""
