"""A camera that sees a QR code.

Chromium plays a film in place of one, and reads it anew whenever a page turns the camera on.
"""

import io
from pathlib import Path

import segno
from PIL import Image

WIDTH_PX, HEIGHT_PX = 640, 480
_QR_PX = 420  # as a telephone held near a till sees it, with some of the counter around it
_JPEG_QUALITY = 90


class Camera:
    """What the browser's camera sees; `file` is one that nobody else writes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.see_nothing()

    def see_code(self, text: str) -> None:
        """Hold a QR code of this text before the camera; pages that turn it on from now on see that."""
        image = io.BytesIO()
        segno.make(text, error="m", micro=False).save(image, kind="png", scale=8, border=4)
        self.see_image(image.getvalue())

    def see_image(self, png: bytes) -> None:
        """Hold a picture before the camera, as one that a page shows."""
        code = Image.open(io.BytesIO(png)).convert("RGB")
        code = code.resize((_QR_PX, round(_QR_PX * code.height / code.width)), Image.Resampling.LANCZOS)
        frame = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), "white")
        frame.paste(code, ((WIDTH_PX - code.width) // 2, (HEIGHT_PX - code.height) // 2))
        self._show(frame)

    def see_nothing(self) -> None:
        """Put the cap on."""
        self._show(Image.new("RGB", (WIDTH_PX, HEIGHT_PX), "black"))

    def _show(self, frame: Image.Image) -> None:
        jpeg = io.BytesIO()
        frame.save(jpeg, "JPEG", quality=_JPEG_QUALITY)
        self.file.write_bytes(jpeg.getvalue() * 2)  # a film of two pictures, over and over
