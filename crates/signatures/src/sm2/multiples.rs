//! The sum of a multiple of the base point and a multiple of a key, in one pass over the bits of both (Straus 1964).
//!
//! Scalars are written with odd signed digits far apart (width-w non-adjacent form): of w + 1 places one is taken on
//! average. So a point is doubled 256 times, once for both scalars, and added to about 70 times.

use super::field::{Element, Limbs};
use super::point::{Addend, Affine, BASE, Jacobian};
use std::sync::LazyLock;

/// Digits of the key's scalar: eight multiples are made for each verification.
const KEY_WIDTH: usize = 5;
const KEY_MULTIPLES: usize = 1 << (KEY_WIDTH - 2);
/// Digits of the base point's scalar: made once, and small enough to stay in the nearest cache (8 KiB).
const BASE_WIDTH: usize = 9;
const BASE_MULTIPLES: usize = 1 << (BASE_WIDTH - 2);
/// A scalar of 256 bits may carry into one more digit.
const DIGITS: usize = 257;

/// G, 3G, 5G and so on.
static BASE_TABLE: LazyLock<Box<[Affine; BASE_MULTIPLES]>> = LazyLock::new(base_table);

/// \[`base_scalar`\]G + \[`scalar`\]key.
pub(super) fn sum(base_scalar: &Limbs, scalar: &Limbs, key: &Affine) -> Jacobian {
    let multiples = key_table(key);
    let base_multiples = &**BASE_TABLE;
    let (base_digits, digits) = (non_adjacent::<BASE_WIDTH>(base_scalar), non_adjacent::<KEY_WIDTH>(scalar));
    let mut total = Jacobian::NEUTRAL;
    for (&base_digit, &digit) in base_digits.iter().zip(&digits).rev() {
        total = total.doubled();
        if digit != 0 {
            let multiple = &multiples[usize::from(digit.unsigned_abs() / 2)];
            total = if digit > 0 { total.plus(multiple) } else { total.plus(&multiple.negated()) };
        }
        if base_digit != 0 {
            let multiple = &base_multiples[usize::from(base_digit.unsigned_abs() / 2)];
            total = if base_digit > 0 { total.plus_affine(multiple) } else { total.plus_affine(&multiple.negated()) };
        }
    }
    total
}

/// The digits of the scalar, the lowest first: each is 0, or odd and below 2^(WIDTH - 1) in size.
fn non_adjacent<const WIDTH: usize>(scalar: &Limbs) -> [i16; DIGITS] {
    let mut digits = [0; DIGITS];
    let (mut place, mut carry) = (0, 0);
    while place < DIGITS {
        if bits(scalar, place, 1) == carry {
            place += 1; // 0, or 1 with a carry that goes on
            continue;
        }
        let window = bits(scalar, place, WIDTH) + carry;
        carry = window >> (WIDTH - 1);
        digits[place] = window - (carry << WIDTH);
        place += WIDTH;
    }
    digits
}

/// So many bits of the scalar, at most 14, from a place on; beyond its end they are 0.
fn bits(scalar: &Limbs, place: usize, count: usize) -> i16 {
    let (limb, shift) = (place / 64, place % 64);
    let low = scalar.get(limb).map_or(0, |bits| bits >> shift);
    let high = if shift == 0 { 0 } else { scalar.get(limb + 1).map_or(0, |bits| bits << (64 - shift)) };
    i16::try_from((low | high) & ((1 << count) - 1)).unwrap_or_default()
}

/// The key and its odd multiples.
fn key_table(key: &Affine) -> [Addend; KEY_MULTIPLES] {
    let first = Jacobian::from(*key);
    let twice = Addend::from(first.doubled());
    let mut multiples = [Addend::from(first); KEY_MULTIPLES];
    let mut last = first;
    for multiple in &mut multiples[1..] {
        last = last.plus(&twice);
        *multiple = last.into();
    }
    multiples
}

