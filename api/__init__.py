"""The frame of the API: what its operations have in common, whatever they are about.

A room with operations keeps them in its own ``api`` and declares them as a ``Section``; ``config.api`` puts the
sections together under /api/v1/. Who is asking is for ``accounts.api.auth``: a token acts as one of its people.
"""
