"""Builds the native kernel into the package where cargo is at hand; all else stands in pyproject.toml.

`TONGBAO_BUILD_NATIVE` says what happens: `auto` (the default) goes on without it where it cannot be built, `require`
fails there, and `never` does not try.
"""

import os
import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.errors import BaseError
from setuptools_rust import Binding, RustExtension, Strip, build_rust

CHOICE = os.environ.get("TONGBAO_BUILD_NATIVE", "auto")
CHOICES = ("auto", "require", "never")
WITHOUT = "the reference kernel will run, which is some hundred times slower"


def tell(line: str) -> None:
    """One line that stands out from what tools print around it; pip shows it with `--verbose`."""
    sys.stderr.write(f"tongbao: {line}\n")


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
            if CHOICE == "require":
                tell("TONGBAO_BUILD_NATIVE=require, and the native kernel could not be built; the reason stands above")
                raise
            tell(f"the native kernel could not be built ({type(error).__name__}); {WITHOUT}")
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
    if CHOICE not in CHOICES:
        raise SystemExit(f"TONGBAO_BUILD_NATIVE must be one of {', '.join(CHOICES)}, was {CHOICE!r}")
    if CHOICE == "never":
        tell(f"TONGBAO_BUILD_NATIVE=never: {WITHOUT}")
        return []
    if shutil.which(os.environ.get("CARGO", "cargo")) is None:
        if CHOICE == "require":
            raise SystemExit("TONGBAO_BUILD_NATIVE=require, but there is no cargo: install Rust, or leave it at auto")
        tell(f"there is no cargo, and so no native kernel: {WITHOUT}")
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


built = extensions()
setup(
    rust_extensions=built,
    cmdclass={"build_rust": BuildNative},
    # One wheel for every Python from 3.11 on; without the native kernel, one for every machine.
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if built else {},
)
