"""The front: which request is answered by whom, and what browsers are told beside the answer."""

import gzip
import json
from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import RequestError, TongbaoError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.wire import Message
from tongbao.service.configuration import Listen
from tongbao.service.http import Call, Nothing, Operations, authenticated, create_app
from tongbao.service.role import Role
from tongbao.service.server import bind, serve
from tongbao.service.web.front import PAGE_PATHS, Front
from tongbao.service.web.home_path import UnderHomePath
from tongbao.service.web.network import FrontNetwork, HomePlace, home_path
from tongbao.service.web.pages import Pages
from tongbao.simulation.asgi import deliver

KEY = SigningKey(b"k" * 32)
FRONT = "http://127.0.0.1:7301"
SCRIPT = "/assets/door-AbC123.js"


class Said(Message):
    text: str


async def _public_key_of(_key_id: str) -> bytes:
    return KEY.public_key


def _role(name: str, port: int) -> Role:
    app = create_app(name, version="1", instance=name)
    operations = Operations(app, authenticate=authenticated(_public_key_of, SystemClock()))

    @operations.get("/v1/name", public=True)
    async def tell_name(_call: Call[Nothing, Nothing]) -> Said:
        """Say who answers."""
        return Said(text=name)

    @operations.post("/v1/memos")
    async def keep_memo(call: Call[Said, Nothing]) -> Said:
        """Say back what was signed."""
        return Said(text=f"{name}: {call.message.text}")

    async def failed() -> TongbaoError | None:
        return None

    home = int(name.rpartition("-")[2]) if name.startswith("institution-") else 0
    return Role(name, Listen(port=port), UnderHomePath(app, home), failed)


def _built(folder: Path) -> Pages:
    for path in PAGE_PATHS:
        (folder / path[1:]).mkdir(exist_ok=True)
        (folder / path[1:] / "index.html").write_text(f"<title>{path}</title>" + " " * 200)
    (folder / "assets").mkdir()
    (folder / SCRIPT[1:]).write_text("say();" * 100)
    return Pages.read(folder)


def _front(pages: Pages, *, sandbox: ASGIApp | None = None, names: Collection[str] = ()) -> Front:
    homes = {"institution-1": 1, "institution-2": 2}
    places = [HomePlace(home=home, title=f"Bank {home}", path=home_path(home)) for home in homes.values()]
    network = FrontNetwork(name="Test", network_id="ab" * 32, test_network=True, homes=places)
    return Front(network, pages, homes=homes, sandbox=sandbox, names=names)


@pytest.fixture
def front(tmp_path: Path) -> Front:
    """A front with pages, to which two institutions and the centre have come."""
    made = _front(_built(tmp_path))
    for port, name in enumerate(("registration", "institution-1", "institution-2"), 7301):
        made.admit(_role(name, port))
    return made


async def ask(front: Front, path: str, *, method: str = "GET", origin: str = FRONT, **headers: str) -> Answer:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return await deliver(front, method, origin + path, headers=named, body=b"")


def code_of(answer: Answer) -> str:
    code: str = json.loads(answer.body)["code"]
    return code


@pytest.mark.parametrize("path", PAGE_PATHS)
async def test_every_page_lets_only_this_origin_run_show_and_be_asked(front: Front, path: str) -> None:
    answer = await ask(front, path)

    policy = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))
    allowed = {name for sources in policy.values() for name in sources.split()}
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert allowed == {"'none'", "'self'", "'script'", "data:", "blob:", "svelte-trusted-html", "tongbao-worker"}


async def test_browsers_are_told_to_guess_leak_and_share_nothing(front: Front) -> None:
    headers = (await ask(front, "/wallet/")).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "camera=(self)" in headers["permissions-policy"]
    assert "microphone=()" in headers["permissions-policy"]


async def test_an_asset_is_kept_for_ever_and_a_page_is_asked_for_again(front: Front) -> None:
    asset, page = await ask(front, SCRIPT), await ask(front, "/")

    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert page.headers["cache-control"] == "no-cache"


async def test_what_a_browser_has_already_is_not_sent_again(front: Front) -> None:
    first = await ask(front, "/shop/")

    again = await ask(front, "/shop/", if_none_match=first.headers["etag"])
    other = await ask(front, "/shop/", if_none_match=(await ask(front, "/mall/")).headers["etag"])

    assert (again.status, again.body) == (304, b"")
    assert again.headers["content-security-policy"], "a kept page takes over the headers of the answer that renews it"
    assert other.status == 200


