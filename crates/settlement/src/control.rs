//! Control operations: the only way to change anything that can change an outcome.
//!
//! Each operation names a subject; the serial of a control transaction is that of its authority and subject, last + 1.

use crate::encoding::{Bytes32, DecodingError, Reader};
use crate::key::PublicKey;

const OFFICERS_MAX: usize = 32; // approvals of one transaction stay under 4 KiB
const ASSET_CODE_BYTES_MAX: usize = 16; // an ISO 4217 code has 3, an ISIN of a bond 12

/// Who may approve what. Each is k of n keys, set by genesis and changed by control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Authority {
    /// Issue, redeem, quota.
    Issuance = 1,
    /// Institutions, successors, officers, assets, rules, clock, receipt keys.
    Control = 2,
    /// Freezing, ordered moves, substitute keys.
    Offices = 3,
}

impl Authority {
    /// All of them, ascending.
    pub const ALL: [Self; 3] = [Self::Issuance, Self::Control, Self::Offices];

    /// The authority whose number starts at the reader's place.
    ///
    /// # Errors
    /// There is none with that number.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodingError> {
        let number = reader.u8()?;
        Self::ALL
            .into_iter()
            .find(|authority| *authority as u8 == number)
            .ok_or_else(|| reader.error("this authority is unknown"))
    }
}

/// What an id named by freezing is the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum FreezeTarget {
    /// A lock.
    Lock = 1,
    /// A coin.
    Coin = 2,
}

impl FreezeTarget {
    /// What a freeze names, whose number starts at the reader's place.
    ///
    /// # Errors
    /// There is nothing with that number.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodingError> {
        match reader.u8()? {
            1 => Ok(Self::Lock),
            2 => Ok(Self::Coin),
            _ => Err(reader.error("what is frozen is a lock (1) or a coin (2)")),
        }
    }
}

/// The keys of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officers {
    /// Which one.
    pub authority: Authority,
    /// How many of the keys must approve.
    pub threshold: u8,
    /// 1..32 different keys.
    pub keys: Vec<PublicKey>,
}

impl Officers {
    /// The officers whose payload starts at the reader's place.
    ///
    /// # Errors
    /// They are not canonical.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodingError> {
        let authority = Authority::read(reader)?;
        let threshold = reader.u8()?;
        let keys = read_keys(reader)?;
        if keys.is_empty() || keys.len() > OFFICERS_MAX || has_repeats(&keys) {
            return Err(reader.error("an authority has 1..32 different keys"));
        }
        if threshold == 0 || usize::from(threshold) > keys.len() {
            return Err(reader.error("a threshold is 1 to the number of keys"));
        }
        Ok(Self { authority, threshold, keys })
    }

    /// Append the payload: authority, threshold, keys.
    pub fn encode(&self, into: &mut Vec<u8>) {
        #[allow(clippy::cast_possible_truncation, reason = "at most OFFICERS_MAX, by the only way to read them")]
        let count = self.keys.len() as u8;
        into.extend_from_slice(&[self.authority as u8, self.threshold, count]);
        self.keys.iter().for_each(|key| key.encode(into));
    }
}

/// What a control transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of the wire format")]
pub enum Operation {
    /// Admit an operating institution as a home.
    RegisterInstitution { home: u32, key: PublicKey },
    /// Stop or resume what a home endorses and receives.
    SuspendInstitution { home: u32, suspended: bool },
    /// Give a home a new endorser key; the old one counts no more, and a substitute key ends.
    RekeyInstitution { home: u32, key: PublicKey },
    /// Let another home serve the coins of one that failed or refuses; no coin is touched.
    SetSuccessor { home: u32, successor: u32 },
    /// Limit what may be issued into a home: issued - redeemed of the asset there may not exceed it.
    Quota { asset: u32, home: u32, value: u64 },
    /// Replace the keys of an authority.
    Officers(Officers),
    /// Admit an asset, or suspend and resume one.
    RegisterAsset { asset: u32, active: bool, code: String },
    /// Stop a coin, or every coin under a lock, until it is unfrozen.
    Freeze { target: FreezeTarget, id: Bytes32 },
    /// Lift a freeze.
    Unfreeze { target: FreezeTarget, id: Bytes32 },
    /// Move one frozen coin by order, without its owner, once it has been frozen for the delay that genesis fixes.
    OrderedMove { coin_id: Bytes32 },
    /// Let another version of the rules judge from the next batch on; old rules stay executable for replay.
    ActivateRules { version: u32 },
    /// Set ledger time, forwards beyond a heartbeat's step or backwards, after a clock went wrong.
    Clock { time_ms: u64 },
    /// Admit or end a key with which the registration centre signs batch heads and outcomes.
    ReceiptKey { key: PublicKey, active: bool },
    /// Let a second key endorse for a home that failed or refuses, by k of n offices.
    SubstituteKey { home: u32, key: PublicKey },
}

