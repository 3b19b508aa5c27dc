"""Checkpoints, by the example of C2SP's tlog-checkpoint."""

import pytest

from tongbao.errors import DecodingError, RequestError
from tongbao.evidence import Checkpoint

EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_example_of_the_specification_is_read_and_written_as_it_is() -> None:
    checkpoint = Checkpoint.decode(EXAMPLE)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.encode() == EXAMPLE


def test_an_empty_log_has_the_size_0() -> None:
    assert Checkpoint.decode(f"o\n0\n{ROOT}\n").size == 0


def test_lines_behind_the_root_are_kept_as_they_are() -> None:
    checkpoint = Checkpoint.decode(EXAMPLE + "further\n")

    assert checkpoint.extensions == ("further",)
    assert checkpoint.encode() == EXAMPLE + "further\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        EXAMPLE[:-1],
        "o\n1\n",
        f"\n1\n{ROOT}\n",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n\u0661\n{ROOT}\n",
        f"o\n9223372036854775808\n{ROOT}\n",
        "o\n1\nAAAA\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT}\n\n",
        f"{'o' * 256}\n1\n{ROOT}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(DecodingError):
        Checkpoint.decode(text)


@pytest.mark.parametrize(("origin", "size", "root"), [("a\nb", 1, bytes(32)), ("a", -1, bytes(32)), ("a", 1, b"x")])
def test_a_checkpoint_cannot_be_made_that_could_not_be_read(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(RequestError):
        Checkpoint(origin, size, root)
