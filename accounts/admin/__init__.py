"""The console's pages about people that ask no portal rule; the others are in ``permissions.admin``."""

from accounts.admin import labels

__all__ = ["labels"]
