//! Two duties for processors with AVX-512. [`Lanes`] does arithmetic on elliptic curves, eight lanes at once, by IFMA:
//! sums of many multiples of Ed25519's points, and the sums of two multiples that P-256 and SM2 come down to.
//! [`HashLanes`] hashes sixteen messages at once by SHA-256, which needs F and BW alone.
//!
//! No kept crate computes on eight numbers of a field at a time: the best one spreads one point over four lanes, and
//! decodes points one after another, which is most of the time of a batch. Here each lane of a 512-bit register has its
//! own number, so decoding eight points takes hardly longer than one; a point is added to the buckets of eight windows of
//! its scalar at once; and eight signatures of P-256 are verified at once. Nothing takes care to run in constant time,
//! since no secret comes here.
//!
//! This crate is apart because such code cannot do without `unsafe`: it calls functions that exist only on some
//! processors, after asking which one this is. The other crates forbid it.

#[cfg(target_arch = "x86_64")]
mod curve;
#[cfg(target_arch = "x86_64")]
mod digits;
#[cfg(target_arch = "x86_64")]
mod field;
#[cfg(target_arch = "x86_64")]
mod jacobian;
#[cfg(target_arch = "x86_64")]
mod montgomery;
#[cfg(target_arch = "x86_64")]
mod pair;
#[cfg(target_arch = "x86_64")]
mod point;
#[cfg(target_arch = "x86_64")]
mod sha256;
#[cfg(target_arch = "x86_64")]
mod sum;
#[cfg(target_arch = "x86_64")]
mod words;

#[cfg(target_arch = "x86_64")]
use std::sync::OnceLock;

/// A multiple of a point of the curve edwards25519.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The point as 32 bytes, canonical or not, as ZIP 215 decodes it.
    pub encoding: [u8; 32],
    /// The factor, little-endian, below 2^255; the time depends on how many of its 64-bit quarters are not zero.
    pub scalar: [u8; 32],
}

/// A multiple of the base point of a curve y² = x³ - 3x + b, a multiple of another point, and what x their sum may have.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// The base point's factor, little-endian.
    pub base_scalar: [u8; 32],
    /// The other point's factor, little-endian.
    pub scalar: [u8; 32],
    /// The other point: x and y, big-endian.
    pub point: [[u8; 32]; 2],
    /// The x that is asked about, big-endian.
    pub x: [u8; 32],
}

/// A curve for [`Pair`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// P-256 (FIPS 186-5).
    P256,
    /// SM2's curve (GB/T 32918.5).
    Sm2,
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

    /// Of each pair whether its sum is a point with that x, for certain.
    ///
    /// False tells nothing: where both parts of a sum meet on their way, it is not known. Nobody but who makes signatures
    /// just for that comes there, so whoever asks may look again by other means.
    #[cfg(target_arch = "x86_64")]
    pub fn have_x(self, curve: Curve, pairs: &[Pair]) -> Vec<bool> {
        static TABLES: [OnceLock<Box<pair::BaseTable>>; 2] = [const { OnceLock::new() }; 2];
        let table = &TABLES[usize::from(curve == Curve::Sm2)];
        let mut verdicts = Vec::with_capacity(pairs.len());
        for eight in pairs.chunks(words::LANES) {
            #[expect(unsafe_code, reason = "`self` exists only where the processor has these instructions")]
            let mask = unsafe {
                match curve {
                    Curve::P256 => {
                        pair::has_x::<curve::P256>(eight, table.get_or_init(|| pair::base_table::<curve::P256>()))
                    }
                    Curve::Sm2 => {
                        pair::has_x::<curve::Sm2>(eight, table.get_or_init(|| pair::base_table::<curve::Sm2>()))
                    }
                }
            };
            verdicts.extend((0..eight.len()).map(|lane| mask >> lane & 1 == 1));
        }
        verdicts
    }

    /// There is no such processor of this architecture, and so no `self`.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn have_x(self, _: Curve, pairs: &[Pair]) -> Vec<bool> {
        vec![false; pairs.len()]
    }
}

/// The proof that this processor has what hashing many messages at once needs.
#[derive(Clone, Copy, Debug)]
pub struct HashLanes(());

impl HashLanes {
    /// How many messages are hashed at once; fewer take as long.
    pub const MESSAGES: usize = 16;

    /// The proof, on a processor with AVX-512 F and BW.
    pub fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
            return Some(Self(()));
        }
        None
    }

    /// The SHA-256 hashes of up to [`Self::MESSAGES`] messages, each given as its blocks with the padding; those beyond
    /// the messages mean nothing. It takes as long as the longest.
    ///
    /// # Panics
    /// There are more messages.
    #[cfg(target_arch = "x86_64")]
    pub fn sha256(self, messages: &[&[[u8; 64]]]) -> [[u8; 32]; Self::MESSAGES] {
        assert!(messages.len() <= Self::MESSAGES, "there are more messages than lanes");
        #[expect(unsafe_code, reason = "`self` exists only where the processor has these instructions")]
        unsafe {
            sha256::hashes(messages)
        }
    }

    /// There is no such processor of this architecture, and so no `self`.
    #[cfg(not(target_arch = "x86_64"))]
    pub fn sha256(self, _: &[&[[u8; 64]]]) -> [[u8; 32]; Self::MESSAGES] {
        [[0; 32]; Self::MESSAGES]
    }
}

#[cfg(target_arch = "x86_64")]
const _: () = assert!(HashLanes::MESSAGES == sha256::MESSAGES);
