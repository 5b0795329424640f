"""The business's logo: looked into, and drawn anew, so that nothing but the picture is kept and handed out."""

from __future__ import annotations

from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

# What every browser shows.
SHOWN = ("PNG", "JPEG", "WEBP", "GIF")
MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
# A page shows it at most 64 pixels high; twice that is sharp on every screen.
LARGEST = (1200, 400)


def redrawn_logo(upload: UploadedFile[bytes]) -> ContentFile[bytes]:
    """Return the picture of an uploaded file as a PNG or, from a JPEG, a JPEG, at most ``LARGEST`` pixels.

    Raises ValidationError, with what would do, for anything else, for too many bytes and for too many pixels.
    """
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError(_("The logo is larger than 2 MB. Choose a smaller picture."))
    upload.seek(0)
    try:
        with Image.open(upload, formats=SHOWN) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValidationError(_("The logo has more than 16 million pixels. Choose a smaller picture."))
            found = picture.format
            upright = ImageOps.exif_transpose(picture).convert("RGB" if found == "JPEG" else "RGBA")
    except ValidationError:
        raise
    except Exception as problem:
        # Whatever a broken picture does to the library: it is no picture.
        raise ValidationError(_("This is no picture that browsers show. Choose a PNG, JPEG, WebP or GIF.")) from problem
    upright.thumbnail(LARGEST)
    # Nothing but the dots: no metadata, no profile, nothing behind the picture.
    clean = Image.new(upright.mode, upright.size)
    clean.paste(upright)
    kind, extension = ("JPEG", "jpg") if found == "JPEG" else ("PNG", "png")
    drawn = BytesIO()
    clean.save(drawn, kind, optimize=True)
    return ContentFile(drawn.getvalue(), name=f"logo.{extension}")
