"""Putting an institution together, and taking up what an earlier process left open."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from tongbao.coin.genesis import Genesis
from tongbao.coin.transaction import Transaction
from tongbao.errors import ConfigurationError, RequestError, WorldError
from tongbao.institutions.bank.bank_operations import REDEEM, BankOperations
from tongbao.institutions.bank.bank_outcomes import SPLIT_SUFFIX, RedemptionOutcomes, SplitOutcomes, redemption_holder
from tongbao.institutions.bank.bank_progress import BankProgress
from tongbao.institutions.books.depositing import Depositing
from tongbao.institutions.books.reconciling import Reconciling
from tongbao.institutions.books.reporting import Reporting
from tongbao.institutions.codes.payment_codes import PaymentCodes
from tongbao.institutions.codes.scanning import Scanning
from tongbao.institutions.customers.closing import Closing
from tongbao.institutions.customers.coin_book import COIN_COLUMNS, Owner, opening_of
from tongbao.institutions.customers.customers import Customers
from tongbao.institutions.customers.lock_book import LockBook
from tongbao.institutions.customers.reading import Reading
from tongbao.institutions.customers.statements import Statements
from tongbao.institutions.disclosure.disclosing import Disclosing
from tongbao.institutions.events.feed import EventFeed, RingingStore
from tongbao.institutions.events.pruning import Pruning
from tongbao.institutions.exchange.exchange_judging import exchange_holder
from tongbao.institutions.exchange.exchange_outcomes import ExchangeOutcomes
from tongbao.institutions.exchange.exchange_planning import ExchangePlanning
from tongbao.institutions.exchange.exchanging import Exchanging
from tongbao.institutions.orders.expiring import Expiring
from tongbao.institutions.orders.orders import Orders
from tongbao.institutions.orders.receiving import Receiving
from tongbao.institutions.orders.shops import Shops
from tongbao.institutions.payees.payees import Payees, payees_of
from tongbao.institutions.payments.accepting import Accepting
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.payments.paying import Paying
from tongbao.institutions.payments.payment_outcomes import PaymentOutcomes
from tongbao.institutions.payments.preparations import Preparations
from tongbao.institutions.payments.preparing import Preparing
from tongbao.institutions.pockets.pocket_outcomes import PocketOutcomes
from tongbao.institutions.pockets.pockets import Pockets
from tongbao.institutions.ports import Ports
from tongbao.institutions.premises import InstitutionSettings, Premises, WalletRegister
from tongbao.institutions.refunds.refunds import Refunds
from tongbao.institutions.requests.money_requests import MoneyRequests
from tongbao.institutions.secret import InstitutionSecrets
from tongbao.institutions.settlement.arrivals import Arrivals
from tongbao.institutions.settlement.latest_news import LatestNews
from tongbao.institutions.settlement.ledger import Ledger
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingKind, load_open
from tongbao.institutions.settlement.proving import Proving
from tongbao.institutions.settlement.settling import Consequences, Settling
from tongbao.institutions.settlement.submitter import Submitter
from tongbao.institutions.tables import bank_operations, coins, settings
from tongbao.institutions.watching.watchers import Watchers
from tongbao.institutions.webhooks.endpoints import Webhooks
from tongbao.institutions.webhooks.queue import Queue
from tongbao.institutions.webhooks.sending import WebhookSender
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.issuance import RedemptionRequest
from tongbao.protocol.registration import WAIT_S_MAX, GenesisAnswer
from tongbao.vaults.bank import BankVault

__all__ = ["Parts", "assemble", "known_genesis", "take_up"]

# The feed's answer may take its whole waiting time, and then travel.
_FEED_TIMEOUT_S = WAIT_S_MAX + 10.0

# Operations are stepped again and again anyway.
_ONCE = Patience(attempts_max=1)

_GENESIS = "genesis"
_READ_SETTING = sa.select(settings.c.value).where(settings.c.name == _GENESIS)
_WRITE_SETTING = sa.insert(settings)
_VAULT_COINS = (
    sa.select(*COIN_COLUMNS).where(coins.c.owner == Owner.VAULT.value, coins.c.spent == 0).order_by(coins.c.number)
)
_REDEMPTIONS = sa.select(bank_operations.c.operation_id, bank_operations.c.content).where(
    bank_operations.c.kind == REDEEM, bank_operations.c.state.in_(("requested", "proposed", "approved"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of an institution, each with one task."""

    premises: Premises
    customers: Customers
    closing: Closing
    reading: Reading
    statements: Statements
    disclosing: Disclosing
    orders: Orders
    scanning: Scanning
    shops: Shops
    payment_codes: PaymentCodes
    watchers: Watchers
    money_requests: MoneyRequests
    refunds: Refunds
    pockets: Pockets
    neighbours: Neighbours
    payees: Payees
    preparing: Preparing
    paying: Paying
    accepting: Accepting
    depositing: Depositing
    exchanging: Exchanging
    operations: BankOperations
    progress: BankProgress
    reporting: Reporting
    reconciling: Reconciling
    arrivals: Arrivals
    news: LatestNews
    submitter: Submitter
    expiring: Expiring
    pruning: Pruning
    feed: EventFeed
    webhooks: Webhooks
    sender: WebhookSender


