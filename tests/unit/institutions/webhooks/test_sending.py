"""Messages to a merchant's server: what arrives, when it is tried again, in which order, and when it is given up."""

import pytest
import sqlalchemy as sa

from tests.institution_people import Holder
from tests.unit.institutions.webhooks.conftest import URL, TellingShop
from tests.webhook_receiver import Message
from tongbao.errors import BusyError
from tongbao.institutions.events.event_log import read_events
from tongbao.institutions.webhooks.queue import RETRY_S, Queue
from tongbao.institutions.webhooks.sending import DISABLE_AFTER_MS
from tongbao.protocol.payment import Payee
from tongbao.protocol.webhook import DeliveryState, EndpointState, WebhookChange, WebhookReplay, verify_webhook

PAYER = 101
DAY_S = 86_400


async def test_what_happens_is_told_at_once_signed_and_once(telling: TellingShop) -> None:
    await telling.holder.order(100, "before")
    endpoint = await telling.register()

    await telling.holder.order(300, "17")
    await telling.until_told(1)

    [message] = telling.receiver.arrived
    found = verify_webhook(endpoint.secret, message.headers, message.body, now_s=message.at_s)
    [delivery] = await telling.deliveries(endpoint)
    assert message.url == URL
    assert message.what == ("order.created", "17")
    assert found == f"evt_1_{delivery.event_id}"
    assert message.content["timestamp"].endswith("Z")
    assert (delivery.state, delivery.attempts) == (DeliveryState.DELIVERED, 1)
    assert [(each.status, each.problem) for each in delivery.log] == [(204, "")]


async def test_a_failure_is_tried_again_by_the_schedule_with_the_same_bytes(telling: TellingShop) -> None:
    endpoint = await telling.register()
    telling.receiver.status = 500
    await telling.holder.order(300, "17")
    await telling.until_told(1)
    [waiting] = await telling.deliveries(endpoint)
    telling.receiver.status = 200

    await telling.later(RETRY_S[0] - 2)
    too_early = len(telling.receiver.arrived)
    await telling.later(2)
    await telling.until_told(2)

    first, second = telling.receiver.arrived
    [delivered] = await telling.deliveries(endpoint)
    assert too_early == 1
    assert (waiting.state, waiting.log[0].problem) == (DeliveryState.WAITING, "it answered 500")
    assert (first.webhook_id, first.body) == (second.webhook_id, second.body)
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= RETRY_S[0]
    assert (delivered.state, [each.status for each in delivered.log]) == (DeliveryState.DELIVERED, [500, 200])


async def test_events_of_one_order_stay_in_order_while_others_go_on(telling: TellingShop) -> None:
    payer = await Holder.open(telling.world, PAYER)
    await payer.fund(500)
    await telling.register()
    failing = {"17"}

    def judge(message: Message) -> int | None:
        return 500 if message.what[1] in failing else None

    telling.receiver.judge = judge
    order = await telling.holder.order(300, "17")
    await telling.until_told(1)
    await payer.pay_order(order)
    await telling.holder.order(400, "18")
    await telling.until_told(2)
    before = telling.told()
    failing.clear()
    await telling.later(RETRY_S[0])
    await telling.until_told(4)

    assert before == [("order.created", "17"), ("order.created", "18")]
    assert telling.told()[2:] == [("order.created", "17"), ("order.paid", "17")]


async def test_a_server_that_was_down_is_told_everything_as_soon_as_it_answers(telling: TellingShop) -> None:
    endpoint = await telling.register()
    telling.receiver.status = 0
    for number in ("1", "2", "3"):
        await telling.holder.order(100, number)
    await telling.world.until(lambda: len(telling.receiver.arrived) >= 3)
    for pause in RETRY_S[:3]:
        await telling.later(pause)
    down = await telling.endpoint(endpoint)
    telling.receiver.status = 200
    telling.receiver.arrived.clear()

    await telling.holder.order(100, "4")
    await telling.until_told(4)

    up = await telling.endpoint(endpoint)
    assert (down.failing_since_ms is not None, down.waiting) == (True, 3)
    assert (up.failing_since_ms, up.waiting) == (None, 0)
    assert sorted(telling.told()) == [("order.created", number) for number in ("1", "2", "3", "4")]


