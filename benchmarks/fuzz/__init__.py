"""Mutated bytes for every reader of what others write: `python -m benchmarks.fuzz --help`."""
