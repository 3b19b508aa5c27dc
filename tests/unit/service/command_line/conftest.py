"""A network whose desks answer what a test lays ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desks import Desks, open_desks


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    with open_desks(tmp_path / "data") as opened:
        yield opened
