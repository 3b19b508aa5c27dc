//! Suite 4: SM2 with SM3 (GB/T 32918.2). The key is 04 || x || y of a point of the curve; r and s are from 1 to n - 1.
//!
//! No library that is kept up verifies SM2 fast, so the arithmetic is our own: `field` modulo the curve's prime, `point`
//! by Jacobian coordinates, `multiples` for the one sum that a verification needs. Nothing is divided: x of the sum is
//! compared through its denominator. SM3 is the crate `sm3`'s. Many are checked eight at a time where the processor can
//! (`together`); what is not found valid there is verified here, so one rule decides.

mod field;
mod multiples;
mod point;
mod together;

pub(crate) use together::{backend_name, verdicts};

use field::{Limbs, PRIME, add, from_bytes, is_below, subtract};
use point::{Affine, BASE};
use sm3::{Digest, Sm3};
use std::sync::LazyLock;

/// Length of a key: 04 for uncompressed, then both coordinates.
const KEY_BYTES: usize = 65;
/// Length of r || s.
const SIGNATURE_BYTES: usize = 64;
/// The identity that Z covers, the same for all keys, behind its length in bits.
const IDENTITY: &[u8; 18] = b"\x00\x801234567812345678";

/// n, the order of the base point.
const ORDER: Limbs = [0x53bb_f409_39d5_4123, 0x7203_df6b_21c6_052b, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// a, b and the base point as Z covers them, in the order and with the bytes of the standard.
const CURVE: [u8; 128] = {
    let mut bytes = [0; 128];
    let numbers: [Limbs; 4] = [
        [0xffff_ffff_ffff_fffc, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff],
        [0xddbc_bd41_4d94_0e93, 0xf397_89f5_15ab_8f92, 0x4d5a_9e4b_cf65_09a7, 0x28e9_fa9e_9d9f_5e34],
        [0x715a_4589_334c_74c7, 0x8fe3_0bbf_f266_0be1, 0x5f99_0446_6a39_c994, 0x32c4_ae2c_1f19_8119],
        [0x02df_32e5_2139_f0a0, 0xd0a9_877c_c62a_4740, 0x59bd_cee3_6b69_2153, 0xbc37_36a2_f4f6_779c],
    ];
    let mut place = 0;
    while place < 128 {
        let limb = numbers[place / 32][3 - place % 32 / 8];
        bytes[place] = limb.to_be_bytes()[place % 8];
        place += 1;
    }
    bytes
};

/// SM3 after what Z covers before the key, for every key the same.
static BEFORE_KEY: LazyLock<Sm3> = LazyLock::new(|| Sm3::new().chain_update(IDENTITY).chain_update(CURVE));

/// Whether the signature is valid; whatever has another length is not.
pub(crate) fn verify(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let (Some(point), Some((r, s))) = (decode(key), numbers(signature)) else { return false };
    let t = sum_modulo_order(&r, &s);
    if t == [0; 4] {
        return false;
    }
    let total = multiples::sum(&s, &t, &point);
    !total.is_neutral() && is_x_modulo_order(&total, &difference_modulo_order(&r, &signed_number(key, message)))
}

/// Whether the bytes are a point of the curve, uncompressed, other than -G, by whose secret n - 1 nobody can sign.
pub(crate) fn is_key(key: &[u8]) -> bool {
    decode(key).is_some_and(|point| point != BASE.negated())
}

fn decode(key: &[u8]) -> Option<Affine> {
    let key: &[u8; KEY_BYTES] = key.try_into().ok()?;
    let (x, y) = (number(&key[1..33])?, number(&key[33..])?);
    let is_encoding = key[0] == 4 && is_below(&x, &PRIME) && is_below(&y, &PRIME);
    is_encoding.then(|| Affine::on_curve(x, y)).flatten()
}

/// r and s, both from 1 to n - 1.
fn numbers(signature: &[u8]) -> Option<(Limbs, Limbs)> {
    let signature: &[u8; SIGNATURE_BYTES] = signature.try_into().ok()?;
    let (r, s) = (number(&signature[..32])?, number(&signature[32..])?);
    let is_in_range = |number: &Limbs| *number != [0; 4] && is_below(number, &ORDER);
    (is_in_range(&r) && is_in_range(&s)).then_some((r, s))
}

fn number(bytes: &[u8]) -> Option<Limbs> {
    bytes.try_into().ok().map(from_bytes)
}

/// e modulo n, the number that is signed in place of the message.
fn signed_number(key: &[u8], message: &[u8]) -> Limbs {
    let identity_hash = BEFORE_KEY.clone().chain_update(&key[1..]).finalize();
    let digest = Sm3::new().chain_update(identity_hash).chain_update(message).finalize();
    let number = from_bytes(&digest.into());
    if is_below(&number, &ORDER) { number } else { subtract(&number, &ORDER).0 } // n is above 2^255
}

/// Whether the point's x is the number modulo n, which is a little below p: the number itself, or n more.
fn is_x_modulo_order(point: &point::Jacobian, number: &Limbs) -> bool {
    let (above, carry) = add(number, &ORDER);
    point.has_x(*number) || (carry == 0 && is_below(&above, &PRIME) && point.has_x(above))
}

/// The sum of two numbers below n, modulo n.
fn sum_modulo_order(a: &Limbs, b: &Limbs) -> Limbs {
    let (sum, carry) = add(a, b);
    if carry == 0 && is_below(&sum, &ORDER) { sum } else { subtract(&sum, &ORDER).0 }
}

/// The difference of two numbers below n, modulo n.
fn difference_modulo_order(a: &Limbs, b: &Limbs) -> Limbs {
    let (difference, borrow) = subtract(a, b);
    if borrow == 0 { difference } else { add(&difference, &ORDER).0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use field::Element;
    use point::Jacobian;

    /// A root of the square, by the exponent (p + 1) / 4.
    fn square_root(square: &Element) -> Option<Element> {
        let exponent: Limbs = [1 << 62, 0xffff_ffff_c000_0000, 0xffff_ffff_ffff_ffff, 0x3fff_ffff_bfff_ffff];
        let mut root = Element::ONE;
        for place in (0..256).rev() {
            root = root.squared();
            if exponent[place / 64] >> (place % 64) & 1 == 1 {
                root = root.times(square);
            }
        }
        (root.squared() == *square).then_some(root)
    }

    /// No message leads here, since e depends on the key; the rule holds all the same.
    #[test]
    fn a_commitment_with_x_above_the_order_counts_modulo_the_order() {
        let mut found = 0;
        for more in 1..20 {
            let x = add(&ORDER, &[more, 0, 0, 0]).0;
            let element = Element::new(x);
            let three = Element::ONE.doubled().plus(&Element::ONE);
            let b = from_bytes(CURVE[32..64].first_chunk().unwrap_or(&[0; 32]));
            let square = element.squared().minus(&three).times(&element).plus(&Element::new(b));
            let Some(y) = square_root(&square) else { continue };
            let point = Jacobian { x: element, y, z: Element::ONE };
            found += 1;

            assert!(is_below(&x, &PRIME));
            assert!(is_x_modulo_order(&point, &[more, 0, 0, 0]));
            assert!(!is_x_modulo_order(&point, &[more + 1, 0, 0, 0]));
        }
        assert!(found > 2);
    }

    #[test]
    fn sums_and_differences_stay_below_the_order() {
        let last = subtract(&ORDER, &[1, 0, 0, 0]).0;

        assert_eq!(sum_modulo_order(&last, &[1, 0, 0, 0]), [0; 4]);
        assert_eq!(sum_modulo_order(&last, &last), subtract(&ORDER, &[2, 0, 0, 0]).0);
        assert_eq!(difference_modulo_order(&[0; 4], &[1, 0, 0, 0]), last);
        assert_eq!(difference_modulo_order(&last, &last), [0; 4]);
    }
}
