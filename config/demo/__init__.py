"""The demo business: Harbour Bins, a bin-hire company, with everybody of the cast and some weeks of work."""
