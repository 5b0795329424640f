"""The API's rooms: who is asking, what may go wrong, what comes in and goes out, and the operations themselves.

``config.api`` puts them together under /api/v1/.
"""
