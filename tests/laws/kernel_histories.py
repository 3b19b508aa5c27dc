"""Histories for the laws of the kernel: money that is alive, and transactions one lie away from settling.

A history is drawn as plain numbers and told by a world that knows which coins there are, so that most transactions
would settle but for the lie that was drawn for them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.builders import (
    ALICE,
    BOB,
    CAROL,
    DOMAIN,
    GENESIS,
    GENESIS_TIME_MS,
    OFFICERS,
    QUOTA,
    Spend,
    acceptance,
    coin,
    control,
    issue,
    key_lock,
    locked_coin,
    redeem,
    spend,
    spend_locked,
    submission,
    timed_lock,
    transfer,
)
from tests.kernel_builders import Ledger, unsigned
from tongbao.coin import Acceptance, Coin, Lock, Submission, Transaction
from tongbao.coin.control import (
    AuthorityKind,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Quota,
    SuspendInstitution,
    Unfreeze,
)
from tongbao.kernel import ReferenceKernel, Refusal, Status, judge_submission
from tongbao.kernel.control import subject_serial

NOW_MS = GENESIS_TIME_MS + 10_000  # all of a history happens in one moment, so that it can be batched in any way
EXPIRY_MS = NOW_MS + 60_000
OWNERS = (ALICE, BOB, CAROL)
HOMES = (1, 2)

KINDS = ("transfer", "abroad", "redeem", "issue", "freeze", "unfreeze", "suspend", "resume", "quota")
LIES = (
    "none",
    "a fen more",
    "a fen less",
    "forged",
    "repeated input",
    "spent coin",
    "absent coin",
    "other home endorses",
    "other home's key",
    "expired",
    "too far",
    "nowhere",
    "unknown asset",
    "too few approvals",
    "serial again",
    "serial left out",
    "no acceptance",
    "small acceptance",
    "late acceptance",
    "stranger's acceptance",
    "not yet open",
    "over quota",
)
MONEY_KINDS = ("transfer", "abroad", "redeem")


@dataclass(frozen=True)
class Step:
    """One transaction, as drawn.

    Attributes:
        kind: of `KINDS`.
        lie: of `LIES`; one that does not fit the kind is none.
        pick: chooses coins, owners and homes.
        many: how many coins it spends, if there are so many.
    """

    kind: str
    lie: str
    pick: int
    many: int


def _weighted(values: Sequence[str], likely: Sequence[str]) -> st.SearchStrategy[str]:
    return st.sampled_from((*likely, *values))


STEPS = st.builds(
    Step,
    kind=_weighted(KINDS, MONEY_KINDS * 3),
    lie=_weighted(LIES, ("none",) * 12),
    pick=st.integers(0, 10_000),
    many=st.integers(1, 3),
)
PLANS = st.lists(STEPS, min_size=3, max_size=12)


@dataclass(frozen=True)
class Told:
    """One transaction, as it went.

    Attributes:
        submission: that carries it alone.
        transaction: the transaction.
        status: what it was answered with, by judge or by apply.
    """

    submission: Submission
    transaction: Transaction
    status: Status


class World:
    """A ledger with money at both homes, and everything needed to spend it.

    Attributes:
        ledger: the ledger; it has one batch for each submission that judge let pass.
        told: every transaction so far.
    """

    def __init__(self) -> None:
        self.kernel = ReferenceKernel(GENESIS)
        self.ledger = Ledger(kernel=self.kernel)
        self.told: list[Told] = []
        self._locks: dict[bytes, tuple[Lock, int]] = {}
        self._known: dict[bytes, Spend] = {}
        for home in HOMES:
            coins = [self._coin(100 + value, pick=value, home=home) for value in range(4)]
            closed = timed_lock(ALICE, BOB, later_from_ms=NOW_MS + 1, salt=home)
            self._remember(self.ledger.issue(*coins, locked_coin(50, closed, home=home)))
        self.ledger.heartbeat(time_ms=NOW_MS)
        self.start = len(self.ledger.batches)

    # --- what there is ---

    def _coin(self, value: int, *, pick: int, home: int) -> Coin:
        owner, salt = OWNERS[pick % 3], pick % 7
        lock = key_lock(owner, salt=salt)
        self._locks[lock.id(DOMAIN)] = lock, owner
        return coin(value, owner=owner, home=home, salt=salt)

    def _remember(self, made: Transaction) -> None:
        for index, output in enumerate(made.body.outputs):
            if output.lock_id in self._locks:
                lock, owner = self._locks[output.lock_id]
                each = spend_locked(made, index, lock, signer=owner)
            else:
                closed = timed_lock(ALICE, BOB, later_from_ms=NOW_MS + 1, salt=output.home)
                each = spend_locked(made, index, closed, signer=ALICE)
            self._known[each.input.coin_id(DOMAIN)] = each

    def alive(self, home: int) -> list[Spend]:
        """The unspent coins of a home, in an order that hangs on nothing but themselves."""
        unspent = self.kernel.state.unspent
        return [
            each for coin_id, each in sorted(self._known.items()) if coin_id in unspent and unspent[coin_id][1] == home
        ]

    def _gone(self) -> list[Spend]:
        unspent = self.kernel.state.unspent
        return [each for coin_id, each in sorted(self._known.items()) if coin_id not in unspent]

    # --- what happens ---

    def tell(self, step: Step) -> Told:
        """Make the step's transaction, endorse it, and settle it in a batch of its own if judge lets it pass."""
        made, home = self._make(step)
        if step.lie == "other home endorses" and home:
            home = 3 - home
        key = 13 if step.lie == "other home's key" else None
        endorsed = submission([made], home=home, key=key)
        verdict = judge_submission(endorsed.encode(), self.ledger.kernel.judging)
        if isinstance(verdict, Refusal):
            told = Told(endorsed, made, verdict.status)
        else:
            [status] = self.ledger.submit(endorsed, time_ms=NOW_MS)
            told = Told(endorsed, made, status)
            self._remember(made)
        self.told.append(told)
        return told

    def live_through(self, plan: Sequence[Step]) -> "World":
        """Tell every step."""
        for step in plan:
            self.tell(step)
        return self

    @property
    def journaled(self) -> list[Told]:
        """What judge let pass, in order."""
        return [each for each in self.told if not each.status.is_judged]

    def _make(self, step: Step) -> tuple[Transaction, int]:
        home = HOMES[step.pick % 2]
        spends = self._spends(step, home)
        if step.kind in MONEY_KINDS and spends:
            made = self._moved(step, home, spends)
        elif step.kind in MONEY_KINDS or step.kind == "issue":
            made, home = self._issued(step, home), 0
        else:
            made, home = self._controlled(step, home), 0
        return made, home

    def _spends(self, step: Step, home: int) -> list[Spend]:
        alive = self.alive(home)
        first = step.pick % len(alive) if alive else 0
        chosen = (alive[first:] + alive[:first])[: step.many]
        gone = self._gone()
        if step.lie == "spent coin" and gone:
            chosen = [*chosen[1:], gone[step.pick % len(gone)]]
        if step.lie == "absent coin":
            chosen = [*chosen[1:], spend(7, owner=ALICE, home=home, origin=step.pick)]
        if step.lie == "repeated input":
            chosen = [*chosen, *chosen[:1]]
        if step.lie == "not yet open":
            chosen = [replace(each, signer=BOB, path=1) if each.lock.KIND == 2 else each for each in chosen]
        return chosen

    def _moved(self, step: Step, home: int, spends: list[Spend]) -> Transaction:
        if step.kind == "redeem":
            officers = OFFICERS[AuthorityKind.ISSUANCE][: 1 if step.lie == "too few approvals" else 2]
            made = redeem(spends, approvers=officers, expiry_ms=self._expiry_ms(step))
        else:
            outputs = self._outputs(step, home, spends)
            words = self._acceptances(step, spends, [each for each in outputs if each.home != home])
            made = transfer(spends, outputs, acceptances=words, expiry_ms=self._expiry_ms(step))
        return unsigned(made) if step.lie == "forged" else made

    def _outputs(self, step: Step, home: int, spends: Sequence[Spend]) -> list[Coin]:
        total = sum(each.input.coin.value for each in spends)
        total += {"a fen more": 1, "a fen less": -1}.get(step.lie, 0)
        payee = {"transfer": home, "abroad": 3 - home}[step.kind]
        if step.lie == "nowhere":
            payee = 9
        first = max(1, total // 3)
        paid = [self._coin(first, pick=step.pick, home=payee)]
        if total > first:
            paid.append(self._coin(total - first, pick=step.pick + 1, home=home))
        if step.lie == "unknown asset":
            paid[0] = replace(paid[0], asset=9)
        return paid

    def _acceptances(self, step: Step, spends: Sequence[Spend], foreign: Sequence[Coin]) -> list[Acceptance]:
        if not foreign or step.lie in {"no acceptance", "nowhere"}:
            return []
        accepted = [replace(each, value=max(1, each.value - 1)) for each in foreign]
        word = acceptance(
            spends[step.pick % len(spends)].input,
            accepted if step.lie == "small acceptance" else foreign,
            home=foreign[0].home,
            expiry_ms=NOW_MS - 1 if step.lie == "late acceptance" else EXPIRY_MS,
            key=13 if step.lie == "stranger's acceptance" else None,
        )
        return [word]

    def _expiry_ms(self, step: Step) -> int:
        return {"expired": NOW_MS - 1, "too far": NOW_MS + 3_600_001}.get(step.lie, EXPIRY_MS)

    def _serial(self, step: Step, last: int) -> int:
        return last + {"serial again": 0, "serial left out": 2}.get(step.lie, 1)

    def _issued(self, step: Step, home: int) -> Transaction:
        value = QUOTA if step.lie == "over quota" else 1 + step.pick % 90
        made = self._coin(value, pick=step.pick, home=9 if step.lie == "nowhere" else home)
        made = replace(made, asset=9) if step.lie == "unknown asset" else made
        subject = b"issue" + made.asset.to_bytes(4, "big") + made.home.to_bytes(4, "big")
        last = subject_serial(self.kernel.state, AuthorityKind.ISSUANCE, subject)
        officers = OFFICERS[AuthorityKind.ISSUANCE][: 1 if step.lie == "too few approvals" else 2]
        serial, expiry_ms = self._serial(step, last), self._expiry_ms(step)
        return issue([made], serial=serial, approvers=officers, expiry_ms=expiry_ms, reference=step.pick)

    def _controlled(self, step: Step, home: int) -> Transaction:
        operation = self._operation(step, home)
        last = subject_serial(self.kernel.state, operation.AUTHORITY, operation.subject())
        officers = OFFICERS[operation.AUTHORITY][: 1 if step.lie == "too few approvals" else 2]
        serial, expiry_ms = self._serial(step, last), self._expiry_ms(step)
        return control(operation, serial=serial, approvers=officers, expiry_ms=expiry_ms, reference=step.pick)

    def _operation(self, step: Step, home: int) -> ControlOperation:
        target = FreezeTarget(1 + step.pick // 2 % 2)
        alive = self.alive(home)
        named = alive[step.pick % len(alive)].input if alive else spend(7, owner=ALICE).input
        frozen = sorted(self.kernel.state.frozen)
        if step.kind == "unfreeze" and frozen:
            return Unfreeze(*frozen[step.pick % len(frozen)])
        make: dict[str, Callable[[], ControlOperation]] = {
            "freeze": lambda: Freeze(
                target, named.coin.lock_id if target == FreezeTarget.LOCK else named.coin_id(DOMAIN)
            ),
            "unfreeze": lambda: Unfreeze(target, named.coin_id(DOMAIN)),
            "suspend": lambda: SuspendInstitution(home, suspended=True),
            "resume": lambda: SuspendInstitution(home, suspended=False),
            "quota": lambda: Quota(0, home, QUOTA + step.pick),
        }
        return make[step.kind]()
