"""How often the matching finds the right paper, and whether a link leads to it."""
