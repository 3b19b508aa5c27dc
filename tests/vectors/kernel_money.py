"""Histories of money: what may move, and what may not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    EXPIRY_MS,
    GENESIS_TIME_MS,
    INSTITUTIONS,
    QUOTA,
    Spend,
    acceptance,
    coin,
    control,
    issue,
    key_lock,
    locked_coin,
    public_key,
    redeem,
    signer,
    spend,
    spend_locked,
    spend_of,
    submission,
    timed_lock,
    transfer,
)
from tests.kernel_builders import SETTLED
from tests.vectors.kernel_story import ApplyCase, Story, alices, funded, named_for, to_bob
from tongbao.coin import Acceptance, Coin, Transaction
from tongbao.coin.control import (
    Freeze,
    FreezeTarget,
    Quota,
    RegisterAsset,
    RekeyInstitution,
    SuspendInstitution,
)
from tongbao.kernel import Status


def homes_and_assets() -> Iterator[ApplyCase]:
    """Homes that do not serve, and assets that do not move."""
    served, inactive, asset = Status.HOME_NOT_SERVED, Status.OUTPUT_HOME_INACTIVE, Status.ASSET_INACTIVE
    missing = Status.ACCEPTANCE_MISSING
    story, funds = funded()
    yield story.then("coins of another home", to_bob(funds), home=2, found=served)
    story, funds = funded()
    yield story.then("a redemption of another home's coin", redeem([alices(funds)]), home=2, found=served)
    story, funds = funded()
    nowhere = transfer([alices(funds)], [coin(5, owner=BOB, home=7)])
    yield story.then("before where it goes", nowhere, home=2, found=served, beats=inactive)
    story, funds = funded()
    yield story.then("a home that nobody knows", nowhere, found=inactive)
    story, funds = funded()
    yield story.then("the central bank", transfer([alices(funds)], [coin(5, owner=BOB, home=0)]), found=inactive)
    yield Story().then("an issue to the central bank", issue([coin(5, owner=BOB, home=0)]), home=0, found=inactive)
    stop = control(SuspendInstitution(2, suspended=True))
    abroad = coin(5, owner=BOB, home=2)
    story, funds = funded()
    story.ordered(stop)
    paid = transfer([alices(funds)], [abroad], acceptances=[named_for(funds, abroad)])
    yield story.then("a home that has been stopped", paid, found=inactive)
    yield (
        Story().ordered(stop).then("an issue to a home that has been stopped", issue([abroad]), home=0, found=inactive)
    )
    second = [coin(2, owner=BOB), coin(3, owner=BOB, home=7)]
    story, funds = funded()
    yield story.then("of the second output", transfer([alices(funds)], second), found=inactive)
    nothing = issue([coin(5, owner=BOB, asset=9, home=7)])
    yield Story().then("before the asset", nothing, home=0, found=inactive, beats=asset)
    yield Story().then(
        "an issue of an asset that nobody knows", issue([coin(5, owner=BOB, asset=9)]), home=0, found=asset
    )
    halt = control(RegisterAsset(0, active=False, code="CNY"))
    story, funds = funded()
    story.ordered(halt)
    yield story.then("a currency that has been stopped", to_bob(funds), found=asset)
    story, funds = funded()
    story.ordered(halt)
    yield story.then("a redemption of a stopped currency", redeem([alices(funds)]), found=asset)
    story, funds = funded()
    story.ordered(halt).ordered(control(RegisterAsset(0, active=True, code="CNY"), serial=2))
    yield story.then("a currency that has been let go on", to_bob(funds))
    story, funds = funded()
    story.ordered(halt)
    yield story.then("before the acceptance", transfer([alices(funds)], [abroad]), found=asset, beats=missing)


def acceptances() -> Iterator[ApplyCase]:
    """Words of the payee's home."""
    missing, exceeded = Status.ACCEPTANCE_MISSING, Status.ACCEPTANCE_EXCEEDED
    abroad, spare = coin(5, owner=BOB, home=2), coin(5, owner=CAROL, home=2)
    story, funds = funded()

    def paying(*outputs: Coin, words: Sequence[Acceptance] = ()) -> Transaction:
        return transfer([alices(funds)], outputs, acceptances=words)

    nothing = replace(named_for(funds, abroad).locks[0], value_max=0)
    empty = acceptance_of(funds, nothing)
    other_asset = acceptance_of(funds, replace(nothing, asset=9, value_max=5))
    one_fen = coin(1, owner=BOB, home=2), coin(4, owner=ALICE)
    second = paying(coin(2, owner=BOB, home=2), coin(3, owner=CAROL, home=2), words=[named_for(funds, abroad)])
    for name, transaction, found in (
        ("none", paying(abroad), missing),
        ("for another lock", paying(abroad, words=[named_for(funds, spare)]), missing),
        ("for another asset", paying(abroad, words=[other_asset]), missing),
        ("of one lock of two", second, missing),
        ("of the payer's own home", paying(abroad, words=[named_for(funds, abroad, home=1)]), missing),
        ("for nothing", paying(abroad, words=[empty]), exceeded),
        ("for nothing, and a fen is paid", paying(*one_fen, words=[empty]), exceeded),
        ("a fen too little", paying(abroad, words=[named_for(funds, coin(4, owner=BOB, home=2))]), exceeded),
        (
            "two outputs, together a fen too much",
            paying(*[coin(value, owner=BOB, home=2) for value in (2, 3)], words=[named_for(funds, coin(4, owner=BOB))]),
            exceeded,
        ),
    ):
        story, funds = funded()
        yield story.then(name, transaction, found=found)
    yield from _acceptance_keys()
    yield from _acceptance_reuse()


