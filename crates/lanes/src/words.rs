//! Between memory and registers.

use std::arch::x86_64::{__m512i, _mm512_shuffle_i64x2, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64};
use std::mem::transmute;

/// How many numbers of 64 bits a register holds.
pub(crate) const LANES: usize = 8;

/// Eight numbers of 64 bits, one for each lane.
pub(crate) type Words = [u64; LANES];

/// Memory that a register can be loaded from at once.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Aligned<const N: usize>(pub(crate) [Words; N]);

/// The register with these lanes.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn load(words: &Words) -> __m512i {
    #[expect(unsafe_code, reason = "both are 64 bytes, of which every pattern is a value")]
    unsafe {
        transmute(*words)
    }
}

/// The lanes of the register.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn store(register: __m512i) -> Words {
    #[expect(unsafe_code, reason = "both are 64 bytes, of which every pattern is a value")]
    unsafe {
        transmute(register)
    }
}

/// A block of SHA-256.
pub(crate) type Bytes64 = [u8; 64];

/// The register with these bytes.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn from_bytes(bytes: &Bytes64) -> __m512i {
    #[expect(unsafe_code, reason = "both are 64 bytes, of which every pattern is a value")]
    unsafe {
        transmute(*bytes)
    }
}

/// The register as sixteen numbers of 32 bits.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn store32(register: __m512i) -> [u32; 16] {
    #[expect(unsafe_code, reason = "both are 64 bytes, of which every pattern is a value")]
    unsafe {
        transmute(register)
    }
}

/// Turns rows into columns.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn transpose(rows: &[__m512i; LANES]) -> [__m512i; LANES] {
    let even = [0, 2, 4, 6].map(|row| _mm512_unpacklo_epi64(rows[row], rows[row + 1]));
    let odd = [0, 2, 4, 6].map(|row| _mm512_unpackhi_epi64(rows[row], rows[row + 1]));
    let ([c0, c2, c4, c6], [c1, c3, c5, c7]) = (quarters(&even), quarters(&odd));
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// The first, second, third and fourth quarters of four registers.
#[inline]
#[target_feature(enable = "avx512f")]
fn quarters(registers: &[__m512i; 4]) -> [__m512i; 4] {
    let [ab, cd, ef, gh] = *registers;
    let (first, second) = (_mm512_shuffle_i64x2::<0x88>(ab, cd), _mm512_shuffle_i64x2::<0x88>(ef, gh)); // quarters 0, 2
    let (third, fourth) = (_mm512_shuffle_i64x2::<0xdd>(ab, cd), _mm512_shuffle_i64x2::<0xdd>(ef, gh)); // quarters 1, 3
    [
        _mm512_shuffle_i64x2::<0x88>(first, second),
        _mm512_shuffle_i64x2::<0x88>(third, fourth),
        _mm512_shuffle_i64x2::<0xdd>(first, second),
        _mm512_shuffle_i64x2::<0xdd>(third, fourth),
    ]
}
