"""The trials notice what no page may do, and nothing where a page does none of it."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser

from tests.browser import axe
from tests.browser.camera import Camera
from tests.browser.front import Front
from tests.browser.key_material import secrets_of
from tests.browser.passkeys import with_authenticator
from tests.browser.small_site import small_site
from tests.browser.visitor import Device, Visitor, narrow_window, phone, visitor_of
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
HANZI = "枪 疫 霉 尝 俩 闹 饿 贤 枪 疫 霉 卿"
Came = Callable[..., Visitor]
PHONE = phone()

MAKE_PASSKEY = """() => navigator.credentials.create({ publicKey: {
  challenge: new Uint8Array(32), rp: { name: "small" }, user: { id: new Uint8Array(8), name: "a", displayName: "a" },
  pubKeyCredParams: [{ type: "public-key", alg: -7 }], authenticatorSelection: { userVerification: "required" },
} }).then(({ type }) => type)"""
PHOTOGRAPH = """async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ video: true });
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true });
  await video.play();
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const size = { width: video.videoWidth, height: video.videoHeight };
  const canvas = Object.assign(document.createElement("canvas"), size);
  canvas.getContext("2d").drawImage(video, 0, 0);
  stream.getTracks().forEach((track) => track.stop());
  return canvas.toDataURL("image/png").split(",")[1];
}"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"
STORE = """async ([extractable, secret]) => {
  const key = await crypto.subtle.importKey("raw", new Uint8Array(secret), { name: "HMAC", hash: "SHA-256" },
    extractable, ["sign"]);
  const opening = indexedDB.open("small", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
  await new Promise((resolve) => { opening.onsuccess = resolve; });
  const storing = opening.result.transaction("keys", "readwrite").objectStore("keys").put({ key }, 1);
  await new Promise((resolve) => { storing.onsuccess = resolve; });
}"""


@pytest.fixture
def comes(browser: Browser, front: Front) -> Iterator[Came]:
    """Somebody who has opened a site with one page, which holds this markup."""
    with ExitStack() as stack:

        def come(markup: str, device: Device = PHONE) -> Visitor:
            port = stack.enter_context(small_site(markup))
            visitor = visitor_of(browser, Front(port, front.data), stack.enter_context(Wire(port)), device)
            visitor.go("/")
            return visitor

        yield come


def test_a_page_that_does_nothing_wrong_leaves_nothing_to_complain_of(comes: Came) -> None:
    visitor = comes("<p>All is well.</p>")
    visitor.keeps_secret(PHRASE)
    visitor.page.evaluate("() => fetch('/', { method: 'POST', body: 'legal winner' })")

    complaints = visitor.leave()

    assert complaints == []
    assert any(b"legal winner" in kept for kept in visitor.wire.sent())


@pytest.mark.parametrize(
    "written",
    [
        lambda _: f"my words: {PHRASE}",
        lambda _: str(PHRASE.upper().split()),
        lambda secret: secret.hex(),
        lambda secret: secret.hex(":"),
        lambda secret: base64.b64encode(b"x" + secret + b"y").decode(),
        lambda secret: base64.urlsafe_b64encode(b"xy" + secret).decode(),
        lambda secret: str(list(secret)),
        lambda secret: "".join(f"%{byte:02X}" for byte in secret),
    ],
    ids=["words", "list", "hex", "colons", "base64", "base64url", "numbers", "percents"],
)
def test_a_secret_that_leaves_is_seen_however_it_is_spelt(
    comes: Came, front: Front, written: Callable[[bytes], str]
) -> None:
    visitor = comes("")
    visitor.keeps_secret(PHRASE)
    body = written(secrets_of(PHRASE, front.domain())["key 1/7's secret"])

    visitor.page.evaluate("(body) => fetch('/', { method: 'POST', body })", body)

    assert any(complaint.startswith("sent ") for complaint in visitor.leave()), body


def test_a_chinese_phrase_that_leaves_in_an_address_is_seen(comes: Came) -> None:
    visitor = comes("")
    visitor.keeps_secret(HANZI)

    visitor.page.evaluate("(words) => fetch(`/?${encodeURIComponent(words)}`)", HANZI)

    assert visitor.leave() == ["sent words of the phrase"]


