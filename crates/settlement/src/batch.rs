//! A batch: what the registration centre orders and journals. Each names its predecessor, so history is a chain.

use crate::domain::{Domain, Tag};
use crate::encoding::{Bytes32, DecodingError, Reader};
use crate::submission::Encodings;

/// One batch is one message of the journal, whose replicated engine takes 2 MiB at most.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;

const BATCH_VERSION: u8 = 1;
pub(crate) const BATCH: Tag = Tag::new("tongbao/batch/1");
pub(crate) const BATCH_BODY: Tag = Tag::new("tongbao/batch-body/1");
const STATUSES: Tag = Tag::new("tongbao/statuses/1");

/// What a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BatchKind {
    /// It has submissions.
    Money = 1,
    /// No submissions: ledger time goes on, or a new writer takes over.
    Heartbeat = 2,
}

/// What a chain head commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader<'a> {
    /// Money or heartbeat.
    pub kind: BatchKind,
    /// Of the network.
    pub network_id: &'a Bytes32,
    /// Its place, from 1 without gaps (0 is genesis).
    pub sequence: u64,
    /// Chain head of the batch before; the network id for the first.
    pub previous: &'a Bytes32,
    /// Ledger time.
    pub time_ms: u64,
    /// The rules version that judges it.
    pub rules: u32,
    /// The latest batch that its writer had applied.
    pub applied_sequence: u64,
    /// Statuses hash of that batch; zeros for 0.
    pub applied_statuses: &'a Bytes32,
    /// Commits to the submissions with all their signatures.
    pub body_hash: &'a Bytes32,
    encoded: &'a [u8],
}

impl<'a> BatchHeader<'a> {
    /// The header whose whole encoding is `data`.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodingError> {
        let mut reader = Reader::new(data, "batch header");
        let (version, number) = (reader.u8()?, reader.u8()?);
        let kind = match number {
            1 if version == BATCH_VERSION => BatchKind::Money,
            2 if version == BATCH_VERSION => BatchKind::Heartbeat,
            _ => return Err(reader.error("this version with this kind is unknown")),
        };
        let header = Self {
            kind,
            network_id: reader.array()?,
            sequence: reader.u64()?,
            previous: reader.array()?,
            time_ms: reader.u64()?,
            rules: reader.u32()?,
            applied_sequence: reader.u64()?,
            applied_statuses: reader.array()?,
            body_hash: reader.array()?,
            encoded: data,
        };
        reader.finish()?;
        Ok(header)
    }

    /// The hash by which the next batch names this one.
    pub fn chain_head(&self, domain: &Domain) -> Bytes32 {
        domain.hash(BATCH, &[self.encoded])
    }
}

/// A header with its submissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch<'a> {
    /// See [`BatchHeader`].
    pub header: BatchHeader<'a>,
    /// Encoded submissions in order; none in a heartbeat.
    pub submissions: Encodings<'a>,
    body: &'a [u8],
}

impl<'a> Batch<'a> {
    /// The batch whose whole encoding is `data`; its submissions are not looked into.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodingError> {
        let mut reader = Reader::new(data, "batch");
        if data.len() > BATCH_BYTES_MAX {
            return Err(reader.error("a batch has at most 1,048,576 bytes"));
        }
        let header = BatchHeader::decode(reader.sized_u16()?)?;
        let body = reader.left();
        let submissions = Encodings::read(&mut reader, BATCH_BYTES_MAX)?;
        reader.finish()?;
        if (header.kind == BatchKind::Heartbeat) != submissions.is_empty() {
            return Err(reader.error("a heartbeat has no submissions, and every other batch has some"));
        }
        Ok(Self { header, submissions, body })
    }

    /// What a header must say of these submissions.
    pub fn body_hash(&self, domain: &Domain) -> Bytes32 {
        domain.hash(BATCH_BODY, &[self.body])
    }
}

/// What a later header says of the verdicts on batch `sequence`.
pub fn statuses_hash(sequence: u64, statuses: &[u16], domain: &Domain) -> Bytes32 {
    #[allow(clippy::cast_possible_truncation, reason = "a batch is smaller than 2^32 bytes")]
    let count = statuses.len() as u32;
    let listed: Vec<u8> = statuses.iter().flat_map(|status| status.to_be_bytes()).collect();
    domain.hash(STATUSES, &[&sequence.to_be_bytes(), &count.to_be_bytes(), &listed])
}
