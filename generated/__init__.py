"""Written by `isogloss generate`; never edited."""
