"""Mail to people: its words, its form, and the way to the SMTP server."""
