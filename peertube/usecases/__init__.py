"""What a pod can do, one module per noun. Use cases open the transactions and know nothing of HTTP or sockets."""
