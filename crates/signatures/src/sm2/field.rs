//! Numbers modulo SM2's prime p = 2^256 - 2^224 - 2^96 + 2^64 - 1.
//!
//! An element a is kept as a · 2^256 (Montgomery 1985) by any number below 2^256 that is the same modulo p: most have one
//! such form, the least have two. What exceeds 2^256 comes back as 2^256 mod p, which is a few bits, so nothing is ever
//! compared with p, and no branch depends on the numbers but one that is practically never taken.
//!
//! The prime ends in 64 one bits, which makes each step of the reduction a few additions: the multiple of p that clears
//! the lowest limb m is m · p itself, and p is a sum of five powers of two.

/// Four limbs of 64 bits, the lowest first.
pub(super) type Limbs = [u64; 4];

/// p.
pub(super) const PRIME: Limbs =
    [0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];

/// p - 2, the exponent that inverts (Fermat).
const INVERTING: Limbs = [PRIME[0] - 2, PRIME[1], PRIME[2], PRIME[3]];

/// A number modulo p.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element(Limbs);

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.minus(other).is_zero()
    }
}

/// 2^256 mod p, which stands for 1.
const ONE: Limbs = [1, 0xffff_ffff, 0, 0x1_0000_0000];

/// 2^512 mod p, which brings a number into the form.
const SQUARED_RADIX: Element = {
    let mut power = Element(ONE);
    let mut count = 0;
    while count < 256 {
        power = power.doubled();
        count += 1;
    }
    power
};

impl Element {
    /// 0.
    pub(super) const ZERO: Self = Self([0; 4]);
    /// 1.
    pub(super) const ONE: Self = Self(ONE);

    /// The element of a number below p.
    pub(super) const fn new(number: Limbs) -> Self {
        Self(number).times(&SQUARED_RADIX)
    }

    /// Whether it is 0, which is 0 or p.
    #[inline]
    pub(super) fn is_zero(&self) -> bool {
        self.0 == [0; 4] || self.0 == PRIME
    }

    /// The sum.
    #[inline]
    pub(super) const fn plus(&self, other: &Self) -> Self {
        let (sum, carry) = add(&self.0, &other.0);
        let (sum, carry) = add(&sum, &over(carry));
        if carry == 0 { Self(sum) } else { Self(add(&sum, &over(1)).0) }
    }

    /// Twice itself.
    #[inline]
    pub(super) const fn doubled(&self) -> Self {
        self.plus(self)
    }

    /// The difference.
    #[inline]
    pub(super) const fn minus(&self, other: &Self) -> Self {
        let (difference, borrow) = subtract(&self.0, &other.0);
        let (difference, borrow) = subtract(&difference, &over(borrow));
        if borrow == 0 { Self(difference) } else { Self(subtract(&difference, &over(1)).0) }
    }

    /// The product.
    #[inline]
    pub(super) const fn times(&self, other: &Self) -> Self {
        let (a, b) = (&self.0, &other.0);
        let (r0, carry) = multiply_add(0, a[0], b[0], 0);
        let (r1, carry) = multiply_add(0, a[0], b[1], carry);
        let (r2, carry) = multiply_add(0, a[0], b[2], carry);
        let (r3, r4) = multiply_add(0, a[0], b[3], carry);
        let (r1, carry) = multiply_add(r1, a[1], b[0], 0);
        let (r2, carry) = multiply_add(r2, a[1], b[1], carry);
        let (r3, carry) = multiply_add(r3, a[1], b[2], carry);
        let (r4, r5) = multiply_add(r4, a[1], b[3], carry);
        let (r2, carry) = multiply_add(r2, a[2], b[0], 0);
        let (r3, carry) = multiply_add(r3, a[2], b[1], carry);
        let (r4, carry) = multiply_add(r4, a[2], b[2], carry);
        let (r5, r6) = multiply_add(r5, a[2], b[3], carry);
        let (r3, carry) = multiply_add(r3, a[3], b[0], 0);
        let (r4, carry) = multiply_add(r4, a[3], b[1], carry);
        let (r5, carry) = multiply_add(r5, a[3], b[2], carry);
        let (r6, r7) = multiply_add(r6, a[3], b[3], carry);
        Self(reduced(&[r0, r1, r2, r3], &[r4, r5, r6, r7]))
    }

