"""Signed, deterministic money for tests: keys from small numbers, one genesis, and transactions made from both.

The world that they share: institutions 1 and 2, and three authorities of three officers of whom two must approve.
Everything has a default, so that a test says only what it is about:

    before = issue([coin(500, owner=ALICE)])
    after = transfer([spend_of(before, 0, owner=ALICE)], [coin(500, owner=BOB)])
    endorsed = submission([after], home=1)

Nothing here checks anything: what breaks a rule is built as readily as what keeps it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tongbao.coin import (
    Acceptance,
    AcceptedLock,
    Approval,
    Authorisation,
    Batch,
    BatchHead,
    BatchHeader,
    BatchKind,
    Body,
    Coin,
    Domain,
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
    SignedHead,
    Submission,
    TimedLock,
    Transaction,
    Witness,
    approve_digest,
    receipt_leaf,
    spend_digest,
)
from tongbao.coin.control import AuthorityKind, ControlOperation, Officers
from tongbao.coin.ed25519 import SigningKey
from tongbao.coin.merkle import inclusion_path, root_of, tree_levels

# Numbers of keys. Owners have those from 100 on; any other number is as good.
CENTRAL_BANK = 1
CENTRE = 5  # signs batch heads and outcomes
INSTITUTIONS = {1: 11, 2: 12}  # home: number of its endorser key
OFFICERS = {
    AuthorityKind.ISSUANCE: (21, 22, 23),
    AuthorityKind.CONTROL: (31, 32, 33),
    AuthorityKind.OFFICES: (41, 42, 43),
}
ALICE, BOB, CAROL = 101, 102, 103

GENESIS_TIME_MS = 1_767_225_600_000  # 2026-01-01 00:00 UTC
EXPIRY_MS = GENESIS_TIME_MS + 120_000
QUOTA = 1_000_000_000


@cache
def signer(number: int) -> SigningKey:
    """The secret key that belongs to a number."""
    return SigningKey(hashlib.sha256(b"tongbao test key %d" % number).digest())


def public_key(number: int) -> PublicKey:
    """The public key that belongs to a number."""
    return PublicKey.ed25519(signer(number).public_key)


def bytes32(number: int) -> bytes:
    """32 bytes that belong to a number: references, salts, origins of coins that no transaction made."""
    return hashlib.sha256(b"tongbao test bytes %d" % number).digest()


def officers(authority: AuthorityKind) -> Officers:
    """The officers of an authority in the sample genesis: two of three."""
    return Officers(authority, 2, tuple(public_key(number) for number in OFFICERS[authority]))


def genesis(*, name: str = "sample", hash_kind: HashKind = HashKind.SHA256, limits: Limits | None = None) -> Genesis:
    """The genesis of a test network with two institutions; another name makes another network."""
    return Genesis(
        name=name,
        hash_kind=hash_kind,
        test_network=True,
        time_ms=GENESIS_TIME_MS,
        rules=1,
        asset_code="CNY",
        limits=limits or Limits(),
        authorities=tuple(officers(authority) for authority in AuthorityKind),
        central_bank_key=public_key(CENTRAL_BANK),
        institutions=tuple(
            GenesisInstitution(home, public_key(number), QUOTA) for home, number in INSTITUTIONS.items()
        ),
        receipt_keys=(public_key(CENTRE),),
    )


GENESIS = genesis()
DOMAIN = GENESIS.domain()


# --- coins and locks --------------------------------------------------------------------------------------------------


def key_lock(owner: int, *, salt: int = 0) -> KeyLock:
    """A lock that opens with the owner's key; another salt makes another lock."""
    return KeyLock(public_key(owner), bytes32(salt))


def timed_lock(
    owner: int,
    later_owner: int,
    *,
    later_from_ms: int = GENESIS_TIME_MS + 60_000,
    homes: Sequence[int] = (),
    locks: Sequence[bytes] = (),
    salt: int = 0,
) -> TimedLock:
    """A lock that opens with the owner's key, and from a time on with the later owner's, too."""
    keys = public_key(owner), public_key(later_owner)
    return TimedLock(*keys, later_from_ms, tuple(sorted(homes)), tuple(sorted(locks)), bytes32(salt))