@pytest.mark.parametrize(
    ("accepted", "packed"), [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("", False)]
)
async def test_a_file_is_packed_for_who_can_unpack_it(front: Front, accepted: str, packed: bool) -> None:  # noqa: FBT001
    answer = await ask(front, SCRIPT, accept_encoding=accepted)

    body = gzip.decompress(answer.body) if packed else answer.body
    assert answer.headers.get("content-encoding") == ("gzip" if packed else None)
    assert body == b"say();" * 100
    assert answer.headers["vary"] == "accept-encoding"


async def test_the_two_forms_of_a_file_have_tags_of_their_own(front: Front) -> None:
    tags = {(await ask(front, SCRIPT, accept_encoding=accepted)).headers["etag"] for accepted in ("gzip", "")}

    assert len(tags) == 2


@pytest.mark.parametrize("path", ["/", SCRIPT, "/network.json"])
async def test_head_tells_what_get_would_and_anything_else_is_refused(front: Front, path: str) -> None:
    got, told = await ask(front, path), await ask(front, path, method="HEAD")
    posted = await ask(front, path, method="POST")

    assert (told.status, told.headers, told.body) == (200, got.headers, b"")
    assert (posted.status, posted.headers["allow"], code_of(posted)) == (405, "GET, HEAD", "METHOD_NOT_ALLOWED")


async def test_a_page_without_its_slash_leads_to_the_page_and_to_no_other_host(front: Front) -> None:
    answer = await ask(front, "/wallet", origin="http://localhost:7301")

    assert (answer.status, answer.headers["location"]) == (308, "/wallet/")


async def test_the_network_is_described_with_where_each_home_answers(front: Front) -> None:
    answer = await ask(front, "/network.json")

    told = json.loads(answer.body)
    assert told["homes"] == [
        {"home": 1, "title": "Bank 1", "path": "/homes/1"},
        {"home": 2, "title": "Bank 2", "path": "/homes/2"},
    ]
    assert (told["network_id"], told["test_network"], told["centre_path"], told["sandbox"]) == (
        "ab" * 32,
        True,
        "",
        False,
    )
    assert answer.headers["cache-control"] == "no-cache"


async def test_each_path_leads_to_who_answers_there(front: Front) -> None:
    paths = ("/v1/name", "/homes/1/v1/name", "/homes/2/v1/name")

    answered = [json.loads((await ask(front, path)).body)["text"] for path in paths]

    assert answered == ["registration", "institution-1", "institution-2"]


@pytest.mark.parametrize(
    "path",
    [
        "/homes/3/v1/name",
        "/homes/01/v1/name",
        "/homes/1",
        "/homes//v1/name",
        "/homes/x/v1/name",
        "/homes/\u0661/v1/name",
    ],
)
async def test_a_home_that_is_none_is_not_found(front: Front, path: str) -> None:
    answer = await ask(front, path.encode().decode("latin-1"))

    assert (answer.status, code_of(answer)) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "path", ["/nothing", "/assets/../../secret", "/%2e%2e/secret", "/wallet/%00", "/sandbox/holder"]
)
async def test_what_is_not_there_is_not_found(front: Front, path: str) -> None:
    answer = await ask(front, path)

    assert (answer.status, code_of(answer)) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/v1/name", "/homes/1/v1/name", "/nothing", "/homes/9/v1/name", "/network.json"])
async def test_an_answer_that_is_opened_as_a_page_can_do_nothing(front: Front, path: str) -> None:
    headers = (await ask(front, path)).headers

    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.fixture
async def network() -> AsyncIterator[HttpNetwork]:
    opened = HttpNetwork()
    yield opened
    await opened.close()


async def test_what_is_signed_for_a_path_of_the_front_counts_at_the_institution(
    front: Front, network: HttpNetwork
) -> None:
    async with await serve(front, bind("127.0.0.1", 0)) as server:
        client = SignedClient(
            network=network, clock=SystemClock(), base_url=f"{server.url}/homes/2", key_id="wallet:1", sign=KEY.sign
        )
        answer = await client.post("/v1/memos", Said(text="币"), Said, idempotency_key="7")

    assert answer.text == "institution-2: 币"


