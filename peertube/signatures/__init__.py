"""Keys and signatures. Pure."""
