"""Histories of the offices: freezing, and the ordered move of what is frozen."""

from collections.abc import Iterator

from tests.builders import (
    ALICE,
    BOB,
    bytes32,
    coin,
    control,
    key_lock,
    spend_of,
    submission,
    transfer,
)
from tests.kernel_builders import SETTLED
from tests.vectors.kernel_story import ApplyCase, Story, alices, funded, ordered_alone, to_bob
from tongbao.coin import Input, Transaction
from tongbao.coin.control import (
    Freeze,
    FreezeTarget,
    OrderedMove,
    Unfreeze,
)
from tongbao.kernel import Status

DELAY_MS = 259_200_000


def offices() -> Iterator[ApplyCase]:
    """Freezing, and the ordered move of what is frozen."""
    for target in FreezeTarget:
        other = FreezeTarget(3 - target)
        freeze, lift = Freeze(target, bytes32(1)), Unfreeze(target, bytes32(1))
        name = target.name.lower()
        yield ordered_alone(f"a {name} again", freeze, Status.ALREADY_FROZEN, freeze)
        yield ordered_alone(f"a {name} after it was lifted", freeze, SETTLED, freeze, lift)
        yield ordered_alone(
            f"a {name} with the id of what is frozen otherwise", freeze, SETTLED, Freeze(other, bytes32(1))
        )
        yield ordered_alone(f"a {name} that is not", lift, Status.NOT_FROZEN)
        yield ordered_alone(
            f"a {name}, while its id is frozen otherwise", lift, Status.NOT_FROZEN, Freeze(other, bytes32(1))
        )
        story, funds = funded()
        named = _named(target, story, funds)
        story.ordered(control(Freeze(target, named))).ordered(control(Unfreeze(target, named), serial=2))
        yield story.then(f"a {name} that has been let go", to_bob(funds))
    yield from _moves()


def _named(target: FreezeTarget, story: Story, funds: Transaction) -> bytes:
    """What a freeze of Alice's coin or lock names."""
    domain = story.ledger.domain
    return key_lock(ALICE).id(domain) if target == FreezeTarget.LOCK else alices(funds).input.coin_id(domain)


def frozen(target: FreezeTarget) -> tuple[Story, Input, int]:
    """A story in which Alice's coin is frozen; the coin, and when it may be moved."""
    story, funds = funded()
    story.ordered(control(Freeze(target, _named(target, story, funds))))
    return story, alices(funds).input, story.ledger.now_ms + DELAY_MS


def move(story: Story, moved: Input, at_ms: int, *, home: int = 1, value: int = 5) -> Transaction:
    """The order that moves the coin to Bob."""
    operation = OrderedMove(moved.coin_id(story.ledger.domain))
    paid = [coin(value, owner=BOB, home=home)]
    return control(operation, inputs=[moved], outputs=paid, expiry_ms=at_ms + 120_000)


def _moves() -> Iterator[ApplyCase]:
    recent, not_frozen = Status.FREEZE_TOO_RECENT, Status.NOT_FROZEN
    story, funds = funded()
    order = move(story, alices(funds).input, story.ledger.now_ms)
    yield story.then("an ordered move of a free coin", order, home=0, found=not_frozen)
    story, funds = funded()
    order = move(story, alices(funds).input, story.ledger.now_ms, home=7)
    inactive = Status.OUTPUT_HOME_INACTIVE
    yield story.then("an ordered move, before where it goes", order, home=0, found=not_frozen, beats=inactive)
    for target in FreezeTarget:
        name = f"frozen by its {target.name.lower()}"
        story, moved, at_ms = frozen(target)
        early = move(story.at(at_ms - 1), moved, at_ms)
        yield story.then(f"{name}, a millisecond early", early, home=0, time_ms=at_ms - 1, found=recent)
        story, moved, at_ms = frozen(target)
        yield story.at(at_ms).then(f"{name} for the delay", move(story, moved, at_ms), home=0, time_ms=at_ms)
    story, moved, at_ms = frozen(FreezeTarget.LOCK)
    story.at(at_ms - 50_000).ordered(
        control(Freeze(FreezeTarget.COIN, moved.coin_id(story.ledger.domain)), expiry_ms=at_ms)
    )
    story.at(at_ms)
    yield story.then("by both: the earlier freeze counts", move(story, moved, at_ms), home=0, time_ms=at_ms)
    story, moved, at_ms = frozen(FreezeTarget.COIN)
    early = move(story, moved, story.ledger.now_ms, home=7)
    yield story.then("before where it goes", early, home=0, found=recent, beats=inactive)
    story, moved, at_ms = frozen(FreezeTarget.COIN)
    story.at(at_ms)
    yield story.then("to another home without acceptance", move(story, moved, at_ms, home=2), home=0, time_ms=at_ms)
    story, moved, at_ms = frozen(FreezeTarget.COIN)
    story.at(at_ms).ordered(move(story, moved, at_ms), time_ms=at_ms)
    again = control(
        OrderedMove(moved.coin_id(story.ledger.domain)),
        inputs=[moved],
        outputs=[coin(5, owner=ALICE)],
        serial=2,
        expiry_ms=at_ms + 120_000,
    )
    gone = Status.INPUT_NOT_UNSPENT
    yield story.then("a coin that has been moved already", again, home=0, time_ms=at_ms, found=gone)
    yield _moved_and_spent()


def _moved_and_spent() -> ApplyCase:
    story, moved, at_ms = frozen(FreezeTarget.LOCK)
    order = move(story.at(at_ms), moved, at_ms)
    paid = transfer([spend_of(order, 0, owner=BOB)], [coin(5, owner=ALICE)], expiry_ms=at_ms + 1)
    batch = submission([order], home=0), submission([paid], home=1)
    return story.then_submitted("what was moved is free in the same batch", *batch, time_ms=at_ms)


def cases() -> list[ApplyCase]:
    """All of them."""
    return list(offices())
