"""Histories of control: every operation, what it changes for those that come after it, and when it is refused."""

from collections.abc import Iterator

from tests.builders import (
    ALICE,
    BOB,
    GENESIS_TIME_MS,
    INSTITUTIONS,
    OFFICERS,
    QUOTA,
    coin,
    control,
    issue,
    public_key,
    redeem,
    spend_of,
    transfer,
)
from tests.kernel_builders import SETTLED, endorsed
from tests.vectors.kernel_story import ApplyCase, Story, alices, funded, named_for, ordered_alone, to_bob
from tests.vectors.suites import curves, passkey_cases
from tongbao.coin import Acceptance, PublicKey, Suite, Transaction, p256, sm2
from tongbao.coin.control import (
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Officers,
    Quota,
    ReceiptKey,
    RegisterAsset,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
)
from tongbao.kernel import Status

DAYS_MS = 259_200_000
CONTROLLERS = OFFICERS[AuthorityKind.CONTROL]
UNKNOWN = Status.INSTITUTION_UNKNOWN

NOBODY = PublicKey.ed25519((2).to_bytes(32, "little"))  # no point of the curve has this y
EVERYBODY = PublicKey.ed25519(bytes(32))  # a point of order 4
SHORT = PublicKey.ed25519(public_key(13).key[:31])
RESERVED = PublicKey(Suite.P256, bytes(64))
UNUSABLE = {"nobody's": NOBODY, "everybody's": EVERYBODY, "31 bytes": SHORT, "of a suite that is not active": RESERVED}


def _officers(authority: AuthorityKind, *numbers: int, threshold: int = 1) -> Officers:
    return Officers(authority, threshold, tuple(public_key(number) for number in numbers))


# --- institutions -----------------------------------------------------------------------------------------------------


def institutions() -> Iterator[ApplyCase]:
    """Admission, suspension and keys."""
    admit = RegisterInstitution(3, public_key(13))
    money = issue([coin(5, owner=ALICE, home=3)])
    story = Story().ordered(control(admit), control(Quota(0, 3, 9)), money)
    paid = transfer([spend_of(money, 0, owner=ALICE)], [coin(5, owner=BOB, home=3)])
    yield story.then_submitted("an institution that was admitted", endorsed(paid.encode(), home=3, key=13))
    exists = Status.INSTITUTION_EXISTS
    yield ordered_alone("a home that is taken", RegisterInstitution(1, public_key(13)), exists)
    yield ordered_alone("the central bank's home", RegisterInstitution(0, public_key(13)), exists)
    yield ordered_alone("a home that was admitted by control", admit, exists, admit)
    clash = control(RegisterInstitution(1, EVERYBODY))
    yield Story().then("before the key", clash, home=0, found=exists, beats=Status.KEY_UNUSABLE)
    again = control(RegisterInstitution(1, public_key(13)), serial=2)
    yield Story().then("before what control says", again, home=0, found=Status.SERIAL_NOT_NEXT, beats=exists)
    for operation in (
        SuspendInstitution(7, suspended=True),
        SuspendInstitution(0, suspended=True),
        Quota(0, 7, 5),
        Quota(0, 0, 5),
        RekeyInstitution(7, public_key(13)),
        SubstituteKey(7, public_key(13)),
        SetSuccessor(7, 1),
        SetSuccessor(1, 7),
    ):
        yield ordered_alone(f"{type(operation).__name__} {operation.subject().hex()}", operation, UNKNOWN)
    yield Story().then(
        "before the key", control(RekeyInstitution(7, EVERYBODY)), home=0, found=UNKNOWN, beats=Status.KEY_UNUSABLE
    )
    neither = control(SetSuccessor(7, 0))
    yield Story().then("before the successor", neither, home=0, found=UNKNOWN, beats=Status.SUCCESSOR_INVALID)
    yield from _keys()
    yield from _substitutes()


