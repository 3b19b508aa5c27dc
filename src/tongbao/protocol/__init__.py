"""The protocol decides what two actors say to each other: one module per conversation, bytes and values only."""
