"""Pure decisions that several parts share."""
