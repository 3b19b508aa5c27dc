"""One operation of a running role, asked for by whoever signs: the request that its meaning makes."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.api.meaning import central_bank_meanings, institution_meanings, registration_meanings
from tests.api.meant import Meaning
from tests.api.sandbox_meaning import sandbox_meanings
from tests.api.signing import Party
from tests.api.things import Things
from tongbao.protocol.client import BINARY, JSON
from tongbao.service.operation import Nothing, Operation
from tools.http_reference import OPERATIONS, applications

ANSWER_WITHIN_S = 30
STREAM = "text/event-stream"
NO_MEANING = "has no meaning: say in tests/api/meaning.py who may ask for it and with which request it succeeds"


@dataclass(frozen=True, slots=True)
class Asking:
    """An operation, where it answers, and a request for it.

    Attributes:
        url: of the role.
        operation: what is asked for.
        meaning: who may, and how.
        message: the body.
        headers: what else is sent.
    """

    url: str
    operation: Operation
    meaning: Meaning
    message: Mapping[str, Any] | bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, party: Party | None) -> requests.Response:
        """The answer to that party, or to somebody who does not sign; of a stream its beginning."""
        operation = self.operation
        is_json = isinstance(self.message, Mapping)
        kind = {} if self.message is None else {"Content-Type": JSON if is_json else BINARY}
        repeatable = {} if operation.method == "GET" else {"Idempotency-Key": secrets.token_hex(16)}
        return requests.request(
            operation.method,
            self.url + operation.path.format(**self.meaning.path),
            params=dict(self.meaning.query),
            data=_encoded(self.message),
            headers={**kind, **repeatable, **self.headers},
            auth=party,
            stream=STREAM in operation.gives,
            timeout=ANSWER_WITHIN_S,
        )


def _encoded(message: Mapping[str, Any] | bytes | None) -> bytes | None:
    return json.dumps(message).encode() if isinstance(message, Mapping) else message


def operations_by_role() -> dict[str, list[Operation]]:
    """What each role answers, but for its own health."""
    return {
        role: [operation for operation in app.state.operations if operation.path.startswith(OPERATIONS)]
        for role, app in applications().items()
    }


def asking(role: str, operation: Operation, things: Things) -> Asking:
    """The request that the operation's meaning makes, not sent yet.

    Not to be called on the event loop: for some bodies the sandbox is asked first, which answers on it.
    """
    urls = {
        "Registration centre": things.data.network.registration.url,
        "Central bank": things.data.network.central_bank.url,
        "Operating institution": things.data.institution(1).url,
        "Sandbox": things.sandbox_url,
    }
    meaning = _meanings(role, things).get(operation.name)
    if meaning is None:
        assert operation.message is Nothing, f"{operation.name} {NO_MEANING}"
        assert operation.parameters is Nothing, f"{operation.name} {NO_MEANING}"
        assert not operation.signed, f"{operation.name} {NO_MEANING}"
        meaning = Meaning(Party("nobody", things.payer.keys.main))
    if operation.message is not Nothing:
        assert meaning.body is not None, f"{operation.name} {NO_MEANING}: its body is left out"
    return Asking(urls[role], operation, meaning, None if meaning.body is None else meaning.body())


def _meanings(role: str, things: Things) -> Mapping[str, Meaning]:
    made = {
        "Registration centre": registration_meanings,
        "Central bank": central_bank_meanings,
        "Operating institution": institution_meanings,
        "Sandbox": sandbox_meanings,
    }
    return made[role](things)
