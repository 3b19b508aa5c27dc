"""Seeded money for the bench: a network with one institution, coins at it, and transfers that spend them.

A transfer is the commonest payment: one coin in, the payee's and the change out, one signature. Coins are issued a
thousand at a time, and the transfers of such a thousand can be made without the others, on any process.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tongbao.coin import (
    CURRENCY,
    Approval,
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
    PublicKey,
    Submission,
    Transaction,
    Witness,
    approve_digest,
    spend_digest,
)
from tongbao.coin import Path as LockPath
from tongbao.coin.control import AuthorityKind, Officers
from tongbao.coin.ed25519 import SigningKey
from tongbao.kernel.rules import RULES
from tongbao.service.bench.signers import Owner, SuiteChoice, owners_of

__all__ = ["HOME", "PER_ISSUE", "START_MS", "Handed", "Workload", "ceil_div"]

START_MS = 1_767_225_600_000  # 2026-01-01 00:00 UTC; any time does
COIN_FEN = 1_000
PER_ISSUE = 1_000  # coins; a transaction may make 1,024
HOME = 1
VALUE_MAX = 2**62


def ceil_div(one: int, other: int) -> int:
    """How many of `other` hold `one`."""
    return -(-one // other)


@dataclass(frozen=True, slots=True)
class Handed:
    """A submission as an institution hands it in, and what it needs to check the answer.

    Attributes:
        data: the encoded submission.
        ids: of its transactions.
    """

    data: bytes
    ids: tuple[bytes, ...]


@dataclass(frozen=True)
class Workload:
    """The money of one seed.

    Attributes:
        seed: the same seed gives the same bytes.
        suite: by which the coins' owners sign.
        signed: whether transfers carry signatures that hold; without, they are only for a kernel that judges nothing.
    """

    seed: int
    suite: SuiteChoice
    signed: bool = True
    _owners: list[Owner] = field(init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[type["Workload"], tuple[int, SuiteChoice, bool]]:
        """Pickle without the owners, whose keys do not travel: they follow from the seed."""
        return (Workload, (self.seed, self.suite, self.signed))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_owners", owners_of(self.suite, self.digest("owners")))

    def digest(self, purpose: str) -> bytes:
        """32 bytes for a purpose."""
        return hashlib.sha256(f"tongbao bench {self.seed} {purpose}".encode()).digest()

    def key(self, purpose: str) -> SigningKey:
        """A party's key."""
        return SigningKey(self.digest(purpose))

    def genesis(self) -> Genesis:
        """The network's."""
        officer = _public(self.key("officer"))
        return Genesis(
            name="bench",
            hash_kind=HashKind.SHA256,
            test_network=True,
            time_ms=START_MS,
            rules=max(RULES),
            asset_code="CNY",
            limits=Limits(),
            authorities=tuple(Officers(authority, 1, (officer,)) for authority in AuthorityKind),
            central_bank_key=_public(self.key("central bank")),
            institutions=(GenesisInstitution(HOME, _public(self.key("endorser")), VALUE_MAX),),
            receipt_keys=(_public(self.key("receipts")),),
        )

    def issues(self, count: int, domain: Domain) -> Iterator[bytes]:
        """Submissions of the central bank that make the first `count` thousands of coins."""
        officer, central_bank = self.key("officer"), self.key("central bank")
        for serial in range(1, count + 1):
            body = self._issue(serial, domain)
            digest = approve_digest(body.transaction_id(domain), domain)
            issue = Transaction(body, (), (Approval(_public(officer), officer.sign(digest)),))
            yield _endorsed([issue.encode()], central_bank, 0, domain)

    def _lock(self, serial: int, number: int) -> KeyLock:
        owner = self._owners[number % len(self._owners)]
        return KeyLock(owner.key, self.digest(f"salt {serial} {number}"))

    def _issue(self, serial: int, domain: Domain) -> Body:
        coins = [Coin(CURRENCY, COIN_FEN, HOME, self._lock(serial, each).id(domain)) for each in range(PER_ISSUE)]
        return Body(Kind.ISSUE, START_MS + 60_000, self.digest(f"issue {serial}"), (), tuple(coins), (), serial)

    def fillers(self, first: int, count: int, domain: Domain) -> Iterator[bytes]:
        """Submissions that make thousands of coins that nobody spends, with serials from `first` on."""
        officer, central_bank = self.key("officer"), self.key("central bank")
        for serial in range(first, first + count):
            locks = hashlib.shake_256(self.digest(f"filler {serial}")).digest(PER_ISSUE * 32)
            coins = [Coin(CURRENCY, COIN_FEN, HOME, locks[at : at + 32]) for at in range(0, len(locks), 32)]
            body = Body(Kind.ISSUE, START_MS + 60_000, self.digest(f"issue {serial}"), (), tuple(coins), (), serial)
            digest = approve_digest(body.transaction_id(domain), domain)
            issue = Transaction(body, (), (Approval(_public(officer), officer.sign(digest)),))
            yield _endorsed([issue.encode()], central_bank, 0, domain)

    def transfers(self, serial: int, domain: Domain, *, per_submission: int) -> list[Handed]:
        """Submissions that spend all coins of the thousand with that serial."""
        body = self._issue(serial, domain)
        origin, endorser = body.transaction_id(domain), self.key("endorser")
        made = [
            self._transfer(serial, each, Input(origin, each, body.outputs[each]), domain) for each in range(PER_ISSUE)
        ]
        handed = []
        for start in range(0, PER_ISSUE, per_submission):
            part = made[start : start + per_submission]
            data = _endorsed([encoded for encoded, _ in part], endorser, HOME, domain)
            handed.append(Handed(data, tuple([identity for _, identity in part])))
        return handed

    def _transfer(self, serial: int, number: int, spent: Input, domain: Domain) -> tuple[bytes, bytes]:
        name = f"{serial} {number}"
        payee, change = self.digest(f"payee {name}"), self.digest(f"change {name}")
        outputs = (Coin(CURRENCY, COIN_FEN * 3 // 4, HOME, payee), Coin(CURRENCY, COIN_FEN // 4, HOME, change))
        body = Body(Kind.TRANSFER, START_MS + 60_000, self.digest(f"order {name}"), (spent,), outputs)
        identity = body.transaction_id(domain)
        owner = self._owners[number % len(self._owners)]
        signature = owner.sign(spend_digest(identity, domain)) if self.signed else bytes(64)
        return Transaction(body, (Witness(self._lock(serial, number), LockPath.A, signature),)).encode(), identity


def _public(key: SigningKey) -> PublicKey:
    return PublicKey.ed25519(key.public_key)


def _endorsed(transactions: Sequence[bytes], key: SigningKey, home: int, domain: Domain) -> bytes:
    return Submission.sign(domain, tuple(transactions), home=home, key=_public(key), sign=key.sign).encode()
