"""What money is: coins, locks, transactions, their canonical bytes and signatures. Pure.

A coin is spent by a transaction that opens it and reveals its lock:

    domain = genesis.domain()
    body = Body(Kind.TRANSFER, expiry_ms, reference, inputs=(spent,), outputs=(paid, change))
    signature = sign(spend_digest(body.transaction_id(domain), domain))
    transaction = Transaction(body, (Witness(lock, Path.A, signature),))
"""

from tongbao.coin.acceptance import Acceptance, AcceptedLock
from tongbao.coin.address import Address
from tongbao.coin.batch import Batch, BatchHeader, BatchKind, statuses_hash
from tongbao.coin.coin import CURRENCY, VALUE_MAX, Coin, Input
from tongbao.coin.domain import Domain, HashKind
from tongbao.coin.genesis import Genesis, GenesisInstitution, Limits
from tongbao.coin.lock import KeyLock, Lock, Path, TimedLock
from tongbao.coin.receipt import BatchHead, Outcome, Receipt, ReceiptInvalidError, SignedHead, receipt_leaf
from tongbao.coin.submission import Submission
from tongbao.coin.suites import PublicKey, Suite
from tongbao.coin.transaction import (
    Approval,
    Authorisation,
    Body,
    Kind,
    Transaction,
    Witness,
    approve_digest,
    spend_digest,
)

__all__ = [
    "CURRENCY",
    "VALUE_MAX",
    "Acceptance",
    "AcceptedLock",
    "Address",
    "Approval",
    "Authorisation",
    "Batch",
    "BatchHead",
    "BatchHeader",
    "BatchKind",
    "Body",
    "Coin",
    "Domain",
    "Genesis",
    "GenesisInstitution",
    "HashKind",
    "Input",
    "KeyLock",
    "Kind",
    "Limits",
    "Lock",
    "Outcome",
    "Path",
    "PublicKey",
    "Receipt",
    "ReceiptInvalidError",
    "SignedHead",
    "Submission",
    "Suite",
    "TimedLock",
    "Transaction",
    "Witness",
    "approve_digest",
    "receipt_leaf",
    "spend_digest",
    "statuses_hash",
]
