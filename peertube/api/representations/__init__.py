"""How records look in JSON."""
