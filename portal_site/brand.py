"""The business's own face on the companion site: colours that can be read, and whom to call."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from business.models import PortalSettings

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
# The grounds links are written on (portal.css), by theme.
LIGHT_GROUND, DARK_GROUND = (246, 247, 249), (29, 33, 38)
READABLE = 4.5  # WCAG 2.2, 1.4.3

Colour = tuple[int, int, int]


def parse(colour: str) -> Colour:
    """ "#0f766e" as red, green, blue."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def written(colour: Colour) -> str:
    """Red, green, blue as "#0f766e"."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """A colour with a share (0 to 1) of another in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def text_on(colour: Colour) -> Colour:
    """Black or white, whichever reads better on a colour."""
    return WHITE if contrast(WHITE, colour) >= contrast(BLACK, colour) else BLACK


def readable_on(ground: Colour, colour: Colour) -> Colour:
    """A colour, moved towards black or white until it can be read on a ground."""
    towards = BLACK if luminance(ground) > 0.5 else WHITE
    return next(
        shade for step in range(21) if contrast(shade := mixed(colour, towards, step / 20), ground) >= READABLE + 0.2
    )


@dataclass(frozen=True)
class Palette:
    """The brand colour as each theme needs it, written for CSS."""

    brand: str
    text: str
    strong: str
    light_link: str
    dark_link: str
    light_tint: str
    dark_tint: str

    @property
    def css(self) -> str:
        """The style sheet that carries it."""
        return (
            f":root{{--brand:{self.brand};--brand-text:{self.text};--brand-strong:{self.strong};"
            f"--brand-link:{self.light_link};--brand-tint:{self.light_tint}}}"
            f"[data-bs-theme=dark]{{--brand-link:{self.dark_link};--brand-tint:{self.dark_tint}}}\n"
        )


def palette_of(brand_colour: str) -> Palette:
    """Everything the style sheet needs, from the one colour the office chose ("#0f766e")."""
    colour = parse(brand_colour)
    text = text_on(colour)
    light_tint, dark_tint = mixed(WHITE, colour, 0.1), mixed(DARK_GROUND, colour, 0.25)
    return Palette(
        brand=written(colour),
        text=written(text),
        strong=written(mixed(colour, BLACK if text == WHITE else WHITE, 0.15)),
        # The tint is the darkest ground in the light theme, the lightest in the dark one.
        light_link=written(readable_on(min(light_tint, LIGHT_GROUND, key=luminance), colour)),
        dark_link=written(readable_on(max(dark_tint, DARK_GROUND, key=luminance), colour)),
        light_tint=written(light_tint),
        dark_tint=written(dark_tint),
    )


def digest(words: str) -> str:
    """A short fingerprint, for addresses that may be cached for long."""
    return hashlib.sha256(words.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class CallingCard:
    """Whom to call."""

    name: str = "Portico"
    phone: str = ""
    email: str = ""


def card_of(settings: PortalSettings) -> CallingCard:
    """Whom to call, by the portal settings."""
    return CallingCard(settings.portal_name, settings.business_phone, settings.business_email)


_last_known = CallingCard()


def remember_card(settings: PortalSettings) -> None:
    """Keep whom to call, for the one page that must not ask the database: the page for errors of ours."""
    global _last_known
    _last_known = card_of(settings)


def last_known() -> CallingCard:
    """Whom to call, as this process last read it."""
    return _last_known
