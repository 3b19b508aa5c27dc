//! One transaction: the first reason that refuses it, or what it changes. It is decided first and then written, so that
//! what is refused leaves no trace.

use super::applied::AppliedBatch;
use super::state::State;
use super::unspent::Unspent;
use super::{control, money};
use crate::control::{Authority, Operation};
use crate::genesis::Limits;
use crate::judge::{IdentifiedCoin, JudgedAcceptance, JudgedSubmission, JudgedTransaction, Verifier};
use crate::key::{PublicKey, PublicKeyRef};
use crate::rules::Rules;
use crate::status::Status;
use crate::table::Row;
use crate::transaction::Kind;

/// A transaction with the home that endorses it.
pub(super) struct Proposed<'a> {
    pub(super) judged: &'a JudgedTransaction,
    pub(super) home: u32,
    pub(super) key: PublicKeyRef<'a>,
    pub(super) inputs: &'a [IdentifiedCoin],
    pub(super) outputs: &'a [IdentifiedCoin],
    pub(super) acceptances: &'a [JudgedAcceptance],
    pub(super) approving: &'a [PublicKey],
}

impl<'a> Proposed<'a> {
    /// A transaction of the submission.
    #[inline]
    pub(super) fn of(submission: &'a JudgedSubmission, judged: &'a JudgedTransaction) -> Self {
        Self {
            judged,
            home: submission.home,
            key: submission.key.as_ref(),
            inputs: submission.inputs(judged),
            outputs: submission.outputs(judged),
            acceptances: submission.acceptances(judged),
            approving: submission.approving(judged),
        }
    }

    fn authority(&self) -> Authority {
        self.judged.operation.as_ref().map_or(Authority::Issuance, |operation| operation.authority())
    }

    /// What the serial of an issue or control transaction counts within.
    fn subject(&self) -> Vec<u8> {
        match (&self.judged.operation, self.outputs.first()) {
            (Some(operation), _) => operation.subject(),
            (None, Some(first)) => {
                [&b"issue"[..], &first.coin.asset.to_be_bytes(), &first.coin.home.to_be_bytes()].concat()
            }
            (None, None) => b"issue".to_vec(),
        }
    }
}

/// What a batch is applied by, the same for all its transactions.
pub(super) struct Setting<'a> {
    pub(super) limits: &'a Limits,
    pub(super) verifier: &'a dyn Verifier,
    /// The batch's time, also after a clock operation in it.
    pub(super) time_ms: u64,
}

/// What is changed: money, control, ledger time.
pub(super) struct Ledger<'a> {
    pub(super) state: &'a mut State,
    pub(super) unspent: &'a mut Unspent,
    pub(super) time_ms: &'a mut u64,
}

/// A coin that is to be made is there already, or one to be ended is not: this software or its memory is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contradiction;

impl Ledger<'_> {
    /// Let the transaction happen unless something refuses it, and note the verdict.
    #[inline]
    pub(super) fn apply(
        &mut self,
        proposed: &Proposed<'_>,
        setting: &Setting<'_>,
        applied: &mut AppliedBatch,
    ) -> Result<(), Contradiction> {
        if let Err(status) = self.refusal(proposed, setting) {
            applied.add_verdict(&proposed.judged.id, status);
            return Ok(());
        }
        self.move_coins(proposed)?;
        if proposed.judged.kind != Kind::Transfer {
            self.change_control(proposed, setting);
        }
        applied.add_settled(proposed);
        Ok(())
    }

    /// The first reason in the order of the statuses.
    #[inline]
    fn refusal(&self, proposed: &Proposed<'_>, setting: &Setting<'_>) -> Result<(), Status> {
        let (judged, state, time_ms) = (proposed.judged, &*self.state, setting.time_ms);
        let institution = state.institutions.get(&proposed.home).ok_or(Status::EndorserUnknown)?;
        if !institution.is_current(proposed.key) {
            return Err(Status::EndorserKeyNotCurrent);
        }
        if institution.suspended {
            return Err(Status::HomeSuspended);
        }
        if judged.expiry_ms < time_ms.max(state.expired_before_ms) {
            return Err(Status::Expired);
        }
        if judged.expiry_ms - time_ms > setting.limits.expiry_ahead_max_ms {
            return Err(Status::ExpiryTooFar);
        }
        if judged.kind != Kind::Transfer {
            self.approval_refusal(proposed)?;
        }
        if let Some(operation) = judged.operation.as_deref() {
            self.control_refusal(proposed, operation, setting)?;
        }
        money::refusal(proposed, state, self.unspent.table(), time_ms)
    }

    fn approval_refusal(&self, proposed: &Proposed<'_>) -> Result<(), Status> {
        let officers = self.state.authorities.get(&proposed.authority()).ok_or(Status::ApprovalsMissing)?;
        let approving = proposed.approving.iter().filter(|key| officers.keys.contains(key)).count();
        if approving < usize::from(officers.threshold) {
            return Err(Status::ApprovalsMissing);
        }
        if proposed.judged.kind.has_serial() {
            let last = self.state.serials.get(&(proposed.authority(), proposed.subject())).copied().unwrap_or(0);
            if last.checked_add(1) != Some(proposed.judged.serial) {
                return Err(Status::SerialNotNext);
            }
        }
        Ok(())
    }

    fn control_refusal(
        &self,
        proposed: &Proposed<'_>,
        operation: &Operation,
        setting: &Setting<'_>,
    ) -> Result<(), Status> {
        let state = &*self.state;
        if let (Operation::OrderedMove { .. }, Some(spent)) = (operation, proposed.inputs.first()) {
            return money::move_refusal(spent, state, setting.time_ms, setting.limits.ordered_move_delay_ms);
        }
        let rules = Rules::of(state.rules).ok_or(Status::RulesUnknown)?;
        control::refusal(operation, state, rules, proposed.approving, setting.verifier)
    }

    /// End the inputs and make the outputs, once nothing refuses it.
    #[inline]
    fn move_coins(&mut self, proposed: &Proposed<'_>) -> Result<(), Contradiction> {
        for spent in proposed.inputs {
            self.unspent.remove(&row_of(spent))?;
        }
        for made in proposed.outputs {
            self.unspent.insert(&row_of(made))?;
        }
        money::count(proposed, self.state);
        Ok(())
    }

    fn change_control(&mut self, proposed: &Proposed<'_>, setting: &Setting<'_>) {
        if let Some(operation) = proposed.judged.operation.as_deref() {
            control::change(operation, self.state, setting.time_ms);
            if let Operation::Clock { time_ms } = operation {
                self.set_clock(*time_ms, setting.limits.expiry_ahead_max_ms);
            }
        }
        if proposed.judged.kind.has_serial() {
            self.state.serials.insert((proposed.authority(), proposed.subject()), proposed.judged.serial);
        }
    }

    /// Go on from `time_ms`; where that is back, what the ledger said had expired does not come to life again.
    ///
    /// That holds for ever for a clock set back by `expiry_ahead_max_ms` or less. After one that was further ahead,
    /// payments would have to wait until it comes true; so what was signed by it may settle then.
    fn set_clock(&mut self, time_ms: u64, expiry_ahead_max_ms: u64) {
        if time_ms < *self.time_ms {
            let seen_ms = self.state.expired_before_ms.max(*self.time_ms);
            self.state.expired_before_ms = seen_ms.min(time_ms.saturating_add(expiry_ahead_max_ms));
        }
        *self.time_ms = time_ms;
    }
}

#[inline]
fn row_of(each: &IdentifiedCoin) -> Row {
    Row::new(&each.id, each.coin.asset, each.coin.home, each.coin.value)
}
