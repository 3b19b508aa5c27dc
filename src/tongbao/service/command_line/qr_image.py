"""QR codes on the terminal and in files."""

import io
from pathlib import Path
from typing import Final

import segno

from tongbao.errors import ConfigurationError, RequestError

__all__ = ["save_qr", "terminal_qr"]

QUIET_MODULES: Final = 2
"""White around the code on a terminal; scanners manage with less than the four that paper needs."""

PIXELS_PER_MODULE: Final = 8
"""A code of 45 modules is then some three centimetres wide on paper at 300 dots an inch."""

FORMATS: Final = (".png", ".svg")


def _code(text: str) -> segno.QRCode:
    # M mends 15 % of the code, which is what shops print.
    return segno.make_qr(text, error="m")


def terminal_qr(text: str) -> str:
    """The code in half blocks, dark on light where the terminal is light on dark."""
    drawn = io.StringIO()
    _code(text).terminal(drawn, border=QUIET_MODULES, compact=True)
    return drawn.getvalue()


def save_qr(text: str, path: Path) -> None:
    """Write the code as SVG or PNG, by the file's name.

    Raises:
        RequestError: `FORMAT_UNKNOWN`.
        ConfigurationError: it cannot be written there.
    """
    kind = path.suffix.lower()
    if kind not in FORMATS:
        raise RequestError(
            f"a QR code is written as {' or '.join(FORMATS)}, not as {kind or 'a file without a suffix'}",
            field="to",
            cure="name the file code.svg or code.png",
            code="FORMAT_UNKNOWN",
        )
    try:
        _code(text).save(str(path), scale=PIXELS_PER_MODULE)
    except OSError as error:
        raise ConfigurationError(f"cannot write the QR code to {path}: {error}") from None