    /// The square, for which six of the sixteen partial products are twice another.
    #[inline]
    pub(super) const fn squared(&self) -> Self {
        let a = &self.0;
        let (r1, carry) = multiply_add(0, a[0], a[1], 0);
        let (r2, carry) = multiply_add(0, a[0], a[2], carry);
        let (r3, r4) = multiply_add(0, a[0], a[3], carry);
        let (r3, carry) = multiply_add(r3, a[1], a[2], 0);
        let (r4, r5) = multiply_add(r4, a[1], a[3], carry);
        let (r5, r6) = multiply_add(r5, a[2], a[3], 0);
        let r7 = r6 >> 63;
        let r6 = r6 << 1 | r5 >> 63;
        let r5 = r5 << 1 | r4 >> 63;
        let r4 = r4 << 1 | r3 >> 63;
        let r3 = r3 << 1 | r2 >> 63;
        let r2 = r2 << 1 | r1 >> 63;
        let r1 = r1 << 1;
        let (r0, carry) = multiply_add(0, a[0], a[0], 0);
        let (r1, carry) = add_with_carry(r1, 0, carry);
        let (r2, carry) = multiply_add(r2, a[1], a[1], carry);
        let (r3, carry) = add_with_carry(r3, 0, carry);
        let (r4, carry) = multiply_add(r4, a[2], a[2], carry);
        let (r5, carry) = add_with_carry(r5, 0, carry);
        let (r6, carry) = multiply_add(r6, a[3], a[3], carry);
        let (r7, _) = add_with_carry(r7, 0, carry);
        Self(reduced(&[r0, r1, r2, r3], &[r4, r5, r6, r7]))
    }

    /// The inverse; of 0 it is 0. Slow: verification does without.
    pub(super) fn inverted(&self) -> Self {
        let mut power = Self::ONE;
        for place in (0..256).rev() {
            power = power.squared();
            if INVERTING[place / 64] >> (place % 64) & 1 == 1 {
                power = power.times(self);
            }
        }
        power
    }
}

/// (low + high · 2^256) / 2^256 mod p, for the product of two numbers below 2^256.
#[inline]
const fn reduced(low: &Limbs, high: &Limbs) -> Limbs {
    let low = shifted(shifted(shifted(shifted(*low))));
    let (sum, carry) = add(&low, high); // below 2^256 + p, so with a carry the sum is below p
    add(&sum, &over(carry)).0
}

/// The carry times 2^256 mod p.
#[inline]
const fn over(carry: u64) -> Limbs {
    [carry, (carry << 32) - carry, 0, carry << 32]
}

/// (r + r[0] · p) / 2^64, which is below p + 2^192.
///
/// p + 1 = 2^64 · (2^192 - 2^160 - 2^32 + 1), so with m = r[0] it is r / 2^64, rounded down, plus m times the bracket.
#[inline]
const fn shifted(r: Limbs) -> Limbs {
    let m = r[0];
    let (low, high) = (m << 32, m >> 32);
    let (m0, borrow) = subtract_with_borrow(m, low, 0);
    let (m1, borrow) = subtract_with_borrow(0, high, borrow);
    let (m2, borrow) = subtract_with_borrow(0, low, borrow);
    let (m3, _) = subtract_with_borrow(m, high, borrow);
    let (r0, carry) = add_with_carry(r[1], m0, 0);
    let (r1, carry) = add_with_carry(r[2], m1, carry);
    let (r2, carry) = add_with_carry(r[3], m2, carry);
    [r0, r1, r2, m3 + carry]
}

/// Whether the number is below the bound.
pub(super) const fn is_below(number: &Limbs, bound: &Limbs) -> bool {
    subtract(number, bound).1 == 1
}

