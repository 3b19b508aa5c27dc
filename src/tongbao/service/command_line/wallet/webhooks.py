"""`tongbao wallet events` and `tongbao wallet webhook`: what happened, and which servers are told of it."""

from typing import Annotated

import typer

from tongbao.protocol.event import EventKind, EventMessage, EventPage
from tongbao.protocol.webhook import (
    DeliveryState,
    EndpointState,
    WebhookDelivery,
    WebhookDeliveryPage,
    WebhookEndpoint,
    WebhookEndpoints,
)
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk

__all__ = ["app", "events"]

WAIT_S_MAX = 8  # less than a wallet's patience with a request

app = typer.Typer(
    help="Name servers that are told of a merchant's events.\n\nExample: `tongbao wallet webhook list shop`",
    no_args_is_help=True,
)

EndpointArgument = Annotated[str, typer.Argument(metavar="ENDPOINT", help="Its id, as the list shows it.")]
KindOption = Annotated[
    list[EventKind] | None, typer.Option("--kind", help="Of this kind only; give it once for each. All without it.")
]


def events(
    name: NameArgument,
    after: Annotated[str, typer.Option(help="Go on behind this event.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many events.")] = 50,
    wait_s: Annotated[
        int, typer.Option("--wait", min=0, max=WAIT_S_MAX, help="Seconds to wait where there are none.")
    ] = 0,
    *,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Show what happened to the wallet, oldest first, as programs are told of it.

    Example: `tongbao wallet events shop --after 120 --wait 8`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> EventPage:
        async with desk.opened() as wallet:
            return await wallet.events.page(after=after, limit=limit, wait_s=wait_s)

    page = run(work, as_json=as_json)
    lines = [_event_line(each) for each in page.events] or ["nothing has happened"]
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join([*lines, f"go on with --after {page.next}"]))


def _event_line(event: EventMessage) -> str:
    amount_fen, order = event.data.get("amount_fen"), event.data.get("order_number")
    amount = fen_text(amount_fen) if isinstance(amount_fen, int) else ""
    words = [event.event_id, time_text(event.time_ms), f"{event.kind:<20}", amount, f"order {order}" if order else ""]
    return "  ".join(word for word in words if word).rstrip()


@app.command()
def add(
    name: NameArgument,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the server is told; https.")],
    kind: KindOption = None,
    *,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Tell a server of what happens to this merchant from now on; prints the secret that proves the messages.

    Example: `tongbao wallet webhook add shop https://shop.example/told --kind order.paid`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WebhookEndpoint:
        async with desk.opened() as wallet:
            return await wallet.webhooks.create(url, kinds=kind or ())

    _show(run(work, as_json=as_json), as_json=as_json)


def _show(endpoint: WebhookEndpoint, *, as_json: bool) -> None:
    lines = [_endpoint_line(endpoint), f"secret {endpoint.secret}"]
    answer(endpoint.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


def _endpoint_line(endpoint: WebhookEndpoint) -> str:
    since = endpoint.failing_since_ms
    state = f"{endpoint.state}, failing since {time_text(since)}" if since is not None else str(endpoint.state)
    why = f" ({endpoint.reason})" if endpoint.reason else ""
    kinds = ", ".join(endpoint.kinds) or "all kinds"
    return f"{endpoint.endpoint_id}  {endpoint.url}  {state}{why}; {kinds}; {endpoint.waiting} waiting"


@app.command("list")
def list_endpoints(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the servers that are told, since when they fail, and how much waits for them.

    Example: `tongbao wallet webhook list shop`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WebhookEndpoints:
        async with desk.opened() as wallet:
            return await wallet.webhooks.list()

    found = run(work, as_json=as_json)
    text = "\n".join([_endpoint_line(each) for each in found.endpoints]) or "no servers are told"
    answer(found.model_dump(mode="json"), as_json=as_json, text=text)


@app.command()
def change(
    name: NameArgument,
    endpoint: EndpointArgument,
    state: Annotated[
        EndpointState | None, typer.Option(help="Stop telling it, go on with all that it missed, or remove it.")
    ] = None,
    kind: KindOption = None,
    *,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Tell a server of other kinds, stop telling it, go on, or remove it.

    Example: `tongbao wallet webhook change shop 051f8480f986c9994548755a91d26772 --state active`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WebhookEndpoint:
        async with desk.opened() as wallet:
            return await wallet.webhooks.change(endpoint, kinds=kind, state=state)

    _show(run(work, as_json=as_json), as_json=as_json)


@app.command()
def rotate(
    name: NameArgument,
    endpoint: EndpointArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a new secret; for a day the old one signs beside it.

    Example: `tongbao wallet webhook rotate shop 051f8480f986c9994548755a91d26772`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WebhookEndpoint:
        async with desk.opened() as wallet:
            return await wallet.webhooks.rotate(await wallet.webhooks.find(endpoint))

    _show(run(work, as_json=as_json), as_json=as_json)


@app.command()
def log(
    name: NameArgument,
    endpoint: EndpointArgument,
    state: Annotated[DeliveryState | None, typer.Option(help="Only these.")] = None,
    after: Annotated[str, typer.Option(help="Go on behind this delivery.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many deliveries.")] = 20,
    *,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Show what was sent to a server or waits, newest first, with every attempt.

    Example: `tongbao wallet webhook log shop 051f8480f986c9994548755a91d26772 --state failed`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WebhookDeliveryPage:
        async with desk.opened() as wallet:
            return await wallet.webhooks.deliveries(endpoint, state=state, after=after, limit=limit)

    page = run(work, as_json=as_json)
    lines = [line for each in page.deliveries for line in _delivery_lines(each)] or ["nothing was sent"]
    if page.next:
        lines.append(f"more with --after {page.next}")
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


def _delivery_lines(delivery: WebhookDelivery) -> list[str]:
    until = "" if delivery.next_at_ms is None else f", next at {time_text(delivery.next_at_ms)}"
    first = f"{delivery.delivery_id}  event {delivery.event_id}  {delivery.kind}  {delivery.state}{until}"
    tried = [
        f"    {time_text(each.at_ms)}  {each.problem or f'it answered {each.status}'}  ({each.took_ms} ms)"
        for each in delivery.log
    ]
    return [first, *tried]


@app.command()
def replay(
    name: NameArgument,
    endpoint: EndpointArgument,
    delivery: Annotated[
        list[str] | None, typer.Argument(metavar="[DELIVERY]...", help="Deliveries, as the log shows them.")
    ] = None,
    from_event: Annotated[str | None, typer.Option(help="Or everything from this event on.")] = None,
    *,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Send deliveries again, under the same ids.

    Example: `tongbao wallet webhook replay shop 051f8480f986c9994548755a91d26772 --from-event 120`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> int:
        async with desk.opened() as wallet:
            return await wallet.webhooks.replay(endpoint, delivery_ids=delivery or (), from_event=from_event)

    count = run(work, as_json=as_json)
    answer({"count": count}, as_json=as_json, text=f"{count} to be sent again")
