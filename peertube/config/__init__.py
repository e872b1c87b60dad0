"""What the operator sets: schema, loading, and the values in force."""