def coin(value: int, *, owner: int, home: int = 1, asset: int = 0, salt: int = 0, domain: Domain = DOMAIN) -> Coin:
    """A coin under `key_lock(owner, salt=salt)`."""
    return locked_coin(value, key_lock(owner, salt=salt), home=home, asset=asset, domain=domain)


def locked_coin(value: int, lock: Lock, *, home: int = 1, asset: int = 0, domain: Domain = DOMAIN) -> Coin:
    """A coin under any lock."""
    return Coin(asset, value, home, lock.id(domain))


@dataclass(frozen=True)
class Spend:
    """An input with what opens it.

    Attributes:
        input: the opened coin.
        lock: the lock that its witness reveals.
        signer: the number of the key that signs.
        path: which way the lock is opened.
    """

    input: Input
    lock: Lock
    signer: int
    path: int = Path.A


def spend(
    value: int,
    *,
    owner: int,
    home: int = 1,
    asset: int = 0,
    salt: int = 0,
    origin: int = 0,
    index: int = 0,
    domain: Domain = DOMAIN,
) -> Spend:
    """The spending of a coin that no transaction here made."""
    made = coin(value, owner=owner, home=home, asset=asset, salt=salt, domain=domain)
    return Spend(Input(bytes32(origin), index, made), key_lock(owner, salt=salt), owner)


def spend_of(transaction: Transaction, index: int, *, owner: int, salt: int = 0, domain: Domain = DOMAIN) -> Spend:
    """The spending of an output under `key_lock(owner, salt=salt)`."""
    return spend_locked(transaction, index, key_lock(owner, salt=salt), signer=owner, domain=domain)


def spend_locked(
    transaction: Transaction, index: int, lock: Lock, *, signer: int, path: int = Path.A, domain: Domain = DOMAIN
) -> Spend:
    """The spending of an output under any lock."""
    return Spend(Input(transaction.id(domain), index, transaction.body.outputs[index]), lock, signer, path)


# --- transactions -----------------------------------------------------------------------------------------------------


def signed(
    body: Body, *, spends: Sequence[Spend] = (), approvers: Sequence[int] = (), domain: Domain = DOMAIN
) -> Transaction:
    """`body` with a witness for each spend and the approval of each officer."""
    identity = body.transaction_id(domain)
    to_spend, to_approve = spend_digest(identity, domain), approve_digest(identity, domain)
    witnesses = tuple(Witness(each.lock, each.path, signer(each.signer).sign(to_spend)) for each in spends)
    approvals = tuple(Approval(public_key(number), signer(number).sign(to_approve)) for number in approvers)
    return Transaction(body, witnesses, approvals)


def transfer(
    spends: Sequence[Spend],
    outputs: Sequence[Coin],
    *,
    acceptances: Sequence[Acceptance] = (),
    expiry_ms: int = EXPIRY_MS,
    reference: int = 0,
    domain: Domain = DOMAIN,
) -> Transaction:
    """A signed transfer."""
    body = Body(
        Kind.TRANSFER,
        expiry_ms,
        bytes32(reference),
        inputs=tuple(each.input for each in spends),
        outputs=tuple(outputs),
        authorisations=tuple(Authorisation.of(each) for each in acceptances),
    )
    return signed(body, spends=spends, domain=domain)


def issue(
    outputs: Sequence[Coin],
    *,
    serial: int = 1,
    approvers: Sequence[int] = OFFICERS[AuthorityKind.ISSUANCE][:2],
    expiry_ms: int = EXPIRY_MS,
    reference: int = 0,
    domain: Domain = DOMAIN,
) -> Transaction:
    """An issue that two officers approve."""
    body = Body(Kind.ISSUE, expiry_ms, bytes32(reference), outputs=tuple(outputs), serial=serial)
    return signed(body, approvers=approvers, domain=domain)


def redeem(
    spends: Sequence[Spend],
    *,
    approvers: Sequence[int] = OFFICERS[AuthorityKind.ISSUANCE][:2],
    expiry_ms: int = EXPIRY_MS,
    reference: int = 0,
    domain: Domain = DOMAIN,
) -> Transaction:
    """A redemption that the owner signs and two officers approve."""
    body = Body(Kind.REDEEM, expiry_ms, bytes32(reference), inputs=tuple(each.input for each in spends))
    return signed(body, spends=spends, approvers=approvers, domain=domain)