class _Misled:
    """A network that takes what is meant for home 2 to another path."""

    def __init__(self, front: Front, path: str) -> None:
        self._front = front
        self._path = path

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        del timeout_s
        return await deliver(
            self._front,
            method,
            url.replace("/homes/2", self._path),
            headers={**headers, "host": "127.0.0.1:7301"},
            body=body,
        )


@pytest.mark.parametrize("path", ["/homes/1", ""])
async def test_what_is_signed_for_one_home_counts_nowhere_else(front: Front, path: str) -> None:
    client = SignedClient(
        network=_Misled(front, path), clock=SystemClock(), base_url=f"{FRONT}/homes/2", key_id="wallet:1", sign=KEY.sign
    )

    with pytest.raises(RequestError) as refused:
        await client.post("/v1/memos", Said(text="x"), Said, idempotency_key="7")

    assert refused.value.code == "SIGNATURE_INVALID"


@pytest.mark.parametrize("path", ["/", "/network.json", SCRIPT, "/wallet"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:7301", "localhost.evil.example", "a b", "", "[::1"]
)
async def test_under_a_name_that_is_not_its_own_the_front_shows_nothing(front: Front, path: str, host: str) -> None:
    answer = await ask(front, path, host=host)

    assert (answer.status, code_of(answer)) == (403, "FORBIDDEN")
    assert host not in str(answer.body) or not host


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7301", "localhost", "LOCALHOST:80", "[::1]:7301", "192.0.2.7", "demo.example:8443"]
)
async def test_the_front_goes_by_addresses_localhost_and_the_names_that_it_was_given(tmp_path: Path, host: str) -> None:
    front = _front(_built(tmp_path), names=["Demo.example"])

    assert (await ask(front, "/", host=host)).status == 200


async def test_without_pages_every_page_says_what_is_missing_and_the_cure(tmp_path: Path) -> None:
    front = _front(Pages.read(tmp_path / "nowhere"))

    answers = [await ask(front, path) for path in PAGE_PATHS]

    assert {answer.status for answer in answers} == {503}
    assert all(b"TONGBAO_BUILD_PAGES=require" in answer.body for answer in answers)
    assert all(answer.headers["cache-control"] == "no-store" for answer in answers)


async def test_a_role_that_has_not_started_is_asked_again_soon(tmp_path: Path) -> None:
    front = _front(_built(tmp_path))

    answers = [await ask(front, path) for path in ("/v1/name", "/homes/1/v1/name")]

    assert [(answer.status, answer.headers["retry-after"]) for answer in answers] == [(503, "1")] * 2


async def test_a_role_answers_at_its_own_place_as_before(front: Front) -> None:
    role = _role("institution-1", 7302)

    answer = await deliver(front.admit(role), "GET", "http://127.0.0.1:7302/v1/name", headers={}, body=b"")

    assert json.loads(answer.body) == {"text": "institution-1"}
    assert "content-security-policy" not in answer.headers


async def test_a_sandbox_is_reached_only_by_a_name_of_the_front(tmp_path: Path) -> None:
    front = _front(_built(tmp_path), sandbox=_role("sandbox", 1).app)

    own, foreign = await ask(front, "/sandbox/x"), await ask(front, "/sandbox/x", host="evil.example")

    assert own.headers["x-request-id"] == "sandbox-1"
    assert (foreign.status, code_of(foreign)) == (403, "FORBIDDEN")


async def test_a_sandbox_tells_of_itself_at_its_own_path(tmp_path: Path) -> None:
    front = _front(_built(tmp_path), sandbox=_role("sandbox", 1).app)

    itself, beside = await ask(front, "/sandbox"), await ask(front, "/sandboxes")

    assert itself.headers["x-request-id"] == "sandbox-1"
    assert beside.status == 503, "it is the centre's, which has not come"


async def test_anybody_is_told_how_the_parts_are_and_nobody_by_a_name_of_his_own(front: Front) -> None:
    own, foreign = await ask(front, "/health.json"), await ask(front, "/health.json", host="evil.example")

    assert own.headers["content-type"] == "application/json"
    assert {each["name"] for each in json.loads(own.body)["parts"]} == {
        "registration",
        "institution-1",
        "institution-2",
    }
    assert (foreign.status, code_of(foreign)) == (403, "FORBIDDEN")
