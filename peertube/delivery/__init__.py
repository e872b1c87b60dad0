"""Telling other servers: lanes per peer, and the one guarded HTTP client."""
