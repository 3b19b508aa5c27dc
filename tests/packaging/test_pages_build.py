"""What installing makes of the pages: built where there is Node.js with npm, left out in words where not.

Each test builds from a clone of what is committed. `tests/browser` shows what the pages do.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.packaging.wheels import build_wheel, clone_into, files_of, path_without, run_pip, unpack
from tests.ports import row_of_ports
from tongbao.service.web.front import PAGE_PATHS

PAGES = "tongbao/service/web/pages/"
ANSWER_S_MAX = 10

pytestmark = pytest.mark.slow

with_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="this machine has no npm")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of what is committed, in which nothing was built yet."""
    return clone_into(tmp_path / "clone")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where wheels go."""
    directory = tmp_path / "out"
    directory.mkdir()
    return directory


@pytest.fixture
def registry() -> None:
    """Skip where npm reaches no registry."""
    asked = subprocess.run(["npm", "ping", "--fetch-retries=0"], capture_output=True, check=False)
    if asked.returncode:
        pytest.skip("this machine reaches no registry of npm")


def pages_in(directory: Path) -> dict[str, bytes]:
    (wheel,) = directory.glob("tongbao-*.whl")
    return {name.removeprefix(PAGES): body for name, body in files_of(wheel).items() if name.startswith(PAGES)}


@with_npm
@pytest.mark.usefixtures("registry")
def test_a_wheel_with_pages_shows_them_on_a_machine_without_node(clone: Path, out: Path, tmp_path: Path) -> None:
    built = build_wheel(clone, out, pages="require")

    assert built.returncode == 0, built.stdout
    assert "tongbao: the pages were built" in built.stdout
    (wheel,) = out.glob("tongbao-*-py3-none-any.whl")
    answered = ask_of_up(unpack(wheel, tmp_path / "installed"), path_without(tmp_path / "bin", "node", "npm", "npx"))
    assert answered == dict.fromkeys(PAGE_PATHS, (200, True))


def ask_of_up(installed: Path, path: str) -> dict[str, tuple[int, bool]]:
    """The status of each page of `tongbao up` from that folder, and whether the page names a script."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "PATH": path}
    command = [
        sys.executable,
        "-m",
        "tongbao",
        "up",
        "--data",
        str(installed / "data"),
        "--port",
        str(row_of_ports()),
        "--json",
    ]
    with subprocess.Popen(command, cwd=installed, env=environment, stdout=subprocess.PIPE, text=True) as up:
        try:
            assert up.stdout is not None
            origin = json.loads(up.stdout.readline())["roles"]["registration"]
            return {page: _asked(origin + page) for page in PAGE_PATHS}
        finally:
            up.terminate()


def _asked(url: str) -> tuple[int, bool]:
    with urlopen(Request(url), timeout=ANSWER_S_MAX) as answer:  # noqa: S310 - of a server that this test started
        return answer.status, b'<script type="module"' in answer.read()


@with_npm
@pytest.mark.usefixtures("registry")
def test_built_twice_in_different_places_the_pages_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    built: list[dict[str, bytes]] = []
    for name in ("one", "another-place"):
        out = tmp_path / f"{name}-out"
        out.mkdir()
        ended = build_wheel(clone_into(tmp_path / name), out, pages="require", TZ="Asia/Shanghai" if built else "UTC")
        assert ended.returncode == 0, ended.stdout
        built.append(pages_in(out))

    assert built[0].keys() == built[1].keys()
    assert [name for name in built[0] if built[0][name] != built[1][name]] == []


