"""Tests of the folders of files."""
