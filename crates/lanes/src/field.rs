//! Eight numbers modulo p = 2^255 - 19 at once, one in each lane.
//!
//! A number has five digits of 51 bits. Between two operations every digit is *narrow*, below 2^51 + 2^15, because the
//! multiplication reads only 52 bits of each. It gives the low 52 bits of each product and the high ones, which count
//! twice, since a digit has one bit less.

use crate::words::{Words, load, store};
use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_madd52hi_epu64,
    _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_mullo_epi64, _mm512_or_si512, _mm512_permutexvar_epi64,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64, _mm512_sub_epi64,
};

/// Eight numbers, each with its five digits in one lane of the five registers, the least first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field(pub(crate) [__m512i; 5]);

/// The digits of one number.
pub(crate) type Digits = [u64; 5];

const DIGIT_BITS: u32 = 51;
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1;
/// 4p with digits so great that no narrow digit is above them.
const FOUR_P: Digits = [(1 << 53) - 76, (1 << 53) - 4, (1 << 53) - 4, (1 << 53) - 4, (1 << 53) - 4];

/// The digits of a little-endian number below 2^255; the bit above is left out.
pub(crate) fn digits(bytes: &[u8; 32]) -> Digits {
    let (chunks, _) = bytes.as_chunks::<8>();
    let word = |place: usize| u64::from_le_bytes(chunks[place]);
    [
        word(0) & DIGIT_MASK,
        (word(0) >> 51 | word(1) << 13) & DIGIT_MASK,
        (word(1) >> 38 | word(2) << 26) & DIGIT_MASK,
        (word(2) >> 25 | word(3) << 39) & DIGIT_MASK,
        word(3) >> 12 & DIGIT_MASK,
    ]
}

#[inline]
#[target_feature(enable = "avx512f")]
fn all(value: u64) -> __m512i {
    _mm512_set1_epi64(value.cast_signed())
}

/// The digit-wise sum of three numbers, which is not narrow: for `narrow` only.
#[inline]
#[target_feature(enable = "avx512f")]
fn wide_sum(left: &Field, right: &Field) -> Field {
    let mut total = *left;
    for (digit, other) in total.0.iter_mut().zip(right.0) {
        *digit = _mm512_add_epi64(*digit, other);
    }
    total
}

/// Carries what is above 51 bits, once and in all digits at the same time: narrow if every digit was below 2^60.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn narrow(number: &Field) -> Field {
    let mask = all(DIGIT_MASK);
    let [d0, d1, d2, d3, d4] = number.0;
    let carry = |digit| _mm512_srli_epi64::<DIGIT_BITS>(digit);
    let around = _mm512_mullo_epi64(carry(d4), all(19));
    Field([
        _mm512_add_epi64(_mm512_and_si512(d0, mask), around),
        _mm512_add_epi64(_mm512_and_si512(d1, mask), carry(d0)),
        _mm512_add_epi64(_mm512_and_si512(d2, mask), carry(d1)),
        _mm512_add_epi64(_mm512_and_si512(d3, mask), carry(d2)),
        _mm512_add_epi64(_mm512_and_si512(d4, mask), carry(d3)),
    ])
}

/// Folds ten digits below 2^55.5 into five, since 2^255 is 19.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn fold(product: &[__m512i; 10]) -> Field {
    let mut folded = [_mm512_setzero_si512(); 5];
    for place in 0..5 {
        folded[place] = _mm512_add_epi64(product[place], _mm512_mullo_epi64(product[place + 5], all(19)));
    }
    narrow(&Field(folded))
}

