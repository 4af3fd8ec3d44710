"""What enrich is measured and fuzzed with; one command each."""
