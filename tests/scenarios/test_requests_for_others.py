"""Whoever receives a signed request cannot use it at another server, though that one knows the signer as well."""

import http.client
import json
import time
from urllib.parse import urlsplit

import pytest

from tongbao.protocol.message_signature import sign_request, signable
from tongbao.service.data_directory import DataDirectory
from tongbao.service.key_file import read_key

ASKED = ["/v1/serials/1/00", "/v1/proposals", "/v1/wallets/" + "0" * 32]
"""One operation of each kind of server."""


def places(network: DataDirectory) -> list[str]:
    """Where the centre, the office and the second institution answer."""
    told = network.network
    return [told.registration.url, told.central_bank.url, told.institutions[1].url]


def refused(network: DataDirectory, path: str, *, signed_for: str, sent_to: str) -> str:
    """The field that the server at `sent_to` refuses in a request of home 1; "" where it takes home 1's word."""
    key = read_key(network.root / network.network.institutions[0].name / "endorser.key")
    unsigned = signable("GET", f"{signed_for}{path}", headers={}, body=b"")
    headers = sign_request(unsigned, key_id="home:1", created_s=int(time.time()), sign=key.sign)
    connection = http.client.HTTPConnection(urlsplit(sent_to).netloc, timeout=10)
    connection.request("GET", path, headers={**headers, "host": urlsplit(signed_for).netloc})
    answer = connection.getresponse()
    problem = json.loads(answer.read())
    connection.close()
    return str(problem["field"]) if answer.status == http.client.UNAUTHORIZED else ""


@pytest.mark.parametrize(("place", "path"), list(enumerate(ASKED)), ids=["centre", "office", "institution"])
def test_a_request_counts_only_at_the_server_that_it_was_signed_for(
    network: DataDirectory, place: int, path: str
) -> None:
    urls = places(network)
    here, port = urls[place], urlsplit(urls[place]).port

    assert refused(network, path, signed_for=here, sent_to=here) == ""
    assert refused(network, path, signed_for=f"http://localhost:{port}", sent_to=here) == ""
    assert refused(network, path, signed_for=urls[place - 1], sent_to=here) == "host"
    assert refused(network, path, signed_for="http://bank.example", sent_to=here) == "host"


def test_under_its_own_path_an_institution_is_asked_by_the_name_of_any_front(network: DataDirectory) -> None:
    here, front = network.network.institutions[1], "http://pay.example"
    path = ASKED[2]

    assert refused(network, f"/homes/{here.home}{path}", signed_for=front, sent_to=here.url) == ""
    assert refused(network, path, signed_for=front, sent_to=here.url) == "host"
