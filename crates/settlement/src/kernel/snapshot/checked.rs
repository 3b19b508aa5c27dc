//! Reading a snapshot front to back while its checksum is computed.

use std::io::{self, Read};

use super::CHECKSUM;
use crate::domain::{HashKind, Hasher};

const CHECKSUM_BYTES: usize = 32;
const CHUNK_BYTES: usize = 1 << 20; // so that hashing and reading are done in large pieces

/// Why reading ended.
pub(super) enum Flaw {
    /// The bytes are wrong.
    Damaged(&'static str),
    /// There were none where some should be had.
    Unreadable(io::Error),
}

impl From<io::Error> for Flaw {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// A reader that always knows which bytes are the last 32, the checksum, and hashes all before them.
pub(super) struct CheckedReader<R> {
    source: R,
    hasher: Hasher,
    buffer: Vec<u8>,
    place: usize,
}

impl<R: Read> CheckedReader<R> {
    pub(super) fn new(source: R, hash_kind: HashKind) -> Self {
        let hasher = Hasher::new(hash_kind, CHECKSUM);
        Self { source, hasher, buffer: Vec::with_capacity(CHUNK_BYTES + CHECKSUM_BYTES), place: 0 }
    }

    /// The next `LENGTH` bytes of the content.
    pub(super) fn take<const LENGTH: usize>(&mut self) -> Result<[u8; LENGTH], Flaw> {
        if self.left() < LENGTH {
            self.refill()?;
        }
        if self.left() < LENGTH {
            return Err(Flaw::Damaged("it ends too early"));
        }
        let mut taken = [0; LENGTH];
        taken.copy_from_slice(&self.buffer[self.place..self.place + LENGTH]);
        self.place += LENGTH;
        Ok(taken)
    }

    /// The next `length` bytes of the content, which may be more than there are.
    pub(super) fn take_long(&mut self, length: u64) -> Result<Vec<u8>, Flaw> {
        let mut taken = Vec::new();
        loop {
            let wanted = usize::try_from(length).unwrap_or(usize::MAX) - taken.len();
            let piece = &self.buffer[self.place..][..wanted.min(self.left())];
            taken.extend_from_slice(piece);
            self.place += piece.len();
            if taken.len() as u64 == length {
                return Ok(taken);
            }
            if self.refill()? == 0 {
                return Err(Flaw::Damaged("it ends too early"));
            }
        }
    }

    pub(super) fn u32(&mut self) -> Result<u32, Flaw> {
        self.take().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Flaw> {
        self.take().map(u64::from_be_bytes)
    }

    /// Whether the content ends here and its checksum is right.
    pub(super) fn is_checksum_right(&mut self) -> Result<bool, Flaw> {
        while self.left() == 0 && self.refill()? > 0 {}
        if self.left() > 0 {
            return Err(Flaw::Damaged("there are bytes too many"));
        }
        Ok(self.is_checksum_right_after_rest()?)
    }

    /// Whether the checksum is right over everything before it, read so far or not.
    pub(super) fn is_checksum_right_after_rest(&mut self) -> io::Result<bool> {
        loop {
            self.place += self.left();
            if self.refill()? == 0 {
                break;
            }
        }
        Ok(self.buffer == self.hasher.clone().finish())
    }

    /// How many bytes of the content are at hand.
    fn left(&self) -> usize {
        (self.buffer.len() - self.place).saturating_sub(CHECKSUM_BYTES)
    }

    /// Hash what was taken and read more; return how many bytes were.
    fn refill(&mut self) -> io::Result<u64> {
        self.hasher.update(&self.buffer[..self.place]);
        self.buffer.drain(..self.place);
        self.place = 0;
        let room = CHUNK_BYTES as u64;
        Ok(self.source.by_ref().take(room).read_to_end(&mut self.buffer)? as u64)
    }
}
