"""The central bank's side: centres know keys and coins; they never know people."""
