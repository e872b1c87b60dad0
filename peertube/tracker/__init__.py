"""The BitTorrent and WebTorrent tracker: one store of swarms behind UDP, HTTP and WebSocket."""
