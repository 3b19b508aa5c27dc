"""Wheels from a clone of what is committed, in an environment that knows nothing of this one."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BUILD_TIMEOUT_S = 800

# What would lead a build to this working tree, or decide for the test what it builds.
_UNKNOWN = frozenset({"PYTHONPATH", "VIRTUAL_ENV", "CARGO_TARGET_DIR", "TONGBAO_BUILD_NATIVE", "TONGBAO_BUILD_PAGES"})


def clone_into(directory: Path) -> Path:
    """A clone of what is committed."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, directory], check=True)
    return directory


def build_wheel(
    source: Path, into: Path, *, native: str = "never", pages: str = "never", **changes: str
) -> subprocess.CompletedProcess[str]:
    """`pip wheel` of the source, with everything that it says; the choices are those of `setup.py`."""
    return run_pip(
        "wheel",
        "--verbose",
        "--no-deps",
        "--wheel-dir",
        str(into),
        str(source),
        cwd=into,
        TONGBAO_BUILD_NATIVE=native,
        TONGBAO_BUILD_PAGES=pages,
        **changes,
    )


def run_pip(*words: str, cwd: Path, python: str = sys.executable, **changes: str) -> subprocess.CompletedProcess[str]:
    """What pip says and how it ends."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNKNOWN}
    return subprocess.run(
        [python, "-m", "pip", *words],
        cwd=cwd,
        env=environment | changes,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )


def path_without(directory: Path, *beginnings: str) -> str:
    """A PATH on which there is everything but the programs whose names begin so."""
    directory.mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for each in Path(folder).glob("*"):
            if not each.name.startswith(beginnings) and not (directory / each.name).exists():
                (directory / each.name).symlink_to(each)
    return str(directory)


def files_of(wheel: Path) -> dict[str, bytes]:
    """What a wheel holds, but for its own description."""
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name) for name in opened.namelist() if ".dist-info/" not in name}


def unpack(wheel: Path, directory: Path) -> Path:
    """The folder in which a wheel's packages lie."""
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(directory)
    return directory
