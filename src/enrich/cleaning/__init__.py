"""Clean what services and dumps write before anything else reads it; pure."""
