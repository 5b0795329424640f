"""Tags of the pages of billing."""
