"""Submissions whose witnesses, approvals or acceptances do not hold, for the first stage."""

from collections.abc import Iterator
from dataclasses import replace

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    DOMAIN,
    EXPIRY_MS,
    OFFICERS,
    acceptance,
    bytes32,
    coin,
    control,
    issue,
    key_lock,
    locked_coin,
    public_key,
    redeem,
    signed,
    spend,
    submission,
    timed_lock,
    transfer,
)
from tests.kernel_builders import unsigned
from tests.vectors.kernel_lies import JudgeCase, alices, alone, moving, under
from tongbao.coin import (
    Acceptance,
    Authorisation,
    KeyLock,
    PublicKey,
    Suite,
    Transaction,
)
from tongbao.coin.control import AuthorityKind, OrderedMove, Quota
from tongbao.kernel import Status

FIRST = OFFICERS[AuthorityKind.ISSUANCE][0]


def _approved_transfer(*approvers: int, witnessed: bool = True) -> Transaction:
    plain = transfer(alices(5), [coin(5, owner=BOB)])
    return signed(plain.body, spends=alices(5) if witnessed else (), approvers=approvers)


def _other_suite(owner: int = ALICE) -> KeyLock:
    return KeyLock(PublicKey(Suite.P256, bytes(64)), key_lock(owner).salt)


def _doubled(transaction: Transaction) -> Transaction:
    return replace(transaction, approvals=(*transaction.approvals, transaction.approvals[0]))


def _exposed(acceptance_: Acceptance) -> Acceptance:
    return replace(acceptance_, signature=bytes(64))


def refused_witnesses() -> Iterator[JudgeCase]:
    """Witnesses and approvals that do not hold."""
    one, paid = alices(5), coin(5, owner=BOB)
    good = transfer(one, [paid])
    count, unwanted, repeated = (
        Status.WITNESS_COUNT_WRONG,
        Status.APPROVALS_NOT_ALLOWED,
        Status.APPROVAL_REPEATED,
    )
    yield JudgeCase(count, "none for the only input", alone(replace(good, witnesses=())))
    yield JudgeCase(count, "two for one input", alone(replace(good, witnesses=good.witnesses * 2)))
    spare = replace(issue([paid]), witnesses=good.witnesses)
    yield JudgeCase(count, "one for an issue", alone(spare, home=0))
    owned = replace(moving(one[0].input, [paid]), witnesses=good.witnesses)
    yield JudgeCase(count, "one for an ordered move, which the owner does not sign", alone(owned, home=0))
    yield JudgeCase(count, "before approvals", alone(_approved_transfer(FIRST, witnessed=False)), beats=unwanted)
    yield JudgeCase(unwanted, "a transfer that an officer approves", alone(_approved_transfer(FIRST)))
    doubled = _doubled(_approved_transfer(FIRST))
    yield JudgeCase(unwanted, "before a repeated one", alone(doubled), beats=repeated)
    yield JudgeCase(repeated, "one officer twice", alone(issue([paid], approvers=(FIRST, FIRST)), home=0))
    another_lock = [replace(one[0], lock=key_lock(ALICE, salt=1))]
    mismatched = _doubled(redeem(another_lock))
    yield JudgeCase(repeated, "before the lock", alone(mismatched), beats=Status.LOCK_MISMATCH)
    yield from _refused_locks()
    yield from _refused_signatures()