/// The sum, and 1 where it exceeds four limbs.
#[inline]
pub(super) const fn add(a: &Limbs, b: &Limbs) -> (Limbs, u64) {
    let (r0, carry) = add_with_carry(a[0], b[0], 0);
    let (r1, carry) = add_with_carry(a[1], b[1], carry);
    let (r2, carry) = add_with_carry(a[2], b[2], carry);
    let (r3, carry) = add_with_carry(a[3], b[3], carry);
    ([r0, r1, r2, r3], carry)
}

/// The difference, and 1 where it is below 0 and 2^256 was borrowed.
#[inline]
pub(super) const fn subtract(a: &Limbs, b: &Limbs) -> (Limbs, u64) {
    let (r0, borrow) = subtract_with_borrow(a[0], b[0], 0);
    let (r1, borrow) = subtract_with_borrow(a[1], b[1], borrow);
    let (r2, borrow) = subtract_with_borrow(a[2], b[2], borrow);
    let (r3, borrow) = subtract_with_borrow(a[3], b[3], borrow);
    ([r0, r1, r2, r3], borrow)
}

/// The limbs of 32 bytes, the highest first.
pub(super) fn from_bytes(bytes: &[u8; 32]) -> Limbs {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *limb = chunk.iter().fold(0, |number, &byte| number << 8 | u64::from(byte));
    }
    limbs
}

#[inline]
const fn add_with_carry(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(carry);
    (sum, (first | second) as u64)
}

#[inline]
const fn subtract_with_borrow(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(borrow);
    (difference, (first | second) as u64)
}

/// sum + a · b + carry, which always fits two limbs.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
const fn multiply_add(sum: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let product = a as u128 * b as u128 + sum as u128 + carry as u128;
    (product as u64, (product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::residue::Modulus;
    use proptest::prelude::*;

    /// The same arithmetic for any modulus, with Montgomery's general reduction.
    const GENERAL: Modulus = Modulus::new(PRIME);

    /// The form of general arithmetic, below p.
    fn least(element: &Element) -> Limbs {
        if is_below(&element.0, &PRIME) { element.0 } else { subtract(&element.0, &PRIME).0 }
    }

    /// Elements in every form, many of them at limbs' bounds, where carries go wrong.
    fn element() -> impl Strategy<Value = Element> {
        let limb = prop_oneof![Just(0), Just(1), Just(u64::MAX), Just(0xffff_ffff), Just(u64::MAX << 32), any::<u64>()];
        let near = (0..4_u64).prop_map(|less| [PRIME[0] - less, PRIME[1], PRIME[2], PRIME[3]]);
        let above = (0..4_u64).prop_map(|more| add(&PRIME, &[more, 0, 0, 0]).0);
        prop_oneof![prop::array::uniform4(limb), near, above].prop_map(Element)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn products_sums_and_differences_are_those_of_general_arithmetic(a in element(), b in element()) {
            let (x, y) = (least(&a), least(&b));

            prop_assert_eq!(least(&a.times(&b)), GENERAL.multiply(x, y));
            prop_assert_eq!(least(&a.squared()), GENERAL.multiply(x, x));
            prop_assert_eq!(least(&a.plus(&b)), GENERAL.add(x, y));
            prop_assert_eq!(least(&a.doubled()), GENERAL.add(x, x));
            prop_assert_eq!(least(&a.minus(&b)), GENERAL.subtract(x, y));
            prop_assert_eq!(a == b, x == y);
        }
    }

    proptest! {
        #[test]
        fn an_inverse_times_its_number_is_one(a in element()) {
            let expected = if a.is_zero() { Element::ZERO } else { Element::ONE };

            prop_assert_eq!(a.times(&a.inverted()), expected);
        }
    }

    #[test]
    fn one_is_the_element_of_the_number_one() {
        assert_eq!(Element::new([1, 0, 0, 0]), Element::ONE);
        assert_eq!(Element::ONE.minus(&Element::ONE), Element::ZERO);
    }

    #[test]
    fn bytes_are_read_with_the_highest_first() {
        let bytes: [u8; 32] = std::array::from_fn(|place| u8::try_from(place).unwrap_or_default());

        let limbs = from_bytes(&bytes);

        assert_eq!(limbs[0], 0x1819_1a1b_1c1d_1e1f);
        assert_eq!(limbs[3], 0x0001_0203_0405_0607);
    }
}
