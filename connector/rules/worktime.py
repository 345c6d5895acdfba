"""Working-time arithmetic (to be filled by the rules room)."""