@pytest.mark.parametrize(("extractable", "complaints"), [(True, ["stored the entropy as hex"]), (False, [])])
def test_a_key_in_a_database_is_seen_where_it_can_be_taken_out(
    comes: Came, front: Front, *, extractable: bool, complaints: list[str]
) -> None:
    visitor = comes("")
    visitor.keeps_secret(PHRASE)
    entropy = secrets_of(PHRASE, front.domain())["the entropy"]

    visitor.page.evaluate(STORE, [extractable, list(entropy)])

    assert visitor.leave() == complaints


@pytest.mark.parametrize(
    ("markup", "complaint"),
    [
        ("<script>document.title = 1</script>", "against the content security policy: script-src-elem inline"),
        ('<p onclick="1" id="here">x</p>', "against the content security policy: script-src-attr inline"),
        ('<img alt="" src="http://elsewhere.test/x.png">', "against the content security policy: img-src"),
    ],
)
def test_what_the_policy_forbids_is_a_complaint(comes: Came, markup: str, complaint: str) -> None:
    visitor = comes(markup)

    complaints = visitor.leave()

    assert any(each.startswith(complaint) for each in complaints), complaints


def test_whoever_else_is_asked_is_a_complaint_and_gets_nothing(browser: Browser, front: Front) -> None:
    with small_site('<img alt="" src="http://elsewhere.test/x.png">') as port, Wire(port) as wire:
        visitor = visitor_of(browser, Front(port, front.data), wire, phone())
        visitor.go("/lax")

        assert "asked for elsewhere.test, which is not the front" in visitor.leave()


def test_errors_that_nobody_caught_and_errors_on_the_console_are_complaints_unless_they_are_meant(comes: Came) -> None:
    visitor = comes("")
    visitor.expects("this one is meant")

    visitor.page.evaluate("() => { for (const text of ['this one is meant', 'this is not']) console.error(text); }")
    with visitor.page.expect_event("pageerror"):
        visitor.page.evaluate("() => { setTimeout(() => { throw new Error('lost'); }); }")

    complaints = visitor.leave()
    assert [("this is not" in each, "lost" in each) for each in complaints] == [(True, False), (False, True)]


def test_taps_and_fields_count_once_each_and_only_if_a_person_makes_them(comes: Came) -> None:
    visitor = comes('<button>Press</button><label>Name <input></label><label>Value <input value="1"></label>')
    page = visitor.page
    page.get_by_role("button").tap()
    visitor.start_counting()

    page.get_by_role("button").tap()
    page.evaluate("() => document.querySelector('button').click()")
    page.get_by_label("Name").tap()
    page.keyboard.type("Ada")
    page.keyboard.type("Lovelace")

    assert (visitor.taps, len(visitor.typed)) == (["Press", ""], 1)
    assert visitor.leave() == []


def test_what_moves_by_itself_is_a_shift(comes: Came) -> None:
    visitor = comes("<p>Below</p>", narrow_window())
    visitor.page.evaluate(PAINTED)

    visitor.page.evaluate("() => { document.querySelector('h1').before('Late', document.createElement('hr')); }")

    visitor.wait_for(lambda: len(visitor.shifts) == 1)
    assert "Below" in visitor.shifts[0]


def test_the_camera_sees_each_code_that_is_held_before_it(comes: Came, camera: Camera) -> None:
    visitor = comes("")
    seen = []

    for code in ("first", "https://example.test/" + "x" * 200):
        camera.see_code(code)
        image = Image.open(io.BytesIO(base64.b64decode(visitor.page.evaluate(PHOTOGRAPH))))
        seen.append([found.text for found in zxingcpp.read_barcodes(image)])

    assert seen == [["first"], ["https://example.test/" + "x" * 200]]


def test_a_device_makes_passkeys_until_its_holder_refuses(comes: Came) -> None:
    visitor = comes("")
    authenticator = with_authenticator(visitor.page)

    made = visitor.page.evaluate(MAKE_PASSKEY)
    authenticator.refuse()
    refused = visitor.page.evaluate(f"{MAKE_PASSKEY[:-1]}).catch(({{ name }}) => name)")

    assert (made, refused, authenticator.passkeys()) == ("public-key", "NotAllowedError", 1)


def test_a_picture_without_words_for_it_breaks_a_rule_of_access(comes: Came) -> None:
    good, bad = comes("<p>Words.</p>"), comes('<img src="/x.png">')

    assert axe.violations(good.page) == []
    assert [each.partition(":")[0] for each in axe.violations(bad.page)] == ["image-alt"]
