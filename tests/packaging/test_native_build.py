"""What installing makes of the native kernel: built where cargo and its registry are, left out in words where not.

Each test builds a wheel from a copy of what is committed, and asks the kernel of an environment that has only that.
"""

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.packaging.wheels import ROOT, build_wheel, clone_into, files_of, path_without, unpack

pytestmark = pytest.mark.slow

with_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="this machine has no cargo")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of what is committed."""
    return clone_into(tmp_path_factory.mktemp("clone") / "tongbao")


@pytest.fixture(scope="module")
def crates() -> None:
    """Skip where the crates are neither here already nor to be had."""
    environment = {**os.environ, "CARGO_NET_RETRY": "1"}
    command = ["cargo", "fetch", "--locked"]
    fetched = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    if fetched.returncode:
        pytest.skip("this machine reaches no registry of crates")


def kernel_in(wheel: Path, directory: Path) -> str:
    """What `tongbao --version` says where the package is what the wheel holds."""
    environment = {**os.environ, "PYTHONPATH": str(unpack(wheel, directory))}
    command = [sys.executable, "-m", "tongbao", "--version"]
    return subprocess.run(
        command, cwd=directory, env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


@with_cargo
@pytest.mark.usefixtures("crates")
def test_where_there_is_cargo_the_wheel_holds_the_native_kernel_for_every_python(clone: Path, tmp_path: Path) -> None:
    built = build_wheel(clone, tmp_path, native="require")

    assert built.returncode == 0, built.stdout
    assert "tongbao: the native kernel was built" in built.stdout
    (wheel,) = tmp_path.glob("tongbao-*-cp311-abi3-*.whl")
    assert "tongbao/_native.abi3.so" in files_of(wheel)
    assert "(kernel: native, " in kernel_in(wheel, tmp_path / "installed")


def test_where_there_is_no_cargo_the_reference_kernel_is_left_and_said_so(clone: Path, tmp_path: Path) -> None:
    built = build_wheel(clone, tmp_path, native="auto", PATH=path_without(tmp_path / "bin", "cargo", "rust"))

    assert built.returncode == 0, built.stdout
    assert "tongbao: there is no cargo, and so no native kernel: the reference kernel will run" in built.stdout
    (wheel,) = tmp_path.glob("tongbao-*-py3-none-any.whl")
    assert "this installation has no native kernel" in kernel_in(wheel, tmp_path / "installed")


def test_what_is_required_and_cannot_be_built_is_an_error(clone: Path, tmp_path: Path) -> None:
    built = build_wheel(clone, tmp_path, native="require", PATH=path_without(tmp_path / "bin", "cargo", "rust"))

    assert built.returncode != 0
    assert "TONGBAO_BUILD_NATIVE=require, but there is no cargo: install Rust" in built.stdout


@with_cargo
def test_where_cargo_fails_the_reference_kernel_is_left_and_said_so(clone: Path, tmp_path: Path) -> None:
    nowhere = {"CARGO_HOME": str(tmp_path / "cargo"), "CARGO_NET_OFFLINE": "true"}

    built = build_wheel(clone, tmp_path, native="auto", RUSTUP_TOOLCHAIN=toolchain(), **nowhere)
    required = build_wheel(clone, tmp_path, native="require", RUSTUP_TOOLCHAIN=toolchain(), **nowhere)

    assert built.returncode == 0, built.stdout
    assert "tongbao: the native kernel could not be built" in built.stdout
    (wheel,) = tmp_path.glob("tongbao-*.whl")
    assert not any(name.endswith(".so") for name in files_of(wheel))
    assert required.returncode != 0
    assert "tongbao: TONGBAO_BUILD_NATIVE=require, and the native kernel could not be built" in required.stdout


def toolchain() -> str:
    """The toolchain that runs here, so that another home of cargo's changes nothing but the crates."""
    told = subprocess.run(["rustup", "show", "active-toolchain"], capture_output=True, text=True, check=False)
    return told.stdout.split()[0] if told.returncode == 0 else ""


def test_what_is_not_wanted_is_not_built(clone: Path, tmp_path: Path) -> None:
    built = build_wheel(clone, tmp_path, native="never")

    assert built.returncode == 0, built.stdout
    assert "tongbao: TONGBAO_BUILD_NATIVE=never: the reference kernel will run" in built.stdout
    assert list(tmp_path.glob("tongbao-*-py3-none-any.whl"))


def test_an_unknown_choice_is_an_error_that_names_those_that_there_are(clone: Path, tmp_path: Path) -> None:
    built = build_wheel(clone, tmp_path, native="maybe")

    assert built.returncode != 0
    assert "TONGBAO_BUILD_NATIVE must be one of auto, require, never, was 'maybe'" in built.stdout


def test_a_source_distribution_holds_what_the_native_kernel_is_built_of(clone: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--sdist", "--outdir", str(tmp_path), str(clone)]

    subprocess.run(command, check=True, capture_output=True)

    (archive,) = tmp_path.glob("tongbao-*.tar.gz")
    with tarfile.open(archive) as opened:
        held = {name.partition("/")[2] for name in opened.getnames()}
    crates_sources = {str(path.relative_to(clone)) for path in (clone / "crates").glob("*/src/**/*.rs")}
    fuzz = {path for path in crates_sources if path.startswith("crates/fuzz/")}
    assert {"Cargo.toml", "Cargo.lock", "setup.py", *crates_sources} - fuzz <= held
