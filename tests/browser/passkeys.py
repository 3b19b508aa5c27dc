"""An authenticator as it is built into a telephone, whose holder is there and says yes each time."""

from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page

_BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Keeps the passkeys of one page."""

    session: CDPSession
    name: str

    def passkeys(self) -> int:
        """How many passkeys it keeps."""
        answer = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.name})
        return len(answer["credentials"])

    def refuse(self) -> None:
        """The holder says no from now on."""
        wanted = {"authenticatorId": self.name, "isUserVerified": False}
        self.session.send("WebAuthn.setUserVerified", wanted)


def with_authenticator(page: Page) -> Authenticator:
    """Build one into the device that shows this page."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": _BUILT_IN})
    return Authenticator(session, str(answer["authenticatorId"]))