impl Field {
    /// The same number in each lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn splat(digits: &Digits) -> Self {
        Self(digits.map(|digit| all(digit)))
    }

    /// One number for each lane.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn gather(lanes: &[Digits; 8]) -> Self {
        let mut words = [[0; 8]; 5];
        for (lane, digits) in lanes.iter().enumerate() {
            for (word, &digit) in words.iter_mut().zip(digits) {
                word[lane] = digit;
            }
        }
        Self(words.map(|word| load(&word)))
    }

    /// The digits, with those of one lane under each other.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn words(&self) -> [Words; 5] {
        self.0.map(|digit| store(digit))
    }

    /// The number of one lane in all lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn spread(&self, lane: u64) -> Self {
        Self(self.0.map(|digit| _mm512_permutexvar_epi64(all(lane), digit)))
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

    /// The sum.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn add(&self, other: &Self) -> Self {
        narrow(&wide_sum(self, other))
    }

    /// Twice this and the other.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn double_add(&self, other: &Self) -> Self {
        narrow(&wide_sum(&wide_sum(self, self), other))
    }

    /// The difference.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn subtract(&self, other: &Self) -> Self {
        narrow(&self.wide_difference(other))
    }

    /// Twice this less the other.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn double_subtract(&self, other: &Self) -> Self {
        narrow(&wide_sum(self, &self.wide_difference(other)))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn wide_difference(&self, other: &Self) -> Self {
        let mut total = *self;
        for ((digit, other), four) in total.0.iter_mut().zip(other.0).zip(FOUR_P) {
            *digit = _mm512_sub_epi64(_mm512_add_epi64(*digit, all(four)), other);
        }
        total
    }

    /// The product.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn multiply(&self, other: &Self) -> Self {
        let mut low = [_mm512_setzero_si512(); 10];
        let mut high = [_mm512_setzero_si512(); 10]; // counts twice
        for left in 0..5 {
            for right in 0..5 {
                let (place, x, y) = (left + right, self.0[left], other.0[right]);
                low[place] = _mm512_madd52lo_epu64(low[place], x, y);
                high[place + 1] = _mm512_madd52hi_epu64(high[place + 1], x, y);
            }
        }
        for (low, high) in low.iter_mut().zip(high) {
            *low = _mm512_add_epi64(*low, _mm512_add_epi64(high, high));
        }
        fold(&low)
    }

    /// The square.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn square(&self) -> Self {
        let mut once = [_mm512_setzero_si512(); 10];
        let mut twice = [_mm512_setzero_si512(); 10];
        let mut four_times = [_mm512_setzero_si512(); 10];
        for left in 0..5 {
            let x = self.0[left];
            once[2 * left] = _mm512_madd52lo_epu64(once[2 * left], x, x);
            twice[2 * left + 1] = _mm512_madd52hi_epu64(twice[2 * left + 1], x, x);
            for right in left + 1..5 {
                let (place, y) = (left + right, self.0[right]);
                twice[place] = _mm512_madd52lo_epu64(twice[place], x, y);
                four_times[place + 1] = _mm512_madd52hi_epu64(four_times[place + 1], x, y);
            }
        }
        for place in 0..10 {
            let half = _mm512_add_epi64(twice[place], _mm512_add_epi64(four_times[place], four_times[place]));
            once[place] = _mm512_add_epi64(once[place], _mm512_add_epi64(half, half));
        }
        fold(&once)
    }

    /// The number raised to the power 2^`count`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn square_often(&self, count: u32) -> Self {
        let mut power = *self;
        for _ in 0..count {
            power = power.square();
        }
        power
    }

    /// The number raised to the power (p - 5) / 8 = 2^252 - 3.
    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    pub(crate) fn power_p58(&self) -> Self {
        let two = self.square();
        let nine = two.square_often(2).multiply(self);
        let eleven = nine.multiply(&two);
        let five = eleven.square().multiply(&nine); // five ones: 2^5 - 1, and so on
        let ten = five.square_often(5).multiply(&five);
        let twenty = ten.square_often(10).multiply(&ten);
        let forty = twenty.square_often(20).multiply(&twenty);
        let fifty = forty.square_often(10).multiply(&ten);
        let hundred = fifty.square_often(50).multiply(&fifty);
        let two_hundred = hundred.square_often(100).multiply(&hundred);
        let most = two_hundred.square_often(50).multiply(&fifty);
        most.square_often(2).multiply(self)
    }

    /// The number in 0..p, with digits below 2^51.
    #[target_feature(enable = "avx512f,avx512dq")]
    fn canonical(&self) -> Self {
        let mask = all(DIGIT_MASK);
        let mut number = narrow(self).0; // below 2p
        let mut quotient = all(19); // whether adding 19 goes beyond 2^255, that is, whether p is to be subtracted
        for digit in number {
            quotient = _mm512_srli_epi64::<DIGIT_BITS>(_mm512_add_epi64(digit, quotient));
        }
        let mut carry = _mm512_mullo_epi64(quotient, all(19));
        for digit in &mut number {
            let total = _mm512_add_epi64(*digit, carry);
            carry = _mm512_srli_epi64::<DIGIT_BITS>(total);
            *digit = _mm512_and_si512(total, mask);
        }
        Self(number)
    }

    /// In which lanes the number is 0 modulo p.
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn is_zero(&self) -> __mmask8 {
        let [d0, d1, d2, d3, d4] = self.canonical().0;
        let any = _mm512_or_si512(_mm512_or_si512(_mm512_or_si512(d0, d1), _mm512_or_si512(d2, d3)), d4);
        _mm512_cmpeq_epi64_mask(any, _mm512_setzero_si512())
    }

    /// In which lanes the number in 0..p is odd.
    #[target_feature(enable = "avx512f,avx512dq")]
    pub(crate) fn is_odd(&self) -> __mmask8 {
        let lowest = _mm512_and_si512(self.canonical().0[0], all(1));
        _mm512_cmpeq_epi64_mask(lowest, all(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;

    /// What digits come to that are as great as they may be, as small, or between.
    const DIGITS: [u64; 5] = [0, 1, DIGIT_MASK, (1 << 51) + (1 << 15) - 1, 0x5_5555_5555_5555];

    fn prime() -> BigUint {
        (BigUint::from(1_u8) << 255) - 19_u8
    }

    fn number(digits: &Digits) -> BigUint {
        digits.iter().rev().fold(BigUint::ZERO, |number, &digit| (number << DIGIT_BITS) + digit)
    }

    fn result(field: &Field) -> BigUint {
        #[expect(unsafe_code, reason = "asked for before")]
        let words = unsafe { field.words() };
        let digits = words.map(|word| word[3]);
        assert!(digits.iter().all(|&digit| digit < (1 << 51) + (1 << 15)), "{digits:?} are not narrow");
        number(&digits) % prime()
    }

    #[target_feature(enable = "avx512f,avx512dq,avx512ifma")]
    fn check(left: &Digits, right: &Digits) {
        let (a, b, prime) = (number(left), number(right), prime());
        let (left, right) = (Field::splat(left), Field::splat(right));

        assert_eq!(result(&left.multiply(&right)), &a * &b % &prime);
        assert_eq!(result(&left.square()), &a * &a % &prime);
        assert_eq!(result(&left.add(&right)), (&a + &b) % &prime);
        assert_eq!(result(&left.subtract(&right)), (&a + 4_u8 * &prime - &b) % &prime);
        assert_eq!(result(&left.double_add(&right)), (2_u8 * &a + &b) % &prime);
        assert_eq!(result(&left.double_subtract(&right)), (2_u8 * &a + 4_u8 * &prime - &b) % &prime);
        assert_eq!(left.is_zero() == 0, &a % &prime != BigUint::ZERO);
        assert_eq!(left.is_odd() == 255, (&a % &prime).bit(0));
    }

    #[test]
    fn digits_as_great_as_they_may_be_and_as_small_give_what_whole_numbers_give() {
        if crate::Lanes::detect().is_none() {
            eprintln!("skipped: this processor lacks AVX-512 IFMA");
            return;
        }
        let choose = |choice: usize| [1, 5, 25, 125, 625].map(|power| DIGITS[choice / power % 5]);
        let near_prime =
            [0_u64, 1, 18, 19, 20].map(|more| [DIGIT_MASK - 18 + more, DIGIT_MASK, DIGIT_MASK, DIGIT_MASK, DIGIT_MASK]);
        for choice in 0..3125 {
            let other = choose(choice * 1787 % 3125);
            #[expect(unsafe_code, reason = "asked for before")]
            unsafe {
                check(&choose(choice), &other);
                check(&near_prime[choice % 5], &other);
            }
        }
    }
}
