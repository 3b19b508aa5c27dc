"""Money in the vaults of a sandbox: asked for by its institutions and approved by its officers, as anywhere else.

Each filling of a vault has a number, which is written down before it is asked for and makes the Idempotency-Key. So
whoever takes over after a crash asks for the same filling again and brings it to its end; there is never a second one.
"""

from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tongbao.errors import DamageError, PeerError
from tongbao.protocol.banking import BankOperation, BankOperationState, RequestIssuance
from tongbao.service.connections import Connections
from tongbao.service.sandbox import approve, bank_report, request_issuance, wait_until_settled
from tongbao.service.whole_file import write_whole

__all__ = ["VAULT_FEN", "VAULT_LOW_FEN", "Vaults"]

VAULT_FEN: Final = 1_000_000_000
"""Ten million yuan: ten days of what the teller of the sandbox pays out at most, and a hundredth of the quota."""

VAULT_LOW_FEN: Final = 200_000_000
"""Less than two days of it: the next start fills up."""

VAULT_COINS: Final = 8
"""So that several newcomers exchange at the same time without waiting for each other's change."""

FILLINGS_PER_START_MAX: Final = 3
"""What is refused so often will not be granted now."""


class _Filling(BaseModel):
    """Which filling of a vault is the latest that was, or may have been, asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[int, Field(ge=1)] = 1
    amount_fen: Annotated[int, Field(ge=1)] = VAULT_FEN


class Vaults:
    """Fills vaults; `folder` is where the numbers are kept."""

    def __init__(self, connections: Connections, folder: Path) -> None:
        self._connections = connections
        self._folder = folder
        self._filled: set[int] = set()

    def is_filled(self, home: int) -> bool:
        """Whether the institution's vault was seen to have enough."""
        return home in self._filled

    async def fill(self, home: int) -> None:
        """Return once the institution's vault has enough.

        Raises:
            TongbaoError: something stands in the way; asking again goes on where this stopped.
        """
        for _ in range(FILLINGS_PER_START_MAX):
            ended = await self._settle(home, self._latest(home))
            report = await bank_report(self._connections, home)
            if report.vault_fen >= VAULT_LOW_FEN:
                self._filled.add(home)
                return
            self._keep(home, _Filling(number=self._latest(home).number + 1))
            if ended.state is not BankOperationState.SETTLED:
                raise PeerError(f"money for the vault of home {home} was asked for, and it is {ended.state}")
        raise PeerError(f"the vault of home {home} does not fill")

    async def _settle(self, home: int, filling: _Filling) -> BankOperation:
        """Bring a filling to its end, wherever it stands."""
        self._keep(home, filling)
        request = RequestIssuance(amount_fen=filling.amount_fen, coins=VAULT_COINS)
        key = f"sandbox-filling-{filling.number}"
        operation = await request_issuance(self._connections, home, request, idempotency_key=key)
        if operation.state in {BankOperationState.PROPOSED, BankOperationState.APPROVED}:
            await approve(self._connections, operation.proposal_id)
            operation = await wait_until_settled(self._connections, home, operation)
        return operation

    def _file(self, home: int) -> Path:
        return self._folder / f"vault-{home}.json"

    def _latest(self, home: int) -> _Filling:
        try:
            return _Filling.model_validate_json(self._file(home).read_bytes())
        except FileNotFoundError:
            return _Filling()
        except (OSError, ValidationError):
            raise DamageError(f"{self._file(home)} cannot be read: delete it, and the vault is filled anew") from None

    def _keep(self, home: int, filling: _Filling) -> None:
        if not self._file(home).exists() or self._latest(home) != filling:
            write_whole(self._file(home), filling.model_dump_json().encode() + b"\n")
