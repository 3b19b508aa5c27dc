"""The values that the vectors hold, by format: ordinary ones, and each kind at its bounds."""

from dataclasses import replace

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    CENTRE,
    DOMAIN,
    EXPIRY_MS,
    GENESIS_TIME_MS,
    Spend,
    acceptance,
    batch,
    bytes32,
    coin,
    control,
    genesis,
    issue,
    key_lock,
    locked_coin,
    outcome,
    public_key,
    receipts,
    redeem,
    signed,
    spend,
    submission,
    timed_lock,
    transfer,
)
from tongbao.coin import (
    VALUE_MAX,
    Acceptance,
    AcceptedLock,
    Address,
    Authorisation,
    Batch,
    Body,
    Coin,
    Genesis,
    GenesisInstitution,
    HashKind,
    Input,
    KeyLock,
    Kind,
    Limits,
    Lock,
    Outcome,
    Path,
    PublicKey,
    Receipt,
    Submission,
    Suite,
    TimedLock,
    Transaction,
    Witness,
    statuses_hash,
)
from tongbao.coin.control import (
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Officers,
    OrderedMove,
    Quota,
    ReceiptKey,
    RegisterAsset,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
    Unfreeze,
)
from tongbao.coin.encoding import u16
from tongbao.coin.verdicts import Stretch, Verdicts

U16_MAX, U32_MAX, U64_MAX = 2**16 - 1, 2**32 - 1, 2**64 - 1
RESERVED_KEY = PublicKey(Suite.P256, b"\x04" + bytes(64))


def inputs() -> dict[str, Input]:
    """Openings of coins."""
    lock_id = key_lock(ALICE).id(DOMAIN)
    return {
        "an ordinary coin": spend(500, owner=ALICE).input,
        "the least of every number": Input(bytes(32), 0, Coin(0, 1, 0, bytes(32))),
        "the largest of every number": Input(b"\xff" * 32, U16_MAX, Coin(U32_MAX, VALUE_MAX, U32_MAX, b"\xff" * 32)),
        "a value above 2^53, which a reader of JSON may round": Input(bytes32(1), 7, Coin(0, 2**53 + 1, 2, lock_id)),
    }


def locks() -> dict[str, Lock]:
    """Locks of both kinds."""
    some = [bytes32(number) for number in range(1, 4)]
    many_locks = [bytes32(number) for number in range(1, 17)]
    return {
        "one key": key_lock(ALICE),
        "one key, another salt": key_lock(ALICE, salt=1),
        "one key of a reserved suite": KeyLock(RESERVED_KEY, bytes32(0)),
        "one key of the largest size and an unknown suite": KeyLock(PublicKey(255, bytes(2048)), bytes32(0)),
        "two keys without restriction": timed_lock(ALICE, BOB),
        "two keys, the later one from the start": timed_lock(ALICE, BOB, later_from_ms=0),
        "two keys, the later one never": timed_lock(ALICE, BOB, later_from_ms=U64_MAX),
        "two keys of two suites": TimedLock(public_key(ALICE), RESERVED_KEY, 1, (), (), bytes32(0)),
        "restricted to one home": timed_lock(ALICE, BOB, homes=[2]),
        "restricted to three locks": timed_lock(ALICE, BOB, locks=some),
        "restricted to as many homes and locks as there may be": timed_lock(
            ALICE, BOB, homes=range(1, 17), locks=many_locks
        ),
    }


def acceptances() -> dict[str, Acceptance]:
    """Acceptances by home 2."""
    anchor = spend(500, owner=ALICE).input
    many = [coin(value, owner=BOB, home=2, salt=value) for value in range(1, 17)]
    two_assets = [coin(500, owner=BOB, home=2), coin(1, owner=BOB, home=2, asset=7)]
    terms = (2, bytes(32), U64_MAX, (AcceptedLock(bytes(32), U32_MAX, U64_MAX),), RESERVED_KEY)
    return {
        "one lock": acceptance(anchor, [coin(500, owner=BOB, home=2)]),
        "one lock in two assets": acceptance(anchor, two_assets),
        "as many locks as there may be": acceptance(anchor, many),
        "the largest numbers, a reserved suite and no signature": Acceptance(*terms, b""),
    }


def worked_example() -> Transaction:
    """The transaction that docs/reference/wire-format.md takes apart."""
    paid, change = coin(350, owner=BOB, salt=4), coin(150, owner=ALICE, salt=5)
    return transfer([spend(500, owner=ALICE, origin=2, salt=3)], [paid, change], reference=1)


