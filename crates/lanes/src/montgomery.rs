//! Eight residues modulo a curve's prime p at once, one in each lane, in Montgomery's form: the number times 2^260.
//!
//! A residue has five digits of 52 bits. Between two operations it is *loose*, below 2^256 + 2^253 and so below 2p, with
//! every digit carried out. The product of two of those is below 2^253 + p after Montgomery's reduction, and so loose.

use crate::curve::Parameters;
use crate::words::load;
use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_mullo_epi64, _mm512_set1_epi64, _mm512_setzero_si512,
    _mm512_srai_epi64, _mm512_sub_epi64,
};
use std::marker::PhantomData;

/// The digits of one number.
pub(crate) type Digits = [u64; 5];

const DIGIT_BITS: u32 = 52;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;
const TOP_DIGIT_BITS: u32 = 256 - 4 * DIGIT_BITS;

/// Eight residues, each with its five digits in one lane of the five registers, the least first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residue<C: Parameters>(pub(crate) [__m512i; 5], PhantomData<C>);

/// The digits of a big-endian number.
fn digits(bytes: &[u8; 32]) -> Digits {
    let (chunks, _) = bytes.as_chunks::<8>();
    let word = |place: usize| u64::from_be_bytes(chunks[3 - place]);
    [
        word(0) & DIGIT_MASK,
        (word(0) >> 52 | word(1) << 12) & DIGIT_MASK,
        (word(1) >> 40 | word(2) << 24) & DIGIT_MASK,
        (word(2) >> 28 | word(3) << 36) & DIGIT_MASK,
        word(3) >> 16,
    ]
}

/// Whether the first number is the smaller.
fn is_below(left: &Digits, right: &Digits) -> bool {
    left.iter().rev().lt(right.iter().rev())
}

#[inline]
#[target_feature(enable = "avx512f")]
fn all(value: u64) -> __m512i {
    _mm512_set1_epi64(value.cast_signed())
}

/// Carries signed digits out from the least to the greatest, which keeps what is above it.
#[inline]
#[target_feature(enable = "avx512f")]
fn carry_out(mut digits: [__m512i; 5]) -> [__m512i; 5] {
    for place in 0..4 {
        let carry = _mm512_srai_epi64::<DIGIT_BITS>(digits[place]);
        digits[place] = _mm512_and_si512(digits[place], all(DIGIT_MASK));
        digits[place + 1] = _mm512_add_epi64(digits[place + 1], carry);
    }
    digits
}

impl<C: Parameters> Residue<C> {
    #[inline]
    pub(crate) const fn new(digits: &[__m512i; 5]) -> Self {
        Self(*digits, PhantomData)
    }

