"""How a code reaches the telephone whose number somebody claims."""

from collections import deque
from typing import Protocol

from tongbao.errors import PeerError, WorldError
from tongbao.institutions.premises import Premises
from tongbao.protocol.client import SignedClient
from tongbao.protocol.payee import SentCode, SentCodes
from tongbao.protocol.wire import Message

__all__ = ["CodeSender", "GatewayCodes", "TellerCodes"]

_CODES_KEPT = 100
"""What a teller may look at: more than customers at the counter at one time."""


class CodeSender(Protocol):
    """Brings codes to telephones."""

    async def send(self, phone: str, code: SentCode) -> None:
        """Send it; raises where it certainly has not been sent."""
        ...

    def sent(self) -> SentCodes:
        """What a teller may hand over."""
        ...


class TellerCodes:
    """Sends nothing: a teller reads the code and tells it to the customer who has shown that the number is his.

    Codes are kept in memory alone; after a restart the customer asks for another one.
    """

    def __init__(self) -> None:
        self._latest: deque[SentCode] = deque(maxlen=_CODES_KEPT)

    async def send(self, phone: str, code: SentCode) -> None:
        """Keep it for the teller."""
        del phone
        self._latest.appendleft(code)

    def sent(self) -> SentCodes:
        """The latest codes, newest first."""
        return SentCodes(codes=list(self._latest))


class _TextMessage(Message):
    """What the gateway is asked to send."""

    phone: str
    text: str


class _Taken(Message):
    """The gateway's answer: it sends the message."""

    message_id: str


class GatewayCodes:
    """Asks the operator's gateway for a text message: `POST /v1/messages`, signed as all that this home asks."""

    def __init__(self, premises: Premises, gateway: SignedClient) -> None:
        self._premises = premises
        self._gateway = gateway

    async def send(self, phone: str, code: SentCode) -> None:
        """Let the gateway send it."""
        text = (
            f"{self._premises.settings.name}: {code.code} 是您的验证码，请勿告诉他人 / is your code, tell it to nobody"
        )
        key = self._premises.secrets.derive("code message", phone.encode(), code.code.encode()).hex()
        try:
            await self._gateway.post("/v1/messages", _TextMessage(phone=phone, text=text), _Taken, idempotency_key=key)
        except PeerError as error:
            raise WorldError("the gateway for text messages does not work") from error

    def sent(self) -> SentCodes:
        """Nothing: a code is for its receiver alone."""
        return SentCodes(codes=[])
