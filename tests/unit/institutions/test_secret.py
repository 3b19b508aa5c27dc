from tests.builders import DOMAIN, genesis
from tongbao.institutions.secret import InstitutionSecrets


def test_secrets_follow_from_seed_network_purpose_and_subjects_and_from_nothing_else() -> None:
    secrets = InstitutionSecrets(DOMAIN, bytes(32))

    derived = secrets.derive("order", b"a", b"b")

    others = [
        InstitutionSecrets(DOMAIN, bytes(31) + b"\x01").derive("order", b"a", b"b"),
        InstitutionSecrets(genesis(name="other").domain(), bytes(32)).derive("order", b"a", b"b"),
        secrets.derive("salt", b"a", b"b"),
        secrets.derive("order", b"ab"),
        secrets.derive("order", b"ab", b""),
        secrets.derive("ordera", b"b"),
    ]
    assert derived == InstitutionSecrets(DOMAIN, bytes(32)).derive("order", b"a", b"b")
    assert len({derived, *others}) == 7
    assert len(derived) == 32
