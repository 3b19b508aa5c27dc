"""Any value of the coin layer, for properties: small numbers and numbers at their bounds, lists short and empty."""

from hypothesis import strategies as st

from tests.builders import batch
from tests.vectors.coin_valid import operations
from tongbao.coin import (
    VALUE_MAX,
    Acceptance,
    AcceptedLock,
    Address,
    Approval,
    Authorisation,
    Batch,
    BatchHead,
    BatchHeader,
    BatchKind,
    Body,
    Coin,
    Input,
    KeyLock,
    Kind,
    Outcome,
    PublicKey,
    Receipt,
    SignedHead,
    Submission,
    TimedLock,
    Transaction,
    Witness,
)
from tongbao.coin.control import OrderedMove
from tongbao.coin.verdicts import Stretch, Verdicts

U16 = st.integers(0, 2**16 - 1)
U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
BYTES32 = st.binary(min_size=32, max_size=32)
SIGNATURES = st.binary(max_size=80)
KEYS = st.builds(PublicKey, st.integers(0, 255), st.binary(min_size=1, max_size=40))

COINS = st.builds(Coin, U32, st.integers(1, VALUE_MAX), U32, BYTES32)
INPUTS = st.builds(Input, BYTES32, U16, COINS)


def _ascending(items: st.SearchStrategy[int] | st.SearchStrategy[bytes]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.sets(items, max_size=3).map(lambda found: tuple(sorted(found)))  # type: ignore[type-var]


KEY_LOCKS = st.builds(KeyLock, KEYS, BYTES32)
TIMED_LOCKS = st.builds(TimedLock, KEYS, KEYS, U64, _ascending(U32), _ascending(BYTES32), BYTES32)
LOCKS = KEY_LOCKS | TIMED_LOCKS

ACCEPTED_LOCKS = st.lists(
    st.builds(AcceptedLock, BYTES32, U32, U64),
    min_size=1,
    max_size=3,
    unique_by=lambda lock: (lock.lock_id, lock.asset),
).map(tuple)
ACCEPTANCES = st.builds(Acceptance, U32, BYTES32, U64, ACCEPTED_LOCKS, KEYS, SIGNATURES)


def _some(items: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=3).map(tuple)


AUTHORISATIONS = ACCEPTANCES.map(Authorisation.of) | st.builds(
    Authorisation, st.integers(0, 255), st.binary(max_size=40)
)
PARTS = (U64, BYTES32, _some(INPUTS), _some(COINS), _some(AUTHORISATIONS))
OPERATIONS = st.sampled_from(list(operations().values())) | st.builds(OrderedMove, BYTES32)
BODIES = (
    st.builds(Body, st.sampled_from([Kind.TRANSFER, Kind.REDEEM]), *PARTS)
    | st.builds(Body, st.just(Kind.ISSUE), *PARTS, U64)
    | st.builds(Body, st.just(Kind.CONTROL), *PARTS, U64, OPERATIONS)
)
WITNESSES = st.builds(Witness, LOCKS, st.integers(0, 255), SIGNATURES)
APPROVALS = st.builds(Approval, KEYS, SIGNATURES)
TRANSACTIONS = st.builds(Transaction, BODIES, _some(WITNESSES), _some(APPROVALS))

SUBMISSIONS = st.builds(
    Submission, BYTES32, U32, st.lists(st.binary(max_size=20), min_size=1, max_size=3).map(tuple), KEYS, SIGNATURES
)
HEADERS = st.builds(BatchHeader, st.just(BatchKind.MONEY), BYTES32, U64, BYTES32, U64, U32, U64, BYTES32, BYTES32)
BATCHES = st.builds(Batch, HEADERS, st.lists(st.binary(max_size=20), min_size=1, max_size=3).map(tuple)) | st.just(
    batch()
)

HEADS = st.builds(BatchHead, BYTES32, U64, U64, BYTES32, BYTES32, U32)
SIGNED_HEADS = st.builds(SignedHead, HEADS, KEYS, SIGNATURES)
RECEIPTS = st.builds(Receipt, BYTES32, U16, U32, _some(BYTES32), SIGNED_HEADS, st.binary(max_size=20))
STRETCHES = st.builds(
    Stretch, st.just(0), U32, st.binary(min_size=1, max_size=9).map(lambda half: half + half), _some(BYTES32)
)
VERDICTS = st.builds(Verdicts, U64, U64, st.tuples(SIGNED_HEADS), _some(STRETCHES))
OUTCOMES = st.builds(Outcome, BYTES32, BYTES32, st.booleans(), U64, U64, KEYS, SIGNATURES)
ADDRESSES = st.builds(Address, U32, st.binary(min_size=16, max_size=16), st.booleans())
