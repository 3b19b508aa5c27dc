"""The service names a kernel and gets that one, or an error with a cure."""

import importlib
import sys

import pytest

from tongbao.errors import ConfigurationError
from tongbao.kernel import KERNEL_CHOICES, ReferenceKernel, has_native_kernel, select_kernel

select = importlib.import_module("tongbao.kernel._select")


@pytest.fixture
def without_native(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that was built without the native kernel."""
    monkeypatch.setattr(select, "find_spec", lambda _: None)


def test_the_reference_kernel_can_always_be_chosen() -> None:
    kernel = select_kernel("reference")

    assert kernel is ReferenceKernel
    assert kernel.name == "reference"


@pytest.mark.skipif(not has_native_kernel(), reason="this installation has no native kernel")
@pytest.mark.parametrize("choice", ["auto", "native"])
def test_the_native_kernel_is_taken_where_it_was_built(choice: str) -> None:
    assert select_kernel(choice).name == "native"


@pytest.mark.usefixtures("without_native")
def test_the_reference_kernel_is_taken_where_there_is_no_other() -> None:
    assert not has_native_kernel()
    assert select_kernel("auto") is ReferenceKernel


@pytest.mark.usefixtures("without_native")
def test_a_native_kernel_is_not_pretended() -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"^TONGBAO_KERNEL=native, but .* no native kernel: use TONGBAO_KERNEL=reference or auto, or install Rust",
    ):
        select_kernel("native")


@pytest.mark.parametrize("choice", ["auto", "native"])
def test_a_native_kernel_that_cannot_be_loaded_is_not_replaced_by_a_slow_one_in_silence(
    choice: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select, "find_spec", lambda _: object())
    monkeypatch.setitem(sys.modules, "tongbao.kernel.native", None)

    with pytest.raises(ConfigurationError, match=r"cannot be loaded .*: install Tongbao again, or use TONGBAO_KERNEL="):
        select_kernel(choice)


@pytest.mark.skipif(not has_native_kernel(), reason="this installation has no native kernel")
@pytest.mark.parametrize("numbered", [True, False])
def test_a_native_kernel_that_was_built_from_other_sources_is_refused_with_a_cure(
    monkeypatch: pytest.MonkeyPatch, *, numbered: bool
) -> None:
    built = importlib.import_module("tongbao._native")
    if numbered:
        monkeypatch.setattr(built, "INTERFACE", built.INTERFACE + 1)
    else:
        monkeypatch.delattr(built, "INTERFACE")
    monkeypatch.delitem(sys.modules, "tongbao.kernel.native", raising=False)

    with pytest.raises(ConfigurationError, match=r"built from other sources .*: install Tongbao again"):
        select_kernel("native")


def test_an_unknown_choice_names_those_that_there_are() -> None:
    choices = ", ".join(KERNEL_CHOICES)

    with pytest.raises(ConfigurationError, match=f"^TONGBAO_KERNEL must be one of {choices}, was 'fast'$"):
        select_kernel("fast")

    assert KERNEL_CHOICES == ("auto", "native", "reference")
