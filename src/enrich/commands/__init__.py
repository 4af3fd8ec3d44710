"""One module per command: read files, call the rooms, write files and messages."""

CLEAN, FINDINGS, CANNOT_RUN, NOT_ALL_ASKED, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes."""
