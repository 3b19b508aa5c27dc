"""The browser of the trials: Debian's Chromium, which speaks to nobody but who is asked for."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.camera import Camera

CURE = "tools/browser_packages installs it on Debian, as root"

ARGUMENTS = (
    "--no-sandbox",  # the trials run as root in a container, where Chromium's own sandbox does not start
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-features=AutofillServerCommunication,Translate,MediaRouter,OptimizationHints",
    "--no-first-run",
    "--disable-dev-shm-usage",  # a container gives 64 MB, and two workers fill them
    "--use-fake-device-for-media-stream",
)


def chromium_path() -> Path:
    """Where Chromium is; without one the test is skipped, but in CI it fails."""
    found = shutil.which("chromium")
    if found is None:
        message = f"there is no Chromium on this machine: {CURE}"
        if "CI" in os.environ:
            pytest.fail(message)
        pytest.skip(message)
    return Path(found)


def launched(playwright: Playwright, camera: Camera) -> Browser:
    """A browser whose camera sees what `camera` shows."""
    arguments = [*ARGUMENTS, f"--use-file-for-fake-video-capture={camera.file}"]
    return playwright.chromium.launch(executable_path=chromium_path(), args=arguments)