def _transfers() -> dict[str, Transaction]:
    opened = spend(500, owner=ALICE)
    abroad = [coin(500, owner=BOB, home=2)]
    lock = timed_lock(ALICE, BOB, later_from_ms=GENESIS_TIME_MS)
    later = Spend(Input(bytes32(0), 0, locked_coin(500, lock)), lock, BOB, Path.B)
    reserved = KeyLock(RESERVED_KEY, bytes32(0))
    body = Body(Kind.TRANSFER, U64_MAX, bytes(32), authorisations=(Authorisation(255, b"\x01"),))
    return {
        "worked example": worked_example(),
        "transfer to another home": transfer([opened], abroad, acceptances=[acceptance(opened.input, abroad)]),
        "transfer of a coin under two keys by the later one": transfer([later], [coin(500, owner=CAROL)]),
        "transfer of three coins into one": transfer(
            [spend(value, owner=ALICE, index=value) for value in (1, 2, 3)], [coin(6, owner=BOB)]
        ),
        "transfer of nothing with an unknown authorisation": Transaction(body),
        "transfer with an unknown path, a reserved suite and no signature": Transaction(
            Body(Kind.TRANSFER, 0, bytes(32), (Input(bytes(32), 0, locked_coin(1, reserved)),)),
            (Witness(reserved, 255, b""),),
        ),
    }


def operations() -> dict[str, ControlOperation]:
    """Every operation that control knows, some in both ways."""
    return {
        "register institution": RegisterInstitution(3, public_key(13)),
        "suspend institution": SuspendInstitution(2, suspended=True),
        "resume institution": SuspendInstitution(2, suspended=False),
        "rekey institution": RekeyInstitution(1, public_key(14)),
        "set successor": SetSuccessor(home=2, successor=1),
        "quota": Quota(0, 1, U64_MAX),
        "officers, 1 of 1": Officers(AuthorityKind.ISSUANCE, 1, (public_key(24),)),
        "officers, 32 of 32": Officers(AuthorityKind.OFFICES, 32, tuple(public_key(200 + n) for n in range(32))),
        "register asset": RegisterAsset(7, active=True, code="GOLD-KG"),
        "suspend asset": RegisterAsset(7, active=False, code="~ 14 visible ~!"),
        "freeze lock": Freeze(FreezeTarget.LOCK, key_lock(BOB).id(DOMAIN)),
        "freeze coin": Freeze(FreezeTarget.COIN, spend(500, owner=BOB).input.coin_id(DOMAIN)),
        "unfreeze lock": Unfreeze(FreezeTarget.LOCK, key_lock(BOB).id(DOMAIN)),
        "unfreeze coin": Unfreeze(FreezeTarget.COIN, spend(500, owner=BOB).input.coin_id(DOMAIN)),
        "activate rules": ActivateRules(U32_MAX),
        "clock": ClockOperation(U64_MAX),
        "admit receipt key": ReceiptKey(public_key(6), active=True),
        "end receipt key": ReceiptKey(public_key(CENTRE), active=False),
        "substitute key": SubstituteKey(2, public_key(15)),
    }


def transactions() -> dict[str, Transaction]:
    """Transactions of every kind."""
    opened = spend(500, owner=BOB)
    move = OrderedMove(opened.input.coin_id(DOMAIN))
    unapproved = Body(Kind.ISSUE, EXPIRY_MS, bytes32(0), outputs=(coin(1, owner=ALICE),), serial=U64_MAX)
    return {
        **_transfers(),
        "issue of two coins": issue([coin(500, owner=11), coin(500, owner=11, salt=1)]),
        "issue with the largest serial and no approval": signed(unapproved),
        "redeem": redeem([spend(500, owner=11), spend(1, owner=11, index=1)]),
        **{f"control: {name}": control(operation) for name, operation in operations().items()},
        "control: ordered move": control(move, inputs=[opened.input], outputs=[coin(500, owner=CAROL)]),
    }


def submissions() -> dict[str, Submission]:
    """Submissions of institutions and of the central bank."""
    issued = issue([coin(500, owner=ALICE)])
    opaque = (b"", b"\x00", b"no transaction")
    return {
        "one transfer": submission([worked_example()]),
        "the central bank's issue and control": submission([issued, control(Quota(0, 1, 1))], home=0),
        "transactions are not looked into": Submission(bytes(32), U32_MAX, opaque, RESERVED_KEY, b""),
        "as many transactions as there may be": Submission(bytes(32), 1, (b"",) * 1024, RESERVED_KEY, b""),
    }


def batches() -> dict[str, Batch]:
    """Batches of money and heartbeats."""
    first = batch([submission([worked_example()])])
    head, statuses = first.header.chain_head(DOMAIN), statuses_hash(1, [0], DOMAIN)
    many = [submission([worked_example()]), submission([transactions()["redeem"]], home=2)]
    return {
        "the first batch": first,
        "a heartbeat that has applied the first": batch(
            sequence=2, previous=head, applied_sequence=1, applied_statuses=statuses
        ),
        "two submissions": batch(many, sequence=2, previous=head),
        "a heartbeat with the largest numbers": batch(
            sequence=U64_MAX, previous=b"\xff" * 32, time_ms=U64_MAX, rules=U32_MAX, applied_sequence=U64_MAX
        ),
    }