def acceptance_of(funds: Transaction, *locks: object) -> Acceptance:
    """The word of home 2 on just these locks."""
    unsigned = replace(named_for(funds, coin(1, owner=BOB)), locks=locks)  # type: ignore[arg-type]
    return replace(unsigned, signature=signer(INSTITUTIONS[2]).sign(unsigned.signing_digest(Story().ledger.domain)))


def _acceptance_keys() -> Iterator[ApplyCase]:
    key, expired, exceeded = (
        Status.ACCEPTANCE_KEY_NOT_CURRENT,
        Status.ACCEPTANCE_EXPIRED,
        Status.ACCEPTANCE_EXCEEDED,
    )
    abroad = coin(5, owner=BOB, home=2)

    def attempt(
        name: str,
        found: Status,
        beats: Status | None = None,
        *,
        key: int | None = None,
        expiry_ms: int = EXPIRY_MS,
        value: int = 5,
    ) -> ApplyCase:
        story, funds = funded()
        word = named_for(funds, coin(value, owner=BOB, home=2), key=key, expiry_ms=expiry_ms)
        paid = transfer([alices(funds)], [abroad], acceptances=[word])
        return story.then(name, paid, found=found, beats=beats, time_ms=GENESIS_TIME_MS + 9_000)

    past = GENESIS_TIME_MS + 8_999
    yield attempt("of a stranger", key, key=13)
    yield attempt("of the payer's home", key, key=INSTITUTIONS[1])
    yield attempt("before its expiry", key, expired, key=13, expiry_ms=past)
    yield attempt("a millisecond late", expired, expiry_ms=past)
    yield attempt("before its maximum", expired, exceeded, expiry_ms=past, value=4)
    story, funds = funded()
    paid = transfer([alices(funds)], [abroad], acceptances=[named_for(funds, abroad)])
    story.ordered(control(RekeyInstitution(2, public_key(14))))
    yield story.then("of a key that has been replaced", paid, found=key)
    story, funds = funded()
    unneeded = transfer([alices(funds)], [coin(5, owner=BOB)], acceptances=[named_for(funds, abroad, key=13)])
    yield story.then("not needed, but of a stranger", unneeded, found=key)
    story, funds = funded()
    words = [named_for(funds, abroad, key=13)]
    two = [coin(2, owner=BOB, home=2), coin(3, owner=CAROL, home=2)]
    partly = transfer([alices(funds)], two, acceptances=words)
    yield story.then("before the key", partly, found=Status.ACCEPTANCE_MISSING, beats=key)
    story, funds = funded()
    locked, open_ms = timed_lock(ALICE, BOB, later_from_ms=2**63), GENESIS_TIME_MS + 4_000
    made = story.ledger.issue(locked_coin(5, locked))
    spent = spend_locked(made, 0, locked, signer=BOB, path=1)
    word = acceptance(spent.input, [coin(4, owner=BOB, home=2)])
    both = transfer([spent], [abroad], acceptances=[word])
    yield story.then("before the lock", both, time_ms=open_ms, found=exceeded, beats=Status.LOCK_NOT_YET_OPEN)


