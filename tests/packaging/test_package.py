"""What a user gets from `pip install .` and from a clean clone, without this working tree."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SET_UP_TIMEOUT_S = 600


def run(*command: str, cwd: Path, **more: str) -> str:
    """Standard output of a command that must succeed, in an environment that knows nothing of this one."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment |= more
    finished = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=SET_UP_TIMEOUT_S, check=False
    )
    assert finished.returncode == 0, f"{' '.join(command)}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of what is committed."""
    directory = tmp_path_factory.mktemp("clone") / "tongbao"
    run("git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(directory), cwd=directory.parent)
    return directory


@pytest.mark.slow
def test_the_wheel_holds_every_module_and_data_file_and_nothing_else(clone: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), ".")
    run(*command, cwd=clone, TONGBAO_BUILD_NATIVE="never", TONGBAO_BUILD_PAGES="never")

    (wheel,) = tmp_path.glob("tongbao-*-py3-none-any.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    in_source = {str(path.relative_to(clone / "src")) for path in (clone / "src/tongbao").rglob("*") if path.is_file()}
    assert held == in_source


@pytest.mark.slow
def test_make_demo_works_on_a_clean_clone(clone: Path) -> None:
    shutil.rmtree(clone / ".venv", ignore_errors=True)

    output = run("make", "--silent", "demo", "ARGS=--json", f"PYTHON={sys.executable}", cwd=clone)

    story = json.loads(output[output.index("{") :])
    assert story["steps"]
    assert all(step["ok"] for step in story["steps"])
    assert story["supply"]["issued"] - story["supply"]["redeemed"] == story["supply"]["unspent"]