def receipt_cases() -> dict[str, Receipt]:
    """Receipts that the centre's key proves."""
    settled = batches()["the first batch"]
    five = receipts(settled, [(bytes32(number), 0 if number % 2 else 40) for number in range(5)])
    last = five[4]
    logged = Receipt(last.transaction_id, last.status, last.index, last.path, last.signed_head, b"proof")
    return {
        "the only one of its batch": receipts(settled, [(worked_example().id(DOMAIN), 0)])[0],
        **{f"number {number} of five": receipt for number, receipt in enumerate(five)},
        "with something in the room for the log": logged,
    }


def verdict_cases() -> dict[str, tuple[Verdicts, list[bytes]]]:
    """Verdicts that the centre's key proves, with the ids of the transactions that they are about."""
    first, later = batches()["the first batch"], batches()["two submissions"]
    early = receipts(first, [(bytes32(number), 40 if number == 2 else 0) for number in range(5)])
    late = receipts(later, [(bytes32(100 + number), 0) for number in range(7)])
    return {
        "the only one of its batch": verdicts_of([receipts(first, [(bytes32(1), 0)])]),
        "a whole batch": verdicts_of([early]),
        "from the middle of a batch": verdicts_of([late[2:5]]),
        "the last of a batch": verdicts_of([late[6:]]),
        "two repeated ones between new ones": verdicts_of([late[:3], early[1:3], late[3:4]]),
    }


def verdicts_of(stretches: list[list[Receipt]]) -> tuple[Verdicts, list[bytes]]:
    """The verdicts of receipts, a list for each stretch."""
    heads = list(dict.fromkeys([listed[0].signed_head for listed in stretches]))
    made = tuple([_stretch(listed, heads.index(listed[0].signed_head)) for listed in stretches])
    return Verdicts(9, 1_000, tuple(heads), made), [each.transaction_id for listed in stretches for each in listed]


def _stretch(listed: list[Receipt], head: int) -> Stretch:
    """Without the code's own border: of all siblings of all paths, those that are no leaf's of the stretch."""
    count, start, end = listed[0].signed_head.head.count, listed[0].index, listed[-1].index + 1
    first, last, border = list(listed[0].path), list(listed[-1].path), []
    while count > 1:
        if start % 2:
            border.append(first[0])
        if end % 2 and end < count:
            border.append(last[0])
        first, last = first[1 if start ^ 1 < count else 0 :], last[1 if (end - 1) ^ 1 < count else 0 :]
        start, end, count = start // 2, (end + 1) // 2, (count + 1) // 2
    return Stretch(head, listed[0].index, b"".join(u16(each.status) for each in listed), tuple(border))


def outcomes() -> dict[str, Outcome]:
    """Outcomes that the centre's key proves."""
    identity = worked_example().id(DOMAIN)
    return {
        "settled": outcome(identity),
        "absent": outcome(bytes32(9), settled=False, time_ms=EXPIRY_MS + 1),
        "the largest numbers": outcome(bytes32(9), settled=False, sequence=U64_MAX, time_ms=U64_MAX),
    }


def geneses() -> dict[str, Genesis]:
    """What a currency may begin as."""
    few = tuple(Officers(each, 1, (public_key(20 + each),)) for each in AuthorityKind)
    least = replace(
        genesis(limits=Limits(1, 1, 1, 1, 0, 1)),
        name="通宝",
        test_network=False,
        time_ms=0,
        rules=0,
        asset_code="C",
        authorities=few,
        institutions=(),
    )
    largest = replace(
        genesis(limits=Limits(U16_MAX, U16_MAX, U32_MAX, U64_MAX, U64_MAX, U32_MAX), hash_kind=HashKind.SM3),
        name="n" * 64,
        time_ms=U64_MAX,
        rules=U32_MAX,
        asset_code="0123456789ABCDEF",
        institutions=(GenesisInstitution(U32_MAX, RESERVED_KEY, U64_MAX),),
        receipt_keys=tuple(public_key(number) for number in range(50, 66)),
    )
    return {
        "sample": genesis(),
        "sample-sm3": genesis(hash_kind=HashKind.SM3),
        "the least numbers and no institution": least,
        "the largest numbers": largest,
    }


def addresses() -> dict[str, Address]:
    """Addresses of wallets."""
    return {
        "a wallet at home 1": Address(1, bytes32(0)[:16], test_network=False),
        "the same wallet on a test network": Address(1, bytes32(0)[:16], test_network=True),
        "zeros": Address(0, bytes(16), test_network=False),
        "the largest numbers": Address(U32_MAX, b"\xff" * 16, test_network=True),
    }
