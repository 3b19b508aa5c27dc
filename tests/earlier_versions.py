"""Data directories that earlier versions made; `tests/data_directories/README.md` says what they hold."""

import tarfile
from pathlib import Path

from tongbao.service.processes import free_ports

ARCHIVES = Path(__file__).parent / "data_directories"
FIRST = ARCHIVES / "version-1.tar.xz"

_PORTS_OF_FIRST = (7902, 7903, 7904, 7905)


def unpacked(archive: Path, to: Path) -> Path:
    """The data directory in the archive."""
    with tarfile.open(archive) as content:
        # Python 3.11 knows filters from 3.11.4 on only; these archives are our own.
        if hasattr(tarfile, "data_filter"):
            content.extraction_filter = tarfile.data_filter
        content.extractall(to)  # noqa: S202
    return to


def with_free_ports(root: Path) -> Path:
    """The data directory of the first version with ports that are free here; nothing else is changed."""
    # As they stand in both kinds of files; a port of today may look like one of then.
    ports = zip(_PORTS_OF_FIRST, free_ports(len(_PORTS_OF_FIRST)), strict=True)
    changes = {str(old): f"port {new}" for old, new in ports}
    for path in [root / "network.json", *root.glob("*/config.toml")]:
        text = path.read_text(encoding="utf-8")
        for old, new in changes.items():
            text = text.replace(old, new)
        for new in changes.values():
            text = text.replace(new, new.removeprefix("port "))
        path.write_text(text, encoding="utf-8")
    return root
