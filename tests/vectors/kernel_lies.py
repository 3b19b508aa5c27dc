"""What the cases of the first stage are told with."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.builders import (
    ALICE,
    DOMAIN,
    Spend,
    bytes32,
    control,
    locked_coin,
    spend,
)
from tests.kernel_builders import NETWORKS, endorsed
from tongbao.coin import (
    Coin,
    Input,
    Lock,
    Transaction,
)
from tongbao.coin.control import OrderedMove
from tongbao.kernel import Status


@dataclass(frozen=True)
class JudgeCase:
    """A submission and its verdict.

    Attributes:
        status: the verdict.
        name: what is special about it.
        submission: its bytes.
        index: the transaction that has the status; -1 for the submission itself and where all pass.
        beats: a later status that it has as well, and that is found once the earlier lie is made good.
        network: a name of `NETWORKS`.
    """

    status: Status
    name: str
    submission: bytes
    index: int = 0
    beats: Status | None = None
    network: str = "sample"


def alone(transaction: Transaction | bytes, *, home: int = 1, network: str = "sample") -> bytes:
    encoded = transaction if isinstance(transaction, bytes) else transaction.encode()
    return endorsed(encoded, home=home, domain=NETWORKS[network].domain()).encode()


def alices(*values: int, owner: int = ALICE, home: int = 1) -> list[Spend]:
    return [spend(value, owner=owner, home=home, index=index) for index, value in enumerate(values)]


def under(lock: Lock, value: int = 5, *, signer: int = ALICE, path: int = 0, index: int = 0) -> Spend:
    return Spend(Input(bytes32(0), index, locked_coin(value, lock)), lock, signer, path)


def moving(moved: Input, outputs: Sequence[Coin], **lies: object) -> Transaction:
    inputs: tuple[Input, ...] = lies.get("inputs", (moved,))  # type: ignore[assignment]
    named: bytes = lies.get("named", moved.coin_id(DOMAIN))  # type: ignore[assignment]
    return control(OrderedMove(named), inputs=inputs, outputs=outputs)
