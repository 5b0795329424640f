"""The console's pages about people that ask no portal rule; the others are in ``permissions.admin``."""

from accounts.admin import labels, tokens

__all__ = ["labels", "tokens"]
