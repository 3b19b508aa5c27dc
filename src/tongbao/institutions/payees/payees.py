"""All that an institution does about whom people pay, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from tongbao.institutions.payees.aliases import Aliases
from tongbao.institutions.payees.allowance import Allowance
from tongbao.institutions.payees.checking import PayeeChecking
from tongbao.institutions.payees.codes import CodeSender, GatewayCodes, TellerCodes
from tongbao.institutions.payees.directory import AliasDirectory
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.protocol.client import Patience, SignedClient

__all__ = ["Connect", "Payees", "payees_of"]

Connect = Callable[[str, Patience], SignedClient]
"""Makes the way to whoever answers at a URL, with so much patience."""

# A payer waits for the slowest home, and one that is away is named to him.
_AT_ONCE = Patience(timeout_s=3.0, attempts_max=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payees:
    """Names and aliases.

    Attributes:
        checking: the name behind an address.
        aliases: the numbers of this home's wallets.
        directory: the wallet behind a number, at whichever home.
    """

    checking: PayeeChecking
    aliases: Aliases
    directory: AliasDirectory


def payees_of(premises: Premises, neighbours: Neighbours, connect: Connect) -> Payees:
    """The parts, connected."""
    settings = premises.settings
    allowance = Allowance(premises)
    checking = PayeeChecking(premises, allowance, neighbours)
    aliases = Aliases(premises, allowance, _sender(premises, connect))
    asked = {home: connect(url, _AT_ONCE) for home, url in settings.peers.items()}
    return Payees(
        checking=checking,
        aliases=aliases,
        directory=AliasDirectory(premises, allowance, aliases, checking, asked),
    )


def _sender(premises: Premises, connect: Connect) -> CodeSender | None:
    """A gateway if there is one; else tellers, where no money is real."""
    if premises.settings.code_gateway:
        return GatewayCodes(premises, connect(premises.settings.code_gateway, _AT_ONCE))
    return TellerCodes() if premises.genesis.test_network else None
