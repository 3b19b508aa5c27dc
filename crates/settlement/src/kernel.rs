//! The second stage: batches change the state, one after another. `src/tongbao/kernel/reference.py` is the
//! specification.
//!
//! A batch is checked as a whole (its place, its link, its time), then its transactions one after another: who speaks
//! and when, then the approvals and the serial, then control or money. The first reason counts, and a transaction that
//! is refused changes nothing.

mod applied;
mod control;
mod digest;
mod fitting;
mod money;
mod snapshot;
mod snapshotting;
mod state;
mod transition;
mod unspent;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::hint::black_box;

pub use applied::{AppliedBatch, CREATED_BYTES, SPENT_BYTES, VERDICT_BYTES};
pub use fitting::{BatchInvalid, HashedBatch};
pub use snapshot::SnapshotError;
pub use snapshotting::{SnapshotWriter, WrittenSnapshot};
pub use state::{Asset, CENTRAL_BANK, Institution, State, Totals};
pub use unspent::CopiedBuckets;

use crate::batch::statuses_hash;
use crate::domain::Domain;
use crate::encoding::Bytes32;
use crate::genesis::Genesis;
use crate::judge::{self, JudgedSubmission, JudgedTransaction, Judging, Verifier};
use crate::rules::Rules;
use crate::table::{BUCKETS, Probe, Row};
use crate::transaction::Kind;
use transition::{Ledger, Proposed, Setting};
use unspent::Unspent;

/// Transactions whose coins are read ahead of applying them: as many as misses of the cache can overlap, and more.
const READ_AHEAD: usize = 32;

/// The settlement kernel.
pub struct Kernel {
    genesis: Genesis,
    rules: &'static Rules,
    state: State,
    unspent: Unspent,
    sequence: u64,
    time_ms: u64,
    chain_head: Bytes32,
    /// Statuses hashes by sequence, ascending: those that the next header may name.
    recent_statuses: Vec<(u64, Bytes32)>,
    probes: Vec<Probe>,
}

/// Genesis names rules that this software lacks: install a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RulesUnknown(pub u32);

impl fmt::Display for RulesUnknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "genesis names rules {}, which this version lacks: install a newer one", self.0)
    }
}

impl std::error::Error for RulesUnknown {}

impl Kernel {
    /// A kernel at sequence 0.
    ///
    /// # Errors
    /// This software does not know the rules that genesis names.
    pub fn new(genesis: Genesis) -> Result<Self, RulesUnknown> {
        let rules = Rules::of(genesis.rules).ok_or(RulesUnknown(genesis.rules))?;
        Ok(Self {
            rules,
            state: State::of(&genesis),
            unspent: Unspent::new(&genesis.domain),
            sequence: 0,
            time_ms: genesis.time_ms,
            chain_head: genesis.domain.network_id,
            recent_statuses: vec![(0, [0; 32])],
            probes: Vec::new(),
            genesis,
        })
    }

    /// Of the network.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// Of the network.
    pub const fn domain(&self) -> &Domain {
        &self.genesis.domain
    }

    /// The last batch applied; 0 is genesis.
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Ledger time.
    pub const fn time_ms(&self) -> u64 {
        self.time_ms
    }

    /// The hash by which the next batch names the last.
    pub const fn chain_head(&self) -> &Bytes32 {
        &self.chain_head
    }

    /// What it remembers besides coins.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What `judge` depends on now.
    pub fn judging(&self) -> Judging {
        Judging { domain: self.genesis.domain.clone(), limits: self.genesis.limits, rules: *self.rules }
    }

    /// The statuses hash of a recently applied batch, for the header of the next.
    pub fn applied_statuses(&self, sequence: u64) -> Option<&Bytes32> {
        self.recent_statuses.iter().find(|(named, _)| *named == sequence).map(|(_, statuses)| statuses)
    }

    /// Whether the coin exists and is unspent.
    #[inline]
    pub fn is_unspent(&self, coin_id: &Bytes32) -> bool {
        self.unspent.table().contains(coin_id)
    }

    /// How many coins are unspent.
    pub fn unspent_count(&self) -> u64 {
        self.unspent.table().len()
    }

    /// Bytes that the table of unspent coins has allocated.
    pub fn unspent_bytes(&self) -> usize {
        self.unspent.table().bytes()
    }

    /// Value of the unspent coins, counted from the coins themselves; where there are none, nothing.
    pub fn unspent_by_asset_and_home(&self) -> BTreeMap<(u32, u32), u128> {
        let mut counted = BTreeMap::new();
        let mut rows = Vec::new();
        let mut bucket = 0;
        while bucket < BUCKETS {
            rows.clear();
            bucket = self.unspent.table().collect_run(bucket, &mut rows).end;
            for row in rows.iter().copied().map(Row::from_bytes) {
                *counted.entry((row.asset(), row.home())).or_default() += u128::from(row.value());
            }
        }
        counted
    }

    /// Totals and everything that control has set, canonical.
    pub fn control_encoding(&self) -> Vec<u8> {
        digest::control_encoding(&self.state)
    }

    /// The hash of unspent coins, totals and control state; independent of how history was batched.
    pub fn state_digest(&mut self) -> Bytes32 {
        let root = self.unspent.root(&self.genesis.domain);
        digest::state_digest(&root, &self.control_encoding(), &self.genesis.domain)
    }

