//! What transfer, issue, redeem and the ordered move demand of the state, and what they change in it.

use std::collections::BTreeMap;

use super::state::State;
use super::transition::Proposed;
use crate::control::Operation;
use crate::encoding::Bytes32;
use crate::judge::IdentifiedCoin;
use crate::status::Status;
use crate::table::CoinTable;
use crate::transaction::Kind;

/// Whom an acceptance is about: the home that serves, the lock, the asset.
type Payee = (u32, Bytes32, u32);

/// The first reason why the state does not let the money move.
pub(super) fn refusal(proposed: &Proposed<'_>, state: &State, unspent: &CoinTable, time_ms: u64) -> Result<(), Status> {
    let kind = proposed.judged.kind;
    let spends_as_owner = matches!(kind, Kind::Transfer | Kind::Redeem);
    let mut home = Last::about(|home| state.serving(home));
    if spends_as_owner && proposed.inputs.iter().any(|spent| home.answer(spent.coin.home) != proposed.home) {
        return Err(Status::HomeNotServed);
    }
    let mut home = Last::about(|home| state.is_active(home));
    if !proposed.outputs.iter().all(|made| home.answer(made.coin.home)) {
        return Err(Status::OutputHomeInactive);
    }
    let mut asset = Last::about(|asset| state.is_active_asset(asset));
    if !proposed.outputs.iter().chain(proposed.inputs).all(|each| asset.answer(each.coin.asset)) {
        return Err(Status::AssetInactive);
    }
    if kind == Kind::Transfer {
        acceptance_refusal(proposed, state, time_ms)?;
    }
    if proposed.judged.opens_at_ms > time_ms {
        return Err(Status::LockNotYetOpen);
    }
    if spends_as_owner && !state.frozen.is_empty() && proposed.inputs.iter().any(|spent| is_frozen(spent, state)) {
        return Err(Status::InputFrozen);
    }
    if !proposed.inputs.iter().all(|spent| unspent.contains(&spent.id)) {
        return Err(Status::InputNotUnspent);
    }
    if kind == Kind::Issue {
        return quota_refusal(proposed, state);
    }
    Ok(())
}

/// The last answer about a home or an asset: coins of one transaction mostly share both.
struct Last<T, Ask> {
    answered: Option<(u32, T)>,
    ask: Ask,
}

impl<T: Copy, Ask: Fn(u32) -> T> Last<T, Ask> {
    const fn about(ask: Ask) -> Self {
        Self { answered: None, ask }
    }

    #[inline]
    fn answer(&mut self, number: u32) -> T {
        match self.answered {
            Some((asked, answer)) if asked == number => answer,
            _ => self.answered.insert((number, (self.ask)(number))).1,
        }
    }
}

fn is_frozen(spent: &IdentifiedCoin, state: &State) -> bool {
    state.frozen_since_ms(&spent.id, &spent.coin.lock_id).is_some()
}

/// Money that leaves the home needs the word of the home that it goes to.
fn acceptance_refusal(proposed: &Proposed<'_>, state: &State, time_ms: u64) -> Result<(), Status> {
    let is_foreign = |made: &&IdentifiedCoin| state.serving(made.coin.home) != proposed.home;
    let acceptances = proposed.acceptances;
    if acceptances.is_empty() {
        let mut home = Last::about(|home| state.serving(home));
        let leaves = proposed.outputs.iter().any(|made| home.answer(made.coin.home) != proposed.home);
        return if leaves { Err(Status::AcceptanceMissing) } else { Ok(()) };
    }
    let (paid, allowed) = (paid(proposed.outputs.iter().filter(is_foreign), state), allowed(proposed, state));
    if !paid.keys().all(|payee| allowed.contains_key(payee)) {
        return Err(Status::AcceptanceMissing);
    }
    if !acceptances.iter().all(|each| state.is_current(each.key.as_ref(), state.serving(each.home))) {
        return Err(Status::AcceptanceKeyNotCurrent);
    }
    if acceptances.iter().any(|each| each.expiry_ms < time_ms) {
        return Err(Status::AcceptanceExpired);
    }
    if paid.iter().any(|(payee, &value)| value > u128::from(allowed[payee])) {
        return Err(Status::AcceptanceExceeded);
    }
    Ok(())
}

fn paid<'a>(coins: impl Iterator<Item = &'a IdentifiedCoin>, state: &State) -> BTreeMap<Payee, u128> {
    let mut paid = BTreeMap::new();
    for IdentifiedCoin { coin, .. } in coins {
        *paid.entry((state.serving(coin.home), coin.lock_id, coin.asset)).or_default() += u128::from(coin.value);
    }
    paid
}

/// The most that each payee may be paid; where a home and one that it succeeded both say, the larger counts.
fn allowed(proposed: &Proposed<'_>, state: &State) -> BTreeMap<Payee, u64> {
    let mut allowed = BTreeMap::new();
    for acceptance in proposed.acceptances {
        let home = state.serving(acceptance.home);
        for lock in &acceptance.locks {
            let most: &mut u64 = allowed.entry((home, lock.lock_id, lock.asset)).or_default();
            *most = lock.value_max.max(*most);
        }
    }
    allowed
}

fn quota_refusal(proposed: &Proposed<'_>, state: &State) -> Result<(), Status> {
    let Some(first) = proposed.outputs.first() else { return Ok(()) };
    let home = state.serving(first.coin.home);
    let value: u128 = proposed.outputs.iter().map(|made| u128::from(made.coin.value)).sum();
    let quota = state.quotas.get(&(first.coin.asset, home)).copied().unwrap_or(0);
    let (issued, redeemed) = state.issued_and_redeemed(first.coin.asset, home);
    let is_within = issued.saturating_add(value) <= redeemed.saturating_add(u128::from(quota));
    if is_within { Ok(()) } else { Err(Status::QuotaExceeded) }
}

/// Why an ordered move may not happen: its coin must have been frozen for the delay.
pub(super) fn move_refusal(spent: &IdentifiedCoin, state: &State, time_ms: u64, delay_ms: u64) -> Result<(), Status> {
    let since_ms = state.frozen_since_ms(&spent.id, &spent.coin.lock_id).ok_or(Status::NotFrozen)?;
    let is_over = u128::from(time_ms) >= u128::from(since_ms) + u128::from(delay_ms);
    if is_over { Ok(()) } else { Err(Status::FreezeTooRecent) }
}

/// Count what the transaction, which nothing refuses, does to the totals.
pub(super) fn count(proposed: &Proposed<'_>, state: &mut State) {
    match (proposed.judged.kind, proposed.judged.operation.as_deref()) {
        (Kind::Issue, _) => {
            for IdentifiedCoin { coin, .. } in proposed.outputs {
                state.totals_of(coin.asset, coin.home).issued += u128::from(coin.value);
            }
        }
        (Kind::Redeem, _) => {
            for IdentifiedCoin { coin, .. } in proposed.inputs {
                state.totals_of(coin.asset, coin.home).redeemed += u128::from(coin.value);
            }
        }
        (Kind::Transfer, _) | (Kind::Control, Some(Operation::OrderedMove { .. })) => count_flows(proposed, state),
        (Kind::Control, _) => {}
    }
}

fn count_flows(proposed: &Proposed<'_>, state: &mut State) {
    let Some(first) = proposed.inputs.first() else { return };
    let source = first.coin.home;
    for IdentifiedCoin { coin, .. } in proposed.outputs.iter().filter(|made| made.coin.home != source) {
        state.totals_of(coin.asset, source).outflow += u128::from(coin.value);
        state.totals_of(coin.asset, coin.home).inflow += u128::from(coin.value);
    }
}
