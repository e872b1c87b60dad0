"""Tests of torrent files, magnets and hashing."""
