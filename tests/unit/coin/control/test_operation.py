"""What all control operations have in common."""

import pytest

from tests.vectors.coin_valid import operations
from tongbao.coin.control import OPERATIONS, ControlOperation, OrderedMove, read_operation
from tongbao.coin.control.operation import AuthorityKind, read_authority
from tongbao.coin.encoding import Reader, u8
from tongbao.errors import DecodingError

SAMPLES = {**operations(), "ordered move": OrderedMove(bytes(32))}


def test_authorities_have_permanent_numbers() -> None:
    assert {kind.name: kind.value for kind in AuthorityKind} == {"ISSUANCE": 1, "CONTROL": 2, "OFFICES": 3}


def test_operations_have_permanent_numbers() -> None:
    numbers = {type(operation).__name__: operation.NUMBER for operation in SAMPLES.values()}

    assert numbers == {
        "RegisterInstitution": 1,
        "SuspendInstitution": 2,
        "RekeyInstitution": 3,
        "SetSuccessor": 4,
        "Quota": 5,
        "Officers": 6,
        "RegisterAsset": 7,
        "Freeze": 8,
        "Unfreeze": 9,
        "OrderedMove": 10,
        "ActivateRules": 11,
        "ClockOperation": 12,
        "ReceiptKey": 13,
        "SubstituteKey": 14,
    }
    assert set(numbers.values()) == set(OPERATIONS)


@pytest.mark.parametrize("operation", SAMPLES.values(), ids=SAMPLES.keys())
def test_what_was_written_is_read(operation: ControlOperation) -> None:
    reader = Reader(u8(operation.NUMBER) + operation.payload(), "operation")

    read = read_operation(reader)
    reader.finish()

    assert read == operation


@pytest.mark.parametrize("number", [0, 15, 255])
def test_an_unknown_operation_is_refused(number: int) -> None:
    with pytest.raises(DecodingError, match=f"control operation {number} is unknown"):
        read_operation(Reader(u8(number) + bytes(64), "operation"))


@pytest.mark.parametrize("number", [0, 4])
def test_an_unknown_authority_is_refused(number: int) -> None:
    with pytest.raises(DecodingError, match=f"authority {number} is unknown"):
        read_authority(Reader(u8(number), "authority"))


def test_subjects_of_different_things_are_different() -> None:
    # These change one thing, so one serial counts for them.
    families = [
        {"suspend institution", "resume institution", "set successor"},
        {"register asset", "suspend asset"},
        {"freeze lock", "unfreeze lock"},
        {"freeze coin", "unfreeze coin"},
        {"admit receipt key", "end receipt key"},
    ]
    alone = SAMPLES.keys() - set().union(*families)

    subjects = [{SAMPLES[name].subject() for name in family} for family in [*families, *({name} for name in alone)]]

    assert all(len(family) == 1 for family in subjects)
    assert len(set().union(*subjects)) == len(subjects)
