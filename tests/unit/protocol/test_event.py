from pathlib import Path

import pytest
from pydantic import ValidationError

from tongbao.protocol.event import EventKind, EventMessage


def test_an_event_reads_back_as_it_was_written() -> None:
    event = EventMessage(
        event_id="7",
        kind=EventKind.ORDER_PAID,
        wallet_id=bytes(16),
        subject="ab",
        time_ms=1,
        data={"amount_fen": 5, "order_number": "茶", "transaction_id": None},
    )

    read = EventMessage.model_validate_json(event.encode())

    assert read == event


@pytest.mark.parametrize("event_id", ["", "x", "-1", "1" * 20])
def test_an_event_whose_id_is_no_place_in_a_log_is_refused(event_id: str) -> None:
    content = {"kind": "order.paid", "wallet_id": "00" * 16, "subject": "", "time_ms": 1, "data": {}}

    with pytest.raises(ValidationError, match="event_id"):
        EventMessage.model_validate({"event_id": event_id, **content})


def test_every_kind_of_event_has_a_row_on_the_page_of_events() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/events.md").read_text(encoding="utf-8")

    undocumented = [kind.value for kind in EventKind if f"| `{kind}` |" not in page]

    assert undocumented == [], "say in docs/reference/events.md who is told, and which data"
