"""One module per service; what they share is in `asking` and `texts`."""