async def test_slow_servers_leave_room_for_others(telling: TellingShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongbao.institutions.webhooks.sending._SENDING_MAX", 2)
    quick = "https://quick.example/told"
    telling.receiver.hold.clear()
    await telling.register()
    for number in range(12):
        await telling.holder.order(100, str(number))
    await telling.world.until(lambda: telling.receiver.open_now == 2)
    await telling.register(quick)
    await telling.holder.order(100, "12")
    await telling.later(1)

    telling.receiver.hold.set()
    await telling.world.until(lambda: any(each.url == quick for each in telling.receiver.arrived))

    # Two were on their way already, and one of each is the next.
    assert [each.url for each in telling.receiver.arrived].index(quick) <= 3


async def test_a_server_in_trouble_is_tried_with_one_message_at_a_time(telling: TellingShop) -> None:
    await telling.register()
    telling.receiver.status = 503
    await telling.holder.order(100, "0")
    await telling.until_told(1)
    telling.receiver.open_max = 0

    for number in range(1, 9):
        await telling.holder.order(100, str(number))
    await telling.until_told(9)

    assert telling.receiver.open_max == 1


async def test_a_slow_server_gets_no_more_than_a_few_messages_at_one_time_and_then_the_rest(
    telling: TellingShop,
) -> None:
    await telling.register()
    telling.receiver.hold.clear()
    for number in range(9):
        await telling.holder.order(100, str(number))
    await telling.world.until(lambda: len(telling.receiver.arrived) == 4)
    await telling.later(2)
    held = len(telling.receiver.arrived)

    telling.receiver.hold.set()
    await telling.until_told(9)

    assert held == 4
    assert sorted(telling.told()) == [("order.created", str(number)) for number in range(9)]


async def test_after_the_last_pause_it_is_given_up_and_a_replay_sends_it_again(telling: TellingShop) -> None:
    endpoint = await telling.register()
    telling.receiver.judge = lambda message: 400 if message.what == ("order.created", "17") else None
    await telling.holder.order(300, "17")
    await telling.until_told(1)
    for pause in RETRY_S:
        await telling.holder.order(100, f"at {pause}")
        await telling.later(pause)
    [failed] = await telling.deliveries(endpoint, state=DeliveryState.FAILED)
    telling.receiver.judge = lambda _message: None
    attempts = [message for message in telling.receiver.arrived if message.what[1] == "17"]

    count = await telling.replay(endpoint, WebhookReplay(delivery_ids=[failed.delivery_id]))
    await telling.until_told(len(telling.receiver.arrived) + 1)

    assert len(attempts) == failed.attempts == 1 + len(RETRY_S)
    assert count == 1
    assert telling.receiver.arrived[-1].webhook_id == attempts[0].webhook_id
    assert await telling.deliveries(endpoint, state=DeliveryState.FAILED) == []


async def test_everything_from_an_event_on_can_be_sent_again(telling: TellingShop) -> None:
    endpoint = await telling.register()
    for number in ("1", "2", "3"):
        await telling.holder.order(100, number)
    await telling.until_told(3)
    events = sorted(int(each.event_id) for each in await telling.deliveries(endpoint))

    count = await telling.replay(endpoint, WebhookReplay(from_event=str(events[1])))
    await telling.until_told(5)

    assert count == 2
    assert sorted(telling.told()[3:]) == [("order.created", "2"), ("order.created", "3")]


async def test_after_five_days_of_failures_it_is_disabled_with_a_notice_and_loses_nothing(telling: TellingShop) -> None:
    endpoint = await telling.register()
    other = await telling.register("https://accountant.example/told", kinds=["webhook.disabled"])
    telling.receiver.judge = lambda message: 500 if message.url == URL else None
    await telling.holder.order(100, "1")
    await telling.until_told(1)
    await telling.later(DISABLE_AFTER_MS / 1000)
    await telling.holder.order(100, "2")
    await telling.world.until(lambda: telling.told()[-1][0] == "webhook.disabled")
    disabled = await telling.endpoint(endpoint)
    await telling.holder.order(100, "3")
    await telling.later(5)
    told_while_disabled = ("order.created", "3") in telling.told()
    telling.receiver.judge = lambda _message: None
    telling.receiver.arrived.clear()

    active = await telling.change(endpoint, WebhookChange(state=EndpointState.ACTIVE))
    await telling.later(RETRY_S[1])
    await telling.world.until(lambda: ("order.created", "3") in telling.told())
    await telling.later(RETRY_S[2])

    assert (disabled.state, disabled.reason) == (
        EndpointState.DISABLED,
        "five days of failures, the last: it answered 500",
    )
    assert not told_while_disabled
    assert (active.state, active.failing_since_ms) == (EndpointState.ACTIVE, None)
    orders = [number for kind, number in telling.told() if kind == "order.created"]
    assert sorted(orders) == ["1", "2", "3"]
    assert (await telling.endpoint(other)).state == EndpointState.ACTIVE


async def test_a_server_that_answers_410_is_told_nothing_more(telling: TellingShop) -> None:
    endpoint = await telling.register()
    telling.receiver.status = 410

    await telling.holder.order(100, "1")
    await telling.until_told(1)
    await telling.holder.order(100, "2")
    await telling.later(DAY_S)

    store, its = telling.world.stores[1], telling.holder.wallet_id
    told = await store.read(lambda connection: read_events(connection, its, after=0, count=100))
    assert len(telling.receiver.arrived) == 1
    assert (await telling.endpoint(endpoint)).reason == "it answered 410"
    assert told[-2].kind == "webhook.disabled" or told[-1].kind == "webhook.disabled"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_a_failure_that_says_what_to_do(telling: TellingShop, status: int) -> None:
    endpoint = await telling.register()
    telling.receiver.status = status

    await telling.holder.order(100, "1")
    await telling.until_told(1)

    [delivery] = await telling.deliveries(endpoint)
    assert delivery.state == DeliveryState.WAITING
    assert delivery.log[0].problem == f"it answered {status}, and redirects are not followed: name the place itself"


async def test_only_the_kinds_that_were_asked_for_are_told(telling: TellingShop) -> None:
    payer = await Holder.open(telling.world, PAYER)
    await payer.fund(500)
    await telling.register(kinds=["order.paid", "refund.settled"])

    order = await telling.holder.order(300, "17")
    await payer.pay_order(order)
    await telling.holder.pay(await telling.holder.prepare(Payee(refund_of=order.order_id), amount_fen=100))
    await telling.until_told(2)

    assert telling.told() == [("order.paid", "17"), ("refund.settled", "17")]


async def test_an_institution_that_is_killed_goes_on_where_it_stopped(telling: TellingShop) -> None:
    await telling.register()
    telling.receiver.hold.clear()
    await telling.holder.order(100, "1")
    await telling.world.until(lambda: len(telling.receiver.arrived) == 1)
    await telling.holder.order(100, "2")

    await telling.world.kill(1)
    telling.receiver.hold.set()
    telling.receiver.arrived.clear()
    await telling.world.start(1)
    await telling.until_told(2)

    assert sorted(telling.told()) == [("order.created", "1"), ("order.created", "2")]


async def test_a_new_secret_signs_beside_the_old_one_for_a_day(telling: TellingShop) -> None:
    old = await telling.register()
    new = await telling.rotate(old)
    again = await telling.rotate(old)
    await telling.holder.order(100, "1")
    await telling.until_told(1)
    await telling.later(DAY_S)
    await telling.holder.order(100, "2")
    await telling.until_told(2)

    during, after = telling.receiver.arrived
    assert (new.generation, again.secret) == (2, new.secret)
    assert old.secret != new.secret
    for secret in (old.secret, new.secret):
        verify_webhook(secret, during.headers, during.body, now_s=during.at_s)
    assert len(after.headers["webhook-signature"].split(" ")) == 1
    verify_webhook(new.secret, after.headers, after.body, now_s=after.at_s)


async def test_a_server_that_is_removed_and_named_again_hears_of_what_happens_then(telling: TellingShop) -> None:
    endpoint = await telling.register()
    telling.receiver.status = 500
    await telling.holder.order(100, "1")
    await telling.until_told(1)
    await telling.change(endpoint, WebhookChange(state=EndpointState.REMOVED))
    telling.receiver.status = 200
    telling.receiver.arrived.clear()

    again = await telling.register()
    await telling.holder.order(100, "2")
    await telling.until_told(1)
    await telling.later(RETRY_S[0])

    assert telling.told() == [("order.created", "2")]
    assert (again.endpoint_id, again.secret != endpoint.secret) == (endpoint.endpoint_id, True)


async def test_events_that_could_not_be_taken_in_are_told_though_nothing_more_happens(
    telling: TellingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await telling.register()
    real, refused = Queue.take_in, 0

    def too_busy(queue: Queue, connection: sa.Connection, endpoint_id: bytes) -> bool:
        nonlocal refused
        refused += 1
        del queue, connection, endpoint_id
        raise BusyError("too much waits for the database")

    with monkeypatch.context() as busy:
        busy.setattr(Queue, "take_in", too_busy)
        await telling.holder.order(100, "1")
        await telling.world.until(lambda: refused > 0)
    assert Queue.take_in is real

    await telling.later(1)
    await telling.until_told(1)

    assert telling.told() == [("order.created", "1")]