def _client(own: InstitutionSettings, ports: Ports, url: str, patience: Patience | None = None) -> SignedClient:
    return SignedClient(
        network=ports.network,
        clock=ports.clock,
        base_url=url,
        key_id=f"home:{own.home}",
        sign=own.endorser.sign,
        patience=patience,
    )


async def known_genesis(own: InstitutionSettings, ports: Ports) -> Genesis:
    """The genesis of the network: asked of the centre at the first start, and kept.

    Raises:
        ConfigurationError: the database belongs to another network than the centre, the policy counts another
            currency, or the genesis cannot be read.
    """
    kept = await ports.store.read(lambda connection: connection.execute(_READ_SETTING).scalar_one_or_none())
    found = await _centre_genesis(own, ports, kept)
    if kept is None:
        kept = found
        row = {"name": _GENESIS, "value": kept}
        await ports.store.write(lambda connection: connection.execute(_WRITE_SETTING, row).rowcount)
    if kept != found:
        raise ConfigurationError(
            f"the database of institution {own.home} belongs to another network than the registration centre: "
            "configure the database of this network, or an empty one"
        )
    try:
        genesis = Genesis.decode(kept)
    except RequestError as error:
        raise ConfigurationError(f"the registration centre's genesis cannot be read: {error}") from None
    if genesis.asset_code != own.policy.currency:
        raise ConfigurationError(
            f"the policy {own.policy} counts {own.policy.currency}, and this network's currency is {genesis.asset_code}"
        )
    return genesis


async def _centre_genesis(own: InstitutionSettings, ports: Ports, kept: bytes | None) -> bytes:
    """What the centre answers now; where it does not, `kept` is enough to begin with."""
    patience = None if kept is None else Patience(attempts_max=1)
    try:
        return (await _client(own, ports, own.registration, patience).get("/v1/genesis", GenesisAnswer)).genesis
    except WorldError:
        if kept is None:
            raise
        return kept


def _premises(own: InstitutionSettings, ports: Ports, genesis: Genesis) -> Premises:
    domain = genesis.domain()
    secrets = InstitutionSecrets(domain, own.vault.secret_seed)
    ledger = Ledger(
        _client(own, ports, own.registration),
        feed=_client(own, ports, own.registration, Patience(timeout_s=_FEED_TIMEOUT_S, attempts_max=1)),
        genesis=genesis,
        home=own.home,
        endorser=own.endorser,
        clock=ports.clock,
    )
    return Premises(
        settings=own,
        genesis=genesis,
        domain=domain,
        ports=ports,
        ledger=ledger,
        secrets=secrets,
        locks=LockBook(domain, secrets),
        wallets=WalletRegister(),
        vault=BankVault(own.vault, home=own.home, domain=domain, inputs_max=genesis.limits.inputs_max),
    )


def _consequences(premises: Premises) -> dict[OutgoingKind, Consequences]:
    return {
        OutgoingKind.PAYMENT: PaymentOutcomes(premises),
        OutgoingKind.POCKET: PocketOutcomes(premises),
        OutgoingKind.EXCHANGE: ExchangeOutcomes(premises),
        OutgoingKind.SPLIT: SplitOutcomes(premises),
        OutgoingKind.REDEMPTION: RedemptionOutcomes(premises),
    }


