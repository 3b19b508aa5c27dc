//! An acceptance: the payee's home says which locks it will take money for, up to how much, and until when.

use crate::domain::{Domain, Tag};
use crate::encoding::{Bytes32, DecodingError, Reader};
use crate::key::{PublicKeyRef, read_signature};

const ACCEPTED_LOCKS_MAX: usize = 16; // one payment has a payee, a sweep and perhaps a few partners; 16 is ample
const ACCEPTED_LOCK_BYTES: usize = 44;
const LOCK_AND_ASSET_BYTES: usize = 36;
const ACCEPTANCE: Tag = Tag::new("tongbao/acceptance/1");

/// One lock that may receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptedLock {
    /// The lock.
    pub lock_id: Bytes32,
    /// Of which asset.
    pub asset: u32,
    /// The most that one transaction may pay to it.
    pub value_max: u64,
}

/// A payee's home's word that its limits allow what a transfer from another home pays.
///
/// It names one coin among the transfer's inputs, the anchor. A coin is spent once, so an acceptance lets at most one
/// transfer settle, and nobody needs to remember which acceptances were used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance<'a> {
    /// The payee's home, which signs.
    pub home: u32,
    /// The id of the coin that the transfer must spend.
    pub anchor: &'a Bytes32,
    /// Last ledger time at which it counts.
    pub expiry_ms: u64,
    /// The endorser key of `home`.
    pub key: PublicKeyRef<'a>,
    /// By that key.
    pub signature: &'a [u8],
    locks: &'a [[u8; ACCEPTED_LOCK_BYTES]],
    terms: &'a [u8],
}

impl<'a> Acceptance<'a> {
    /// The acceptance whose whole encoding is `data`.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodingError> {
        let mut reader = Reader::new(data, "acceptance");
        let home = reader.u32()?;
        let anchor = reader.array()?;
        let expiry_ms = reader.u64()?;
        let count = usize::from(reader.u8()?);
        let locks = reader.arrays(count)?;
        let key = PublicKeyRef::read(&mut reader)?;
        let terms = &data[..data.len() - reader.left().len()];
        let signature = read_signature(&mut reader)?;
        reader.finish()?;
        if count == 0 || count > ACCEPTED_LOCKS_MAX {
            return Err(reader.error("an acceptance names 1..16 locks"));
        }
        if has_repeats(locks) {
            return Err(reader.error("an acceptance names each lock once per asset"));
        }
        Ok(Self { home, anchor, expiry_ms, key, signature, locks, terms })
    }

    /// The locks that may receive, each once per asset.
    pub fn locks(&self) -> impl ExactSizeIterator<Item = AcceptedLock> + use<'a> {
        self.locks.iter().map(|bytes| {
            let (lock_id, rest) = split::<32, 12>(bytes);
            let (asset, value_max) = split::<4, 8>(&rest);
            AcceptedLock { lock_id, asset: u32::from_be_bytes(asset), value_max: u64::from_be_bytes(value_max) }
        })
    }

    /// What the payee's home signs.
    pub fn signing_digest(&self, domain: &Domain) -> Bytes32 {
        domain.hash(ACCEPTANCE, &[&domain.network_id, self.terms])
    }
}

fn has_repeats(locks: &[[u8; ACCEPTED_LOCK_BYTES]]) -> bool {
    let is_same = |one: &[u8; ACCEPTED_LOCK_BYTES], other: &[u8; ACCEPTED_LOCK_BYTES]| {
        one[..LOCK_AND_ASSET_BYTES] == other[..LOCK_AND_ASSET_BYTES]
    };
    locks.iter().enumerate().any(|(place, lock)| locks[..place].iter().any(|before| is_same(before, lock)))
}

/// `bytes`, which are `FIRST` + `REST` long, in two.
fn split<const FIRST: usize, const REST: usize>(bytes: &[u8]) -> ([u8; FIRST], [u8; REST]) {
    let mut parts = ([0; FIRST], [0; REST]);
    parts.0.copy_from_slice(&bytes[..FIRST]);
    parts.1.copy_from_slice(&bytes[FIRST..]);
    parts
}
