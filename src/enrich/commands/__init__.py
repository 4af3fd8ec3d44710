"""What each command does: files in, the rooms at work, files and words out."""

CLEAN, FINDINGS, CANNOT_RUN, NOT_ALL_ASKED, INTERRUPTED = 0, 1, 2, 3, 130
"""The exit codes."""
