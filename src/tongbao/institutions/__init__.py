"""An operating institution decides for its customers: who pays within which limits, and deposits against coins."""