def _keys() -> Iterator[ApplyCase]:
    old, new = INSTITUTIONS[1], 14
    for name, key, found in (("the new key", new, SETTLED), ("the old key", old, Status.ENDORSER_KEY_NOT_CURRENT)):
        story, funds = funded()
        story.ordered(control(RekeyInstitution(1, public_key(14))))
        yield story.then(f"after a new key: {name}", to_bob(funds), key=key, found=found)
    yield ordered_alone("an institution's own key again", RekeyInstitution(1, public_key(old)), SETTLED)
    unusable = Status.KEY_UNUSABLE
    for name, unusable_key in UNUSABLE.items():
        yield ordered_alone(f"RekeyInstitution to a key: {name}", RekeyInstitution(1, unusable_key), unusable)
    yield ordered_alone("RegisterInstitution", RegisterInstitution(3, EVERYBODY), unusable)
    yield ordered_alone("SubstituteKey", SubstituteKey(1, EVERYBODY), unusable)
    yield ordered_alone("ReceiptKey", ReceiptKey(EVERYBODY, active=True), unusable)
    mixed = Officers(AuthorityKind.OFFICES, 1, (public_key(51), EVERYBODY))
    yield ordered_alone("the second of two officers", mixed, unusable)
    unproven = Status.KEYS_UNPROVEN
    both = Officers(AuthorityKind.OFFICES, 2, (public_key(51), EVERYBODY))
    yield Story().then("before the proof", control(both), home=0, found=unusable, beats=unproven)
    yield from _proofs()


def _proofs() -> Iterator[ApplyCase]:
    unproven = Status.KEYS_UNPROVEN
    desk, controllers = AuthorityKind.OFFICES, CONTROLLERS[:2]
    yield ordered_alone("officers who have not shown that they can sign", _officers(desk, 51), unproven)
    two_of_three = _officers(desk, 51, 52, 53, threshold=2)
    one = control(two_of_three, approvers=(*controllers, 51))
    yield Story().then("one of the two who are needed", one, home=0, found=unproven)
    enough = control(two_of_three, approvers=(*controllers, 51, 53))
    yield Story().then("two of the three new officers", enough, home=0)
    kept = _officers(AuthorityKind.CONTROL, CONTROLLERS[0], CONTROLLERS[1], 51, threshold=2)
    yield Story().then("one of three replaced: those who stay prove it", control(kept), home=0)
    rekey = RekeyInstitution(0, public_key(6))
    yield Story().then("the central bank's key, which did not sign", control(rekey), home=0, found=unproven)
    proven = control(rekey, approvers=(*controllers, 6))
    yield Story().then("the central bank's key, which did", proven, home=0)
    story = Story().ordered(proven)
    yield story.then("issue under the central bank's new key", issue([coin(5, owner=ALICE)]), home=0, key=6)


def _substitutes() -> Iterator[ApplyCase]:
    substitute = control(SubstituteKey(1, public_key(14)))
    for name, key in (("the substitute", 14), ("the institution's own", INSTITUTIONS[1])):
        story, funds = funded()
        story.ordered(substitute)
        yield story.then(f"after a substitute key: {name}", to_bob(funds), key=key)
    story, funds = funded()
    story.ordered(substitute, control(RekeyInstitution(1, public_key(15))))
    ended = Status.ENDORSER_KEY_NOT_CURRENT
    yield story.then("a new key ends the substitute", to_bob(funds), key=14, found=ended)
    story, funds = funded()
    story.ordered(control(SubstituteKey(2, public_key(14))))
    abroad = coin(5, owner=BOB, home=2)
    paid = transfer([alices(funds)], [abroad], acceptances=[named_for(funds, abroad, key=14)])
    yield story.then("a substitute accepts, too", paid)


# --- successors -------------------------------------------------------------------------------------------------------


