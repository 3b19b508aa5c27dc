//! Suite 3: what a `WebAuthn` authenticator signs with a P-256 key when it is asked to approve a message.
//!
//! The key says at which relying party and origin it may be used; the signature carries what the authenticator and the
//! browser wrote. The browser's JSON is compared byte by byte by `WebAuthn`'s limited verification algorithm (section
//! 5.8.1.2) and never parsed, so that no two parsers can disagree. The signature counter is not looked at, since
//! synchronised passkeys leave it at zero.

use crate::p256::{self, Signed};
use sha2::{Digest, Sha256};

/// `rp_id_hash`, flags, and a counter of four bytes; extensions may follow.
const AUTHENTICATOR_DATA_BYTES_MIN: usize = 37;
const RP_ID_HASH_BYTES: usize = 32;
/// User present, and user verified.
const FLAGS_DEMANDED: u8 = 0x01 | 0x04;

/// Suite 3's key: `rp_id_hash`, the point, then the origin behind its length in one byte.
struct Key<'a> {
    rp_id_hash: &'a [u8],
    point: &'a [u8],
    origin: &'a [u8],
}

/// Suite 3's signature: both data behind their lengths in two bytes, then r || s.
struct Assertion<'a> {
    authenticator_data: &'a [u8],
    client_data: &'a [u8],
    signature: &'a [u8],
}

/// Whether the signature is an assertion of the message by the key.
pub(crate) fn verify(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    signed(key, signature, message).is_some_and(|signed| p256::verify(signed.key, signed.signature, &signed.message))
}

/// Whether the bytes are a key of this suite with a point of the curve.
pub(crate) fn is_key(key: &[u8]) -> bool {
    Key::decode(key).is_some_and(|key| p256::is_key(key.point))
}

/// What the point must have signed; `None` if the assertion is not of this key and message.
pub(crate) fn signed<'a>(key: &'a [u8], signature: &'a [u8], message: &[u8]) -> Option<Signed<'a>> {
    let (key, assertion) = (Key::decode(key)?, Assertion::decode(signature)?);
    let authenticator_data = assertion.authenticator_data;
    let is_approved = authenticator_data.len() >= AUTHENTICATOR_DATA_BYTES_MIN
        && &authenticator_data[..RP_ID_HASH_BYTES] == key.rp_id_hash
        && authenticator_data[RP_ID_HASH_BYTES] & FLAGS_DEMANDED == FLAGS_DEMANDED
        && is_of_message(assertion.client_data, message, key.origin);
    let mut signed = authenticator_data.to_vec();
    signed.extend_from_slice(&Sha256::digest(assertion.client_data));
    is_approved.then_some(Signed { key: key.point, signature: assertion.signature, message: signed.into() })
}

/// The limited verification algorithm, with an origin that stands in JSON as it is, and no frame of another origin.
fn is_of_message(client_data: &[u8], message: &[u8], origin: &[u8]) -> bool {
    let mut expected = b"{\"type\":\"webauthn.get\",\"challenge\":\"".to_vec();
    base64url(message, &mut expected);
    expected.extend_from_slice(b"\",\"origin\":\"");
    expected.extend_from_slice(origin);
    expected.extend_from_slice(b"\",\"crossOrigin\":false");
    client_data.strip_prefix(expected.as_slice()).is_some_and(|rest| matches!(rest.first(), Some(b',' | b'}')))
}

/// Base64 with `-` and `_` and without padding (RFC 4648, section 5).
fn base64url(bytes: &[u8], text: &mut Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for group in bytes.chunks(3) {
        let bits =
            group.iter().enumerate().fold(0_usize, |bits, (place, &byte)| bits | usize::from(byte) << (16 - 8 * place));
        text.extend((0..=group.len()).map(|digit| ALPHABET[bits >> (18 - 6 * digit) & 63]));
    }
}

impl<'a> Key<'a> {
    fn decode(key: &'a [u8]) -> Option<Self> {
        let (rp_id_hash, rest) = key.split_at_checked(RP_ID_HASH_BYTES)?;
        let (point, rest) = rest.split_at_checked(p256::KEY_BYTES)?;
        let (&length, origin) = rest.split_first()?;
        let is_origin =
            origin.len() == usize::from(length) && !origin.is_empty() && origin.iter().copied().all(is_plain);
        is_origin.then_some(Self { rp_id_hash, point, origin })
    }
}

/// Whether the character stands in JSON as it is: printable ASCII without space, quote and backslash.
fn is_plain(character: u8) -> bool {
    character.is_ascii_graphic() && !matches!(character, b'"' | b'\\')
}

impl<'a> Assertion<'a> {
    fn decode(signature: &'a [u8]) -> Option<Self> {
        let (authenticator_data, rest) = sized(signature)?;
        let (client_data, signature) = sized(rest)?;
        (signature.len() == p256::SIGNATURE_BYTES).then_some(Self { authenticator_data, client_data, signature })
    }
}

/// The bytes behind their length in two bytes, and what follows them.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}
