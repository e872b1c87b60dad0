"""Background work: states and the worker."""
