//! The tagged hash H and the domain in which every id of one currency is computed.

use sm3::{Digest, Sm3};

use crate::encoding::Bytes32;
use crate::sha256;

/// The ledger's H, fixed by genesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum HashKind {
    /// SHA-256 (FIPS 180-4).
    Sha256 = 1,
    /// SM3 (GB/T 32905).
    Sm3 = 2,
}

impl HashKind {
    /// The kind with the wire format's number.
    pub const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Sha256),
            2 => Some(Self::Sm3),
            _ => None,
        }
    }

    /// The bare hash of the parts one after another.
    pub fn hash(self, parts: &[&[u8]]) -> Bytes32 {
        self.hash_behind(&[], parts)
    }

    /// H(tag, the parts one after another): the tag keeps a hash made for one purpose from meaning anything for another.
    pub fn tagged_hash(self, tag: Tag, parts: &[&[u8]]) -> Bytes32 {
        self.hash_behind(tag.prefix(), parts)
    }

    /// H(tag, the parts one after another), which are `LENGTH` bytes together.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "copies of known lengths are a few instructions each")]
    pub fn fixed_hash<const LENGTH: usize>(self, tag: &FixedTag<LENGTH>, parts: &[&[u8]]) -> Bytes32 {
        if self != Self::Sha256 {
            return self.tagged_hash(tag.tag, parts);
        }
        sha256::of_padded(&tag.filled(parts).as_chunks().0[..tag.blocks])
    }

    fn hash_behind(self, prefix: &[u8], parts: &[&[u8]]) -> Bytes32 {
        match self {
            Self::Sha256 => sha256::of_parts(prefix, parts),
            Self::Sm3 => parts.iter().fold(Sm3::new_with_prefix(prefix), Sm3::chain_update).finalize().into(),
        }
    }
}

/// H over what comes piece by piece.
#[derive(Clone, Debug)]
pub struct Hasher(HasherOf);

#[derive(Clone, Debug)]
enum HasherOf {
    Sha256(sha2::Sha256),
    Sm3(Sm3),
}

impl Hasher {
    /// H(tag, what will come).
    pub fn new(kind: HashKind, tag: Tag) -> Self {
        Self(match kind {
            HashKind::Sha256 => HasherOf::Sha256(Digest::new_with_prefix(tag.prefix())),
            HashKind::Sm3 => HasherOf::Sm3(Digest::new_with_prefix(tag.prefix())),
        })
    }

    /// Take the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        match &mut self.0 {
            HasherOf::Sha256(hasher) => hasher.update(piece),
            HasherOf::Sm3(hasher) => hasher.update(piece),
        }
    }

    /// The hash of all pieces.
    pub fn finish(self) -> Bytes32 {
        match self.0 {
            HasherOf::Sha256(hasher) => hasher.finalize().into(),
            HasherOf::Sm3(hasher) => hasher.finalize().into(),
        }
    }
}

/// What a hash is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    prefix: [u8; PREFIX_BYTES_MAX],
    length: usize,
}

const PREFIX_BYTES_MAX: usize = 48; // the longest tag has 24 characters

impl Tag {
    /// The tag with this ASCII text of at most 47 characters.
    ///
    /// # Panics
    /// The text is longer, or not ASCII; tags are constants, so that this is found when they are compiled.
    pub const fn new(text: &str) -> Self {
        assert!(text.is_ascii() && text.len() < PREFIX_BYTES_MAX, "a tag is short ASCII text");
        let mut prefix = [0; PREFIX_BYTES_MAX];
        #[allow(clippy::cast_possible_truncation, reason = "it is below PREFIX_BYTES_MAX")]
        let count = text.len() as u8;
        prefix[0] = count;
        let mut place = 0;
        while place < text.len() {
            prefix[place + 1] = text.as_bytes()[place];
            place += 1;
        }
        Self { prefix, length: text.len() + 1 }
    }

    /// The length of the text in one byte, then the text.
    #[inline]
    pub fn prefix(&self) -> &[u8] {
        &self.prefix[..self.length]
    }
}

/// What a hash over always just `LENGTH` bytes, at most 96, is made for.
///
/// Tag and padding of such a message are known beforehand, so that hashing it is to fill in what it is about.
#[derive(Clone, Copy, Debug)]
pub struct FixedTag<const LENGTH: usize> {
    tag: Tag,
    message: [u8; 2 * sha256::BLOCK_BYTES],
    blocks: usize,
}

impl<const LENGTH: usize> FixedTag<LENGTH> {
    /// The tag with this ASCII text.
    ///
    /// # Panics
    /// Text and `LENGTH` bytes do not fit into two blocks; tags are constants, so that this is found when they are compiled.
    pub const fn new(text: &str) -> Self {
        let tag = Tag::new(text);
        let (message, blocks) = sha256::short_message(tag.prefix.split_at(tag.length).0, LENGTH);
        Self { tag, message, blocks }
    }

    /// The message with the parts in it, and with its padding.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "copies of known lengths are a few instructions each")]
    pub(crate) fn filled(&self, parts: &[&[u8]]) -> [u8; 2 * sha256::BLOCK_BYTES] {
        let mut message = self.message;
        let mut filled = self.tag.length;
        for part in parts {
            message[filled..filled + part.len()].copy_from_slice(part);
            filled += part.len();
        }
        debug_assert_eq!(filled, self.tag.length + LENGTH, "the parts are not as long as the tag says");
        message
    }

    /// How many blocks of it are meant.
    #[inline]
    pub(crate) const fn blocks(&self) -> usize {
        self.blocks
    }
}

/// What ids depend on besides their content, so that nothing signed for one network counts on another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The hash of genesis.
    pub network_id: Bytes32,
    /// The ledger's H.
    pub hash_kind: HashKind,
}

impl Domain {
    /// The domain of the network.
    pub const fn new(network_id: Bytes32, hash_kind: HashKind) -> Self {
        Self { network_id, hash_kind }
    }

    /// H(tag, the parts one after another).
    pub fn hash(&self, tag: Tag, parts: &[&[u8]]) -> Bytes32 {
        self.hash_kind.tagged_hash(tag, parts)
    }

    /// H(tag, the parts one after another), which are `LENGTH` bytes together.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "copies of known lengths are a few instructions each")]
    pub fn hash_fixed<const LENGTH: usize>(&self, tag: &FixedTag<LENGTH>, parts: &[&[u8]]) -> Bytes32 {
        self.hash_kind.fixed_hash(tag, parts)
    }

    /// The bare hash, for the Merkle trees of RFC 6962, which separate their domains by a first byte.
    pub fn untagged_hash(&self, parts: &[&[u8]]) -> Bytes32 {
        self.hash_kind.hash(parts)
    }
}
