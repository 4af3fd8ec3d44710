"""One module for each service that is asked; what they share is in `asking` and `texts`."""