def _acceptance_reuse() -> Iterator[ApplyCase]:
    abroad = coin(5, owner=BOB, home=2)
    story, funds = funded(5, 5)
    word = named_for(funds, abroad)
    first = transfer([alices(funds)], [abroad], acceptances=[word])
    again = transfer([alices(funds), alices(funds, 1)], [abroad, coin(5, owner=ALICE)], acceptances=[word])
    found = [SETTLED, Status.INPUT_NOT_UNSPENT]
    yield story.then("an acceptance serves once, since its anchor is spent once", first, again, found=found)


def locks_and_coins() -> Iterator[ApplyCase]:
    """Locks that open later, frozen coins, and coins that are not there."""
    closed, frozen, gone = Status.LOCK_NOT_YET_OPEN, Status.INPUT_FROZEN, Status.INPUT_NOT_UNSPENT
    opens_ms = GENESIS_TIME_MS + 9_000
    lock = timed_lock(ALICE, BOB, later_from_ms=opens_ms)

    def locked() -> tuple[Story, Spend]:
        story = Story()
        return story, spend_locked(story.ledger.issue(locked_coin(5, lock)), 0, lock, signer=BOB, path=1)

    paid = [coin(5, owner=BOB)]
    for name, at_ms, found in (
        ("a millisecond early", opens_ms - 1, closed),
        ("by key B from its moment on", opens_ms, SETTLED),
    ):
        story, spent = locked()
        yield story.then(name, transfer([spent], paid), time_ms=at_ms, found=found)
    story, spent = locked()
    by_alice = replace(spent, signer=ALICE, path=0)
    yield story.then("by key A before that", transfer([by_alice], paid))
    story, spent = locked()
    yield story.then("by key A after it, too", transfer([by_alice], paid), time_ms=opens_ms)
    story, spent = locked()
    yield story.then("a redemption by key B, early", redeem([spent]), time_ms=opens_ms - 1, found=closed)
    freeze = control(Freeze(FreezeTarget.LOCK, lock.id(story.ledger.domain)))
    story, spent = locked()
    story.ordered(freeze)
    yield story.then("before the freeze", transfer([spent], paid), found=closed, beats=frozen)
    yield from _frozen()
    story, funds = funded()
    absent = transfer([spend(5, owner=ALICE)], paid)
    yield story.then("a coin that never was", absent, found=gone)
    story, funds = funded()
    story.given(to_bob(funds))
    yield story.then("a coin that has been spent", transfer([alices(funds)], [coin(5, owner=CAROL)]), found=gone)
    story, funds = funded()
    yield story.then("the same transaction again", to_bob(funds), to_bob(funds), found=[SETTLED, gone])
    story, funds = funded(5, 6)
    partly = transfer([alices(funds), spend(1, owner=ALICE)], [coin(6, owner=BOB)])
    yield story.then("one of two coins; the other is not touched", partly, to_bob(funds), found=[gone, SETTLED])
    story, funds = funded()
    dearer = replace(alices(funds).input, coin=coin(6, owner=ALICE))
    lie = transfer([replace(alices(funds), input=dearer)], [coin(6, owner=BOB)])
    yield story.then("an opening with another value is another coin", lie, found=gone)
    story, funds = funded()
    story.given(redeem([alices(funds)]))
    yield story.then("a coin that has been redeemed", redeem([alices(funds)]), found=gone)


