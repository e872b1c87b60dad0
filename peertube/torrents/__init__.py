"""Torrent files, magnets, and the hashing of pieces."""