def successors() -> Iterator[ApplyCase]:
    """Who serves in whose place."""
    invalid = Status.SUCCESSOR_INVALID
    third = RegisterInstitution(3, public_key(13))
    stop = SuspendInstitution(2, suspended=True)
    yield ordered_alone("itself", SetSuccessor(1, 1), invalid)
    yield ordered_alone("the central bank succeeds", SetSuccessor(1, 0), invalid)
    yield ordered_alone("the central bank is succeeded", SetSuccessor(0, 1), invalid)
    yield ordered_alone("one that has been stopped", SetSuccessor(1, 2), invalid, stop)
    yield ordered_alone("a cycle of two", SetSuccessor(2, 1), invalid, SetSuccessor(1, 2))
    chain = SetSuccessor(1, 2), third, SetSuccessor(2, 3)
    yield ordered_alone("a cycle of three", SetSuccessor(3, 1), invalid, *chain)
    through = third, SetSuccessor(1, 2), SetSuccessor(3, 1)
    yield ordered_alone("a way that leads through the home to another end", SetSuccessor(1, 3), invalid, *through)
    served, inactive = Status.HOME_NOT_SERVED, Status.OUTPUT_HOME_INACTIVE
    for name, home, found in (("the successor", 2, SETTLED), ("the predecessor", 1, served)):
        story, funds = funded()
        story.ordered(control(SetSuccessor(1, 2)))
        yield story.then(f"after a successor, endorsed by {name}", to_bob(funds), home=home, found=found)
    story, funds = funded()
    story.ordered(*_controls(*chain))
    yield story.then_submitted("a successor's successor", endorsed(to_bob(funds).encode(), home=3, key=13))
    story, funds = funded()
    story.ordered(control(SetSuccessor(1, 2)), control(third), control(SetSuccessor(1, 3), serial=2))
    yield story.then_submitted("another successor later", endorsed(to_bob(funds).encode(), home=3, key=13))
    story, funds = funded()
    story.ordered(control(SuspendInstitution(1, suspended=True)), control(SetSuccessor(1, 2), serial=2))
    yield story.then("a home that was stopped and is succeeded", to_bob(funds), home=2)
    story, funds = funded()
    story.ordered(control(SetSuccessor(1, 2)), control(stop))
    yield story.then("a successor that has been stopped", to_bob(funds), home=2, found=Status.HOME_SUSPENDED)
    story = Story().ordered(control(SetSuccessor(1, 2)), control(stop))
    yield story.then(
        "paid to a home whose successor has been stopped", issue([coin(5, owner=ALICE)]), home=0, found=inactive
    )
    yield from _read_through_successors()


def _controls(*operations: ControlOperation) -> list[Transaction]:
    seen: dict[bytes, int] = {}
    made = []
    for operation in operations:
        serial = seen[operation.subject()] = seen.get(operation.subject(), 0) + 1
        made.append(control(operation, serial=serial))
    return made


def _read_through_successors() -> Iterator[ApplyCase]:
    abroad = coin(5, owner=BOB, home=2)
    story, funds = funded()
    story.ordered(control(SetSuccessor(2, 1)))
    yield story.then("to a home that one's own home succeeds: no acceptance", transfer([alices(funds)], [abroad]))
    story, funds = funded(5, 6)
    story.ordered(control(SetSuccessor(1, 2)))
    own = story.ledger.issue(coin(7, owner=ALICE, home=2))
    mixed = redeem([alices(funds)]), redeem([spend_of(own, 0, owner=ALICE)])
    yield story.then("a successor redeems both homes' coins", *mixed, home=2)
    exceeded = Status.QUOTA_EXCEEDED
    full = issue([coin(QUOTA, owner=ALICE)])
    story = Story().ordered(full).ordered(control(SetSuccessor(1, 2)))
    more = issue([coin(1, owner=ALICE, home=2)])
    yield story.then("what was issued to a predecessor counts", more, home=0, found=exceeded)
    story = Story().ordered(control(SetSuccessor(1, 2)), control(Quota(0, 2, 5)))
    beyond = issue([coin(6, owner=ALICE)])
    yield story.then("the successor's quota counts for its predecessor", beyond, home=0, found=exceeded)
    yield from _words_of_successors()


def _words_of_successors() -> Iterator[ApplyCase]:
    """Home 3 serves home 1, and Alice pays from home 2 to home 1."""
    third, own, not_current = 13, INSTITUTIONS[1], Status.ACCEPTANCE_KEY_NOT_CURRENT
    rows: tuple[tuple[str, tuple[tuple[int, int, int], ...], Status], ...] = (  # home, key, value
        ("a predecessor accepts no more", ((1, own, 5),), not_current),
        ("its successor accepts in its name", ((1, third, 5),), SETTLED),
        ("its successor accepts in its own name", ((3, third, 5),), SETTLED),
        ("two words of one successor: the larger counts", ((3, third, 2), (1, third, 5)), SETTLED),
        ("in the other order, too", ((1, third, 5), (3, third, 2)), SETTLED),
        ("two words, the second of them the predecessor's", ((3, third, 5), (1, own, 5)), not_current),
        ("two words, the first of them the predecessor's", ((1, own, 5), (3, third, 5)), not_current),
    )
    for name, words, found in rows:
        story, funds = funded(home=2)
        story.ordered(control(RegisterInstitution(3, public_key(third))), control(SetSuccessor(1, 3)))
        named = [_word(funds, home, key=key, value=value) for home, key, value in words]
        paid = transfer([alices(funds)], [coin(5, owner=BOB)], acceptances=named)
        yield story.then(name, paid, home=2, found=found)


