"""What is drawn on documents and not written: the logo, the code to pay by. Both as SVG, which typst takes as text."""

from __future__ import annotations

import base64
import io
import logging
from decimal import Decimal

import segno.helpers
from PIL import Image

from business.models import PortalSettings

logger = logging.getLogger(__name__)

# Dots: 80 mm at 300 dots an inch.
_WIDEST = 960
MOST_BY_CODE = Decimal("999999999.99")


def logo_svg(business: PortalSettings) -> str:
    """The business's logo, on white; empty without one, or where its file is gone or no picture."""
    if not business.logo:
        return ""
    try:
        with business.logo.open("rb") as file, Image.open(file) as picture:
            drawn = picture.convert("RGBA")
    except Exception:
        # Whatever a broken picture does to the library: the name of the business stands there instead.
        logger.warning("The logo cannot be read", exc_info=True)
        return ""
    drawn.thumbnail((_WIDEST, _WIDEST))
    ground = Image.new("RGB", drawn.size, "white")
    ground.paste(drawn, mask=drawn.getchannel("A"))
    out = io.BytesIO()
    ground.save(out, "PNG", optimize=True)
    content = base64.b64encode(out.getvalue()).decode()
    wide, high = ground.size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">'
        f'<image width="{wide}" height="{high}" href="data:image/png;base64,{content}"/></svg>'
    )


def payment_code_svg(*, name: str, iban: str, bic: str, amount: Decimal, text: str) -> str:
    """The code that a banking app reads (EPC069-12: euros, to an IBAN); empty where it takes no such payment."""
    if not (name and iban) or not Decimal("0.01") <= amount <= MOST_BY_CODE:
        return ""
    try:
        code = segno.helpers.make_epc_qr(name[:70], iban, amount, text=text[:140], bic=bic or None)
    except ValueError:
        logger.warning("No payment code could be made", exc_info=True)
        return ""
    out = io.BytesIO()
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=0, scale=4, dark="#000000")
    return out.getvalue().decode()