def assemble(own: InstitutionSettings, ports: Ports, genesis: Genesis) -> Parts:
    """The parts, connected."""
    feed = EventFeed(ports.store, ports.clock)
    ports = replace(ports, store=RingingStore(ports.store, feed))
    premises = _premises(own, ports, genesis)
    queue = Queue()
    sender = WebhookSender(premises, queue, feed, ports.outside)
    settling = Settling(premises, _consequences(premises))
    submitter = Submitter(premises, settling)
    customers = Customers(premises)
    arrivals = Arrivals(premises, settling)
    news = LatestNews(premises.ledger, arrivals)
    preparations, receiving = Preparations(premises), Receiving(premises)
    neighbours = Neighbours(premises, {home: _client(own, ports, url) for home, url in own.peers.items()})
    orders, codes = Orders(premises, news), PaymentCodes(premises)
    return Parts(
        premises=premises,
        customers=customers,
        closing=Closing(premises, customers, arrivals),
        reading=Reading(premises, Proving(premises)),
        statements=Statements(premises, customers),
        orders=orders,
        scanning=Scanning(premises, orders, neighbours),
        disclosing=Disclosing(premises, customers),
        shops=Shops.of(premises, orders),
        payment_codes=codes,
        money_requests=MoneyRequests(premises, orders, neighbours, codes),
        refunds=Refunds(premises, orders.merchants, neighbours),
        pockets=Pockets(premises, neighbours, receiving, Accepting(premises, receiving), submitter),
        watchers=Watchers(premises),
        neighbours=neighbours,
        payees=payees_of(premises, neighbours, lambda url, patience: _client(own, ports, url, patience)),
        preparing=Preparing(premises, preparations, receiving, neighbours),
        paying=Paying(premises, preparations, submitter),
        accepting=Accepting(premises, receiving),
        depositing=Depositing(premises),
        exchanging=Exchanging(premises, ExchangePlanning(premises), submitter),
        operations=BankOperations(premises),
        progress=BankProgress(premises, submitter, _client(own, ports, own.central_bank, _ONCE)),
        reporting=Reporting(premises, submitter),
        reconciling=Reconciling(premises, arrivals),
        arrivals=arrivals,
        news=news,
        submitter=submitter,
        expiring=Expiring(premises),
        pruning=Pruning(premises),
        feed=feed,
        webhooks=Webhooks(premises, queue, sender.changed),
        sender=sender,
    )


async def take_up(parts: Parts) -> None:
    """Fill the vault in memory, hold what open transactions spend, and queue these again."""
    premises = parts.premises
    store = premises.ports.store
    for row in await store.read(lambda connection: connection.execute(_VAULT_COINS).all()):
        premises.vault.add(opening_of(row), row.salt)
    found = await store.read(lambda connection: load_open(connection, premises.domain))
    for outgoing in found:
        _hold(premises, outgoing)
    for operation in await store.read(lambda connection: connection.execute(_REDEMPTIONS).all()):
        offered = Transaction.decode(RedemptionRequest.model_validate_json(operation.content).transaction)
        coin_ids = [spent.coin_id(premises.domain) for spent in offered.body.inputs]
        # Behind a split that is still open its coin is not there yet, and the split's own coins are held.
        if all(coin_id in premises.vault.purse for coin_id in coin_ids):
            premises.vault.hold(redemption_holder(operation.operation_id), coin_ids)
    await parts.arrivals.load()
    parts.submitter.resume(found)


def _hold(premises: Premises, outgoing: Outgoing) -> None:
    """Hold the vault's coins that a transaction on its way spends."""
    coin_ids = [coin_id for coin_id in outgoing.coin_ids if coin_id in premises.vault.purse]
    if outgoing.kind == OutgoingKind.EXCHANGE:
        premises.vault.hold(exchange_holder(outgoing.subject), coin_ids)
    elif outgoing.kind not in {OutgoingKind.PAYMENT, OutgoingKind.POCKET}:
        premises.vault.hold(redemption_holder(outgoing.subject.removesuffix(SPLIT_SUFFIX)), coin_ids)
