"""Builds the native kernel and the pages into the package where that can be done; all else stands in pyproject.toml.

`TONGBAO_BUILD_NATIVE` (cargo) and `TONGBAO_BUILD_PAGES` (Node.js with npm) say what happens: `auto` (the default) goes
on without what cannot be built, `require` fails there, and `never` does not try.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.errors import BaseError
from setuptools_rust import Binding, RustExtension, Strip, build_rust

NATIVE, PAGES = "TONGBAO_BUILD_NATIVE", "TONGBAO_BUILD_PAGES"
CHOICES = ("auto", "require", "never")
WITHOUT_NATIVE = "the reference kernel will run, which is some hundred times slower"
WITHOUT_PAGES = "the servers will run, and people will see none"

WEB = Path("web")
BUILT = Path("src/tongbao/service/web/pages")
# Of what the pages were built; it stays behind when a wheel is made.
SOURCES_OF_BUILT = BUILT / ".sources"
# A machine that reaches no registry is to find that out soon; whoever has set it otherwise knows better.
SOON = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_retry_maxtimeout": "5000",
    "npm_config_fetch_timeout": "20000",
}
NPM_S_MAX = 600


def tell(line: str) -> None:
    """One line that stands out from what tools print around it; pip shows it with `--verbose`."""
    sys.stderr.write(f"tongbao: {line}\n")


def choice(variable: str) -> str:
    """What is to happen, as the environment says it."""
    chosen = os.environ.get(variable, "auto")
    if chosen not in CHOICES:
        raise SystemExit(f"{variable} must be one of {', '.join(CHOICES)}, was {chosen!r}")
    return chosen


# --- the native kernel ------------------------------------------------------------------------------------------------


class BuildNative(build_rust):
    """Builds with cargo; under `auto` a failure is told in one line and costs speed, nothing else."""

    def run(self) -> None:
        """Build, or go on without."""
        # A machine that reaches no registry is to find that out soon; whoever has set it otherwise knows better.
        os.environ.setdefault("CARGO_NET_RETRY", "1")
        self.forget_what_was_built_before()
        try:
            for extension in self.extensions:
                self.run_for_extension(extension)
        except BaseError as error:
            if choice(NATIVE) == "require":
                tell(f"{NATIVE}=require, and the native kernel could not be built; the reason stands above")
                raise
            tell(f"the native kernel could not be built ({type(error).__name__}); {WITHOUT_NATIVE}")
        else:
            tell("the native kernel was built")

    def forget_what_was_built_before(self) -> None:
        """Where building fails, no kernel of older rules may be left in its place."""
        folder = Path("src") if self.inplace else Path(self.get_finalized_command("build_ext").build_lib)
        for built_before in (folder / "tongbao").glob("_native.*"):
            if built_before.suffix in {".so", ".pyd"}:
                built_before.unlink()


def extensions() -> list[RustExtension]:
    """The native kernel, or nothing where it is not to be built."""
    if choice(NATIVE) == "never":
        tell(f"{NATIVE}=never: {WITHOUT_NATIVE}")
        return []
    if shutil.which(os.environ.get("CARGO", "cargo")) is None:
        if choice(NATIVE) == "require":
            raise SystemExit(f"{NATIVE}=require, but there is no cargo: install Rust, or leave it at auto")
        tell(f"there is no cargo, and so no native kernel: {WITHOUT_NATIVE}")
        return []
    return [
        RustExtension(
            "tongbao._native",
            path="crates/settlement-py/Cargo.toml",
            args=["--locked"],
            binding=Binding.PyO3,
            debug=False,
            py_limited_api=True,
            strip=Strip.Debug,
        )
    ]


# --- the pages --------------------------------------------------------------------------------------------------------


class BuildWithPages(build_py):
    """Builds the pages beside the modules, before it is asked which files the package has."""

    def run(self) -> None:
        """Build, or go on without."""
        build_pages()
        # Files carry digests in their names: those of an earlier build would stay beside the new ones for ever.
        shutil.rmtree(Path(self.build_lib) / BUILT.relative_to("src"), ignore_errors=True)
        # Which files the package has was found before, for the list of sources.
        vars(self).pop("data_files", None)
        super().run()


class PagesError(Exception):
    """Why the pages cannot be built."""


def build_pages() -> None:
    """Build the pages with npm; what was built of the same sources stays, and what was built of others goes."""
    sources = digest_of_sources()
    if SOURCES_OF_BUILT.exists() and SOURCES_OF_BUILT.read_text(encoding="ascii") == sources:
        tell("the pages are built already")
        return
    shutil.rmtree(BUILT, ignore_errors=True)
    if choice(PAGES) == "never":
        tell(f"{PAGES}=never: {WITHOUT_PAGES}")
        return
    try:
        npm = program("npm")
        demand_node()
        if not has_what_it_builds_with():
            run_npm(npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
        run_npm(npm, "run", "build")
    except PagesError as error:
        shutil.rmtree(BUILT, ignore_errors=True)
        if choice(PAGES) == "require":
            raise SystemExit(f"{PAGES}=require, but {error}") from None
        tell(f"no pages: {error}; {WITHOUT_PAGES}")
    else:
        SOURCES_OF_BUILT.write_text(sources, encoding="ascii")
        tell("the pages were built")


def digest_of_sources() -> str:
    """A digest of every file that the pages are built of."""
    files = [Path("clients/typescript/src"), *(path for path in WEB.iterdir() if path.name != "node_modules")]
    digest = hashlib.sha256()
    for path in sorted(file for each in files for file in (each.rglob("*") if each.is_dir() else [each])):
        # Types of messages are made for checking, and leave nothing in what is built.
        if path.is_file() and path.parent.name != "api":
            content = path.read_bytes()
            digest.update(f"{path.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def program(name: str) -> str:
    """Where a program lies."""
    found = shutil.which(name)
    if found is None:
        raise PagesError(f"there is no {name}: install Node.js 22.12 or newer with npm, or a wheel that has the pages")
    return found


def demand_node() -> None:
    """See that Node.js is one that Vite runs on."""
    told = subprocess.run([program("node"), "--version"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"v(\d+)\.(\d+)\.", told)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    if not ((20, 19) <= version < (21, 0) or version >= (22, 12)):
        raise PagesError(f"Node.js is {told or 'unreadable'}: the pages need 20.19 or a later 20, or 22.12 or newer")


def has_what_it_builds_with() -> bool:
    """Whether npm has installed just the locked packages, perhaps with those that only tests need."""
    try:
        locked, installed = (
            json.loads(path.read_text(encoding="utf-8"))["packages"]
            for path in (WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json")
        )
    except (OSError, ValueError, KeyError):
        return False
    needed = {path: each for path, each in locked.items() if path and not each.get("dev") and not each.get("optional")}
    return all(installed.get(path, {}).get("version") == each["version"] for path, each in needed.items())


def run_npm(npm: str, *words: str) -> None:
    """Run npm on the pages; what it says goes where pip shows it."""
    command = [npm, "--prefix", str(WEB), *words]
    try:
        ended = subprocess.run(
            command, env={**SOON, **os.environ}, stdout=sys.stderr.fileno(), timeout=NPM_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        raise PagesError(f"npm {words[0]} took more than {NPM_S_MAX} s") from None
    if ended.returncode:
        raise PagesError(f"npm {' '.join(words[:2])} failed; the reason stands above")


choice(PAGES)  # before anything is built
built = extensions()
setup(
    rust_extensions=built,
    cmdclass={"build_rust": BuildNative, "build_py": BuildWithPages},
    # One wheel for every Python from 3.11 on; without the native kernel, one for every machine.
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if built else {},
)
