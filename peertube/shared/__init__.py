"""What all processes of a pod share: news, counters, locks."""
