//! Where a coin lies: by two bytes of its id, which everybody knows, and then by a hash that nobody outside can aim at.

use std::hash::{BuildHasher, RandomState};

use crate::encoding::Bytes32;

/// Bits of the coin id that choose the bucket of the digest.
pub(super) const PREFIX_BITS: u8 = 16;

/// What places a coin.
#[derive(Clone, Copy)]
pub(super) struct Key {
    /// The first two bytes of the id.
    pub(super) prefix: u16,
    /// A hash under this process's secret.
    hash: u64,
}

impl Key {
    /// The byte by which a page finds a coin; never 0.
    #[inline]
    pub(super) fn tag(self) -> u8 {
        self.hash.to_le_bytes()[0].max(1)
    }

    /// The first `count` bits of the hash, 1..=32 of them.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "no more than 32 bits are left")]
    pub(super) fn hash_bits(self, count: u32) -> usize {
        (self.hash >> (u64::BITS - count)) as usize
    }

    /// The bit of prefix and hash, one after another, after the first `depth`.
    pub(super) fn bit(self, depth: u8) -> bool {
        if depth < PREFIX_BITS {
            self.prefix >> (PREFIX_BITS - 1 - depth) & 1 == 1
        } else {
            self.hash >> (63 - u32::from(depth - PREFIX_BITS)) & 1 == 1
        }
    }
}

/// The secret of this process. Ids are hashes, and whoever makes a coin may try until some of its bits are to his
/// liking; he cannot try against bits that depend on this.
pub(super) struct Secret(u64, u64);

impl Secret {
    pub(super) fn random() -> Self {
        let state = RandomState::new();
        Self(state.hash_one(0_u8), state.hash_one(1_u8))
    }

    #[inline]
    pub(super) fn key(&self, id: &Bytes32) -> Key {
        let prefix = u16::from_be_bytes([id[0], id[1]]);
        let (left, right) = (word(id, 8) ^ self.0, word(id, 16) ^ self.1);
        let product = u128::from(left) * u128::from(right);
        #[allow(clippy::cast_possible_truncation, reason = "the two halves are meant")]
        let hash = (product >> 64) as u64 ^ product as u64;
        Key { prefix, hash }
    }
}

#[inline]
fn word(id: &Bytes32, at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&id[at..at + 8]);
    u64::from_le_bytes(word)
}
