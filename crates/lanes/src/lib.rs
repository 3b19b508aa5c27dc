//! Sums of multiples of Ed25519's points, eight lanes at once, for processors with AVX-512 IFMA.
//!
//! No kept crate computes on eight numbers of the field at a time: the best one spreads one point over four lanes, and
//! decodes points one after another, which is most of the time of a batch. Here each lane of a 512-bit register has its
//! own number, so decoding eight points takes hardly longer than one, and a point is added to the buckets of eight
//! windows of its scalar at once. Nothing takes care to run in constant time, since no secret comes here.
//!
//! This crate is apart because such code cannot do without `unsafe`: it calls functions that exist only on some
//! processors, after asking which one this is. The other crates forbid it.

#[cfg(target_arch = "x86_64")]
mod field;
#[cfg(target_arch = "x86_64")]
mod point;
#[cfg(target_arch = "x86_64")]
mod sum;
#[cfg(target_arch = "x86_64")]
mod words;

/// A multiple of a point of the curve edwards25519.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The point as 32 bytes, canonical or not, as ZIP 215 decodes it.
    pub encoding: [u8; 32],
    /// The factor, little-endian, below 2^255; the time depends on how many of its 64-bit quarters are not zero.
    pub scalar: [u8; 32],
}

/// The proof that this processor has what the sums need.
#[derive(Clone, Copy, Debug)]
pub struct Lanes(());

impl Lanes {
    /// The proof, on a processor with AVX-512 F, DQ and IFMA.
    pub fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512ifma")
        {
            return Some(Self(()));
        }
        None
    }

    /// Whether eight times the sum of the terms is nothing; `None` if an encoding has no point.
    #[cfg(target_arch = "x86_64")]
    pub fn is_of_small_order(self, terms: &[Term]) -> Option<bool> {
        #[expect(unsafe_code, reason = "`self` exists only where the processor has these instructions")]
        unsafe {
            sum::is_of_small_order(terms)
        }
    }

    /// There is no such processor of this architecture, and so no `self`.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn is_of_small_order(self, _: &[Term]) -> Option<bool> {
        None
    }
}
