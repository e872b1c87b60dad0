"""The pods' protocol, third generation, with replay-proof signatures."""
