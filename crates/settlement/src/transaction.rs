//! A transaction: what a wallet signs. Body and witnesses are apart, so that its id does not depend on signatures.

use crate::acceptance::Acceptance;
use crate::coin::{Coins, Inputs};
use crate::control::Operation;
use crate::domain::{Domain, FixedTag, Tag};
use crate::encoding::{Bytes32, DecodingError, Reader};
use crate::key::{PublicKeyRef, read_signature};
use crate::lock::Lock;
use crate::many::Many;

/// What one transaction may take, so that a batch of them stays under the largest message of a replicated journal.
pub const TRANSACTION_BYTES_MAX: usize = 512 * 1024;

const BODY_VERSION: u8 = 1;
const ACCEPTANCE_TYPE: u8 = 1;
const TRANSACTION: Tag = Tag::new("tongbao/transaction/1");
const SPEND: FixedTag<32> = FixedTag::new("tongbao/spend/1");
const APPROVE: FixedTag<32> = FixedTag::new("tongbao/approve/1");

/// What a transaction does. The numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "the glossary has them")]
pub enum Kind {
    Transfer = 1,
    Issue = 2,
    Redeem = 3,
    Control = 4,
}

impl Kind {
    #[inline]
    const fn of(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Transfer),
            2 => Some(Self::Issue),
            3 => Some(Self::Redeem),
            4 => Some(Self::Control),
            _ => None,
        }
    }

    /// Whether it is endorsed by the central bank and carries a serial.
    #[inline]
    pub const fn has_serial(self) -> bool {
        matches!(self, Self::Issue | Self::Control)
    }
}

/// What is to happen, and what the transaction's id commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    /// Transfer, issue, redeem or control.
    pub kind: Kind,
    /// Last ledger time in milliseconds at which it may settle.
    pub expiry_ms: u64,
    /// A commitment to order or memo with at least 128 secret bits.
    pub reference: &'a Bytes32,
    /// The coins that are spent, opened.
    pub inputs: Inputs<'a>,
    /// The coins that are made.
    pub outputs: Coins<'a>,
    /// Words of others that it needs.
    pub authorisations: Authorisations<'a>,
    /// For issue and control, last + 1 of its authority and subject; 0 elsewhere.
    pub serial: u64,
    /// For control; `None` elsewhere.
    pub operation: Option<Box<Operation>>,
}

impl<'a> Body<'a> {
    /// The body whose whole encoding is `data`.
    ///
    /// # Errors
    /// It is not canonical.
    #[inline]
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodingError> {
        let mut reader = Reader::new(data, "transaction body");
        if reader.u8()? != BODY_VERSION {
            return Err(reader.error("this version is unknown"));
        }
        let kind = Kind::of(reader.u8()?).ok_or_else(|| reader.error("this transaction kind is unknown"))?;
        let expiry_ms = reader.u64()?;
        let reference = reader.array()?;
        let count = usize::from(reader.u16()?);
        let inputs = Inputs::read(&mut reader, count)?;
        let count = usize::from(reader.u16()?);
        let outputs = Coins::read(&mut reader, count)?;
        let authorisations = List::read(&mut reader, Reader::u8)?;
        let serial = if kind.has_serial() { reader.u64()? } else { 0 };
        let operation = if kind == Kind::Control { Some(Box::new(Operation::read(&mut reader)?)) } else { None };
        reader.finish()?;
        Ok(Self { kind, expiry_ms, reference, inputs, outputs, authorisations, serial, operation })
    }
}

/// One thing of a list whose items have different lengths.
pub trait Item<'a>: Sized {
    /// The item that starts at the reader's place.
    ///
    /// # Errors
    /// It is not canonical.
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodingError>;
}

/// A list that has been read through once, so that reading it again finds as many items.
#[derive(Debug, PartialEq, Eq)]
pub struct List<'a, T> {
    items: &'a [u8],
    count: usize,
    of: std::marker::PhantomData<T>,
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

/// The authorisations of a body.
pub type Authorisations<'a> = List<'a, Authorisation<'a>>;

