"""The API's part of accounts: who is asking, and customers. Workers are told with their positions: see ``jobs.api``."""
