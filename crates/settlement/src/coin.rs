//! A coin: a value with an owner's lock, served by a home, known by its id. Money exists only as unspent coins.

use crate::domain::{Domain, FixedTag};
use crate::encoding::{Bytes32, Code, DecodingError, Reader};
use crate::many::Many;

/// The asset number of the currency itself; its smallest unit is the fen.
pub const CURRENCY: u32 = 0;
/// The largest value of one coin: what a signed 64-bit column of a database holds.
pub const VALUE_MAX: u64 = (1 << 63) - 1;
/// Bytes of an encoded coin.
pub const COIN_BYTES: usize = 48;
/// Bytes of an encoded input.
pub const INPUT_BYTES: usize = 82;

const COIN: FixedTag<INPUT_BYTES> = FixedTag::new("tongbao/coin/1");

/// What an output creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Which money or security; 0 is the currency.
    pub asset: u32,
    /// In the asset's smallest unit (the fen), 1..2^63 - 1.
    pub value: u64,
    /// The operating institution that serves the owner; 0 is the central bank.
    pub home: u32,
    /// The hash of the lock that the spender must reveal and open.
    pub lock_id: Bytes32,
}

impl Coin {
    /// The coin that these bytes encode; its value is not yet demanded to be in range.
    #[inline]
    fn of(bytes: &[u8; COIN_BYTES]) -> Self {
        Self {
            asset: u32::from_be_bytes(part::<0, 4, _>(bytes)),
            value: u64::from_be_bytes(part::<4, 8, _>(bytes)),
            home: u32::from_be_bytes(part::<12, 4, _>(bytes)),
            lock_id: part::<16, 32, _>(bytes),
        }
    }

    /// The 48 bytes of the coin.
    pub fn encode(&self) -> [u8; COIN_BYTES] {
        let mut bytes = [0; COIN_BYTES];
        bytes[..4].copy_from_slice(&self.asset.to_be_bytes());
        bytes[4..12].copy_from_slice(&self.value.to_be_bytes());
        bytes[12..16].copy_from_slice(&self.home.to_be_bytes());
        bytes[16..].copy_from_slice(&self.lock_id);
        bytes
    }

    #[inline]
    const fn has_value(&self) -> bool {
        0 < self.value && self.value <= VALUE_MAX
    }
}

/// The coins of a body, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coins<'a>(&'a [[u8; COIN_BYTES]]);

impl<'a> Coins<'a> {
    /// So many coins, which start at the reader's place.
    ///
    /// # Errors
    /// The bytes end before, or a value is out of range; whichever comes first.
    #[inline]
    pub fn read(reader: &mut Reader<'a>, count: usize) -> Result<Self, DecodingError> {
        let there = whole::<COIN_BYTES>(reader, count);
        if !there.iter().all(|bytes| Coin::of(bytes).has_value()) {
            return Err(reader.error_with(Code::ValueOutOfRange, "the value of a coin is 1..2^63 - 1"));
        }
        reader.arrays(count).map(Self)
    }

    /// How many there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The coins.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Coin> + Clone + use<'a> {
        self.0.iter().map(Coin::of)
    }

    /// Have the ids hashed that they have as the outputs of the transaction `origin`.
    #[inline]
    pub(crate) fn push_ids(&self, origin: &Bytes32, into: &mut Many) {
        for (index, coin) in self.0.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "a body counts its outputs in two bytes")]
            let index = (index as u16).to_be_bytes();
            into.push_fixed(&COIN, &[origin, &index, coin]);
        }
    }
}

/// A coin to be spent, opened: everything that its id commits to.
///
/// Carrying the opening lets anyone judge a transaction without the ledger's state: the id that is looked up there can
/// only be that of a coin with this value, home and lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The id of the transaction that made the coin.
    pub origin: Bytes32,
    /// Which of that transaction's outputs it is.
    pub index: u16,
    /// The coin.
    pub coin: Coin,
}

impl Input {
    #[inline]
    fn of(bytes: &[u8; INPUT_BYTES]) -> Self {
        Self {
            origin: part::<0, 32, _>(bytes),
            index: u16::from_be_bytes(part::<32, 2, _>(bytes)),
            coin: coin_of(bytes),
        }
    }

    /// The 82 bytes of the opening.
    pub fn encode(&self) -> [u8; INPUT_BYTES] {
        let mut bytes = [0; INPUT_BYTES];
        bytes[..32].copy_from_slice(&self.origin);
        bytes[32..34].copy_from_slice(&self.index.to_be_bytes());
        bytes[34..].copy_from_slice(&self.coin.encode());
        bytes
    }

    /// The id of the coin that this opens.
    pub fn coin_id(&self, domain: &Domain) -> Bytes32 {
        domain.hash_fixed(&COIN, &[&self.encode()])
    }
}

#[inline]
fn coin_of(input: &[u8; INPUT_BYTES]) -> Coin {
    Coin::of(&part::<34, COIN_BYTES, _>(input))
}

/// The inputs of a body, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inputs<'a>(&'a [[u8; INPUT_BYTES]]);

impl<'a> Inputs<'a> {
    /// So many inputs, which start at the reader's place.
    ///
    /// # Errors
    /// The bytes end before, or a value is out of range; whichever comes first.
    #[inline]
    pub fn read(reader: &mut Reader<'a>, count: usize) -> Result<Self, DecodingError> {
        let there = whole::<INPUT_BYTES>(reader, count);
        if !there.iter().all(|bytes| coin_of(bytes).has_value()) {
            return Err(reader.error_with(Code::ValueOutOfRange, "the value of a coin is 1..2^63 - 1"));
        }
        reader.arrays(count).map(Self)
    }

    /// How many there are.
    #[inline]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The inputs.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Input> + Clone + use<'a> {
        self.0.iter().map(Input::of)
    }

    /// Have the ids hashed of the coins that they open.
    #[inline]
    pub fn push_coin_ids(&self, into: &mut Many) {
        for input in self.0 {
            into.push_fixed(&COIN, &[input]);
        }
    }
}

/// The items before the place where the bytes end, at most `count`; what follows the last whole one is not looked at.
#[inline]
fn whole<'a, const LENGTH: usize>(reader: &Reader<'a>, count: usize) -> &'a [[u8; LENGTH]] {
    let (items, _) = reader.left().as_chunks();
    &items[..count.min(items.len())]
}

/// The `LENGTH` bytes from `AT` on.
#[inline]
fn part<const AT: usize, const LENGTH: usize, const OF: usize>(bytes: &[u8; OF]) -> [u8; LENGTH] {
    let mut part = [0; LENGTH];
    part.copy_from_slice(&bytes[AT..AT + LENGTH]);
    part
}
