//! Suite 2: ECDSA on P-256 with SHA-256. The key is 04 || x || y of a point of the curve; r and s are from 1 to n - 1.
//!
//! Both s and n - s hold: secure elements, browsers and passkeys make either, and no id depends on which.

use crate::residue::{Limbs, Modulus};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

pub(crate) const BACKEND: &str = "ring";

/// Length of a key: 04 for uncompressed, then both coordinates.
pub(crate) const KEY_BYTES: usize = 65;
/// Length of r || s.
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// The field's prime, 2^256 - 2^224 + 2^192 + 2^96 - 1.
const PRIME: Modulus = Modulus::new([0xffff_ffff_ffff_ffff, 0x0000_0000_ffff_ffff, 0, 0xffff_ffff_0000_0001]);
/// The curve is y² = x³ - 3x + B, this with its bytes in the order of FIPS 186.
const B: [u8; 32] = [
    0x5a, 0xc6, 0x35, 0xd8, 0xaa, 0x3a, 0x93, 0xe7, 0xb3, 0xeb, 0xbd, 0x55, 0x76, 0x98, 0x86, 0xbc, 0x65, 0x1d, 0x06,
    0xb0, 0xcc, 0x53, 0xb0, 0xf6, 0x3b, 0xce, 0x3c, 0x3e, 0x27, 0xd2, 0x60, 0x4b,
];

/// Whether the signature is valid; whatever has another length is not.
pub(crate) fn verify(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    coordinates(key).is_some() // the library takes other forms, too
        && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(message, signature).is_ok()
}

/// Whether the bytes are a point of the curve, uncompressed.
pub(crate) fn is_key(key: &[u8]) -> bool {
    coordinates(key).is_some_and(|(x, y)| is_on_curve(x, y).unwrap_or(false))
}

fn is_on_curve(x: &[u8; 32], y: &[u8; 32]) -> Option<bool> {
    let (x, y, b): (Limbs, Limbs, Limbs) = (PRIME.decode(x)?, PRIME.decode(y)?, PRIME.decode(&B)?);
    let cube = PRIME.multiply(PRIME.multiply(x, x), x);
    let thrice = PRIME.add(PRIME.add(x, x), x);
    Some(PRIME.multiply(y, y) == PRIME.add(PRIME.subtract(cube, thrice), b))
}

/// The coordinates of a key in its one form, as bytes.
fn coordinates(key: &[u8]) -> Option<(&[u8; 32], &[u8; 32])> {
    let (&form, rest) = key.split_first()?;
    let (x, y) = rest.split_first_chunk::<32>()?;
    let y = <&[u8; 32]>::try_from(y).ok()?;
    (form == 4).then_some((x, y))
}
