//! Between memory and registers.

use std::arch::x86_64::__m512i;
use std::mem::transmute;

/// Eight numbers of 64 bits, one for each lane.
pub(crate) type Words = [u64; 8];

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
