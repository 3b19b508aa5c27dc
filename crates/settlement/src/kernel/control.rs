//! What each control operation demands and changes. Judge first, then change: a refused one leaves no trace.

use super::state::{Asset, CENTRAL_BANK, Institution, State};
use crate::control::Operation;
use crate::judge::Verifier;
use crate::key::PublicKey;
use crate::rules::Rules;
use crate::status::Status;

/// Why the state does not let happen what the keys `approving` have approved.
pub(super) fn refusal(
    operation: &Operation,
    state: &State,
    rules: &Rules,
    approving: &[PublicKey],
    verifier: &dyn Verifier,
) -> Result<(), Status> {
    subject_refusal(operation, state)?;
    let keys = keys_set(operation);
    let is_usable = |key: &PublicKey| rules.suites.contains(key.as_ref().suite) && verifier.is_usable(key.as_ref());
    if !keys.iter().all(is_usable) {
        return Err(Status::KeyUnusable);
    }
    let proven = keys.iter().filter(|key| approving.contains(key)).count();
    if proven >= proofs_demanded(operation) { Ok(()) } else { Err(Status::KeysUnproven) }
}

fn subject_refusal(operation: &Operation, state: &State) -> Result<(), Status> {
    let is_known = |home: &u32| state.institutions.contains_key(home);
    let refused = match operation {
        Operation::RegisterInstitution { home, .. } => is_known(home).then_some(Status::InstitutionExists),
        // The central bank holds no coins and cannot be stopped: nobody could then endorse what resumes it.
        Operation::SuspendInstitution { home, .. } | Operation::Quota { home, .. } => {
            (!is_known(home) || *home == CENTRAL_BANK).then_some(Status::InstitutionUnknown)
        }
        Operation::RekeyInstitution { home, .. } | Operation::SubstituteKey { home, .. } => {
            (!is_known(home)).then_some(Status::InstitutionUnknown)
        }
        Operation::SetSuccessor { home, successor } => successor_refusal(*home, *successor, state),
        Operation::ActivateRules { version } => Rules::of(*version).is_none().then_some(Status::RulesUnknown),
        // Without any key nobody could be answered.
        Operation::ReceiptKey { key, active } => {
            let is_last = !active && state.receipt_keys.iter().all(|each| each == key);
            is_last.then_some(Status::ReceiptKeyInvalid)
        }
        Operation::Freeze { target, id } => state.frozen.contains_key(&(*target, *id)).then_some(Status::AlreadyFrozen),
        Operation::Unfreeze { target, id } => {
            (!state.frozen.contains_key(&(*target, *id))).then_some(Status::NotFrozen)
        }
        Operation::Officers(_)
        | Operation::RegisterAsset { .. }
        | Operation::Clock { .. }
        | Operation::OrderedMove { .. } => None,
    };
    refused.map_or(Ok(()), Err)
}

fn successor_refusal(home: u32, successor: u32, state: &State) -> Option<Status> {
    if !state.institutions.contains_key(&home) || !state.institutions.contains_key(&successor) {
        return Some(Status::InstitutionUnknown);
    }
    // The central bank serves no customers, so it can neither be succeeded nor succeed. The home may have a successor
    // already, so the way from the new one may lead through it to another end.
    let is_invalid = home == CENTRAL_BANK
        || successor == CENTRAL_BANK
        || state.succession(successor).any(|each| each == home)
        || !state.is_active(successor);
    is_invalid.then_some(Status::SuccessorInvalid)
}

/// The keys that an operation sets, of which is demanded that somebody can use them.
fn keys_set(operation: &Operation) -> &[PublicKey] {
    match operation {
        Operation::Officers(officers) => &officers.keys,
        Operation::RegisterInstitution { key, .. }
        | Operation::RekeyInstitution { key, .. }
        | Operation::SubstituteKey { key, .. }
        | Operation::ReceiptKey { key, active: true } => std::slice::from_ref(key),
        _ => &[],
    }
}

/// How many of the new keys must approve, too, because without them nobody could put a mistake right.
///
/// Officers could be replaced by keys that nobody holds, and all control passes through the central bank's key.
fn proofs_demanded(operation: &Operation) -> usize {
    match operation {
        Operation::Officers(officers) => usize::from(officers.threshold),
        Operation::RekeyInstitution { home: CENTRAL_BANK, .. } => 1,
        _ => 0,
    }
}

/// Make the operation happen, once nothing refuses it; `time_ms` is the batch's.
pub(super) fn change(operation: &Operation, state: &mut State, time_ms: u64) {
    match operation {
        Operation::RegisterInstitution { home, key } => {
            state.institutions.insert(*home, Institution::new(key.clone()));
        }
        Operation::Quota { asset, home, value } => {
            state.quotas.insert((*asset, *home), *value);
        }
        Operation::Officers(officers) => {
            state.authorities.insert(officers.authority, officers.clone());
        }
        Operation::RegisterAsset { asset, active, code } => {
            state.assets.insert(*asset, Asset { active: *active, code: code.clone() });
        }
        Operation::ActivateRules { version } => state.rules = *version,
        Operation::ReceiptKey { key, active: true } => {
            state.receipt_keys.insert(key.clone());
        }
        Operation::ReceiptKey { key, active: false } => {
            state.receipt_keys.remove(key);
        }
        Operation::Freeze { target, id } => {
            state.frozen.insert((*target, *id), time_ms);
        }
        Operation::Unfreeze { target, id } => {
            state.frozen.remove(&(*target, *id));
        }
        // A move changes money and the clock changes ledger time: `money` and `transition` do that.
        Operation::OrderedMove { .. } | Operation::Clock { .. } => {}
        Operation::SuspendInstitution { home, .. }
        | Operation::RekeyInstitution { home, .. }
        | Operation::SetSuccessor { home, .. }
        | Operation::SubstituteKey { home, .. } => change_institution(operation, state.institutions.get_mut(home)),
    }
}

fn change_institution(operation: &Operation, institution: Option<&mut Institution>) {
    let Some(institution) = institution else { return };
    match operation {
        Operation::SuspendInstitution { suspended, .. } => institution.suspended = *suspended,
        Operation::RekeyInstitution { key, .. } => {
            institution.key = key.clone();
            institution.substitute = None;
        }
        Operation::SetSuccessor { successor, .. } => institution.successor = Some(*successor),
        Operation::SubstituteKey { key, .. } => institution.substitute = Some(key.clone()),
        _ => {}
    }
}
