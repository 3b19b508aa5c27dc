//! Verification keys with the suite that gives them meaning.

use crate::encoding::{DecodingError, Reader};

/// Ed25519, verified by ZIP 215.
pub const ED25519: u8 = 1;
/// P-256 with SHA-256, raw r and s.
pub const P256: u8 = 2;
/// `WebAuthn` assertions of P-256 keys.
pub const PASSKEY: u8 = 3;
/// SM2 with SM3.
pub const SM2: u8 = 4;
/// ML-DSA-44, reserved.
pub const ML_DSA_44: u8 = 5;

const KEY_BYTES_MAX: usize = 2048; // ML-DSA-44 needs 1,312; a passkey with its origin under 400
const SIGNATURE_BYTES_MAX: usize = 4096; // ML-DSA-44 needs 2,420; a passkey assertion about 400

/// A key as it stands in bytes that somebody else holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKeyRef<'a> {
    /// The number of the suite; may be one that is not active.
    pub suite: u8,
    /// The suite's own encoding, 1..2,048 bytes.
    pub key: &'a [u8],
}

impl<'a> PublicKeyRef<'a> {
    /// The key that starts at the reader's place.
    ///
    /// # Errors
    /// The bytes end before, or the key is empty or too long.
    #[inline]
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, DecodingError> {
        let suite = reader.u8()?;
        let key = reader.sized_u16()?;
        if key.is_empty() || key.len() > KEY_BYTES_MAX {
            return Err(reader.error("a key has 1..2,048 bytes"));
        }
        Ok(Self { suite, key })
    }

    /// The key in bytes of its own.
    pub fn to_owned(self) -> PublicKey {
        PublicKey { suite: self.suite, key: self.key.into() }
    }
}

/// A key that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicKey {
    suite: u8,
    key: Box<[u8]>,
}

impl PublicKey {
    /// The key that starts at the reader's place.
    ///
    /// # Errors
    /// The bytes end before, or the key is empty or too long.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodingError> {
        PublicKeyRef::read(reader).map(PublicKeyRef::to_owned)
    }

    /// The key as a reference.
    #[inline]
    pub fn as_ref(&self) -> PublicKeyRef<'_> {
        PublicKeyRef { suite: self.suite, key: &self.key }
    }

    /// Append the encoding: suite in one byte, then the key behind its length.
    pub fn encode(&self, into: &mut Vec<u8>) {
        #[allow(clippy::cast_possible_truncation, reason = "at most KEY_BYTES_MAX, by every way to make one")]
        let length = self.key.len() as u16;
        into.push(self.suite);
        into.extend_from_slice(&length.to_be_bytes());
        into.extend_from_slice(&self.key);
    }
}

/// The signature that starts at the reader's place.
///
/// # Errors
/// The bytes end before, or it is too long.
#[inline]
pub fn read_signature<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], DecodingError> {
    let signature = reader.sized_u16()?;
    if signature.len() > SIGNATURE_BYTES_MAX {
        return Err(reader.error("a signature has at most 4,096 bytes"));
    }
    Ok(signature)
}