def _word(funds: Transaction, home: int, *, key: int, value: int) -> Acceptance:
    """The word of a home, by any key, that it takes so much for Bob."""
    return named_for(funds, coin(value, owner=BOB), home=home, key=key)


# --- the currency -----------------------------------------------------------------------------------------------------


def currency() -> Iterator[ApplyCase]:
    """Assets, rules, clock and receipt keys."""
    yield ordered_alone("an asset", RegisterAsset(9, active=True, code="BOND"), SETTLED)
    yield ordered_alone("the rules that are in force", ActivateRules(1), SETTLED)
    yield ordered_alone("the next rules", ActivateRules(2), SETTLED)
    yield ordered_alone("the rules before", ActivateRules(1), SETTLED, ActivateRules(2))
    for version in (0, 3, 2**32 - 1):
        yield ordered_alone(f"version {version}", ActivateRules(version), Status.RULES_UNKNOWN)
    last = ReceiptKey(public_key(5), active=False)
    second = ReceiptKey(public_key(16), active=True)
    yield ordered_alone("the only key", last, Status.RECEIPT_KEY_INVALID)
    yield ordered_alone("the first of two", last, SETTLED, second)
    both_ended = second, last, ReceiptKey(public_key(16), active=False)
    yield ordered_alone("the last of two", both_ended[-1], Status.RECEIPT_KEY_INVALID, *both_ended[:-1])
    yield ordered_alone("the same key again", second, SETTLED, second)
    yield ordered_alone("a key that never counted", ReceiptKey(public_key(16), active=False), SETTLED)
    now_ms = GENESIS_TIME_MS + 1_000
    forward = control(ClockOperation(now_ms + DAYS_MS))
    yield Story().then("the clock set forwards", forward, home=0)
    story, funds = funded()
    story.ordered(forward)
    late = to_bob(funds, expiry_ms=now_ms + DAYS_MS - 1)
    yield story.then("what expired by that", late, time_ms=now_ms + DAYS_MS, found=Status.EXPIRED)
    story, funds = funded()
    back_ms = GENESIS_TIME_MS - 60_000
    story.ordered(control(ClockOperation(back_ms)))
    yield story.then("the clock set back to before genesis", to_bob(funds), time_ms=back_ms)
    within = [control(ClockOperation(now_ms - 500)), control(RegisterAsset(9, active=True, code="X"))]
    yield Story().then("the batch goes on by its own time", *within, home=0)
    subjects = control(Quota(0, 1, 1)), control(Quota(0, 1, 2)), control(Quota(0, 2, 3))
    found = [SETTLED, Status.SERIAL_NOT_NEXT, SETTLED]
    yield Story().then("each subject counts by itself", *subjects, home=0, found=found)
    refused_first = control(RegisterInstitution(1, public_key(13))), control(SuspendInstitution(1, suspended=True))
    yield Story().then(
        "a refused one uses no serial up", *refused_first, home=0, found=[Status.INSTITUTION_EXISTS, SETTLED]
    )


def suites() -> Iterator[ApplyCase]:
    """Which keys can be set follows from the rules in force."""
    unusable = Status.KEY_UNUSABLE
    minus_base = PublicKey(Suite.SM2, curves.SM2.public_key(curves.SM2.order - 1))
    strange = PublicKey(Suite.P256, sm2.SigningKey(7).public_key)
    passkey = PublicKey(Suite.PASSKEY, passkey_cases.key())
    reserved = PublicKey(Suite.ML_DSA_44, bytes(1312))
    usable = {
        "a P-256 key": PublicKey(Suite.P256, p256.SigningKey(7).public_key),
        "a passkey": passkey,
        "an SM2 key": PublicKey(Suite.SM2, sm2.SigningKey(7).public_key),
    }
    for name, key in usable.items():
        admit = RegisterInstitution(3, key)
        yield ordered_alone(f"{name} by rules 1", admit, unusable)
        yield ordered_alone(f"{name} by rules 2", admit, SETTLED, ActivateRules(2))
    for name, key in {"-G of SM2": minus_base, "an SM2 key as P-256": strange, "of suite 5": reserved}.items():
        yield ordered_alone(f"{name} by rules 2", RegisterInstitution(3, key), unusable, ActivateRules(2))


def cases() -> list[ApplyCase]:
    """All of them."""
    return [case for part in (institutions, successors, currency, suites) for case in part()]
