"""Histories of money: who speaks and when, what may move, and what may not."""

from collections.abc import Iterator
from dataclasses import replace

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    GENESIS_TIME_MS,
    INSTITUTIONS,
    OFFICERS,
    acceptance,
    coin,
    control,
    issue,
    public_key,
    redeem,
    signer,
    spend_of,
    submission,
    transfer,
)
from tests.kernel_builders import SETTLED, SM3
from tests.vectors.kernel_story import ApplyCase, Story, alices, funded, named_for, to_bob
from tongbao.coin import Transaction
from tongbao.coin.control import (
    AuthorityKind,
    ClockOperation,
    Freeze,
    FreezeTarget,
    Officers,
    Quota,
    RegisterAsset,
    SuspendInstitution,
)
from tongbao.kernel import Status

HOUR_MS = 3_600_000
FIRST_ISSUER, SECOND_ISSUER, THIRD_ISSUER = OFFICERS[AuthorityKind.ISSUANCE]


# --- what settles -----------------------------------------------------------------------------------------------------


def settled() -> Iterator[ApplyCase]:
    """What settles, in every kind."""
    issued = issue([coin(5, owner=ALICE), coin(7, owner=BOB)])
    yield Story().then("an issue by two of three officers", issued, home=0)
    third = issue([coin(5, owner=ALICE)], approvers=(SECOND_ISSUER, THIRD_ISSUER, ALICE))
    yield Story().then(
        "an issue by two other officers, and a stranger's approval that counts for nothing", third, home=0
    )
    story, funds = funded(5, 6)
    change = transfer([alices(funds), alices(funds, 1)], [coin(8, owner=BOB), coin(3, owner=ALICE)])
    yield story.then("a transfer of two coins with change", change)
    story, funds = funded()
    first = transfer([alices(funds)], [coin(5, owner=BOB)])
    second = transfer([spend_of(first, 0, owner=BOB)], [coin(5, owner=CAROL)])
    yield story.then("a coin that the transaction before it made", first, second)
    story, funds = funded()
    yield story.then("a redemption", redeem([alices(funds)]))
    story, funds = funded()
    yield story.then(
        "a redemption by three officers", redeem([alices(funds)], approvers=OFFICERS[AuthorityKind.ISSUANCE])
    )
    yield _two_assets()
    yield _other_hash()
    yield from _settled_abroad()


def _two_assets() -> ApplyCase:
    story = Story()
    story.ordered(
        control(RegisterAsset(9, active=True, code="BOND")),
        control(Quota(9, 1, 100)),
        issue([coin(5, owner=ALICE)]),
        issue([coin(7, owner=BOB, asset=9)]),
    )
    cash = spend_of(issue([coin(5, owner=ALICE)]), 0, owner=ALICE)
    bond = spend_of(issue([coin(7, owner=BOB, asset=9)]), 0, owner=BOB)
    swap = transfer([cash, bond], [coin(5, owner=BOB), coin(7, owner=ALICE, asset=9)])
    return story.then("two assets change hands in one transaction", swap)


def _other_hash() -> ApplyCase:
    story, domain = Story("sm3"), SM3.domain()
    issued = issue([coin(5, owner=ALICE, domain=domain)], domain=domain)
    story.ordered(issued)
    paid = transfer(
        [spend_of(issued, 0, owner=ALICE, domain=domain)], [coin(5, owner=BOB, domain=domain)], domain=domain
    )
    return story.then("a transfer where H is SM3", paid)


def _settled_abroad() -> Iterator[ApplyCase]:
    abroad = [coin(2, owner=BOB, home=2), coin(1, owner=CAROL, home=2), coin(2, owner=ALICE)]
    story, funds = funded()
    named = acceptance(alices(funds).input, abroad[:2])
    yield story.then(
        "to another home, just what it accepts, and change", transfer([alices(funds)], abroad, acceptances=[named])
    )
    story, funds = funded(5, 6)
    twice = [coin(5, owner=BOB, home=2), coin(6, owner=BOB, home=2)]
    second = acceptance(alices(funds, 1).input, [coin(11, owner=BOB, home=2)])
    both = transfer([alices(funds), alices(funds, 1)], twice, acceptances=[second])
    yield story.then("to one lock twice, together just what is accepted; anchored to the second input", both)
    story, funds = funded()
    word = acceptance(alices(funds).input, [coin(5, owner=BOB, home=2)], expiry_ms=GENESIS_TIME_MS + 9_000)
    last = transfer([alices(funds)], [coin(5, owner=BOB, home=2)], acceptances=[word])
    yield story.then("at the last moment of the acceptance", last, time_ms=GENESIS_TIME_MS + 9_000)
    story, funds = funded()
    unneeded = transfer(
        [alices(funds)], [coin(5, owner=BOB)], acceptances=[named_for(funds, coin(5, owner=BOB, home=2))]
    )
    yield story.then("an acceptance that nothing needs", unneeded)


# --- who speaks, and when ---------------------------------------------------------------------------------------------


