"""Histories against which two kernels are held: money that moves in every way, and lies at the edge of every guard.

Nothing here is signed, since applying believes what was judged: a transaction costs no more than the rules themselves.
`agreement.py` gives the batches to the reference kernel and to what is held to it.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.builders import CENTRAL_BANK, CENTRE, OFFICERS, bytes32, genesis, key_lock, public_key, timed_lock
from tongbao.coin import (
    Acceptance,
    AcceptedLock,
    Approval,
    Authorisation,
    Batch,
    BatchHeader,
    BatchKind,
    Body,
    Coin,
    Input,
    Kind,
    Limits,
    Lock,
    PublicKey,
    Submission,
    Transaction,
    Witness,
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
from tongbao.kernel import AppliedBatch, BatchInvalidError, Kernel, ReferenceKernel

LIMITS = Limits(expiry_ahead_max_ms=600_000, ordered_move_delay_ms=5_000)
GENESIS = genesis(name="adversary", limits=LIMITS)
DOMAIN = GENESIS.domain()
UNSIGNED = bytes(64)
HOMES, STRANGE_HOMES = (1, 2, 3), (0, 9, 2**32 - 1)
KEYS = (11, 12, 13, 14)
OWNERS = range(101, 107)
ASSETS = (0, 0, 0, 7)
PER_SUBMISSION, SUBMISSIONS_PER_BATCH = 6, 8
MOST = 2**64 - 1


@dataclass(frozen=True)
class Owned:
    """A coin with the lock that opens it."""

    input: Input
    lock: Lock
    coin_id: bytes


def answer(kernel: Kernel, batch: bytes) -> AppliedBatch | None:
    """What the kernel says to a batch that was judged before; None where it cannot follow."""
    try:
        return kernel.apply(batch, judged_by=kernel.rules)
    except BatchInvalidError:
        return None


class Adversary:
    """One history on the reference kernel, whose state it reads; `batches` may be given to any other kernel.

    Attributes:
        kernel: the reference kernel.
        statuses: how often each was the answer.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kernel = ReferenceKernel(GENESIS)
        self.statuses: Counter[int] = Counter()
        self._alive: list[Owned] = []
        self._gone: list[Owned] = []
        self._locks: dict[bytes, Lock] = {}
        self._made = 0

    # --- dice ---------------------------------------------------------------------------------------------------------

    def _seldom(self, percent: float = 2.5) -> bool:
        return self.random.random() * 100 < percent

    def _key(self) -> PublicKey:
        return public_key(self.random.choice(KEYS))

    def _home(self) -> int:
        return self.random.choice(STRANGE_HOMES if self._seldom() else HOMES)

    def _lock(self) -> Lock:
        owner, salt = self.random.choice(OWNERS), self.random.randrange(3)
        lock: Lock = key_lock(owner, salt=salt)
        if self._seldom(10):
            later = self.kernel.time_ms + self.random.choice((-1, 0, 1, 1_000))
            lock = timed_lock(owner, 101, later_from_ms=later, salt=salt)
        self._locks[lock.id(DOMAIN)] = lock
        return lock

    def _expiry_ms(self) -> int:
        now_ms = self.kernel.time_ms
        ahead_ms = now_ms + LIMITS.expiry_ahead_max_ms
        edges = (0, now_ms - 1, now_ms, now_ms + 1, now_ms + 999, now_ms + 1_000, ahead_ms, ahead_ms + 1_000, MOST)
        return self.random.choice(edges) if self._seldom(6) else now_ms + 60_000

    def _serial(self, authority: AuthorityKind, subject: bytes) -> int:
        last = self.kernel.state.serials.get((authority, subject), 0)
        return self.random.choice((0, last, last + 2, MOST)) if self._seldom(4) else last + 1

    def _approvals(self, authority: AuthorityKind, *more: PublicKey) -> tuple[Approval, ...]:
        officers = self.kernel.state.authorities[authority]
        count = self.random.randrange(len(officers.keys) + 1) if self._seldom(5) else officers.threshold
        keys = dict.fromkeys((*self.random.sample(officers.keys, count), *more))
        return tuple(Approval(key, UNSIGNED) for key in keys)

    # --- money --------------------------------------------------------------------------------------------------------

    def _coin(self, value: int, *, asset: int, home: int) -> Coin:
        return Coin(asset, value, home, self._lock().id(DOMAIN))

    def _reference(self) -> bytes:
        self._made += 1
        return self._made.to_bytes(32, "big")

    def _inputs(self, home: int) -> list[Owned]:
        here = [
            each for each in self.random.sample(self._alive, min(12, len(self._alive))) if each.input.coin.home == home
        ]
        chosen = here[: self.random.choice((1, 1, 1, 2, 3))]
        if chosen and self._seldom(6):
            chosen[0] = self._untrue(chosen[0])
        return chosen

    def _untrue(self, owned: Owned) -> Owned:
        """A coin that is spent, or that never was: one field of its opening is another."""
        if self._gone and self._seldom(50):
            gone = self.random.choice(self._gone)
            return gone if gone.input.coin.home == owned.input.coin.home else owned
        opening, spent = owned.input, owned.input.coin
        other = self.random.choice(
            (
                replace(opening, index=opening.index ^ 1),
                replace(opening, origin=bytes32(self.random.randrange(9))),
                replace(opening, coin=replace(spent, value=spent.value ^ 1 or 2)),
                replace(opening, coin=replace(spent, asset=spent.asset ^ 7)),
            )
        )
        return Owned(other, owned.lock, other.coin_id(DOMAIN))

    def _witnesses(self, spent: Sequence[Owned]) -> tuple[Witness, ...]:
        paths = [1 if each.lock.KIND == 2 and self._seldom(50) else 0 for each in spent]
        return tuple(Witness(each.lock, path, UNSIGNED) for each, path in zip(spent, paths, strict=True))

    def _transfer(self, home: int) -> Transaction | None:
        spent = self._inputs(home)
        if not spent:
            return None
        outputs = self._outputs(spent)
        body = Body(
            Kind.TRANSFER,
            self._expiry_ms(),
            self._reference(),
            tuple(each.input for each in spent),
            outputs,
            tuple(map(Authorisation.of, self._acceptances(spent, outputs))),
        )
        return Transaction(body, self._witnesses(spent))

    def _outputs(self, spent: Sequence[Owned]) -> tuple[Coin, ...]:
        home = spent[0].input.coin.home
        values: dict[int, int] = {}
        for each in spent:
            values[each.input.coin.asset] = values.get(each.input.coin.asset, 0) + each.input.coin.value
        outputs = []
        for asset, value in values.items():
            payee = home if self._seldom(60) else self._home()
            first = self.random.randint(1, value)
            outputs.append(self._coin(first, asset=asset, home=payee))
            if value > first:
                outputs.append(self._coin(value - first, asset=asset, home=home))
        return tuple(outputs)

    def _acceptances(self, spent: Sequence[Owned], outputs: Sequence[Coin]) -> list[Acceptance]:
        home, words = spent[0].input.coin.home, []
        for payee in sorted({each.home for each in outputs} - (set() if self._seldom(5) else {home})):
            if self._seldom(4):
                continue
            locks = dict.fromkeys((each.lock_id, each.asset) for each in outputs if each.home == payee)
            accepted = [AcceptedLock(*where, self._allowed(outputs, *where)) for where in locks]
            institution = self.kernel.state.institutions.get(self.kernel.state.serving(payee))
            key = self._key() if institution is None or self._seldom(4) else institution.key
            now_ms = self.kernel.time_ms
            expiry_ms = self.random.choice((now_ms - 1, now_ms, now_ms + 1_000)) if self._seldom(8) else now_ms + 9_999
            words.append(Acceptance(payee, spent[0].coin_id, expiry_ms, tuple(accepted), key, UNSIGNED))
        return words

    def _allowed(self, outputs: Sequence[Coin], lock_id: bytes, asset: int) -> int:
        paid = sum(each.value for each in outputs if (each.lock_id, each.asset) == (lock_id, asset))
        return max(1, min(2**63 - 1, paid + (self.random.choice((-1, 1, 2**40)) if self._seldom(8) else 0)))

    def _redeem(self, home: int) -> Transaction | None:
        spent = self._inputs(home)
        if not spent:
            return None
        body = Body(Kind.REDEEM, self._expiry_ms(), self._reference(), tuple(each.input for each in spent))
        return Transaction(body, self._witnesses(spent), self._approvals(AuthorityKind.ISSUANCE))

    def _issue(self) -> Transaction:
        asset, home = self.random.choice(ASSETS), self._home()
        quota = self.kernel.state.quotas.get((asset, home), 0)
        left = quota - self.kernel.state.net_issued(asset=asset, home=home)
        value = self.random.choice((left, left + 1, left - 1)) if self._seldom(3) else self.random.randint(1, 10_000)
        value = min(max(1, value), 2**63 - 1)
        outputs = tuple(self._coin(value, asset=asset, home=home) for _ in range(self.random.choice((1, 1, 4))))
        subject = b"issue" + asset.to_bytes(4, "big") + home.to_bytes(4, "big")
        serial = self._serial(AuthorityKind.ISSUANCE, subject)
        body = Body(Kind.ISSUE, self._expiry_ms(), self._reference(), outputs=outputs, serial=serial)
        return Transaction(body, (), self._approvals(AuthorityKind.ISSUANCE))

    # --- control ------------------------------------------------------------------------------------------------------

    def _named(self) -> tuple[FreezeTarget, bytes]:
        frozen = sorted(self.kernel.state.frozen)
        if frozen and self._seldom(60):
            return self.random.choice(frozen)
        if not self._alive:
            return FreezeTarget.COIN, bytes(32)
        owned = self.random.choice(self._alive)
        coin = FreezeTarget.COIN, owned.coin_id
        return coin if self._seldom(50) else (FreezeTarget.LOCK, owned.input.coin.lock_id)

    def _officers(self) -> Officers:
        authority = self.random.choice(list(AuthorityKind))
        return Officers(authority, self.random.choice((1, 2, 2)), tuple(map(public_key, OFFICERS[authority])))

    def _clock_ms(self) -> int:
        return self.kernel.time_ms + self.random.choice((-2_000, -1, 0, 1, 10_000))

    def _operation(self) -> ControlOperation:
        unusable = PublicKey.ed25519(bytes(32))
        key = unusable if self._seldom(10) else self._key()
        on = self._seldom(50)
        makers: dict[Callable[[], ControlOperation], int] = {
            lambda: Freeze(*self._named()): 6,
            lambda: Unfreeze(*self._named()): 6,
            lambda: Quota(self.random.choice(ASSETS), self._home(), self.random.randint(10_000, 10**7)): 6,
            lambda: RegisterAsset(self.random.choice((7, 7, 0)), not self._seldom(8), "BOND"): 2,
            lambda: SuspendInstitution(self._home(), suspended=self._seldom(15)): 4,
            lambda: RegisterInstitution(self._home(), key): 2,
            lambda: RekeyInstitution(self._home(), key): 1,
            lambda: SubstituteKey(self._home(), key): 1,
            lambda: ReceiptKey(public_key(CENTRE) if self._seldom(30) else key, active=on): 2,
            lambda: ClockOperation(self._clock_ms()): 1,
            lambda: ActivateRules(self.random.choice((1, 2, 2, 3))): 1,
            self._officers: 1,
        }
        if self._seldom(2):
            return SetSuccessor(self._home(), self._home())
        [make] = self.random.choices(list(makers), list(makers.values()))
        return make()

    def _move(self) -> Transaction | None:
        frozen = [each for each in self._alive if (FreezeTarget.COIN, each.coin_id) in self.kernel.state.frozen]
        if not frozen:
            return None
        owned = self.random.choice(frozen)
        return self._ordered(OrderedMove(owned.coin_id), (owned.input,), self._outputs([owned]))

    def _control(self) -> Transaction:
        moved = self._move() if self._seldom(15) else None
        return moved or self._ordered(self._operation())

    def _ordered(
        self, operation: ControlOperation, inputs: tuple[Input, ...] = (), outputs: tuple[Coin, ...] = ()
    ) -> Transaction:
        serial = self._serial(operation.AUTHORITY, operation.subject())
        body = Body(
            Kind.CONTROL,
            self._expiry_ms(),
            self._reference(),
            inputs,
            outputs,
            serial=serial,
            operation=operation,
        )
        proving: tuple[PublicKey, ...] = ()
        if isinstance(operation, Officers):
            proving = operation.keys[: operation.threshold - self._seldom(20)]
        if isinstance(operation, RekeyInstitution) and not self._seldom(20):
            proving = (operation.key,)
        return Transaction(body, (), self._approvals(operation.AUTHORITY, *proving))

    # --- batches ------------------------------------------------------------------------------------------------------

    def batch(self) -> bytes:
        """The next batch, or seldom one that cannot follow."""
        submissions = [self._submission(0, [self._control() for _ in range(2)])] if self._seldom(40) else []
        if self._seldom(60) or not self._alive:
            submissions.append(self._submission(0, [self._issue() for _ in range(PER_SUBMISSION)]))
        for _ in range(SUBMISSIONS_PER_BATCH):
            home = self.random.choice(HOMES)
            made = [self._transfer(home) if self._seldom(88) else self._redeem(home) for _ in range(PER_SUBMISSION)]
            if any(made):
                submissions.append(self._submission(home, [each for each in made if each is not None]))
        if self._seldom(1):
            submissions.reverse()
        batch = Batch(self._header(submissions), tuple(submissions)).encode()
        return self._bent(batch) if self._seldom(2) else batch

    def _submission(self, home: int, made: Sequence[Transaction]) -> bytes:
        endorser = (self._home() if home else 0) if self._seldom(2) else home
        serving = self.kernel.state.serving(endorser)
        institution = self.kernel.state.institutions.get(serving)
        key = public_key(CENTRAL_BANK) if institution is None or self._seldom(2) else institution.key
        encoded = tuple(each.encode() for each in made)
        return Submission(DOMAIN.network_id, serving if home else 0, encoded, key, UNSIGNED).encode()

    def _header(self, submissions: Sequence[bytes]) -> BatchHeader:
        kernel = self.kernel
        applied = max(0, kernel.sequence - self.random.choice((0, 0, 0, 1, 7, 8)))
        steps_ms = (0, 1, 1, 1_000, 60_000, 60_001) if self._seldom(30) else (1, 40)
        return BatchHeader(
            kind=BatchKind.MONEY if submissions else BatchKind.HEARTBEAT,
            network_id=DOMAIN.network_id,
            sequence=kernel.sequence + 1 + (self.random.choice((-1, 1)) if self._seldom(0.5) else 0),
            previous=bytes(32) if self._seldom(0.5) else kernel.chain_head,
            time_ms=kernel.time_ms + self.random.choice(steps_ms),
            rules=kernel.rules ^ (3 if self._seldom(0.5) else 0),
            applied_sequence=applied,
            applied_statuses=kernel._recent_statuses.get(applied, bytes(32)),
            body_hash=Batch.body_hash(tuple(submissions), DOMAIN),
        )

    def _bent(self, batch: bytes) -> bytes:
        """The batch with one byte of its header changed, or cut short: what follows the header is hashed by it."""
        place = self.random.randrange(len(batch))
        return batch[:place] + bytes((batch[place] ^ 1 << self.random.randrange(8),)) + batch[place + 1 :]

    def apply(self, batch: bytes) -> AppliedBatch | None:
        """What the reference kernel says; None where the batch cannot follow."""
        applied = answer(self.kernel, batch)
        if applied is None:
            return None
        self.statuses.update(applied.statuses)
        spent = set(applied.spent_ids())
        self._gone = [*self._gone, *(each for each in self._alive if each.coin_id in spent)][-50:]
        self._alive = [each for each in self._alive if each.coin_id not in spent]
        for coin_id, opening in applied.created_coins():
            if coin_id not in spent:
                self._alive.append(Owned(opening, self._locks[opening.coin.lock_id], coin_id))
        return applied
