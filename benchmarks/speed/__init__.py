"""How fast `enrich` is, and what it takes: see RESULTS.md beside this folder."""
