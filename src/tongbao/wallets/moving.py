"""Moving to another institution: the money goes from a wallet to the wallet of the same phrase at another home.

It goes by ordinary payments, with acceptances of the new home and within the limits of both. Payers are sent on from
the first moment, so nothing more comes to the old wallet than what was promised before. Where the move stands can be
seen at the two homes, so whoever was interrupted begins again and goes on from there.
"""

from dataclasses import dataclass
from typing import Final

from tongbao.protocol.pocket import PocketParty
from tongbao.protocol.wallet import WalletAccount, WalletState
from tongbao.wallets.closing import in_parts
from tongbao.wallets.wallet import Wallet

__all__ = ["LOCKS_LEFT_TO_CHANGE", "Moved", "Moving"]

LOCKS_LEFT_TO_CHANGE: Final = 64
"""Locks that the old wallet may still use for change while its coins leave; the new wallet's begin behind them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How far a move is.

    Attributes:
        old: the wallet that is left.
        new: the wallet where the money goes.
        left_because: the code of what keeps the rest back, as a limit of this day; "" for nothing.
    """

    old: WalletAccount
    new: WalletAccount
    left_because: str

    @property
    def is_done(self) -> bool:
        """Whether the old wallet is closed."""
        return self.old.state is WalletState.CLOSED


class Moving:
    """Moves the money of the wallet `old` to `new`; both are of one phrase, and `old` is started."""

    def __init__(self, old: Wallet, new: Wallet, *, first_lock: int) -> None:
        if old.wallet_id != new.wallet_id or old.address.home == new.address.home:
            raise ValueError("a move is between wallets of one phrase at two homes")
        self._old = old
        self._new = new
        self._first_lock = first_lock

    async def go_on(self) -> Moved:
        """Do what can be done now; again later, it goes on from there.

        Raises:
            InDoubtError: a payment of the old wallet has no outcome yet.
            RefusedError: POCKETS_OPEN before anything is begun.
        """
        old, new = self._old, self._new
        account = await old.account()
        if account.state is WalletState.OPEN:
            await old.pockets.demand_none_filled()
        await self._open_new(account)
        left_because = ""
        if account.state is not WalletState.CLOSED:
            await old.closing.ask(moved_to=str(new.address))
            await old.conclude()
            await old.plans.hand_over(new.plans)
            await old.catch_up()
            await self._take_pockets_along()
            left_because = await self._move_all()
            account = await old.closing.ask(moved_to=str(new.address))
        new.learn_sequence(old.sequence)
        return Moved(account, await new.catch_up(), left_because)

    async def _open_new(self, account: WalletAccount) -> None:
        if await self._new.start():
            if (await self._new.account()).state is not WalletState.OPEN:
                await self._new.closing.withdraw()  # it was left before, and its holder comes back
            return
        await self._new.open(
            holder_name=account.holder_name,
            wallet_class=account.wallet_class,
            kind=account.kind,
            first_lock=self._first_lock,
        )

    async def _take_pockets_along(self) -> None:
        """Let the new home know of pockets that others have made for this wallet, and that are at home elsewhere."""
        for pocket in await self._old.pockets.all():
            if pocket.party is PocketParty.OTHER:
                await self._new.pockets.find(pocket.told.home, pocket.pocket_id)

    async def _move_all(self) -> str:
        """Move the coins, then deposit as coins, in as many rounds as the old wallet's balance needs."""
        old = self._old
        while True:
            _, why = await in_parts(old.free_fen, self._pay)
            deposit_fen = (await old.account()).deposit_fen
            if why or not deposit_fen:
                return why
            left_fen, why = await in_parts(deposit_fen, old.exchange)
            if left_fen == deposit_fen:
                return why

    async def _pay(self, amount_fen: int) -> None:
        await self._old.pay_person(str(self._new.address), amount_fen)