def _refused_locks() -> Iterator[JudgeCase]:
    one, paid = alices(5), coin(5, owner=BOB)
    another_lock = [replace(one[0], lock=key_lock(ALICE, salt=1))]
    no_path = [replace(one[0], lock=key_lock(ALICE, salt=1), path=1)]
    mismatch, path, restriction = Status.LOCK_MISMATCH, Status.PATH_UNKNOWN, Status.RESTRICTION_VIOLATED
    yield JudgeCase(mismatch, "another salt", alone(transfer(another_lock, [paid])))
    stranger = [replace(one[0], lock=key_lock(BOB), signer=BOB)]
    yield JudgeCase(mismatch, "another key", alone(transfer(stranger, [paid])))
    second = [*alices(2, 3)]
    second[1] = replace(second[1], lock=key_lock(ALICE, salt=1))
    yield JudgeCase(mismatch, "of the second input", alone(transfer(second, [paid])))
    yield JudgeCase(mismatch, "before the path", alone(transfer(no_path, [paid])), beats=path)
    yield JudgeCase(path, "path B of a lock with one key", alone(transfer([replace(one[0], path=1)], [paid])))
    yield JudgeCase(path, "path 2 of a timed lock", alone(transfer([under(timed_lock(ALICE, BOB), path=2)], [paid])))
    for_bob = timed_lock(ALICE, CAROL, locks=[key_lock(BOB).id(DOMAIN)])
    at_home_2 = timed_lock(ALICE, CAROL, homes=[2])
    to_carol = coin(5, owner=CAROL)
    yield JudgeCase(
        path, "before the restriction", alone(transfer([under(for_bob, path=2)], [to_carol])), 0, restriction
    )
    mixed = [coin(4, owner=BOB), coin(1, owner=CAROL)]
    two = [under(for_bob), under(at_home_2, index=1)]
    cases = {
        "to a lock that it does not name": transfer([under(for_bob)], [to_carol]),
        "to a home that it does not name": transfer([under(at_home_2)], [paid]),
        "one output of two": transfer([under(for_bob)], mixed),
        "by key B, which the restriction binds as well": transfer([under(for_bob, signer=CAROL, path=1)], [to_carol]),
        "change to the lock of another input": transfer(two, [coin(5, owner=BOB), locked_coin(5, for_bob)]),
        "out of a restricted and a free coin": transfer([under(for_bob), *alices(5, 6)[1:]], [coin(11, owner=CAROL)]),
        "by redemption, after which it could go anywhere": redeem([under(for_bob)]),
    }
    for name, transaction in cases.items():
        yield JudgeCase(restriction, name, alone(transaction))
    inactive = replace(for_bob, key=PublicKey(Suite.P256, bytes(64)))
    lost = transfer([under(inactive)], [to_carol])
    yield JudgeCase(restriction, "before the suite", alone(lost), beats=Status.SUITE_NOT_ACTIVE)


def _refused_signatures() -> Iterator[JudgeCase]:
    paid = coin(5, owner=BOB)
    suite, signature, accepted = Status.SUITE_NOT_ACTIVE, Status.SIGNATURE_INVALID, Status.ACCEPTANCE_INVALID
    reserved = [*alices(3), under(_other_suite(), 2, index=1)]
    yield JudgeCase(suite, "of a lock", alone(transfer(reserved, [paid])))
    strange = issue([paid])
    approvals = (replace(strange.approvals[0], key=PublicKey(Suite.ML_DSA_44, bytes(1312))), strange.approvals[1])
    yield JudgeCase(suite, "of an officer", alone(replace(strange, approvals=approvals), home=0))
    both = unsigned(transfer(reserved, [paid]), 0)
    yield JudgeCase(suite, "before a signature of an earlier input", alone(both), beats=signature)
    good = transfer(alices(5), [paid])
    yield JudgeCase(signature, "of the owner", alone(unsigned(good)))
    two = transfer(alices(2, 3), [paid])
    yield JudgeCase(signature, "the second of one key", alone(unsigned(two, 1)))
    yield JudgeCase(signature, "by somebody else", alone(transfer([replace(alices(5)[0], signer=BOB)], [paid])))
    later = under(timed_lock(ALICE, BOB), signer=BOB)
    yield JudgeCase(signature, "by key B on path A", alone(transfer([later], [paid])))
    copied = replace(good, body=replace(good.body, reference=bytes32(1)))
    yield JudgeCase(signature, "over another body", alone(copied))
    short = KeyLock(PublicKey.ed25519(public_key(ALICE).key[:31]), bytes32(0))
    yield JudgeCase(signature, "under a key of 31 bytes", alone(transfer([under(short)], [paid])))
    swapped = replace(issue([paid]), approvals=issue([paid], reference=1).approvals)
    yield JudgeCase(signature, "of an officer, over another body", alone(swapped, home=0))
    as_owner = replace(good, witnesses=(replace(good.witnesses[0], signature=_approving(good)),))
    yield JudgeCase(signature, "an approval in place of the owner's", alone(as_owner))
    home2 = coin(5, owner=BOB, home=2)
    bare = transfer(alices(5), [home2], acceptances=[_exposed(acceptance(alices(5)[0].input, [home2]))])
    yield JudgeCase(signature, "before the acceptance", alone(unsigned(bare)), beats=accepted)


