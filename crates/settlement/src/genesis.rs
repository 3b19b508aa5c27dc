//! Genesis: what a currency is from its first moment. Its hash is the network id that every signature covers.

use crate::control::{Authority, Officers, has_repeats, read_asset_code, read_keys};
use crate::domain::{Domain, HashKind, Tag};
use crate::encoding::{DecodingError, Reader};
use crate::key::PublicKey;

const GENESIS_MAGIC: &[u8; 8] = b"tongbao1";
const NAME_BYTES_MAX: usize = 64;
const INSTITUTIONS_MAX: usize = 1024; // more are registered by control
const RECEIPT_KEYS_MAX: usize = 16; // the centre's writers and their next keys; more are admitted by control
const GENESIS: Tag = Tag::new("tongbao/genesis/1");

/// What bounds one transaction and one batch, for the life of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Coins that one transaction spends.
    pub inputs_max: u16,
    /// Coins that one transaction makes.
    pub outputs_max: u16,
    /// Transactions in one batch.
    pub batch_transactions_max: u32,
    /// How far ahead of ledger time an expiry may lie.
    pub expiry_ahead_max_ms: u64,
    /// How long a coin must have been frozen before an ordered move.
    pub ordered_move_delay_ms: u64,
    /// Batches from one state digest and snapshot to the next.
    pub snapshot_every: u32,
}

impl Limits {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodingError> {
        let limits = Self {
            inputs_max: reader.u16()?,
            outputs_max: reader.u16()?,
            batch_transactions_max: reader.u32()?,
            expiry_ahead_max_ms: reader.u64()?,
            ordered_move_delay_ms: reader.u64()?,
            snapshot_every: reader.u32()?,
        };
        // Without delay an ordered move is at the offices' discretion; any other limit of 0 stops the network.
        let stops = limits.inputs_max == 0
            || limits.outputs_max == 0
            || limits.batch_transactions_max == 0
            || limits.expiry_ahead_max_ms == 0
            || limits.snapshot_every == 0;
        if stops { Err(reader.error("a limit other than the delay is at least 1")) } else { Ok(limits) }
    }
}

/// An operating institution from the first moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenesisInstitution {
    /// Its number, from 1.
    pub home: u32,
    /// Its endorser key.
    pub key: PublicKey,
    /// The most of the currency that may be issued into it, in fen; 0 means none until control sets it.
    pub quota: u64,
}

/// What a currency is from its first moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The domain in which every id of this network is computed.
    pub domain: Domain,
    /// For people, 1..64 bytes of UTF-8 without control characters.
    pub name: String,
    /// Whether seeds, free heartbeats and other aids of testing are allowed.
    pub test_network: bool,
    /// The ledger time of sequence 0.
    pub time_ms: u64,
    /// The first rules version.
    pub rules: u32,
    /// The short name of asset 0, as "CNY"; 1..16 printable ASCII characters.
    pub asset_code: String,
    /// See [`Limits`].
    pub limits: Limits,
    /// Issuance, control and offices, in that order.
    pub authorities: [Officers; 3],
    /// The endorser key of home 0.
    pub central_bank_key: PublicKey,
    /// The first homes, ascending.
    pub institutions: Vec<GenesisInstitution>,
    /// 1..16 different keys with which the registration centre signs.
    pub receipt_keys: Vec<PublicKey>,
}

impl Genesis {
    /// The genesis whose whole encoding is `data`.
    ///
    /// # Errors
    /// It is not canonical.
    pub fn decode(data: &[u8]) -> Result<Self, DecodingError> {
        let mut reader = Reader::new(data, "genesis");
        if reader.array()? != GENESIS_MAGIC {
            return Err(reader.error("this is no genesis"));
        }
        let hash_kind = HashKind::of(reader.u8()?).ok_or_else(|| reader.error("this hash is unknown"))?;
        let network_id = hash_kind.tagged_hash(GENESIS, &[data]);
        let genesis = Self {
            domain: Domain::new(network_id, hash_kind),
            test_network: reader.flag()?,
            time_ms: reader.u64()?,
            rules: reader.u32()?,
            name: read_name(&mut reader)?,
            asset_code: read_asset_code(&mut reader)?,
            limits: Limits::read(&mut reader)?,
            authorities: read_authorities(&mut reader)?,
            central_bank_key: PublicKey::read(&mut reader)?,
            institutions: read_institutions(&mut reader)?,
            receipt_keys: read_receipt_keys(&mut reader)?,
        };
        reader.finish()?;
        Ok(genesis)
    }
}

fn read_name(reader: &mut Reader<'_>) -> Result<String, DecodingError> {
    let count = usize::from(reader.u8()?);
    match str::from_utf8(reader.take(count)?) {
        Ok(name) if (1..=NAME_BYTES_MAX).contains(&count) && !name.contains(char::is_control) => Ok(name.to_owned()),
        _ => Err(reader.error("a name has 1..64 bytes of UTF-8 without control characters")),
    }
}

fn read_authorities(reader: &mut Reader<'_>) -> Result<[Officers; 3], DecodingError> {
    let authorities = [Officers::read(reader)?, Officers::read(reader)?, Officers::read(reader)?];
    if authorities.each_ref().map(|officers| officers.authority) != Authority::ALL {
        return Err(reader.error("the authorities are issuance, control and offices"));
    }
    Ok(authorities)
}

fn read_institutions(reader: &mut Reader<'_>) -> Result<Vec<GenesisInstitution>, DecodingError> {
    let mut institutions = Vec::new();
    for _ in 0..reader.u16()? {
        institutions.push(GenesisInstitution {
            home: reader.u32()?,
            key: PublicKey::read(reader)?,
            quota: reader.u64()?,
        });
    }
    let ascends = institutions.is_sorted_by(|one, next| one.home < next.home);
    let starts_at_one = institutions.first().is_none_or(|first| first.home > 0);
    if institutions.len() > INSTITUTIONS_MAX || !ascends || !starts_at_one {
        return Err(reader.error("there are at most 1,024 institutions with ascending homes from 1"));
    }
    Ok(institutions)
}

fn read_receipt_keys(reader: &mut Reader<'_>) -> Result<Vec<PublicKey>, DecodingError> {
    let keys = read_keys(reader)?;
    if keys.is_empty() || keys.len() > RECEIPT_KEYS_MAX || has_repeats(&keys) {
        return Err(reader.error("there are 1..16 different receipt keys"));
    }
    Ok(keys)
}
