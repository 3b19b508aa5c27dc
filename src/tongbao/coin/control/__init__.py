"""Control operations: the only way to change anything that can change an outcome.

Each operation names a subject; the serial of a control transaction is that of its authority and subject, last + 1.
"""

from collections.abc import Callable

from tongbao.coin.control.governance import (
    ActivateRules,
    ClockOperation,
    Officers,
    Quota,
    ReceiptKey,
    RegisterAsset,
    demand_asset_code,
    read_asset,
    read_asset_code,
    read_officers,
)
from tongbao.coin.control.institutions import (
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
)
from tongbao.coin.control.offices import Freeze, FreezeTarget, OrderedMove, Unfreeze, read_target
from tongbao.coin.control.operation import AuthorityKind, ControlOperation
from tongbao.coin.domain import HASH_BYTES
from tongbao.coin.encoding import Reader
from tongbao.coin.suites import PublicKey

__all__ = [
    "OPERATIONS",
    "ActivateRules",
    "AuthorityKind",
    "ClockOperation",
    "ControlOperation",
    "Freeze",
    "FreezeTarget",
    "Officers",
    "OrderedMove",
    "Quota",
    "ReceiptKey",
    "RegisterAsset",
    "RegisterInstitution",
    "RekeyInstitution",
    "SetSuccessor",
    "SubstituteKey",
    "SuspendInstitution",
    "Unfreeze",
    "demand_asset_code",
    "read_asset_code",
    "read_officers",
    "read_operation",
]

OPERATIONS: dict[int, Callable[[Reader], ControlOperation]] = {
    RegisterInstitution.NUMBER: lambda reader: RegisterInstitution(reader.u32(), PublicKey.read(reader)),
    SuspendInstitution.NUMBER: lambda reader: SuspendInstitution(reader.u32(), reader.flag()),
    RekeyInstitution.NUMBER: lambda reader: RekeyInstitution(reader.u32(), PublicKey.read(reader)),
    SetSuccessor.NUMBER: lambda reader: SetSuccessor(reader.u32(), reader.u32()),
    Quota.NUMBER: lambda reader: Quota(reader.u32(), reader.u32(), reader.u64()),
    Officers.NUMBER: read_officers,
    RegisterAsset.NUMBER: read_asset,
    Freeze.NUMBER: lambda reader: Freeze(read_target(reader), reader.take(HASH_BYTES)),
    Unfreeze.NUMBER: lambda reader: Unfreeze(read_target(reader), reader.take(HASH_BYTES)),
    OrderedMove.NUMBER: lambda reader: OrderedMove(reader.take(HASH_BYTES)),
    ActivateRules.NUMBER: lambda reader: ActivateRules(reader.u32()),
    ClockOperation.NUMBER: lambda reader: ClockOperation(reader.u64()),
    ReceiptKey.NUMBER: lambda reader: ReceiptKey(PublicKey.read(reader), reader.flag()),
    SubstituteKey.NUMBER: lambda reader: SubstituteKey(reader.u32(), PublicKey.read(reader)),
}
"""How the payload of each operation number is read; the numbers are permanent."""


def read_operation(reader: Reader) -> ControlOperation:
    """The operation that starts at the reader's place."""
    number = reader.u8()
    read = OPERATIONS.get(number)
    if read is None:
        raise reader.error(f"control operation {number} is unknown")
    return read(reader)
