"""`tongbao wallet`: what people do with their wallets."""

import typer

from tongbao.service.command_line.options import AMOUNTS
from tongbao.service.command_line.wallet import (
    accounts,
    code,
    coins,
    money,
    moving,
    opening,
    payee,
    phrase_accounts,
    plan,
    pocket,
    receipts,
    refunds,
    requests,
    shop,
    showing,
    till,
    watch,
    webhooks,
)

__all__ = ["app"]

app = typer.Typer(
    help="Open a wallet, pay, be paid, look back, recover.\n\nExample: `tongbao wallet open alice --home 1 --class II`",
    no_args_is_help=True,
)
app.command("open")(opening.open_wallet)
app.command()(opening.recover)
app.command("list")(showing.list_wallets)
app.command()(showing.address)
app.command()(showing.show)
app.command()(showing.history)
app.command()(showing.resume)
app.command(context_settings=AMOUNTS)(money.exchange)
app.command(context_settings=AMOUNTS)(money.deposit)
app.command(context_settings=AMOUNTS)(money.pay)
app.command()(money.merchant)
app.command(context_settings=AMOUNTS)(money.order)
app.command()(money.orders)
app.command(context_settings=AMOUNTS)(money.refund)
app.command()(coins.tidy)
app.command()(receipts.receipts)
app.command()(receipts.receipt)
app.command()(accounts.statement)
app.add_typer(shop.app, name="shop")
app.add_typer(watch.app, name="watch")
app.add_typer(till.app, name="till")
app.command()(accounts.data)
app.command()(payee.payee)
app.add_typer(payee.app, name="alias")
app.command()(accounts.close)
app.command()(moving.switch)
app.add_typer(requests.app, name="request")
app.add_typer(refunds.app, name="refunds")
app.add_typer(plan.app, name="plan")
app.command()(plan.due)
app.add_typer(pocket.app, name="pocket")
app.add_typer(phrase_accounts.app, name="accounts")
app.command()(code.code)
app.command()(webhooks.events)
app.add_typer(webhooks.app, name="webhook")