    /// The same residue in each lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn splat(digits: &Digits) -> Self {
        Self::new(&digits.map(|digit| all(digit)))
    }

    /// The residues of eight big-endian numbers, and which of these were below the prime.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn decode(numbers: &[[u8; 32]; 8]) -> (Self, __mmask8) {
        let (mut words, mut is_residue) = ([[0; 8]; 5], 0);
        for (lane, number) in numbers.iter().enumerate() {
            let digits = digits(number);
            is_residue |= __mmask8::from(is_below(&digits, &C::PRIME)) << lane;
            for (word, digit) in words.iter_mut().zip(digits) {
                word[lane] = digit;
            }
        }
        (Self::new(&words.map(|word| load(&word))).multiply(&Self::splat(&C::RADIX_SQUARED)), is_residue)
    }

    /// In each lane this, or where the mask has a one, the other.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn choose(&self, other: &Self, mask: __mmask8) -> Self {
        let mut chosen = *self;
        for (digit, other) in chosen.0.iter_mut().zip(other.0) {
            *digit = _mm512_mask_blend_epi64(mask, *digit, other);
        }
        chosen
    }

    /// This less some times the other; `TIMES` is below 9, and 1 for a difference.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn subtract<const TIMES: i64>(&self, other: &Self) -> Self {
        let mut total = self.0;
        for ((digit, other), prime) in total.iter_mut().zip(other.0).zip(C::PRIME) {
            let positive = _mm512_add_epi64(*digit, _mm512_set1_epi64(2 * TIMES * prime.cast_signed()));
            *digit = _mm512_sub_epi64(positive, _mm512_mullo_epi64(other, _mm512_set1_epi64(TIMES)));
        }
        Self::loose(total)
    }

    /// Some times this and the other; `TIMES` is below 9, and 1 for a sum.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn add<const TIMES: i64>(&self, other: &Self) -> Self {
        let mut total = other.0;
        for (digit, other) in total.iter_mut().zip(self.0) {
            *digit = _mm512_add_epi64(*digit, _mm512_mullo_epi64(other, _mm512_set1_epi64(TIMES)));
        }
        Self::loose(total)
    }

    /// A loose residue from signed digits below 2^57, whose number is from 0 to 2^261: what is above 2^256 is folded.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn loose(mut digits: [__m512i; 5]) -> Self {
        let above = _mm512_srai_epi64::<TOP_DIGIT_BITS>(digits[4]);
        digits[4] = _mm512_and_si512(digits[4], all((1 << TOP_DIGIT_BITS) - 1));
        for (digit, complement) in digits.iter_mut().zip(C::COMPLEMENT) {
            if complement != 0 {
                *digit = _mm512_add_epi64(*digit, _mm512_mullo_epi64(above, _mm512_set1_epi64(complement)));
            }
        }
        Self::new(&carry_out(digits))
    }

    /// The product.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn multiply(&self, other: &Self) -> Self {
        let mut total = [_mm512_setzero_si512(); 6];
        for digit in self.0 {
            for place in 0..5 {
                total[place] = _mm512_madd52lo_epu64(total[place], digit, other.0[place]);
                total[place + 1] = _mm512_madd52hi_epu64(total[place + 1], digit, other.0[place]);
            }
            total = Self::reduce_by_digit(total);
        }
        let [d0, d1, d2, d3, d4, _] = total;
        Self::new(&carry_out([d0, d1, d2, d3, d4]))
    }

    /// Adds that multiple of p that makes the least digit zero, and drops it.
    ///
    /// Since p is -1 modulo 2^52, the multiple is the digit itself, and its product with p's least digit is the digit
    /// times 2^52 less the digit.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn reduce_by_digit(mut total: [__m512i; 6]) -> [__m512i; 6] {
        let digit = _mm512_and_si512(total[0], all(DIGIT_MASK));
        let carry = _mm512_add_epi64(_mm512_srai_epi64::<DIGIT_BITS>(total[0]), digit);
        total[1] = _mm512_add_epi64(total[1], carry);
        for place in 1..5 {
            if C::PRIME[place] != 0 {
                total[place] = _mm512_madd52lo_epu64(total[place], digit, all(C::PRIME[place]));
                total[place + 1] = _mm512_madd52hi_epu64(total[place + 1], digit, all(C::PRIME[place]));
            }
        }
        [total[1], total[2], total[3], total[4], total[5], _mm512_setzero_si512()]
    }

    /// The square.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn square(&self) -> Self {
        self.multiply(self)
    }

    /// In which lanes the residue is 0: as a loose one that is 0 or p.
    #[target_feature(enable = "avx512f")]
    pub(crate) fn is_zero(&self) -> __mmask8 {
        let (mut is_zero, mut is_prime) = (__mmask8::MAX, __mmask8::MAX);
        for (digit, prime) in self.0.into_iter().zip(C::PRIME) {
            is_zero &= _mm512_cmpeq_epi64_mask(digit, _mm512_setzero_si512());
            is_prime &= _mm512_cmpeq_epi64_mask(digit, all(prime));
        }
        is_zero | is_prime
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{P256, Sm2};
    use crate::words::store;
    use num_bigint::BigUint;

    const DIGITS: [u64; 5] = [0, 1, DIGIT_MASK, DIGIT_MASK - 1, 0x5_5555_5555_5555];
    /// The greatest has a loose number: 2^256 + 2^253 less 1.
    const TOP_DIGITS: [u64; 5] = [0, 1, (1 << 48) + (1 << 45) - 1, (1 << 48) - 1, 0xffff_ffff_0000];

    fn number(digits: &Digits) -> BigUint {
        digits.iter().rev().fold(BigUint::ZERO, |number, &digit| (number << DIGIT_BITS) + digit)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn result<C: Parameters>(residue: &Residue<C>) -> BigUint {
        let digits = residue.0.map(|digit| store(digit)[3]);
        let number = number(&digits);
        assert!(digits.iter().all(|&digit| digit <= DIGIT_MASK), "{digits:?} are not carried out");
        assert!(number < (BigUint::from(9_u8) << 253), "{digits:?} are not loose");
        number % self::number(&C::PRIME)
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn check<C: Parameters>(left: &Digits, right: &Digits) {
        let (a, b, prime) = (number(left), number(right), number(&C::PRIME));
        let (left, right) = (Residue::<C>::splat(left), Residue::<C>::splat(right));

        assert_eq!((result(&left.multiply(&right)) << 260) % &prime, &a * &b % &prime);
        assert_eq!(result(&left.add::<1>(&right)), (&a + &b) % &prime);
        assert_eq!(result(&left.add::<3>(&right)), (3_u8 * &a + &b) % &prime);
        assert_eq!(result(&left.subtract::<1>(&right)), (&a + 2_u8 * &prime - &b) % &prime);
        assert_eq!(result(&left.subtract::<8>(&right)), (&a + 16_u8 * &prime - 8_u8 * &b) % &prime);
        assert_eq!(left.is_zero() == 0, &a % &prime != BigUint::ZERO);
    }

    #[test]
    fn digits_as_great_as_they_may_be_and_as_small_give_what_whole_numbers_give() {
        if crate::Lanes::detect().is_none() {
            eprintln!("skipped: this processor lacks AVX-512 IFMA");
            return;
        }
        let choose = |choice: usize| {
            let [d0, d1, d2, d3] = [1, 5, 25, 125].map(|power| DIGITS[choice / power % 5]);
            [d0, d1, d2, d3, TOP_DIGITS[choice / 625]]
        };
        for choice in 0..3125 {
            let other = choose(choice * 1787 % 3125);
            #[expect(unsafe_code, reason = "asked for before")]
            unsafe {
                check::<P256>(&choose(choice), &other);
                check::<Sm2>(&choose(choice), &other);
                check::<P256>(&P256::PRIME, &other);
                check::<Sm2>(&other, &Sm2::PRIME);
            }
        }
    }
}
