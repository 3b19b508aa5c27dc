//! The secret random factors of a batch's equation.

use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

const FACTOR_BYTES: usize = 16;
const FACTORS_PER_BLOCK: usize = 64 / FACTOR_BYTES; // of SHA-512

/// A random number between -2^127 and 2^127.
pub(super) struct Factor {
    /// Its absolute value.
    pub(super) magnitude: Scalar,
    pub(super) is_negative: bool,
}

impl Factor {
    fn new(bytes: &[u8; FACTOR_BYTES]) -> Self {
        let number = u128::from_le_bytes(*bytes);
        Self { magnitude: Scalar::from(number >> 1), is_negative: number & 1 == 1 }
    }

    /// The number modulo the order of the base point.
    pub(super) fn value(&self) -> Scalar {
        if self.is_negative { -self.magnitude } else { self.magnitude }
    }
}

/// At least `count` factors that nobody can foresee, or `None` if the machine gives no randomness.
///
/// The seed is fresh for each batch and comes from the operating system, so no signer can know the factors.
pub(super) fn draw(count: usize) -> Option<Vec<Factor>> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).ok()?;
    let mut factors = Vec::with_capacity(count + FACTORS_PER_BLOCK);
    for number in 0..count.div_ceil(FACTORS_PER_BLOCK) as u64 {
        let block = Sha512::new().chain_update(seed).chain_update(number.to_le_bytes()).finalize();
        factors.extend(block.as_chunks().0.iter().map(Factor::new));
    }
    Some(factors)
}