def _frozen() -> Iterator[ApplyCase]:
    frozen = Status.INPUT_FROZEN
    story, funds = funded()
    by_lock = control(Freeze(FreezeTarget.LOCK, key_lock(ALICE).id(story.ledger.domain)))
    by_coin = control(Freeze(FreezeTarget.COIN, alices(funds).input.coin_id(story.ledger.domain)))
    for name, freeze in (("by its lock", by_lock), ("by its coin id", by_coin)):
        story, funds = funded()
        story.ordered(freeze)
        yield story.then(name, to_bob(funds), found=frozen)
    story, funds = funded()
    story.ordered(by_lock)
    yield story.then("a redemption", redeem([alices(funds)]), found=frozen)
    story, funds = funded()
    both = submission([by_coin], home=0), submission([to_bob(funds)], home=1)
    yield story.then_submitted("earlier in the same batch", *both, found=[SETTLED, frozen])
    story, funds = funded(5, 6)
    story.ordered(by_coin)
    other = transfer([alices(funds, 1)], [coin(6, owner=BOB)])
    yield story.then("another coin of the same owner is free", other)
    story, funds = funded()
    story.ordered(by_lock)
    story.ledger.fund(7, owner=CAROL, home=2)
    yield story.then(
        "paid to a frozen lock: it takes, but does not give", issue([coin(9, owner=ALICE)], serial=2), home=0
    )
    story, funds = funded()
    spent = spend(9, owner=ALICE)
    story.ordered(by_lock)
    yield story.then(
        "before whether it is there",
        transfer([spent], [coin(9, owner=BOB)]),
        found=frozen,
        beats=Status.INPUT_NOT_UNSPENT,
    )


def quotas() -> Iterator[ApplyCase]:
    """How much may be issued."""
    exceeded = Status.QUOTA_EXCEEDED
    full = issue([coin(QUOTA, owner=ALICE)])
    yield Story().then("just the quota", full, home=0)
    yield Story().then("a fen above the quota", issue([coin(QUOTA + 1, owner=ALICE)]), home=0, found=exceeded)
    parts = issue([coin(QUOTA, owner=ALICE), coin(1, owner=BOB)])
    yield Story().then("in two coins", parts, home=0, found=exceeded)
    more = issue([coin(1, owner=ALICE)], serial=2)
    yield Story().ordered(full).then("what is left is nothing", more, home=0, found=exceeded)
    story = Story().ordered(full)
    story.given(redeem([spend_of(full, 0, owner=ALICE)]))
    yield story.then("redemption makes room", issue([coin(QUOTA, owner=ALICE)], serial=2), home=0)
    story = Story().ordered(control(Quota(0, 1, QUOTA + 1)))
    yield story.then("raised by one", issue([coin(QUOTA + 1, owner=ALICE)]), home=0)
    story = Story().ordered(full).ordered(control(Quota(0, 1, 5)))
    yield story.then("lowered below what is out", more, home=0, found=exceeded)
    story = Story().ordered(control(RegisterAsset(9, active=True, code="BOND")))
    yield story.then("an asset without any", issue([coin(1, owner=ALICE, asset=9)]), home=0, found=exceeded)


def cases() -> list[ApplyCase]:
    """All of them."""
    parts = (homes_and_assets, acceptances, locks_and_coins, quotas)
    return [case for part in parts for case in part()]
