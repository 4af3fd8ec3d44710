"""Reading, comparing and writing text; each rule is in one place; pure."""
