//! Snapshots: the kernel's whole memory in one canonical form, so that a start need not replay every batch.
//!
//! A snapshot proves nothing by itself: whoever wrote it is believed, as the journal is, and the checksum finds damage,
//! not fraud. It can always be made again from the journal. Writing and reading it take one bucket at a time.

mod checked;
mod control_state;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::{fmt, io};

use super::digest::{control_encoding, sort};
use super::unspent::Unspent;
use super::{Kernel, RulesUnknown, State};
use crate::domain::{Hasher, Tag};
use crate::encoding::Bytes32;
use crate::genesis::Genesis;
use crate::rules::Rules;
use crate::table::{BUCKETS, ROW_BYTES, Row};
use checked::{CheckedReader, Flaw};

const MAGIC: &[u8; 8] = b"tbsnap01"; // the digits are the version of this form
pub(super) const CHECKSUM: Tag = Tag::new("tongbao/snapshot/1");

/// Why there is no kernel.
#[derive(Debug)]
pub enum SnapshotError {
    /// The bytes are not a whole snapshot of this network; nothing is lost, the journal has it all.
    Damaged(&'static str),
    /// They could not be read.
    Unreadable(io::Error),
    /// Genesis names rules that this software lacks.
    RulesUnknown(u32),
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(reason) => {
                write!(formatter, "the snapshot cannot be used: {reason}; use an older one, or replay the journal")
            }
            Self::Unreadable(error) => write!(formatter, "the snapshot cannot be read: {error}"),
            Self::RulesUnknown(version) => write!(formatter, "genesis names rules {version}, which this version lacks"),
        }
    }
}

impl std::error::Error for SnapshotError {}

impl Kernel {
    /// Write everything that the kernel remembers, canonical: equal memories give equal bytes.
    ///
    /// # Errors
    /// Those of `into`.
    pub fn write_snapshot(&self, into: &mut impl Write) -> io::Result<()> {
        let mut hasher = Hasher::new(self.genesis.domain.hash_kind, CHECKSUM);
        let mut put = |bytes: &[u8]| {
            hasher.update(bytes);
            into.write_all(bytes)
        };
        put(&self.snapshot_head())?;
        let mut rows = Vec::new();
        let mut bucket = 0;
        while bucket < BUCKETS {
            rows.clear();
            bucket = self.unspent.table().collect_run(bucket, &mut rows).end;
            sort(&mut rows);
            put(rows.as_flattened())?;
        }
        into.write_all(&hasher.finish())
    }

    /// What stands before the coins.
    pub(super) fn snapshot_head(&self) -> Vec<u8> {
        let mut head = [&MAGIC[..], &self.genesis.domain.network_id].concat();
        head.extend_from_slice(&self.sequence.to_be_bytes());
        head.extend_from_slice(&self.time_ms.to_be_bytes());
        head.extend_from_slice(&self.chain_head);
        #[allow(clippy::cast_possible_truncation, reason = "there are no more than any rules' applied_lag_max")]
        head.push(self.recent_statuses.len() as u8);
        for (sequence, statuses) in &self.recent_statuses {
            head.extend_from_slice(&sequence.to_be_bytes());
            head.extend_from_slice(statuses);
        }
        let control = self.control_encoding();
        #[allow(clippy::cast_possible_truncation, reason = "the control state is far smaller than 4 GiB")]
        head.extend_from_slice(&(control.len() as u32).to_be_bytes());
        head.extend_from_slice(&control);
        head.extend_from_slice(&self.unspent.table().len().to_be_bytes());
        head
    }

    /// The kernel as it was when `snapshot` was written.
    ///
    /// # Errors
    /// The bytes are not what `write_snapshot` writes for this network; take an older one or replay.
    pub fn from_snapshot(genesis: Genesis, snapshot: impl Read) -> Result<Self, SnapshotError> {
        let mut kernel = Self::new(genesis).map_err(|RulesUnknown(rules)| SnapshotError::RulesUnknown(rules))?;
        let mut reader = CheckedReader::new(snapshot, kernel.genesis.domain.hash_kind);
        match kernel.read(&mut reader) {
            Ok(()) => Ok(kernel),
            Err(Flaw::Unreadable(error)) => Err(SnapshotError::Unreadable(error)),
            // Where anything is wrong, bytes that changed are the likelier reason: that is what the checksum tells.
            Err(Flaw::Damaged(reason)) => Err(match reader.is_checksum_right_after_rest() {
                Ok(true) => SnapshotError::Damaged(reason),
                Ok(false) => SnapshotError::Damaged("its checksum is wrong"),
                Err(error) => SnapshotError::Unreadable(error),
            }),
        }
    }

    fn read<R: Read>(&mut self, reader: &mut CheckedReader<R>) -> Result<(), Flaw> {
        demand(reader.take::<8>()? == *MAGIC, "it is of an unknown version")?;
        demand(reader.take::<32>()? == self.genesis.domain.network_id, "it is of another network")?;
        self.sequence = reader.u64()?;
        self.time_ms = reader.u64()?;
        self.chain_head = reader.take()?;
        let count = reader.take::<1>()?[0];
        self.recent_statuses = read_statuses(reader, self.sequence, count)?;
        let length = reader.u32()?;
        let control = reader.take_long(u64::from(length))?;
        self.state = control_state::read(&control).map_err(|_| Flaw::Damaged("its control state is malformed"))?;
        demand(control_encoding(&self.state) == control, "its control state is not canonical")?;
        self.rules = Rules::of(self.state.rules).ok_or(Flaw::Damaged("its rules are unknown"))?;
        let counted = read_unspent(reader, &mut self.unspent)?;
        demand(reader.is_checksum_right()?, "its checksum is wrong")?;
        demand(is_exact(&self.state, &counted), "its coins are not its totals")
    }
}

fn demand(holds: bool, reason: &'static str) -> Result<(), Flaw> {
    if holds { Ok(()) } else { Err(Flaw::Damaged(reason)) }
}

fn read_statuses(reader: &mut CheckedReader<impl Read>, sequence: u64, count: u8) -> Result<Vec<(u64, Bytes32)>, Flaw> {
    let mut recent = Vec::new();
    for left in (0..u64::from(count)).rev() {
        let named = reader.u64()?;
        demand(sequence.checked_sub(left) == Some(named), "its statuses have gaps")?;
        recent.push((named, reader.take()?));
    }
    Ok(recent)
}

/// Put the coins into the table; return their values by asset and home.
fn read_unspent(
    reader: &mut CheckedReader<impl Read>,
    unspent: &mut Unspent,
) -> Result<BTreeMap<(u32, u32), u128>, Flaw> {
    let mut counted = BTreeMap::new();
    let mut last: Option<Row> = None;
    for _ in 0..reader.u64()? {
        let row = Row::from_bytes(reader.take::<ROW_BYTES>()?);
        demand(last.is_none_or(|last| last.id() < row.id()), "its coins do not ascend")?;
        demand(unspent.insert(&row).is_ok(), "its coins do not ascend")?;
        *counted.entry((row.asset(), row.home())).or_default() += u128::from(row.value());
        last = Some(row);
    }
    Ok(counted)
}

/// No snapshot brings in or loses money: coins and totals say the same.
fn is_exact(state: &State, counted: &BTreeMap<(u32, u32), u128>) -> bool {
    let value_of = |place| counted.get(place).copied().unwrap_or(0);
    state.totals.iter().all(|(place, each)| each.has_unspent(value_of(place)))
        && counted.iter().all(|(place, value)| *value > 0 && state.totals.contains_key(place))
}
