//! The curves y² = x³ - 3x + b, P-256 and SM2's: their numbers in digits of 52 bits, the least first.
//!
//! Both primes p lie between 2^256 - 2^225 and 2^256 and are -1 modulo 2^52, which the arithmetic makes use of.

use crate::montgomery::Digits;

/// A curve that `Residue` and `Point` are for. Residues are given in Montgomery's form, times 2^260 modulo p.
pub(crate) trait Parameters: Clone + Copy {
    /// The field's prime p.
    const PRIME: Digits;
    /// 2^256 - p, with digits of either sign that add up to it.
    const COMPLEMENT: [i64; 5];
    /// 2^520 modulo p, which brings a number into Montgomery's form.
    const RADIX_SQUARED: Digits;
    /// 1.
    const ONE: Digits;
    /// b.
    const B: Digits;
    /// x and y of the base point.
    const BASE: [Digits; 2];
}

/// P-256 (FIPS 186-5).
#[derive(Clone, Copy, Debug)]
pub(crate) struct P256;

impl Parameters for P256 {
    const PRIME: Digits = [0xf_ffff_ffff_ffff, 0xfff_ffff_ffff, 0, 0x10_0000_0000, 0xffff_ffff_0000];
    const COMPLEMENT: [i64; 5] = [1, -(1 << 44), 0, -(1 << 36), 1 << 16];
    const RADIX_SQUARED: Digits = [0x300, 0xf_ffff_fff0_0000, 0xf_fffe_ffff_fffb, 0xf_dfff_ffff_ffff, 0x4ff_ffff];
    const ONE: Digits = [0x10, 0xf_0000_0000_0000, 0xf_ffff_ffff_ffff, 0xf_feff_ffff_ffff, 0xf_ffff];
    const B: Digits =
        [0xd_f622_9c4b_ddfd, 0xc_a884_3090_d89c, 0x2_12ed_6acf_005c, 0x8_3415_a220_abf7, 0xc300_61dd_4874];
    const BASE: [Digits; 2] = [
        [0x3_0d41_8a91_43c1, 0xc_4fed_b601_79e7, 0x6_2251_075b_a95f, 0x5_c669_fb73_2b77, 0x8905_f76b_5375],
        [0x5_357c_e955_60a8, 0x4_3a19_e45c_ddf2, 0x2_1f32_58b4_ab8e, 0xd_8552_e886_88dd, 0x571f_f18a_5885],
    ];
}

/// SM2's curve (GB/T 32918.5).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sm2;

impl Parameters for Sm2 {
    const PRIME: Digits =
        [0xf_ffff_ffff_ffff, 0xf_f000_0000_0fff, 0xf_ffff_ffff_ffff, 0xf_ffff_ffff_ffff, 0xffff_fffe_ffff];
    const COMPLEMENT: [i64; 5] = [1, (1 << 44) - (1 << 12), 0, 0, 1 << 16];
    const RADIX_SQUARED: Digits = [0x200_0000_0300, 0xf_ffff_fff0_0000, 0x1_0000_0002, 0x2000_0000_1000, 0x400_0000];
    const ONE: Digits = [0x10, 0xffff_ffff_0000, 0, 0, 0x10_0000];
    const B: Digits =
        [0x3_0632_bc0d_d422, 0xb_09b5_37ab_70d2, 0xa_51c3_c71c_f379, 0x2_c852_7981_505e, 0x40fe_188d_a20e];
    const BASE: [Digits; 2] = [
        [0x8_990f_4180_29e9, 0xe_6ca6_c04f_d132, 0x2_4c3c_33e7_981e, 0xb_05d6_a1ed_99ac, 0x1167_a5f7_1c13],
        [0x4_e593_c2d0_ddd6, 0x8_ed32_95fa_6135, 0x2_a48f_8c1f_5e57, 0x5_bd8d_4cfb_066e, 0x3cd6_5d4e_1d73],
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number with these digits, modulo 2^128.
    fn number(digits: impl IntoIterator<Item = i64>) -> i128 {
        digits.into_iter().enumerate().fold(0, |sum: i128, (place, digit)| {
            let shift = u32::try_from(52 * place).unwrap();
            sum.wrapping_add(i128::from(digit).checked_shl(shift).unwrap_or(0))
        })
    }

    fn check<C: Parameters>() {
        assert_eq!(C::PRIME[0], (1 << 52) - 1);
        let sum: [i64; 5] = std::array::from_fn(|place| C::PRIME[place].cast_signed() + C::COMPLEMENT[place]);
        let mut carry = 0;
        for digit in &sum[..4] {
            assert_eq!((digit + carry) & ((1 << 52) - 1), 0);
            carry = (digit + carry) >> 52;
        }
        assert_eq!(sum[4] + carry, 1 << 48, "prime and complement make 2^256");
        assert_eq!(number(sum), 0);
    }

    #[test]
    fn the_primes_have_the_form_that_the_arithmetic_makes_use_of() {
        check::<P256>();
        check::<Sm2>();
    }
}
