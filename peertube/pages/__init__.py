"""Pages for people: server-rendered HTML, working without script wherever it can."""
