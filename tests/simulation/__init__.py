"""Networks that act at random, with faults, and are equal in the end."""