def speakers() -> Iterator[ApplyCase]:
    """Endorsers and their keys."""
    unknown, key, suspended = Status.ENDORSER_UNKNOWN, Status.ENDORSER_KEY_NOT_CURRENT, Status.HOME_SUSPENDED
    story, funds = funded()
    stray = submission([to_bob(funds)], home=1, key=13)
    elsewhere = replace(stray, home=7)
    resigned = type(stray).sign(
        story.ledger.domain, elsewhere.transactions, home=7, key=public_key(13), sign=signer(13).sign
    )
    yield story.then_submitted("a home that control never admitted", resigned, found=unknown)
    story, funds = funded()
    late = to_bob(funds, expiry_ms=GENESIS_TIME_MS)
    resigned = type(stray).sign(story.ledger.domain, (late.encode(),), home=7, key=public_key(13), sign=signer(13).sign)
    yield story.then_submitted("before the expiry", resigned, found=unknown, beats=Status.EXPIRED)
    story, funds = funded()
    yield story.then("the key of another home", to_bob(funds), key=INSTITUTIONS[2], found=key)
    yield Story().then("a stranger as the central bank", issue([coin(5, owner=ALICE)]), home=0, key=13, found=key)
    story, funds = funded()
    story.ordered(control(SuspendInstitution(1, suspended=True)))
    yield story.then("before the suspension", to_bob(funds), key=13, found=key, beats=suspended)
    story, funds = funded()
    story.ordered(control(SuspendInstitution(1, suspended=True)))
    yield story.then("a home that control has stopped", to_bob(funds), found=suspended)
    story, funds = funded()
    story.ordered(control(SuspendInstitution(1, suspended=True)))
    late = to_bob(funds, expiry_ms=GENESIS_TIME_MS)
    yield story.then("before the expiry", late, found=suspended, beats=Status.EXPIRED)
    story, funds = funded()
    story.ordered(control(SuspendInstitution(1, suspended=True)))
    story.ordered(control(SuspendInstitution(1, suspended=False), serial=2))
    yield story.then("a home that has been let resume", to_bob(funds))
    story, funds = funded()
    stop, pay = control(SuspendInstitution(1, suspended=True)), to_bob(funds)
    batch = submission([stop], home=0), submission([pay], home=1)
    yield story.then_submitted("stopped earlier in the same batch", *batch, found=[SETTLED, suspended])


def times() -> Iterator[ApplyCase]:
    """Expiry."""
    expired, far, missing = Status.EXPIRED, Status.EXPIRY_TOO_FAR, Status.APPROVALS_MISSING
    story, funds = funded()
    yield story.then(
        "at the last moment", to_bob(funds, expiry_ms=GENESIS_TIME_MS + 5_000), time_ms=GENESIS_TIME_MS + 5_000
    )
    story, funds = funded()
    late = to_bob(funds, expiry_ms=GENESIS_TIME_MS + 5_000)
    yield story.then("a millisecond late", late, time_ms=GENESIS_TIME_MS + 5_001, found=expired)
    story, funds = funded()
    both = redeem([alices(funds)], expiry_ms=GENESIS_TIME_MS, approvers=())
    yield story.then("before the approvals", both, found=expired, beats=missing)
    story, funds = funded()
    now_ms = GENESIS_TIME_MS + 2_000
    yield story.then("an hour ahead", to_bob(funds, expiry_ms=now_ms + HOUR_MS), time_ms=now_ms)
    story, funds = funded()
    early = to_bob(funds, expiry_ms=now_ms + HOUR_MS + 1)
    yield story.then("an hour and a millisecond ahead", early, time_ms=now_ms, found=far)
    story, funds = funded()
    largest = to_bob(funds, expiry_ms=2**64 - 1)
    yield story.then("as far ahead as can be written", largest, found=far)
    story, funds = funded()
    both = redeem([alices(funds)], expiry_ms=now_ms + HOUR_MS + 1, approvers=())
    yield story.then("before the approvals", both, time_ms=now_ms, found=far, beats=missing)
    story, funds = funded()
    spent = to_bob(funds, expiry_ms=GENESIS_TIME_MS + 5_000)
    story.given(spent)
    yield story.then("settled before: says nothing of that", spent, time_ms=GENESIS_TIME_MS + 5_001, found=expired)
    yield from _times_set_back()


def _set_back(by_ms: int) -> tuple[Story, Transaction, int]:
    """A story whose clock was ahead and is now set back; with Alice's coin and the time that had been reached."""
    story, funds = funded()
    wrong_ms = GENESIS_TIME_MS + 7_200_000
    story.at(wrong_ms - 1_000)
    story.ordered(control(ClockOperation(wrong_ms - by_ms), expiry_ms=wrong_ms + 1), time_ms=wrong_ms)
    return story, funds, wrong_ms


