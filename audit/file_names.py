"""What a file is called when it leaves: a plain name, and the extension of what was found in it."""

from __future__ import annotations

import unicodedata

from audit.expressions import Expression

LONGEST = 100
# Reserved in the file systems that people have, or read as markup or a path by some program.
_PLAIN = Expression(r"[^\w .,()+-]", longest=400)
_EXTENSION = Expression(r"\.[A-Za-z][A-Za-z0-9]{0,9}\Z", longest=400)


def file_name_for(name: str, *extensions: str, otherwise: str = "file") -> str:
    """Return a name for a file of a known type, at most ``LONGEST`` characters before the extension.

    ``name``: as a person wrote it, of any length; its own extension stays only where it is one of ``extensions``
    (".jpg", ".jpeg"), else the first of those takes its place. Path parts, control and direction marks are removed.
    """
    last = name[-400:].replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(sign for sign in last if not unicodedata.category(sign).startswith("C"))
    plain = _PLAIN.sub("_", seen).strip(" ._")
    found = _EXTENSION.search(plain)
    own = found.group() if found else ""
    stem = plain.removesuffix(own).strip(" ._")[-LONGEST:].strip(" ._")
    kept = own.lower() if own.lower() in extensions else extensions[0]
    return f"{stem or otherwise}{kept}"
