"""REST API v1: one module per group of resources, routes and short functions."""
