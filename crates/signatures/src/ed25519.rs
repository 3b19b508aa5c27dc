//! Suite 1: Ed25519 by ZIP 215, exactly, alone and in batches.
//!
//! A signature R || S of a message M under a key A is valid if and only if (<https://zips.z.cash/zip-0215>):
//!
//! 1. A and R decode to points of the curve, *whether or not* their encodings are canonical;
//! 2. S is a whole number below L, the order of the base point B;
//! 3. \[8\]\[S\]B = \[8\]R + \[8\]\[k\]A, where k = SHA-512(R || A || M) over the bytes as received.

mod batch;
mod coefficients;

pub(crate) use batch::{are_all_valid, backend_name};

use crate::Item;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

/// A signature of the right form: what the equation needs, with the points still encoded.
struct Claim {
    key: [u8; 32],
    commitment: [u8; 32],
    response: Scalar,
    challenge: Scalar,
}

impl Claim {
    /// What the item claims; `None` if a length is wrong or S is not below L.
    fn decode(item: &Item) -> Option<Self> {
        let key = <[u8; 32]>::try_from(item.key).ok()?;
        let (commitment, response) = item.signature.split_first_chunk::<32>()?;
        let response = <[u8; 32]>::try_from(response).ok()?;
        let response = Option::from(Scalar::from_canonical_bytes(response))?;
        let hash = Sha512::new().chain_update(commitment).chain_update(key).chain_update(item.message).finalize();
        // k may be reduced by L although A may have a part of small order: that part vanishes in the factor 8.
        let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
        Some(Self { key, commitment: *commitment, response, challenge })
    }

    fn holds(&self) -> Option<bool> {
        let key = decode_point(&self.key)?;
        let commitment = decode_point(&self.commitment)?;
        let sum = EdwardsPoint::vartime_double_scalar_mul_basepoint(&self.challenge, &-key, &self.response);
        Some((sum - commitment).is_small_order())
    }
}

/// Whether the signature is valid by the rule above.
pub(crate) fn verify(item: &Item) -> bool {
    Claim::decode(item).and_then(|claim| claim.holds()).unwrap_or(false)
}

/// Whether somebody can sign for the key, and not everybody.
pub(crate) fn is_usable(key: &[u8]) -> bool {
    <[u8; 32]>::try_from(key).ok().and_then(|key| decode_point(&key)).is_some_and(|point| !point.is_small_order())
}

/// The point that 32 bytes encode. The library takes y modulo p, and x = 0 with either sign, as ZIP 215 wants it.
fn decode_point(encoding: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*encoding).decompress()
}
