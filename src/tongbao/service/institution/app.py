"""An operating institution's HTTP operations: each turns a request into one call of the institution and back."""

from collections.abc import Callable
from typing import Protocol

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

import tongbao
from tongbao.errors import InvariantError
from tongbao.institutions.institution import Institution
from tongbao.service.authentication import OwnNames
from tongbao.service.http import Operations, create_app
from tongbao.service.institution.accounts import add_accounts
from tongbao.service.institution.bank import add_bank
from tongbao.service.institution.callers import RecentKeys, authentication
from tongbao.service.institution.codes import add_codes
from tongbao.service.institution.events import add_events
from tongbao.service.institution.money_requests import add_money_requests
from tongbao.service.institution.orders import add_orders
from tongbao.service.institution.payees import add_payees
from tongbao.service.institution.payments import add_payments
from tongbao.service.institution.pockets import add_pockets
from tongbao.service.institution.refunds import add_refunds
from tongbao.service.institution.wallets import add_wallets
from tongbao.service.institution.watching import add_watching
from tongbao.service.institution.webhooks import add_webhooks
from tongbao.service.rate_limits import RateLimitSettings

__all__ = ["create_institution_app"]


class _Clock(Protocol):
    def now_ms(self) -> int: ...


def create_institution_app(
    institution: Institution,
    *,
    clock: _Clock,
    registry: CollectorRegistry | None = None,
    instance: str = "institution",
    on_invariant: Callable[[InvariantError], None] | None = None,
    rate_limits: RateLimitSettings | None = None,
    own_names: OwnNames | None = None,
) -> FastAPI:
    """The application over an institution that is started, or will be before anybody asks."""
    app = create_app(
        "Tongbao operating institution",
        version=tongbao.__version__,
        description="Wallets, merchants, orders, payments and exchange with deposits at one home.",
        instance=instance,
        registry=registry,
        ready=institution.demand_ready,
        on_invariant=on_invariant,
        rate_limits=rate_limits,
    )
    operations = Operations(app, authenticate=authentication(institution, clock, own_names))
    # Routes are tried in this order: what is asked most often comes first.
    keys = RecentKeys()
    add_payments(operations, institution, keys)
    add_orders(operations, institution, keys)
    add_bank(operations, institution)
    add_wallets(operations, institution, keys)
    add_accounts(operations, institution, keys)
    add_codes(operations, institution, keys)
    add_events(operations, institution)
    add_payees(operations, institution, keys)
    add_watching(operations, institution, keys)
    add_money_requests(operations, institution, keys)
    add_refunds(operations, institution, keys)
    add_pockets(operations, institution, keys)
    add_webhooks(operations, institution, keys)
    return app
