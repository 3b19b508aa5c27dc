"""The service names a kernel and gets that one, or an error with a cure."""

import pytest

from tongbao.errors import ConfigurationError
from tongbao.kernel import KERNEL_CHOICES, ReferenceKernel, select_kernel


@pytest.mark.parametrize("choice", ["auto", "reference"])
def test_the_reference_kernel_is_the_one_that_this_build_has(choice: str) -> None:
    kernel = select_kernel(choice)

    assert kernel is ReferenceKernel
    assert kernel.name == "reference"


def test_a_native_kernel_is_not_pretended() -> None:
    with pytest.raises(
        ConfigurationError,
        match=r"^TONGBAO_KERNEL=native, but .* no native kernel: use TONGBAO_KERNEL=reference or auto$",
    ):
        select_kernel("native")


def test_an_unknown_choice_names_those_that_there_are() -> None:
    choices = ", ".join(KERNEL_CHOICES)

    with pytest.raises(ConfigurationError, match=f"^TONGBAO_KERNEL must be one of {choices}, was 'fast'$"):
        select_kernel("fast")

    assert KERNEL_CHOICES == ("auto", "native", "reference")
