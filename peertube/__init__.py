"""A federated video node: one twistd plugin, one reactor, one process by default."""

__version__ = "0.1.0"
