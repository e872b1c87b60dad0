"""peertubectl: the operator's commands."""
