//! A submission: a home endorses an ordered list of transactions.

use crate::domain::{Domain, Tag};
use crate::encoding::{Bytes32, DecodingError, Reader};
use crate::key::{PublicKeyRef, read_signature};
use crate::transaction::TRANSACTION_BYTES_MAX;

/// So that refusing a submission whole costs its home little, and one submission fits several times in a batch.
pub const SUBMISSION_TRANSACTIONS_MAX: usize = 1024;
/// So that every submission fits into a batch, which has 24 KiB more for its header and to spare.
pub const SUBMISSION_BYTES_MAX: usize = 1000 * 1024;

const SUBMISSION: Tag = Tag::new("tongbao/submission/1");

/// Encodings behind their lengths of four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encodings<'a> {
    items: &'a [u8],
    count: usize,
}

impl<'a> Encodings<'a> {
    /// The encodings, each of at most `length_max` bytes, whose number starts at the reader's place.
    ///
    /// # Errors
    /// The bytes end before, or a length is larger.
    pub fn read(reader: &mut Reader<'a>, length_max: usize) -> Result<Self, DecodingError> {
        let count = usize::from(reader.u16()?);
        let start = reader.left();
        for _ in 0..count {
            reader.sized_u32(length_max)?;
        }
        Ok(Self { items: &start[..start.len() - reader.left().len()], count })
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The encodings.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut reader = Reader::new(self.items, "list");
        (0..self.count).map_while(move |_| reader.sized_u32(usize::MAX).ok())
    }
}

/// What a home hands to the registration centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission<'a> {
    /// Of the network.
    pub network_id: &'a Bytes32,
    /// The home that endorses; 0 is the central bank.
    pub home: u32,
    /// 1..1,024 encoded transactions, in the order in which they are to be applied.
    pub transactions: Encodings<'a>,
    /// The endorser key.
    pub key: PublicKeyRef<'a>,
    /// By that key over everything before.
    pub signature: &'a [u8],
    signed: &'a [u8],
}

impl<'a> Submission<'a> {
    /// The submission whose whole encoding is `data`; its transactions are not looked into.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodingError> {
        let mut reader = Reader::new(data, "submission");
        if data.len() > SUBMISSION_BYTES_MAX {
            return Err(reader.error("a submission has at most 1,024,000 bytes"));
        }
        let network_id = reader.array()?;
        let home = reader.u32()?;
        let transactions = Encodings::read(&mut reader, TRANSACTION_BYTES_MAX)?;
        let key = PublicKeyRef::read(&mut reader)?;
        let signed = &data[..data.len() - reader.left().len()];
        let signature = read_signature(&mut reader)?;
        reader.finish()?;
        if transactions.is_empty() || transactions.len() > SUBMISSION_TRANSACTIONS_MAX {
            return Err(reader.error("a submission has 1..1,024 transactions"));
        }
        Ok(Self { network_id, home, transactions, key, signature, signed })
    }

    /// What the home signs.
    pub fn signing_digest(&self, domain: &Domain) -> Bytes32 {
        domain.hash(SUBMISSION, &[self.signed])
    }
}
