//! The secret random factors of a batch's equation.

use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

const FACTOR_BYTES: usize = 16;

/// `count` numbers below 2^128 that nobody can foresee, or `None` if the machine gives no randomness.
///
/// The seed is fresh for each batch and comes from the operating system, so no signer can know the factors.
pub(super) fn draw(count: usize) -> Option<Vec<Scalar>> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).ok()?;
    let blocks = (0_u64..).map(|number| Sha512::new().chain_update(seed).chain_update(number.to_le_bytes()).finalize());
    let factors = blocks.flat_map(|block| <[u8; 64]>::from(block).as_chunks::<FACTOR_BYTES>().0.to_vec());
    Some(factors.take(count).map(|bytes| Scalar::from(u128::from_le_bytes(bytes))).collect())
}
