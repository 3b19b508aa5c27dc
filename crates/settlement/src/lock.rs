//! Locks: what must be shown to spend a coin. A coin carries only the hash; the spender reveals the rest.

use crate::coin::Coin;
use crate::domain::{Domain, FixedTag, Tag};
use crate::encoding::{Bytes32, DecodingError, Reader};
use crate::key::PublicKeyRef;
use crate::many::Many;

const RESTRICTIONS_MAX: usize = 16; // a witness stays under 1 KiB, as one tap of a card carries
const LOCK: Tag = Tag::new(LOCK_TAG);
const ORDINARY_LOCK: FixedTag<ORDINARY_LOCK_BYTES> = FixedTag::new(LOCK_TAG);
const LOCK_TAG: &str = "tongbao/lock/1";
const ORDINARY_LOCK_BYTES: usize = 68; // of kind 1 under an Ed25519 key
const KEY_LOCK: u8 = 1;
const TIMED_LOCK: u8 = 2;

/// The way by key A, the only one of kind 1.
pub const PATH_A: u8 = 0;
/// The way by key B of kind 2.
pub const PATH_B: u8 = 1;

/// A revealed lock with its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock<'a> {
    encoded: &'a [u8],
    key: PublicKeyRef<'a>,
    timed: Option<Timed<'a>>,
}

/// What a lock of kind 2 has beyond one of kind 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timed<'a> {
    /// Key B.
    pub later_key: PublicKeyRef<'a>,
    /// Ledger time in milliseconds from which key B opens.
    pub later_from_ms: u64,
    /// Ascending homes, big-endian, to which outputs may go; empty together with `locks` means no restriction.
    pub homes: &'a [[u8; 4]],
    /// Ascending lock ids to which outputs may go.
    pub locks: &'a [Bytes32],
}

impl<'a> Lock<'a> {
    /// The lock that starts at the reader's place.
    ///
    /// # Errors
    /// It is not canonical.
    #[inline]
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, DecodingError> {
        let start = reader.left();
        let kind = reader.u8()?;
        if kind != KEY_LOCK && kind != TIMED_LOCK {
            return Err(reader.error("this kind of lock is unknown"));
        }
        let key = PublicKeyRef::read(reader)?;
        let timed = if kind == TIMED_LOCK { Some(Timed::read(reader)?) } else { None };
        reader.array::<32>()?; // the salt
        let encoded = &start[..start.len() - reader.left().len()];
        Ok(Self { encoded, key, timed })
    }

    /// The bytes of the lock.
    pub const fn encoded(&self) -> &'a [u8] {
        self.encoded
    }

    /// What a lock of kind 2 has beyond one of kind 1.
    pub const fn timed(&self) -> Option<&Timed<'a>> {
        self.timed.as_ref()
    }

    /// The lock id that coins carry.
    #[inline]
    pub fn id(&self, domain: &Domain) -> Bytes32 {
        match <&[u8; ORDINARY_LOCK_BYTES]>::try_from(self.encoded) {
            Ok(ordinary) => domain.hash_fixed(&ORDINARY_LOCK, &[ordinary]),
            Err(_) => domain.hash(LOCK, &[self.encoded]),
        }
    }

    /// Have the lock id hashed.
    #[inline]
    pub(crate) fn push_id(&self, into: &mut Many) {
        match <&[u8; ORDINARY_LOCK_BYTES]>::try_from(self.encoded) {
            Ok(ordinary) => into.push_fixed(&ORDINARY_LOCK, &[ordinary]),
            Err(_) => into.push(LOCK, &[self.encoded]),
        }
    }

    /// The key whose signature opens the lock by `path`, or `None` where there is no such path.
    #[inline]
    pub fn key_for(&self, path: u8) -> Option<PublicKeyRef<'a>> {
        match (path, self.timed) {
            (PATH_A, _) => Some(self.key),
            (PATH_B, Some(timed)) => Some(timed.later_key),
            _ => None,
        }
    }

    /// The ledger time from which `path` is open.
    #[inline]
    pub fn opens_at_ms(&self, path: u8) -> u64 {
        match self.timed {
            Some(timed) if path == PATH_B => timed.later_from_ms,
            _ => 0,
        }
    }

    /// Whether some outputs are not permitted.
    #[inline]
    pub fn is_restricted(&self) -> bool {
        self.timed.is_some_and(|timed| !timed.homes.is_empty() || !timed.locks.is_empty())
    }

    /// Whether a coin under this lock, whose id is `lock_id`, may become `output`: to a named home or lock, or back as
    /// change.
    pub fn permits(&self, output: &Coin, lock_id: &Bytes32) -> bool {
        let Some(timed) = self.timed.filter(|_| self.is_restricted()) else { return true };
        timed.homes.binary_search(&output.home.to_be_bytes()).is_ok()
            || timed.locks.binary_search(&output.lock_id).is_ok()
            || output.lock_id == *lock_id
    }
}

impl<'a> Timed<'a> {
    /// What stands between key A and the salt.
    fn read(reader: &mut Reader<'a>) -> Result<Self, DecodingError> {
        let later_key = PublicKeyRef::read(reader)?;
        let later_from_ms = reader.u64()?;
        let homes = read_restrictions(reader)?;
        let locks = read_restrictions(reader)?;
        Ok(Self { later_key, later_from_ms, homes, locks })
    }
}

fn read_restrictions<'a, const LENGTH: usize>(reader: &mut Reader<'a>) -> Result<&'a [[u8; LENGTH]], DecodingError> {
    let count = usize::from(reader.u8()?);
    let named = reader.arrays(count)?;
    if count > RESTRICTIONS_MAX {
        return Err(reader.error("a lock names at most 16 homes and 16 locks"));
    }
    if !named.is_sorted_by(|one, next| one < next) {
        return Err(reader.error("the homes and the locks of a lock ascend without repeats"));
    }
    Ok(named)
}
