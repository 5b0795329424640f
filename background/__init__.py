"""Work done by a background worker: how one is woken, and who has a row in hand. Knows no other room."""
