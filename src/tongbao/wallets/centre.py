"""The wallet's few questions to the registration centre, where its home's word is not enough."""

from typing import Final

from tongbao.coin import PublicKey
from tongbao.coin.domain import HASH_BYTES
from tongbao.coin.ed25519 import SECRET_SEED_BYTES, SigningKey
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.registration import Directory, OutcomeAnswer
from tongbao.wallets.payment import WalletPayment
from tongbao.wallets.ports import Ports
from tongbao.wallets.receipts import CentreKeys

__all__ = ["Centre"]

_NEVER_SENT: Final = bytes(HASH_BYTES)


class Centre:
    """Asks the centre at `url` with a key made for the occasion, so that questions do not tell whose they are."""

    def __init__(self, url: str, keys: CentreKeys, ports: Ports, *, patience: Patience) -> None:
        signer = SigningKey(ports.entropy.bytes(SECRET_SEED_BYTES))
        self._keys = keys
        self._client = SignedClient(
            network=ports.network,
            clock=ports.clock,
            base_url=url,
            key_id=f"key:{signer.public_key.hex()}",
            sign=signer.sign,
            patience=patience,
        )

    async def proves_absence(self, payment: WalletPayment) -> bool:
        """Whether the centre signs that the payment can never settle."""
        return await self._proves_absence(payment.transaction_id, expiry_ms=payment.expiry_ms)

    async def learn_time(self) -> None:
        """Let the centre sign how late it is: at its newest batch, something that nobody has sent has not settled."""
        await self._proves_absence(_NEVER_SENT, expiry_ms=0)

    async def _proves_absence(self, transaction_id: bytes, *, expiry_ms: int) -> bool:
        answer = await self._client.get(f"/v1/outcomes/{transaction_id.hex()}", OutcomeAnswer)
        return self._keys.proves_absence(answer.outcome, transaction_id=transaction_id, expiry_ms=expiry_ms)

    async def learn_keys(self) -> None:
        """Take the keys that the centre signs with now; that it is the centre, the connection vouches for."""
        directory = await self._client.get("/v1/institutions", Directory)
        self._keys.learn([PublicKey.decode(key) for key in directory.receipt_keys])
