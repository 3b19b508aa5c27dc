//! Suite 2: ECDSA on P-256 with SHA-256. The key is 04 || x || y of a point of the curve; r and s are from 1 to n - 1.
//!
//! Both s and n - s hold: secure elements, browsers and passkeys make either, and no id depends on which.
//!
//! `ring` verifies one. Many are checked eight at a time where the processor can; what is not found valid there is asked
//! of `ring`, so one rule decides.

use crate::residue::{Limbs, Modulus};
use crate::search::TOGETHER_MIN;
use lanes::{Curve, Lanes, Pair};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The order of the base point, n.
const ORDER: Modulus =
    Modulus::new([0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, 0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000]);

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

/// A signature that is to be checked with others.
pub(crate) struct Signed<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) signature: &'a [u8],
    pub(crate) message: Cow<'a, [u8]>,
}

/// A signature of the right form: key, r, and as residues modulo n the hash, r and s.
struct Claim {
    point: [[u8; 32]; 2],
    r_bytes: [u8; 32],
    hash: Limbs,
    r: Limbs,
    s: Limbs,
}

impl Claim {
    /// What is claimed; `None` if the form is wrong. Where r is so small that n more could be the
    /// x of a point, too, the lanes may not know.
    fn decode(signed: &Signed) -> Option<Self> {
        let (&x, &y) = coordinates(signed.key)?;
        let (r_bytes, s) = signed.signature.split_first_chunk::<32>()?;
        let (r, s) = (ORDER.decode(r_bytes)?, ORDER.decode(s.try_into().ok()?)?);
        let hash = ORDER.decode_any(&Sha256::digest(&signed.message).into());
        let is_in_range = r != [0; 4] && s != [0; 4];
        is_in_range.then_some(Self { point: [x, y], r_bytes: *r_bytes, hash, r, s })
    }
}

/// Which code verifies many signatures on this machine, and which one.
pub(crate) fn backend_name() -> &'static str {
    match Lanes::detect() {
        Some(_) => "lanes (AVX-512 IFMA), alone ring",
        None => "ring",
    }
}

/// What [`verify`] says of each signature, in their order.
pub(crate) fn verdicts(signed: &[Signed]) -> impl Iterator<Item = bool> {
    let known = match Lanes::detect() {
        Some(lanes) if signed.len() >= TOGETHER_MIN => find_valid(lanes, signed),
        _ => vec![false; signed.len()],
    };
    let alone = |signed: &Signed| verify(signed.key, signed.signature, &signed.message);
    signed.iter().zip(known).map(move |(signed, is_valid)| is_valid || alone(signed))
}

/// For each signature, whether it was found valid eight at a time.
fn find_valid(lanes: Lanes, signed: &[Signed]) -> Vec<bool> {
    let claims: Vec<Option<Claim>> = signed.iter().map(Claim::decode).collect();
    let inverses = ORDER.invert_all(&claims.iter().flatten().map(|claim| claim.s).collect::<Vec<_>>());
    let pairs: Vec<Pair> = claims.iter().flatten().zip(inverses).map(|(claim, inverse)| pair(claim, inverse)).collect();
    let mut verdicts = lanes.have_x(Curve::P256, &pairs).into_iter();
    claims.iter().map(|claim| claim.is_some() && verdicts.next().unwrap_or(false)).collect()
}

/// What the claim comes down to: \[hash / s\]G + \[r / s\]Q has the x that r is.
fn pair(claim: &Claim, inverse: Limbs) -> Pair {
    let divided = |residue| ORDER.encode_little_endian(ORDER.multiply(residue, inverse));
    Pair { base_scalar: divided(claim.hash), scalar: divided(claim.r), point: claim.point, x: claim.r_bytes }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    fn sign(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        (key.public_key().as_ref().to_vec(), key.sign(&random, message).unwrap().as_ref().to_vec())
    }

    #[test]
    fn good_signatures_are_found_valid_in_lanes_and_bent_ones_are_not() {
        let Some(lanes) = Lanes::detect() else {
            eprintln!("skipped: this processor lacks AVX-512 IFMA");
            return;
        };
        let made: Vec<_> = (0..100_u32).map(|number| (number.to_be_bytes(), sign(&number.to_be_bytes()))).collect();
        for bit in 0..40 {
            let mut bent = made.clone();
            for (place, (message, (key, signature))) in bent.iter_mut().enumerate().filter(|(place, _)| place % 3 == 1)
            {
                let part = [&mut message[..], &mut key[1..], &mut signature[..]];
                *part.into_iter().flatten().nth((place * 41 + bit * 3) % 132).unwrap() ^= 1 << (bit % 8);
            }
            let signed: Vec<Signed> = bent
                .iter()
                .map(|(message, (key, signature))| Signed { key, signature, message: message[..].into() })
                .collect();

            let expected: Vec<bool> = (0..100).map(|place| place % 3 != 1).collect();
            assert_eq!(find_valid(lanes, &signed), expected);
            assert_eq!(verdicts(&signed).collect::<Vec<_>>(), expected);
        }
    }
}
