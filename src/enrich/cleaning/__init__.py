"""What services and dumps write, cleaned before anything else reads it; pure."""