def control(
    operation: ControlOperation,
    *,
    serial: int = 1,
    inputs: Sequence[Input] = (),
    outputs: Sequence[Coin] = (),
    approvers: Sequence[int] | None = None,
    expiry_ms: int = EXPIRY_MS,
    reference: int = 0,
    domain: Domain = DOMAIN,
) -> Transaction:
    """A control transaction that two officers of the operation's authority approve, unless others are named."""
    body = Body(
        Kind.CONTROL,
        expiry_ms,
        bytes32(reference),
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        serial=serial,
        operation=operation,
    )
    chosen = OFFICERS[operation.AUTHORITY][:2] if approvers is None else approvers
    return signed(body, approvers=chosen, domain=domain)


def acceptance(
    anchor: Input,
    accepted: Sequence[Coin],
    *,
    home: int = 2,
    expiry_ms: int = EXPIRY_MS,
    key: int | None = None,
    domain: Domain = DOMAIN,
) -> Acceptance:
    """The word of `home` that it takes just the `accepted` coins from a transfer that spends the anchor."""
    number = INSTITUTIONS[home] if key is None else key
    locks = tuple(AcceptedLock(each.lock_id, each.asset, each.value) for each in accepted)
    terms = (home, anchor.coin_id(domain), expiry_ms, locks, public_key(number))
    return Acceptance(*terms, signer(number).sign(Acceptance(*terms, b"").signing_digest(domain)))


# --- submissions, batches, receipts -----------------------------------------------------------------------------------


def submission(
    transactions: Sequence[Transaction], *, home: int = 1, key: int | None = None, domain: Domain = DOMAIN
) -> Submission:
    """The transactions endorsed by their home; home 0 is the central bank."""
    number = {0: CENTRAL_BANK, **INSTITUTIONS}[home] if key is None else key
    encoded = tuple(each.encode() for each in transactions)
    return Submission.sign(domain, encoded, home=home, key=public_key(number), sign=signer(number).sign)


def batch(
    submissions: Sequence[Submission] = (),
    *,
    sequence: int = 1,
    previous: bytes | None = None,
    time_ms: int = GENESIS_TIME_MS + 1_000,
    rules: int = 1,
    applied_sequence: int = 0,
    applied_statuses: bytes = bytes(32),
    domain: Domain = DOMAIN,
) -> Batch:
    """A batch of money, or a heartbeat where there are no submissions; by default the first after genesis."""
    encoded = tuple(each.encode() for each in submissions)
    header = BatchHeader(
        kind=BatchKind.MONEY if encoded else BatchKind.HEARTBEAT,
        network_id=domain.network_id,
        sequence=sequence,
        previous=domain.network_id if previous is None else previous,
        time_ms=time_ms,
        rules=rules,
        applied_sequence=applied_sequence,
        applied_statuses=applied_statuses,
        body_hash=Batch.body_hash(encoded, domain),
    )
    return Batch(header, encoded)


def receipts(
    settled: Batch, verdicts: Sequence[tuple[bytes, int]], *, key: int = CENTRE, domain: Domain = DOMAIN
) -> list[Receipt]:
    """One receipt for each (transaction id, status) of the batch, in order."""
    header = settled.header
    leaves = [receipt_leaf(identity, status, header.sequence, domain) for identity, status in verdicts]
    head = BatchHead(
        domain.network_id,
        header.sequence,
        header.time_ms,
        header.chain_head(domain),
        root_of(leaves, domain),
        len(leaves),
    )
    signed_head = SignedHead.sign(head, domain, key=public_key(key), sign=signer(key).sign)
    levels = tree_levels(leaves, domain)
    return [
        Receipt(identity, status, index, tuple(inclusion_path(levels, index)), signed_head)
        for index, (identity, status) in enumerate(verdicts)
    ]


def outcome(
    transaction_id: bytes,
    *,
    settled: bool = True,
    sequence: int = 1,
    time_ms: int = GENESIS_TIME_MS + 1_000,
    key: int = CENTRE,
    domain: Domain = DOMAIN,
) -> Outcome:
    """The centre's signed word on a transaction."""
    terms = (domain.network_id, transaction_id, settled, sequence, time_ms, public_key(key))
    return Outcome(*terms, signer(key).sign(Outcome(*terms, b"").signing_digest(domain)))
