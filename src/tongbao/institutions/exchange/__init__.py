"""Exchange of deposits for coins: planned, judged, made, and what follows."""
