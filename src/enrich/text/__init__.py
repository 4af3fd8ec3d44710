"""How text is written and read, each way known in one place; pure."""