/// The odd multiples of the base point, brought to affine form by one division (Montgomery 1987).
fn base_table() -> Box<[Affine; BASE_MULTIPLES]> {
    let twice = Addend::from(Jacobian::from(BASE).doubled());
    let mut multiples = [Jacobian::from(BASE); BASE_MULTIPLES];
    for place in 1..BASE_MULTIPLES {
        multiples[place] = multiples[place - 1].plus(&twice);
    }
    let mut products = [Element::ONE; BASE_MULTIPLES];
    for place in 1..BASE_MULTIPLES {
        products[place] = products[place - 1].times(&multiples[place - 1].z);
    }
    let mut inverse = products[BASE_MULTIPLES - 1].times(&multiples[BASE_MULTIPLES - 1].z).inverted();
    let mut table = Box::new([BASE; BASE_MULTIPLES]);
    for place in (0..BASE_MULTIPLES).rev() {
        let z = inverse.times(&products[place]);
        inverse = inverse.times(&multiples[place].z);
        let zz = z.squared();
        table[place] = Affine { x: multiples[place].x.times(&zz), y: multiples[place].y.times(&zz.times(&z)) };
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scalar() -> impl Strategy<Value = Limbs> {
        let limb = prop_oneof![Just(0), Just(1), Just(u64::MAX), Just(u64::MAX << 63), any::<u64>()];
        prop::array::uniform4(limb)
    }

    /// The sum of the digits at their places, modulo 2^320, by shifting from the top.
    fn value(digits: &[i16; DIGITS]) -> [u64; 5] {
        digits.iter().rev().fold([0; 5], |number, &digit| {
            let mut carry = i128::from(digit);
            number.map(|limb| {
                let limb = i128::from(limb) * 2 + carry;
                carry = limb >> 64;
                u64::try_from(limb & i128::from(u64::MAX)).unwrap_or_default()
            })
        })
    }

    fn demand_form<const WIDTH: usize>(scalar: &Limbs) {
        let digits = non_adjacent::<WIDTH>(scalar);

        assert_eq!(value(&digits), [scalar[0], scalar[1], scalar[2], scalar[3], 0]);
        for (place, digit) in digits.iter().enumerate().filter(|(_, digit)| **digit != 0) {
            assert!(digit % 2 != 0 && digit.unsigned_abs() < 1 << (WIDTH - 1), "{digit} at {place}");
            assert!(digits[place + 1..].iter().take(WIDTH - 1).all(|other| *other == 0), "crowded at {place}");
        }
    }

    /// The multiple, bit by bit.
    fn times(scalar: &Limbs, point: &Affine) -> Jacobian {
        (0..256).rev().fold(Jacobian::NEUTRAL, |total, place| {
            let total = total.doubled();
            if scalar[place / 64] >> (place % 64) & 1 == 1 { total.plus_affine(point) } else { total }
        })
    }

    fn are_equal(left: &Jacobian, right: &Jacobian) -> bool {
        left.plus(&Addend::from(*right).negated()).is_neutral()
    }

    proptest! {
        #[test]
        fn digits_are_odd_far_apart_and_add_up_to_the_scalar(scalar in scalar()) {
            demand_form::<KEY_WIDTH>(&scalar);
            demand_form::<BASE_WIDTH>(&scalar);
        }

        #[test]
        fn the_sum_is_that_of_both_multiples(base_scalar in scalar(), scalar in scalar(), place in 0..BASE_MULTIPLES) {
            // Keys that are multiples of G with scalars of few bits make the running sum meet what is added to it.
            let key = BASE_TABLE[place];
            let expected = times(&base_scalar, &BASE).plus(&times(&scalar, &key).into());

            prop_assert!(are_equal(&sum(&base_scalar, &scalar, &key), &expected));
        }
    }

    #[test]
    fn opposite_multiples_give_the_neutral_point() {
        assert!(sum(&[7, 0, 0, 0], &[7, 0, 0, 0], &BASE.negated()).is_neutral());
        assert!(sum(&[0; 4], &[0; 4], &BASE).is_neutral());
    }
}