def _approving(transaction: Transaction) -> bytes:
    return signed(transaction.body, approvers=(ALICE,)).approvals[0].signature


def refused_authorisations() -> Iterator[JudgeCase]:
    """Acceptances that are none, and what comes last."""
    home2, one = coin(5, owner=BOB, home=2), alices(5)
    anchor = one[0].input
    good = acceptance(anchor, [home2])
    invalid, mismatch, late = Status.ACCEPTANCE_INVALID, Status.MOVE_INPUT_MISMATCH, Status.CONTROL_AFTER_MONEY

    def carrying(*acceptances: Acceptance) -> bytes:
        return alone(transfer(one, [home2], acceptances=acceptances))

    yield JudgeCase(invalid, "a signature that does not hold", carrying(_exposed(good)))
    yield JudgeCase(invalid, "a larger maximum than was signed", carrying(_raised(good)))
    strange = replace(good, key=PublicKey(Suite.SM2, good.key.key))
    yield JudgeCase(invalid, "a suite that is not active", carrying(strange))
    yield JudgeCase(invalid, "two of one home", carrying(good, acceptance(anchor, [home2], expiry_ms=EXPIRY_MS + 1)))
    absent = spend(5, owner=ALICE, index=7).input
    elsewhere = acceptance(absent, [home2])
    yield JudgeCase(invalid, "for a transfer of other coins", carrying(elsewhere))
    yield JudgeCase(
        invalid, "the second of two is anchored elsewhere", carrying(good, acceptance(absent, [home2], home=1))
    )
    unknown = replace(transfer(one, [home2]).body, authorisations=(Authorisation(2, good.encode()),))
    yield JudgeCase(invalid, "an authorisation of another type", alone(signed(unknown, spends=one)))
    cut = replace(transfer(one, [home2]).body, authorisations=(Authorisation(1, good.encode()[:-1]),))
    yield JudgeCase(invalid, "cut short", alone(signed(cut, spends=one)))
    misdirected = moving(anchor, [coin(5, owner=BOB)], named=bytes32(1))
    carried = replace(misdirected.body, authorisations=(Authorisation.of(elsewhere),))
    officers = OFFICERS[AuthorityKind.OFFICES][:2]
    both = signed(carried, approvers=officers)
    yield JudgeCase(invalid, "before the order", alone(both, home=0), beats=mismatch)
    yield JudgeCase(mismatch, "an order for another coin", alone(misdirected, home=0))
    pair = tuple(each.input for each in alices(2, 3))
    two = control(OrderedMove(pair[0].coin_id(DOMAIN)), inputs=pair, outputs=[coin(5, owner=BOB)])
    yield JudgeCase(mismatch, "an order for the first of two coins", alone(two, home=0))
    issued, quota = issue([coin(5, owner=BOB)]), control(Quota(0, 1, 5))
    order = submission([issued, misdirected], home=0).encode()
    yield JudgeCase(mismatch, "before the order of the submission", order, 1, beats=late)
    yield JudgeCase(late, "a quota after an issue", submission([issued, quota], home=0).encode(), 1)
    middle = submission([quota, issued, quota, quota], home=0).encode()
    yield JudgeCase(late, "a quota after an issue after a quota", middle, 2)


def _raised(accepted: Acceptance) -> Acceptance:
    return replace(accepted, locks=tuple(replace(lock, value_max=lock.value_max + 1) for lock in accepted.locks))


def cases() -> list[JudgeCase]:
    """All of them."""
    return [*refused_witnesses(), *refused_authorisations()]