impl Operation {
    /// The operation that starts at the reader's place.
    ///
    /// # Errors
    /// It is not canonical, or its number is unknown.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, DecodingError> {
        Ok(match reader.u8()? {
            1 => Self::RegisterInstitution { home: reader.u32()?, key: PublicKey::read(reader)? },
            2 => Self::SuspendInstitution { home: reader.u32()?, suspended: reader.flag()? },
            3 => Self::RekeyInstitution { home: reader.u32()?, key: PublicKey::read(reader)? },
            4 => Self::SetSuccessor { home: reader.u32()?, successor: reader.u32()? },
            5 => Self::Quota { asset: reader.u32()?, home: reader.u32()?, value: reader.u64()? },
            6 => Self::Officers(Officers::read(reader)?),
            7 => Self::RegisterAsset { asset: reader.u32()?, active: reader.flag()?, code: read_asset_code(reader)? },
            8 => Self::Freeze { target: FreezeTarget::read(reader)?, id: *reader.array()? },
            9 => Self::Unfreeze { target: FreezeTarget::read(reader)?, id: *reader.array()? },
            10 => Self::OrderedMove { coin_id: *reader.array()? },
            11 => Self::ActivateRules { version: reader.u32()? },
            12 => Self::Clock { time_ms: reader.u64()? },
            13 => Self::ReceiptKey { key: PublicKey::read(reader)?, active: reader.flag()? },
            14 => Self::SubstituteKey { home: reader.u32()?, key: PublicKey::read(reader)? },
            _ => return Err(reader.error("this control operation is unknown")),
        })
    }

    /// Who may approve it.
    pub const fn authority(&self) -> Authority {
        match self {
            Self::Quota { .. } => Authority::Issuance,
            Self::Freeze { .. } | Self::Unfreeze { .. } | Self::OrderedMove { .. } | Self::SubstituteKey { .. } => {
                Authority::Offices
            }
            _ => Authority::Control,
        }
    }

    /// What the serial counts within: the operation's family and the thing it changes.
    pub fn subject(&self) -> Vec<u8> {
        match self {
            Self::RegisterInstitution { home, .. }
            | Self::SuspendInstitution { home, .. }
            | Self::RekeyInstitution { home, .. }
            | Self::SetSuccessor { home, .. } => subject(b"institution", &[&home.to_be_bytes()]),
            Self::Quota { asset, home, .. } => subject(b"quota", &[&asset.to_be_bytes(), &home.to_be_bytes()]),
            Self::Officers(officers) => subject(b"officers", &[&[officers.authority as u8]]),
            Self::RegisterAsset { asset, .. } => subject(b"asset", &[&asset.to_be_bytes()]),
            Self::Freeze { target, id } | Self::Unfreeze { target, id } => subject(b"frozen", &[&[*target as u8], id]),
            Self::OrderedMove { coin_id } => subject(b"move", &[coin_id]),
            Self::ActivateRules { .. } => subject(b"rules", &[]),
            Self::Clock { .. } => subject(b"clock", &[]),
            Self::ReceiptKey { .. } => subject(b"receipt-keys", &[]),
            Self::SubstituteKey { home, .. } => subject(b"substitute", &[&home.to_be_bytes()]),
        }
    }
}

fn subject(family: &[u8], thing: &[&[u8]]) -> Vec<u8> {
    [family, &thing.concat()].concat()
}

/// Keys behind their number.
pub(crate) fn read_keys(reader: &mut Reader<'_>) -> Result<Vec<PublicKey>, DecodingError> {
    (0..reader.u8()?).map(|_| PublicKey::read(reader)).collect()
}

/// Whether a key is there twice.
pub(crate) fn has_repeats(keys: &[PublicKey]) -> bool {
    keys.iter().enumerate().any(|(place, key)| keys[..place].contains(key))
}

/// The code of an asset, behind its length: what can name it on screens and papers.
pub(crate) fn read_asset_code(reader: &mut Reader<'_>) -> Result<String, DecodingError> {
    let count = usize::from(reader.u8()?);
    let code = reader.take(count)?;
    let is_printable = |byte: &u8| (b' '..=b'~').contains(byte);
    if count == 0 || count > ASSET_CODE_BYTES_MAX || !code.iter().all(is_printable) {
        return Err(reader.error("an asset's code has 1..16 printable ASCII characters"));
    }
    Ok(code.iter().copied().map(char::from).collect())
}
