"""How well lists are read that nobody has tuned the importer to."""