def _times_set_back() -> Iterator[ApplyCase]:
    expired = Status.EXPIRED
    story, funds, wrong_ms = _set_back(600_000)
    seen = to_bob(funds, expiry_ms=wrong_ms - 1)
    yield story.then("the clock was set back, but it had been seen to expire", seen, found=expired)
    story, funds, wrong_ms = _set_back(600_000)
    alive = to_bob(funds, expiry_ms=wrong_ms)
    yield story.then("the clock was set back, and it had not expired", alive)
    story, funds, wrong_ms = _set_back(HOUR_MS + 5_000)
    early = to_bob(funds, expiry_ms=wrong_ms - 5_001)
    yield story.then("set back by more than an hour: for an hour", early, found=expired)
    story, funds, wrong_ms = _set_back(HOUR_MS + 5_000)
    yield story.then("set back by more than an hour: then it goes on", to_bob(funds, expiry_ms=wrong_ms - 5_000))
    story, funds, wrong_ms = _set_back(600_000)
    more = control(ClockOperation(wrong_ms - 900_000), serial=2, expiry_ms=wrong_ms)
    story.ordered(more)
    yield story.then("set back twice: what the first time showed", to_bob(funds, expiry_ms=wrong_ms - 1), found=expired)
    story, funds, wrong_ms = _set_back(600_000)
    story.at(wrong_ms + 5)
    late = to_bob(funds, expiry_ms=wrong_ms + 5)
    yield story.then("set back, and time has gone on past that", late, time_ms=wrong_ms + 6, found=expired)


def approvals() -> Iterator[ApplyCase]:
    """Officers and serials."""
    missing, serial = Status.APPROVALS_MISSING, Status.SERIAL_NOT_NEXT
    money = [coin(5, owner=ALICE)]
    yield Story().then("nobody", issue(money, approvers=()), home=0, found=missing)
    yield Story().then("one of two", issue(money, approvers=(FIRST_ISSUER,)), home=0, found=missing)
    others = OFFICERS[AuthorityKind.CONTROL][:2]
    yield Story().then("officers of another authority", issue(money, approvers=others), home=0, found=missing)
    strangers = issue(money, approvers=(FIRST_ISSUER, ALICE, BOB))
    yield Story().then("one of two, and strangers", strangers, home=0, found=missing)
    story, funds = funded()
    yield story.then(
        "a redemption that one officer approves", redeem([alices(funds)], approvers=(FIRST_ISSUER,)), found=missing
    )
    issuers = OFFICERS[AuthorityKind.ISSUANCE][:2]
    quota = control(Quota(0, 1, 5), approvers=OFFICERS[AuthorityKind.OFFICES])
    yield Story().then("a quota is for issuance", quota, home=0, found=missing)
    admitted = control(RegisterAsset(9, active=True, code="BOND"), approvers=issuers)
    yield Story().then("an asset is for control", admitted, home=0, found=missing)
    freeze = control(Freeze(FreezeTarget.LOCK, bytes(32)), approvers=others)
    yield Story().then("a freeze is for the offices", freeze, home=0, found=missing)
    wrong = issue(money, approvers=(), serial=2)
    yield Story().then("before the serial", wrong, home=0, found=missing, beats=serial)
    yield from _replaced_officers()
    for number, name in ((0, "none"), (2, "the next but one"), (2**64 - 1, "the largest")):
        yield Story().then(name, issue(money, serial=number), home=0, found=serial)
    story = Story().ordered(issue(money))
    yield story.then("an issue again", issue(money), home=0, found=serial)
    story = Story().ordered(issue(money))
    yield story.then("the next", issue(money, serial=2), home=0)
    story = Story().ordered(issue(money))
    yield story.then("another home counts by itself", issue([coin(5, owner=ALICE, home=2)]), home=0)
    story = Story().ordered(issue(money), time_ms=GENESIS_TIME_MS + 1)
    refused = issue(money, serial=2, expiry_ms=GENESIS_TIME_MS)
    yield story.then(
        "a refused one uses none up", refused, issue(money, serial=2), home=0, found=[Status.EXPIRED, SETTLED]
    )
    wrong = control(SuspendInstitution(7, suspended=True), serial=2)
    yield Story().then("before what control says", wrong, home=0, found=serial, beats=Status.INSTITUTION_UNKNOWN)
    wrong = issue([coin(5, owner=ALICE, home=7)], serial=2)
    yield Story().then("before what money says", wrong, home=0, found=serial, beats=Status.OUTPUT_HOME_INACTIVE)


def _replaced_officers() -> Iterator[ApplyCase]:
    new = Officers(AuthorityKind.ISSUANCE, 1, (public_key(24),))
    change = control(new, approvers=(*OFFICERS[AuthorityKind.CONTROL][:2], 24))
    money = [coin(5, owner=ALICE)]
    story = Story().ordered(change)
    yield story.then("officers who have been replaced", issue(money), home=0, found=Status.APPROVALS_MISSING)
    story = Story().ordered(change)
    yield story.then("the officers who replace them", issue(money, approvers=(24,)), home=0)
    found = [SETTLED, Status.APPROVALS_MISSING, SETTLED]
    three = change, issue(money), issue(money, approvers=(24,))
    yield Story().then("they count within the batch that replaced them", *three, home=0, found=found)


def cases() -> list[ApplyCase]:
    """All of them."""
    return [case for part in (settled, speakers, times, approvals) for case in part()]