    /// Apply the encoded batch; see [`Self::apply_hashed`].
    ///
    /// # Errors
    /// As there, and where the bytes are no batch.
    pub fn apply(
        &mut self,
        batch: &[u8],
        judged: &[Option<&JudgedSubmission>],
        judged_by: Option<u32>,
        verifier: &dyn Verifier,
    ) -> Result<AppliedBatch, BatchInvalid> {
        let batch = HashedBatch::of(batch, &self.genesis.domain)?;
        self.apply_hashed(&batch, judged, judged_by, verifier)
    }

    /// Apply a batch whose hashes have been computed.
    ///
    /// `judged` holds what `judge` made of its submissions, in their order; it may be shorter, and `None` stands for
    /// what is not at hand. What other rules than those in force judged counts for nothing. A submission without one
    /// was judged before, by the rules `judged_by`, and is only opened; where that is `None` or not the rules in force,
    /// it is judged here.
    ///
    /// # Errors
    /// The batch cannot follow; nothing was changed.
    ///
    /// # Panics
    /// A coin that is to be made is there already, or one that was found is not: no batch can bring that about, so
    /// software or memory is at fault, and the kernel must not go on.
    pub fn apply_hashed(
        &mut self,
        batch: &HashedBatch<'_>,
        judged: &[Option<&JudgedSubmission>],
        judged_by: Option<u32>,
        verifier: &dyn Verifier,
    ) -> Result<AppliedBatch, BatchInvalid> {
        self.demand_fitting(batch)?;
        let submissions = self.judged(batch, judged, judged_by, verifier)?;
        let transactions: Vec<_> = submissions
            .iter()
            .flat_map(|submission| submission.transactions.iter().map(move |each| (&**submission, each)))
            .collect();
        self.demand_control_first(&transactions)?;
        Ok(self.apply_judged(batch, &transactions, verifier))
    }

    fn judged<'a>(
        &self,
        batch: &HashedBatch<'_>,
        judged: &[Option<&'a JudgedSubmission>],
        judged_by: Option<u32>,
        verifier: &dyn Verifier,
    ) -> Result<Vec<Cow<'a, JudgedSubmission>>, BatchInvalid> {
        let judging = self.judging();
        let handed = judged.iter().copied().chain(std::iter::repeat(None));
        batch
            .submissions()
            .zip(handed)
            .map(|(data, handed)| match handed {
                Some(judged) if judged.rules == self.state.rules => Ok(Cow::Borrowed(judged)),
                _ if judged_by == Some(self.state.rules) => judge::open(data, &judging)
                    .map(Cow::Owned)
                    .map_err(|error| BatchInvalid(format!("a submission in it was never judged: {error}"))),
                _ => judge::judge(data, &judging, verifier).map(Cow::Owned).map_err(|refusal| {
                    BatchInvalid(format!("a submission in it is refused: {:?}, {}", refusal.status, refusal.detail))
                }),
            })
            .collect()
    }

    fn demand_control_first(
        &self,
        transactions: &[(&JudgedSubmission, &JudgedTransaction)],
    ) -> Result<(), BatchInvalid> {
        let (count, count_max) = (transactions.len(), self.genesis.limits.batch_transactions_max);
        fitting::demand(count <= count_max as usize, || {
            format!("it has {count} transactions, at most {count_max} are allowed")
        })?;
        let mut after_money = transactions.iter().skip_while(|(_, each)| each.kind == Kind::Control);
        let is_first = after_money.all(|(_, each)| each.kind != Kind::Control);
        fitting::demand(is_first, || "control comes after money in it".to_owned())
    }

    fn apply_judged(
        &mut self,
        batch: &HashedBatch<'_>,
        transactions: &[(&JudgedSubmission, &JudgedTransaction)],
        verifier: &dyn Verifier,
    ) -> AppliedBatch {
        let header = batch.header();
        (self.sequence, self.time_ms, self.chain_head) = (header.sequence, header.time_ms, *batch.chain_head());
        let mut applied = AppliedBatch::following(header.sequence, *batch.chain_head(), transactions.len());
        let setting = Setting { limits: &self.genesis.limits, verifier, time_ms: header.time_ms };
        let mut ledger = Ledger { state: &mut self.state, unspent: &mut self.unspent, time_ms: &mut self.time_ms };
        for some in transactions.chunks(READ_AHEAD) {
            let inputs = some.iter().flat_map(|(submission, each)| submission.inputs(each)).map(|coin| &coin.id);
            let outputs = some.iter().flat_map(|(submission, each)| submission.outputs(each)).map(|coin| &coin.id);
            black_box(ledger.unspent.table().touch(inputs, outputs, &mut self.probes));
            for (submission, each) in some {
                let done = ledger.apply(&Proposed::of(submission, each), &setting, &mut applied);
                assert!(done.is_ok(), "the unspent coins contradict themselves at batch {}", header.sequence);
            }
        }
        self.remember(&applied);
        applied
    }

    /// Keep what the header of the next batch may name.
    fn remember(&mut self, applied: &AppliedBatch) {
        self.rules = Rules::of(self.state.rules).unwrap_or(self.rules); // control activates none that is unknown
        let statuses: Vec<u16> = applied.statuses().collect();
        let oldest = (applied.sequence + 1).saturating_sub(self.rules.applied_lag_max);
        self.recent_statuses.retain(|(named, _)| *named >= oldest);
        self.recent_statuses.push((applied.sequence, statuses_hash(applied.sequence, &statuses, &self.genesis.domain)));
    }
}
