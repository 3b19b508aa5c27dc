//! A batch as its writer makes it: the header's hash of the body is computed while nothing else knows the batch yet, so
//! that whoever applies it need not compute it again.

use crate::batch::{BATCH, BATCH_BODY};
use crate::domain::{Domain, HashKind};
use crate::encoding::Bytes32;

/// The hashes of a batch that somebody has computed from its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHashes {
    pub(crate) kind: HashKind,
    pub(crate) body_hash: Bytes32,
    pub(crate) chain_head: Bytes32,
}

impl BatchHashes {
    /// The hash by which the next batch names this one.
    pub const fn chain_head(&self) -> &Bytes32 {
        &self.chain_head
    }
}

/// A batch in parts, with its hashes.
#[derive(Clone, Debug)]
pub struct FormedBatch<'a> {
    header: Vec<u8>,
    submissions: &'a [&'a [u8]],
    hashes: BatchHashes,
}

impl<'a> FormedBatch<'a> {
    /// The batch of these encoded submissions whose header begins with `start`: all of it but the body's hash, which is
    /// its last field. Whether that is a header at all is for whoever applies it to say.
    pub fn of(start: &[u8], submissions: &'a [&'a [u8]], domain: &Domain) -> Self {
        let count = count_of(submissions);
        let lengths: Vec<[u8; 4]> = submissions.iter().map(|each| length_of(each)).collect();
        let mut parts: Vec<&[u8]> = vec![&count];
        for (length, submission) in lengths.iter().zip(submissions) {
            parts.extend([&length[..], submission]);
        }
        let body_hash = domain.hash(BATCH_BODY, &parts);
        let header = [start, &body_hash].concat();
        let chain_head = domain.hash(BATCH, &[&header]);
        Self { header, submissions, hashes: BatchHashes { kind: domain.hash_kind, body_hash, chain_head } }
    }

    /// Its hashes.
    pub const fn hashes(&self) -> &BatchHashes {
        &self.hashes
    }

    /// How many bytes its encoding has.
    pub fn encoded_len(&self) -> usize {
        let body: usize = self.submissions.iter().map(|each| size_of::<u32>() + each.len()).sum();
        size_of::<u16>() + self.header.len() + size_of::<u16>() + body
    }

    /// Write its encoding.
    ///
    /// # Panics
    /// There is not just as much room as it takes.
    pub fn write(&self, room: &mut [u8]) {
        assert_eq!(room.len(), self.encoded_len(), "the room is not as long as the batch");
        #[allow(clippy::cast_possible_truncation, reason = "a header has 166 bytes")]
        let header_length = (self.header.len() as u16).to_be_bytes();
        let mut room = put(room, &header_length);
        room = put(room, &self.header);
        room = put(room, &count_of(self.submissions));
        for submission in self.submissions {
            room = put(room, &length_of(submission));
            room = put(room, submission);
        }
    }
}

/// Put the bytes at the beginning of the room; what is left of it.
fn put<'r>(room: &'r mut [u8], bytes: &[u8]) -> &'r mut [u8] {
    let (first, rest) = room.split_at_mut(bytes.len());
    first.copy_from_slice(bytes);
    rest
}

#[allow(clippy::cast_possible_truncation, reason = "a batch is refused long before it has so many")]
fn count_of(submissions: &[&[u8]]) -> [u8; 2] {
    (submissions.len() as u16).to_be_bytes()
}

#[allow(clippy::cast_possible_truncation, reason = "a batch is refused long before it is so long")]
fn length_of(submission: &[u8]) -> [u8; 4] {
    (submission.len() as u32).to_be_bytes()
}