@with_npm
@pytest.mark.usefixtures("registry")
def test_a_source_distribution_has_all_that_the_pages_are_built_of(clone: Path, out: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--sdist", "--outdir", str(tmp_path), str(clone)]
    environment = {**os.environ, "TONGBAO_BUILD_PAGES": "never"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    (archive,) = tmp_path.glob("tongbao-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked")  # noqa: S202  # of our own making; filters begin with Python 3.11.4
    (source,) = (tmp_path / "unpacked").iterdir()

    built = build_wheel(source, out, pages="require")

    assert built.returncode == 0, built.stdout
    assert {"index.html", "wallet/index.html", "wallet/sw.js", "early.js"} <= pages_in(out).keys()


@with_npm
@pytest.mark.usefixtures("registry")
def test_an_editable_installation_has_pages_and_builds_them_anew_only_when_their_sources_change(
    clone: Path, tmp_path: Path
) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)

    first, again = (install_editable(clone, tmp_path) for _ in range(2))
    (clone / "web" / "public" / "early.js").write_text("'use strict';")
    changed = install_editable(clone, tmp_path)

    assert "tongbao: the pages were built" in first
    assert "tongbao: the pages are built already" in again
    assert "tongbao: the pages were built" in changed
    assert (clone / "src" / PAGES / "early.js").read_text() == "'use strict';"


def install_editable(clone: Path, directory: Path) -> str:
    words = ("install", "--verbose", "--no-deps", "--editable", str(clone))
    python = str(directory / "venv" / "bin" / "python")
    ended = run_pip(*words, cwd=directory, python=python, TONGBAO_BUILD_NATIVE="never", TONGBAO_BUILD_PAGES="require")
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def test_where_there_is_no_npm_the_pages_are_left_out_and_said_so(clone: Path, out: Path, tmp_path: Path) -> None:
    path = path_without(tmp_path / "bin", "npm", "npx")

    built = build_wheel(clone, out, pages="auto", PATH=path)
    required = build_wheel(clone, out, pages="require", PATH=path)

    assert built.returncode == 0, built.stdout
    assert "tongbao: no pages: there is no npm: install Node.js 22.12 or newer with npm" in built.stdout
    assert not pages_in(out)
    assert required.returncode != 0
    assert "TONGBAO_BUILD_PAGES=require, but there is no npm: install Node.js" in required.stdout


@pytest.mark.parametrize("version", ["v20.18.3", "v22.11.0"])
def test_a_node_that_is_too_old_is_named(clone: Path, out: Path, tmp_path: Path, version: str) -> None:
    path = path_without(tmp_path / "bin", "node", "npm", "npx")
    for name in ("node", "npm"):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / "bin" / name).chmod(0o755)

    built = build_wheel(clone, out, pages="require", PATH=path)

    assert built.returncode != 0
    assert f"Node.js is {version}: the pages need 20.19 or a later 20, or 22.12 or newer" in built.stdout


@with_npm
def test_where_npm_reaches_no_registry_the_pages_are_left_out_and_said_so(
    clone: Path, out: Path, tmp_path: Path
) -> None:
    nowhere = {
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_cache": str(tmp_path / "cache"),
        "npm_config_fetch_retries": "0",
    }

    built = build_wheel(clone, out, pages="auto", **nowhere)
    required = build_wheel(clone, out, pages="require", **nowhere)

    assert built.returncode == 0, built.stdout
    assert "tongbao: no pages: npm ci --omit=dev failed" in built.stdout
    assert not pages_in(out)
    assert required.returncode != 0
    assert "TONGBAO_BUILD_PAGES=require, but npm ci --omit=dev failed" in required.stdout


def test_what_is_not_wanted_is_not_built_and_what_was_built_of_other_sources_goes(clone: Path, out: Path) -> None:
    earlier = clone / "src" / PAGES / "assets" / "door-earlier.js"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("say('earlier')")

    built = build_wheel(clone, out, pages="never")

    assert built.returncode == 0, built.stdout
    assert "tongbao: TONGBAO_BUILD_PAGES=never: the servers will run, and people will see none" in built.stdout
    assert not pages_in(out)
    assert not earlier.exists()


def test_an_unknown_choice_is_an_error_that_names_those_that_there_are(clone: Path, out: Path) -> None:
    built = build_wheel(clone, out, pages="maybe")

    assert built.returncode != 0
    assert "TONGBAO_BUILD_PAGES must be one of auto, require, never, was 'maybe'" in built.stdout
