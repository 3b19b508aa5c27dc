"""Bytes that the vectors refuse, by format: each is one lie away from something valid, and says which.

The lies are told in the fields and encoded by the page's tables, since the code cannot be made to write them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.builders import ALICE, BOB, bytes32, public_key
from tests.vectors import coin_valid
from tests.vectors.coin_fields import changed, fields_of
from tests.wire_layouts import Record, encode
from tongbao.coin import VALUE_MAX

MALFORMED = "MALFORMED"
VALUE_OUT_OF_RANGE = "VALUE_OUT_OF_RANGE"
RECEIPT_INVALID = "RECEIPT_INVALID"

# A field's path within the fields, and what it is changed to.
Change = tuple[tuple[str | int, ...], object]


@dataclass(frozen=True)
class Refused:
    """Bytes that decode to nothing.

    Attributes:
        reason: what is wrong with them.
        data: the bytes.
        code: the code of the error.
    """

    reason: str
    data: bytes
    code: str = MALFORMED


def _lies(layout: str, truth: object, changes: dict[str, Change], code: str = MALFORMED) -> Iterator[Refused]:
    for reason, (path, to) in changes.items():
        yield Refused(reason, encode(layout, changed(fields_of(truth), *path, to=to)), code)


def _wrong_lengths(data: bytes) -> Iterator[Refused]:
    yield Refused("nothing at all", b"")
    yield Refused("the last byte is missing", data[:-1])
    yield Refused("one byte too many", data + b"\x00")


def _key(number: int = ALICE) -> Record:
    return fields_of(public_key(number))


def _hashes(count: int) -> list[str]:
    return sorted(bytes32(number).hex() for number in range(count))


def inputs() -> Iterator[Refused]:
    """Openings of coins."""
    truth = coin_valid.inputs()["an ordinary coin"]
    values = {"no value": 0, "a value just above 2^63 - 1": VALUE_MAX + 1, "the largest number": 2**64 - 1}
    changes: dict[str, Change] = {reason: (("coin", "value"), str(value)) for reason, value in values.items()}
    yield from _lies("input", truth, changes, VALUE_OUT_OF_RANGE)
    yield from _wrong_lengths(truth.encode())


def locks() -> Iterator[Refused]:
    """Locks."""
    one_key = coin_valid.locks()["one key"]
    yield from _lies(
        "lock",
        one_key,
        {
            "a key of no bytes": (("key", "key"), ""),
            "a key of 2,049 bytes": (("key", "key"), "00" * 2049),
        },
    )
    yield Refused("kind 0", b"\x00" + one_key.encode()[1:])
    yield Refused("kind 3", b"\x03" + one_key.encode()[1:])
    yield Refused("the key's length says more than there is", one_key.encode()[:2] + b"\x08\x00" + one_key.encode()[4:])
    full = coin_valid.locks()["restricted to as many homes and locks as there may be"]
    yield from _lies(
        "lock",
        full,
        {
            "homes that descend": (("homes",), [2, 1]),
            "a home twice": (("homes",), [1, 1]),
            "17 homes": (("homes",), list(range(1, 18))),
            "locks that descend": (("locks",), _hashes(2)[::-1]),
            "a lock twice": (("locks",), _hashes(1) * 2),
            "17 locks": (("locks",), _hashes(17)),
        },
    )
    yield from _wrong_lengths(full.encode())


def acceptances() -> Iterator[Refused]:
    """Acceptances."""
    truth = coin_valid.acceptances()["one lock"]
    named = fields_of(truth)["locks"]
    many = [changed(named[0], "asset", to=asset) for asset in range(17)]
    yield from _lies(
        "acceptance",
        truth,
        {
            "no lock": (("locks",), []),
            "17 locks": (("locks",), many),
            "a lock twice in one asset": (("locks",), [named[0], changed(named[0], "value_max", to="1")]),
            "a key of no bytes": (("key", "key"), ""),
            "a signature of 4,097 bytes": (("signature",), "00" * 4097),
        },
    )
    yield from _wrong_lengths(truth.encode())


def transactions() -> Iterator[Refused]:
    """Transactions."""
    truth = coin_valid.worked_example()
    values: dict[str, Change] = {
        "an output without value": (("body", "outputs", 0, "value"), "0"),
        "an output above 2^63 - 1": (("body", "outputs", 1, "value"), str(VALUE_MAX + 1)),
        "an input without value": (("body", "inputs", 0, "coin", "value"), "0"),
    }
    yield from _lies("transaction", truth, values, VALUE_OUT_OF_RANGE)
    yield from _lies(
        "transaction",
        truth,
        {
            "body version 0": (("body", "version"), 0),
            "body version 2": (("body", "version"), 2),
            "kind 0": (("body", "kind"), 0),
            "kind 5": (("body", "kind"), 5),
            "a witness with a lock of kind 0": (("witnesses", 0, "lock"), {"kind": 0}),
            "a signature of 4,097 bytes": (("witnesses", 0, "signature"), "00" * 4097),
            "an approval whose key has no bytes": (
                ("approvals",),
                [{"key": {"suite": 1, "key": ""}, "signature": ""}],
            ),
        },
    )
    yield from _bad_bodies(truth.encode())
    yield from _operations()


def _bad_bodies(data: bytes) -> Iterator[Refused]:
    length = int.from_bytes(data[:4], "big")
    body, rest = data[4 : 4 + length], data[4 + length :]
    yield Refused("a byte too many at the end of the body", (length + 1).to_bytes(4, "big") + body + b"\x00" + rest)
    yield Refused("the body is a byte short", (length - 1).to_bytes(4, "big") + body[:-1] + rest)
    yield Refused("an issue without serial", data[:5] + b"\x02" + data[6:])
    yield Refused("a control without operation", data[:5] + b"\x04" + data[6:])
    yield Refused("the body's length says more than there is", (length + 2**16).to_bytes(4, "big") + body + rest)
    yield Refused("the body's length is the largest number", b"\xff" * 4 + body + rest)
    yield Refused("255 approvals are announced", data[:-1] + b"\xff")
    yield from _wrong_lengths(data)


def _operations() -> Iterator[Refused]:
    """Control operations with payloads that are none."""
    keys = [_key(number) for number in range(33)]
    lies: dict[str, tuple[str, str, object]] = {
        "suspend: flag 2": ("suspend institution", "suspended", 2),
        "register: a key of no bytes": ("register institution", "key", {"suite": 1, "key": ""}),
        "officers: authority 0": ("officers, 1 of 1", "authority", 0),
        "officers: authority 4": ("officers, 1 of 1", "authority", 4),
        "officers: threshold 0": ("officers, 1 of 1", "threshold", 0),
        "officers: threshold above the number of keys": ("officers, 1 of 1", "threshold", 2),
        "officers: no keys": ("officers, 1 of 1", "keys", []),
        "officers: a key twice": ("officers, 1 of 1", "keys", keys[:1] * 2),
        "officers: 33 keys": ("officers, 1 of 1", "keys", keys),
        "asset: flag 2": ("register asset", "active", 2),
        "asset: no code": ("register asset", "code", ""),
        "asset: a code of 17 bytes": ("register asset", "code", "A" * 17),
        "asset: a code with a line feed": ("register asset", "code", "CN\n"),
        "asset: a code outside ASCII": ("register asset", "code", "元"),
        "freeze: target 0": ("freeze lock", "target", 0),
        "freeze: target 3": ("freeze lock", "target", 3),
        "unfreeze: target 3": ("unfreeze coin", "target", 3),
        "receipt key: flag 2": ("admit receipt key", "active", 2),
    }
    for reason, (operation, field, to) in lies.items():
        truth = coin_valid.transactions()[f"control: {operation}"]
        yield from _lies("transaction", truth, {reason: (("body", "payload", field), to)})
    clock = fields_of(coin_valid.transactions()["control: clock"])
    encoded = encode("transaction", clock)
    # Version, kind, expiry, reference, three empty lists, serial: 55 bytes of body, then the operation's number.
    for number in (0, 15, 255):
        yield Refused(f"control operation {number}", encoded[:59] + bytes((number,)) + encoded[60:])


def submissions() -> Iterator[Refused]:
    """Submissions."""
    truth = coin_valid.submissions()["one transfer"]
    yield from _lies(
        "submission",
        truth,
        {
            "no transaction": (("transactions",), []),
            "1,025 transactions": (("transactions",), [""] * 1025),
            "a signature of 4,097 bytes": (("signature",), "00" * 4097),
            "a key of no bytes": (("key", "key"), ""),
        },
    )
    data = truth.encode()
    yield Refused("a transaction's length is the largest number", data[:38] + b"\xff" * 4 + data[42:])
    yield from _wrong_lengths(data)


def batches() -> Iterator[Refused]:
    """Batches."""
    money = coin_valid.batches()["the first batch"]
    heartbeat = coin_valid.batches()["a heartbeat that has applied the first"]
    yield from _lies(
        "batch",
        money,
        {
            "version 0": (("header", "version"), 0),
            "version 2": (("header", "version"), 2),
            "kind 0": (("header", "kind"), 0),
            "kind 3": (("header", "kind"), 3),
            "money without submissions": (("submissions",), []),
            "a heartbeat with submissions": (("header", "kind"), 2),
        },
    )
    yield from _lies("batch", heartbeat, {"a heartbeat with an empty submission": (("submissions",), [""])})
    data = money.encode()
    yield Refused("a byte too many at the end of the header", b"\x00\x9f" + data[2:160] + b"\x00" + data[160:])
    yield Refused("the header is a byte short", b"\x00\x9d" + data[2:159] + data[160:])
    yield Refused("a submission's length is the largest number", data[:162] + b"\xff" * 4 + data[166:])
    yield from _wrong_lengths(data)


def receipts() -> Iterator[Refused]:
    """Receipts that do not decode."""
    truth = coin_valid.receipt_cases()["number 0 of five"]
    yield from _lies(
        "receipt",
        truth,
        {
            "version 0": (("version",), 0),
            "version 2": (("version",), 2),
            "a path of 33 hashes": (("path",), _hashes(33)),
            "a signature of 4,097 bytes": (("signature",), "00" * 4097),
        },
    )
    yield from _wrong_lengths(truth.encode())


def receipts_disproved() -> Iterator[Refused]:
    """Receipts that decode and prove nothing."""
    truth = coin_valid.receipt_cases()["number 0 of five"]
    path, other = fields_of(truth)["path"], bytes32(99).hex()
    changes: dict[str, Change] = {
        "another transaction": (("transaction_id",), other),
        "another status": (("status",), 0),
        "another index": (("index",), 1),
        "an index that the batch does not have": (("index",), 5),
        "another sibling": (("path", 1), other),
        "a path too short": (("path",), path[:-1]),
        "a path too long": (("path",), [*path, other]),
        "no path": (("path",), []),
        "a batch of none": (("head", "count"), 0),
        "another number of leaves": (("head", "count"), 4),
        "another network": (("head", "network_id"), other),
        "another sequence": (("head", "sequence"), "2"),
        "another time": (("head", "time_ms"), "0"),
        "another chain head": (("head", "chain_head"), other),
        "another root": (("head", "receipts_root"), other),
        "a key that is not the centre's": (("key",), _key(BOB)),
        "no signature": (("signature",), ""),
        "another signature": (("signature",), "00" * 64),
    }
    yield from _lies("receipt", truth, changes, RECEIPT_INVALID)


def verdicts() -> Iterator[Refused]:
    """Verdicts that do not decode."""
    truth, _ = coin_valid.verdict_cases()["two repeated ones between new ones"]
    yield from _lies(
        "verdicts",
        truth,
        {
            "version 0": (("version",), 0),
            "version 2": (("version",), 2),
            "a stretch of no transactions": (("stretches", 1, "statuses"), []),
            "a stretch of another head": (("stretches", 1, "head"), 2),
            "no head": (("heads",), []),
            "a border of 65 hashes": (("stretches", 0, "border"), _hashes(65)),
            "1,025 transactions": (("stretches", 0, "statuses"), [0] * 1022),
        },
    )
    yield from _wrong_lengths(truth.encode())


def verdicts_disproved() -> Iterator[Refused]:
    """Verdicts that decode and prove nothing."""
    truth, _ = coin_valid.verdict_cases()["two repeated ones between new ones"]
    fields, other = fields_of(truth), bytes32(99).hex()
    border = fields["stretches"][1]["border"]
    changes: dict[str, Change] = {
        "another status": (("stretches", 1, "statuses", 0), 1),
        "settled instead of refused": (("stretches", 1, "statuses", 1), 0),
        "another place": (("stretches", 1, "index"), 2),
        "a place that the batch does not have": (("stretches", 1, "index"), 5),
        "another batch's head": (("stretches", 1, "head"), 0),
        "another node": (("stretches", 1, "border", 0), other),
        "a border too short": (("stretches", 1, "border"), border[:-1]),
        "a border too long": (("stretches", 1, "border"), [*border, other]),
        "stretches in another order": (("stretches",), fields["stretches"][::-1]),
        "a stretch too few": (("stretches",), fields["stretches"][:-1]),
        "another number of leaves": (("heads", 0, "head", "count"), 6),
        "another root": (("heads", 0, "head", "receipts_root"), other),
        "a key that is not the centre's": (("heads", 0, "key"), _key(BOB)),
        "another signature": (("heads", 1, "signature"), "00" * 64),
    }
    yield from _lies("verdicts", truth, changes, RECEIPT_INVALID)


def outcomes() -> Iterator[Refused]:
    """Outcomes that do not decode."""
    truth = coin_valid.outcomes()["settled"]
    yield from _lies("outcome", truth, {"flag 2": (("settled",), 2), "a key of no bytes": (("key", "key"), "")})
    yield from _wrong_lengths(truth.encode())


def outcomes_disproved() -> Iterator[Refused]:
    """Outcomes that decode and prove nothing."""
    truth, other = coin_valid.outcomes()["absent"], bytes32(99).hex()
    changes: dict[str, Change] = {
        "another network": (("network_id",), other),
        "another transaction": (("transaction_id",), other),
        "settled instead of absent": (("settled",), True),
        "another sequence": (("sequence",), "2"),
        "another time": (("time_ms",), "0"),
        "a key that is not the centre's": (("key",), _key(BOB)),
        "no signature": (("signature",), ""),
        "another signature": (("signature",), "00" * 64),
    }
    yield from _lies("outcome", truth, changes, RECEIPT_INVALID)


def geneses() -> Iterator[Refused]:
    """Geneses."""
    truth = coin_valid.geneses()["sample"]
    fields = fields_of(truth)
    first, second = fields["institutions"]
    keys = [_key(number) for number in range(17)]
    changes: dict[str, Change] = {
        "another magic": (("magic",), b"tongbao2".hex()),
        "hash 0": (("hash",), 0),
        "hash 3": (("hash",), 3),
        "test flag 2": (("test_network",), 2),
        "no name": (("name",), ""),
        "a name of 65 bytes": (("name",), "n" * 65),
        "a name with a line feed": (("name",), "sam\nple"),
        "a name with a control character of ISO 8859": (("name",), "sam\x85ple"),
        "no asset code": (("asset_code",), ""),
        "an asset code of 17 bytes": (("asset_code",), "A" * 17),
        "an asset code outside ASCII": (("asset_code",), "元"),
        "two authorities swapped": (("authorities",), [fields["authorities"][place] for place in (1, 0, 2)]),
        "an authority twice": (("authorities",), [fields["authorities"][place] for place in (0, 1, 1)]),
        "a threshold of 0": (("authorities", 0, "threshold"), 0),
        "institutions that descend": (("institutions",), [second, first]),
        "an institution twice": (("institutions",), [first, first]),
        "an institution with the central bank's number": (("institutions", 0, "home"), 0),
        "no receipt key": (("receipt_keys",), []),
        "a receipt key twice": (("receipt_keys",), keys[:1] * 2),
        "17 receipt keys": (("receipt_keys",), keys),
    }
    stopping = [limit for limit in fields["limits"] if limit != "ordered_move_delay_ms"]
    changes |= {f"a limit of 0: {limit}": (("limits", limit), 0) for limit in stopping}
    yield from _lies("genesis", truth, changes)
    data = truth.encode()
    for reason, name in {"a name in Latin-1": b"\xe9", "a name with a surrogate": b"\xed\xa0\x80"}.items():
        yield Refused(reason, data[:22] + bytes((len(name),)) + name + data[22 + 1 + len(truth.name) :])
    yield from _wrong_lengths(data)
