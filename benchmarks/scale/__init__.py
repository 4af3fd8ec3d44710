"""What does not fit one list, one night or one machine; each module is one command."""