impl<'a, T: Item<'a>> List<'a, T> {
    /// The list that starts at the reader's place with a number of items that `count` reads.
    #[inline]
    fn read<N: Into<usize>>(
        reader: &mut Reader<'a>,
        count: impl FnOnce(&mut Reader<'a>) -> Result<N, DecodingError>,
    ) -> Result<Self, DecodingError> {
        let count = count(reader)?.into();
        let start = reader.left();
        for _ in 0..count {
            T::read(reader)?;
        }
        let items = &start[..start.len() - reader.left().len()];
        Ok(Self { items, count, of: std::marker::PhantomData })
    }

    /// How many there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The items.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        let mut reader = Reader::new(self.items, "list");
        (0..self.count).map_while(move |_| T::read(&mut reader).ok())
    }
}

/// Somebody else's signed word that a body carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorisation<'a> {
    /// 1 = acceptance; later numbers are kept for allowance and orders.
    pub number: u8,
    /// The encoding of that type.
    pub content: &'a [u8],
}

impl<'a> Authorisation<'a> {
    /// The acceptance that this is.
    ///
    /// # Errors
    /// It is of another type, or its content is no acceptance.
    pub fn acceptance(&self) -> Result<Acceptance<'a>, DecodingError> {
        if self.number != ACCEPTANCE_TYPE {
            return Err(Reader::new(self.content, "authorisation").error("this type is unknown"));
        }
        Acceptance::decode(self.content)
    }
}

impl<'a> Item<'a> for Authorisation<'a> {
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodingError> {
        Ok(Self { number: reader.u8()?, content: reader.sized_u16()? })
    }
}

/// Why an input may be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness<'a> {
    /// The revealed lock.
    pub lock: Lock<'a>,
    /// Which way it is opened.
    pub path: u8,
    /// Over the spend digest, by that path's key.
    pub signature: &'a [u8],
}

impl<'a> Item<'a> for Witness<'a> {
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodingError> {
        Ok(Self { lock: Lock::read(reader)?, path: reader.u8()?, signature: read_signature(reader)? })
    }
}

/// One officer's yes to an issue, redeem or control transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval<'a> {
    /// The officer's key.
    pub key: PublicKeyRef<'a>,
    /// Over the approve digest.
    pub signature: &'a [u8],
}

impl<'a> Item<'a> for Approval<'a> {
    #[inline]
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodingError> {
        Ok(Self { key: PublicKeyRef::read(reader)?, signature: read_signature(reader)? })
    }
}

/// A body with what makes it valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction<'a> {
    /// What is to happen.
    pub body: Body<'a>,
    /// The same as it was sent.
    pub body_bytes: &'a [u8],
    /// One per input, in the inputs' order.
    pub witnesses: List<'a, Witness<'a>>,
    /// Officers' signatures on issue, redeem and control.
    pub approvals: List<'a, Approval<'a>>,
}

impl<'a> Transaction<'a> {
    /// The transaction whose whole encoding is `data`.
    ///
    /// # Errors
    /// It is not canonical.
    #[inline]
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodingError> {
        let mut reader = Reader::new(data, "transaction");
        if data.len() > TRANSACTION_BYTES_MAX {
            return Err(reader.error("a transaction has at most 524,288 bytes"));
        }
        let body_bytes = reader.sized_u32(TRANSACTION_BYTES_MAX)?;
        let witnesses = List::read(&mut reader, Reader::u16)?;
        let approvals = List::read(&mut reader, Reader::u8)?;
        reader.finish()?;
        Ok(Self { body: Body::decode(body_bytes)?, body_bytes, witnesses, approvals })
    }

    /// The transaction's id; it does not depend on witnesses or approvals.
    #[inline]
    pub fn id(&self, domain: &Domain) -> Bytes32 {
        domain.hash(TRANSACTION, &[&domain.network_id, self.body_bytes])
    }

    /// Have the id hashed.
    #[inline]
    pub(crate) fn push_id(&self, network_id: &Bytes32, into: &mut Many) {
        into.push(TRANSACTION, &[network_id, self.body_bytes]);
    }
}

/// What the owner of an input signs for the transaction with id `identity`.
#[inline]
pub fn spend_digest(identity: &Bytes32, domain: &Domain) -> Bytes32 {
    domain.hash_fixed(&SPEND, &[identity])
}

/// Have hashed what the owner of an input signs.
#[inline]
pub(crate) fn push_spend_digest(identity: &Bytes32, into: &mut Many) {
    into.push_fixed(&SPEND, &[identity]);
}

/// What an officer signs for the transaction with id `identity`.
#[inline]
pub fn approve_digest(identity: &Bytes32, domain: &Domain) -> Bytes32 {
    domain.hash_fixed(&APPROVE, &[identity])
}
