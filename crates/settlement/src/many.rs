//! Many hashes at once: their messages are gathered and then hashed beside each other, where the processor can.

use lanes::HashLanes;

use crate::domain::{FixedTag, HashKind, Tag};
use crate::encoding::Bytes32;
use crate::sha256::{self, BLOCK_BYTES};

/// Fewer messages are hashed sooner one after another: a round of all lanes takes as long as so many by the
/// instructions for SHA.
const WORTHWHILE: usize = 7;

/// Messages and their hashes, in the order in which they were added.
pub struct Many {
    kind: HashKind,
    lanes: Option<HashLanes>,
    blocks: Vec<[u8; BLOCK_BYTES]>,
    ends: Vec<usize>,
    hashes: Vec<Bytes32>,
}

impl Many {
    /// None yet.
    pub fn of(kind: HashKind) -> Self {
        let lanes = if kind == HashKind::Sha256 { HashLanes::detect() } else { None };
        Self { kind, lanes, blocks: Vec::new(), ends: Vec::new(), hashes: Vec::new() }
    }

    /// Forget all messages and hashes.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.ends.clear();
        self.hashes.clear();
    }

    /// Add H(tag, the parts one after another), which are `LENGTH` bytes together.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "copies of known lengths are a few instructions each")]
    pub fn push_fixed<const LENGTH: usize>(&mut self, tag: &FixedTag<LENGTH>, parts: &[&[u8]]) {
        if self.kind == HashKind::Sha256 && self.lanes.is_some() {
            let message = tag.filled(parts);
            self.blocks.extend_from_slice(&message.as_chunks().0[..tag.blocks()]);
            self.ends.push(self.blocks.len());
        } else {
            self.hashes.push(self.kind.fixed_hash(tag, parts));
        }
    }

    /// Add H(tag, the parts one after another).
    pub fn push(&mut self, tag: Tag, parts: &[&[u8]]) {
        if self.lanes.is_none() {
            self.hashes.push(self.kind.tagged_hash(tag, parts));
            return;
        }
        let length = tag.prefix().len() + parts.iter().map(|part| part.len()).sum::<usize>();
        let start = self.blocks.len();
        self.blocks.resize(start + sha256::blocks_of(length), [0; BLOCK_BYTES]);
        let room = self.blocks[start..].as_flattened_mut();
        let mut filled = 0;
        for part in std::iter::once(tag.prefix()).chain(parts.iter().copied()) {
            room[filled..filled + part.len()].copy_from_slice(part);
            filled += part.len();
        }
        sha256::end(room, length);
        self.ends.push(self.blocks.len());
    }

    /// The hashes of all that was added.
    pub fn finish(&mut self) -> &[Bytes32] {
        let Some(lanes) = self.lanes else { return &self.hashes };
        let done = self.hashes.len();
        let mut start = if done == 0 { 0 } else { self.ends[done - 1] };
        for ends in self.ends[done..].chunks(HashLanes::MESSAGES) {
            let mut messages: [&[[u8; BLOCK_BYTES]]; HashLanes::MESSAGES] = [&[]; HashLanes::MESSAGES];
            for (message, &end) in messages.iter_mut().zip(ends) {
                *message = &self.blocks[start..end];
                start = end;
            }
            let messages = &messages[..ends.len()];
            if messages.len() < WORTHWHILE {
                self.hashes.extend(messages.iter().map(|blocks| sha256::of_padded(blocks)));
            } else {
                self.hashes.extend_from_slice(&lanes.sha256(messages)[..messages.len()]);
            }
        }
        &self.hashes
    }

    /// The hashes that [`Self::finish`] has made.
    pub fn hashes(&self) -> &[Bytes32] {
        &self.hashes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: FixedTag<40> = FixedTag::new("tongbao/short");
    const ANY: Tag = Tag::new("tongbao/any");

    #[test]
    fn messages_of_all_lengths_and_numbers_have_the_hashes_that_they_have_alone() {
        let data: Vec<u8> = (0..=255).cycle().take(1000).collect();
        for kind in [HashKind::Sha256, HashKind::Sm3] {
            for count in 0..40 {
                let mut many = Many::of(kind);
                let mut expected = Vec::new();
                for number in 0..count {
                    let (first, second) = data[..number * 23].split_at(number);
                    many.push(ANY, &[first, second]);
                    expected.push(kind.tagged_hash(ANY, &[first, second]));
                    let (first, second) = data[number..number + 40].split_at(number % 40);
                    many.push_fixed(&SHORT, &[first, second]);
                    expected.push(kind.fixed_hash(&SHORT, &[first, second]));
                    if number == 9 {
                        assert_eq!(many.finish(), expected);
                    }
                }

                assert_eq!(many.finish(), expected, "{count} of {kind:?}");
                many.clear();
                assert!(many.finish().is_empty());
            }
        }
    }
}
