//! The examination of one transaction: guards in order of precedence, of which the first that bites gives the reason.

use std::ops::Range;

use super::Judging;
use super::hashes::Hashes;
use super::judged::{IdentifiedCoin, JudgedAcceptance, JudgedSubmission, JudgedTransaction};
use super::money::{has_repeats, is_conserved, is_one};
use super::signatures::{Demand, SignatureCheck};
use crate::acceptance::Acceptance;
use crate::control::Operation;
use crate::encoding::{Bytes32, Code, DecodingError};
use crate::genesis::Limits;
use crate::key::PublicKeyRef;
use crate::status::Status;
use crate::transaction::{Body, Kind, Transaction, approve_digest};

const CENTRAL_BANK: u32 = 0;
const UNHELD: &str = "a signature does not hold";

/// The reason, and a word about it for people.
pub(super) type Refused = (Status, &'static str);

/// A key that opens an input, with its signature.
pub(super) type Opened<'a> = (PublicKeyRef<'a>, &'a [u8]);

/// What examining the transactions of one submission needs and fills.
pub(super) struct Examination<'e, 'a, D> {
    pub(super) judging: &'e Judging,
    pub(super) signatures: &'e mut D,
    pub(super) judged: JudgedSubmission,
    /// Kept from one transaction to the next only for its memory.
    pub(super) opened: Vec<Opened<'a>>,
}

impl<'a, D: Demand<'a>> Examination<'_, 'a, D> {
    /// Add the transaction to the submission, or say why it is refused.
    pub(super) fn examine(
        &mut self,
        decoded: Result<(Transaction<'a>, Hashes<'_>), DecodingError>,
    ) -> Result<(), Refused> {
        let (transaction, hashes) = decoded.map_err(|error| (status_of(&error), error.reason))?;
        let body = &transaction.body;
        demand_shape(body, self.judged.home, &self.judging.limits)?;
        let inputs = push_inputs(body, &hashes, &mut self.judged);
        demand_values(body, self.coins(&inputs))?;
        demand_counts(&transaction)?;
        demand_locks(&transaction, hashes.locks, &mut self.opened)?;
        self.demand_signatures(&transaction, &hashes)?;
        let acceptances = self.demand_acceptances(body, &inputs)?;
        if let Some(Operation::OrderedMove { coin_id }) = body.operation.as_deref() {
            let is_named = matches!(self.coins(&inputs), [coin] if coin.id == *coin_id);
            refuse_if(!is_named, Status::MoveInputMismatch, "the input is not the coin that the order names")?;
        }
        push(transaction, &hashes, inputs, &acceptances, &mut self.judged);
        Ok(())
    }

    fn coins(&self, inputs: &Range<u32>) -> &[IdentifiedCoin] {
        &self.judged.inputs[inputs.start as usize..inputs.end as usize]
    }

    /// The owners' signatures and the officers' hold.
    fn demand_signatures(&mut self, transaction: &Transaction<'a>, hashes: &Hashes<'_>) -> Result<(), Refused> {
        let Judging { domain, rules, .. } = self.judging;
        let approvals = &transaction.approvals;
        let is_active = |key: PublicKeyRef<'_>| rules.suites.contains(key.suite);
        let all_active =
            self.opened.iter().all(|(key, _)| is_active(*key)) && approvals.iter().all(|each| is_active(each.key));
        refuse_if(!all_active, Status::SuiteNotActive, "a suite is not active")?;
        if let Some(digest) = hashes.spend {
            for (key, signature) in self.opened.drain(..) {
                let holds = self.signatures.hold(SignatureCheck::new(key, signature, *digest));
                refuse_if(!holds, Status::SignatureInvalid, UNHELD)?;
            }
        }
        if !approvals.is_empty() {
            let digest = approve_digest(hashes.id, domain);
            for approval in approvals.iter() {
                let check = SignatureCheck::new(approval.key, approval.signature, digest);
                refuse_if(!self.signatures.hold(check), Status::SignatureInvalid, UNHELD)?;
            }
        }
        Ok(())
    }

    /// The acceptances are well made and hold, are of different homes, and each names an input.
    fn demand_acceptances(&mut self, body: &Body<'a>, inputs: &Range<u32>) -> Result<Vec<Acceptance<'a>>, Refused> {
        let Judging { domain, rules, .. } = self.judging;
        let mut acceptances = Vec::new();
        for authorisation in body.authorisations.iter() {
            acceptances.push(authorisation.acceptance().map_err(|error| (Status::AcceptanceInvalid, error.reason))?);
        }
        for acceptance in &acceptances {
            let is_active = rules.suites.contains(acceptance.key.suite);
            refuse_if(!is_active, Status::AcceptanceInvalid, "a suite is not active")?;
            let check = SignatureCheck::new(acceptance.key, acceptance.signature, acceptance.signing_digest(domain));
            refuse_if(!self.signatures.hold(check), Status::AcceptanceInvalid, UNHELD)?;
        }
        for (place, acceptance) in acceptances.iter().enumerate() {
            let is_second = acceptances[..place].iter().any(|before| before.home == acceptance.home);
            refuse_if(is_second, Status::AcceptanceInvalid, "two acceptances are of one home")?;
        }
        let is_input = |anchor: &Bytes32| self.coins(inputs).iter().any(|coin| coin.id == *anchor);
        let anchored = acceptances.iter().all(|acceptance| is_input(acceptance.anchor));
        refuse_if(!anchored, Status::AcceptanceInvalid, "an acceptance's anchor is not among the inputs")?;
        Ok(acceptances)
    }
}

/// Add a transaction that was judged before.
pub(super) fn open(
    transaction: Transaction<'_>,
    hashes: &Hashes<'_>,
    into: &mut JudgedSubmission,
) -> Result<(), DecodingError> {
    let mut acceptances = Vec::new();
    for authorisation in transaction.body.authorisations.iter() {
        acceptances.push(authorisation.acceptance()?);
    }
    let inputs = push_inputs(&transaction.body, hashes, into);
    push(transaction, hashes, inputs, &acceptances, into);
    Ok(())
}

const fn status_of(error: &DecodingError) -> Status {
    match error.code {
        Code::Malformed => Status::Malformed,
        Code::ValueOutOfRange => Status::ValueOutOfRange,
    }
}

fn refuse_if(condition: bool, status: Status, detail: &'static str) -> Result<(), Refused> {
    if condition { Err((status, detail)) } else { Ok(()) }
}

/// Which parts a transaction of its kind must and must not have.
fn demand_shape(body: &Body<'_>, home: u32, limits: &Limits) -> Result<(), Refused> {
    let moves = matches!(body.operation.as_deref(), Some(Operation::OrderedMove { .. }));
    let spends = moves || matches!(body.kind, Kind::Transfer | Kind::Redeem);
    let makes = moves || matches!(body.kind, Kind::Transfer | Kind::Issue);
    let for_central_bank = body.kind.has_serial();
    let (inputs, outputs) = (&body.inputs, &body.outputs);
    refuse_if(for_central_bank != (home == CENTRAL_BANK), Status::KindNotForHome, "another home endorses this kind")?;
    refuse_if(inputs.len() > usize::from(limits.inputs_max), Status::TooManyInputs, "there are too many inputs")?;
    refuse_if(outputs.len() > usize::from(limits.outputs_max), Status::TooManyOutputs, "there are too many outputs")?;
    refuse_if(spends && inputs.is_empty(), Status::InputsMissing, "there is no input")?;
    refuse_if(!spends && !inputs.is_empty(), Status::InputsNotAllowed, "this kind has no inputs")?;
    refuse_if(makes && outputs.is_empty(), Status::OutputsMissing, "there is no output")?;
    refuse_if(!makes && !outputs.is_empty(), Status::OutputsNotAllowed, "this kind has no outputs")
}

fn demand_values(body: &Body<'_>, coins: &[IdentifiedCoin]) -> Result<(), Refused> {
    let (spent, made) = (coins.iter().map(|each| each.coin), body.outputs.iter());
    refuse_if(has_repeats(coins), Status::InputRepeated, "a coin is spent twice")?;
    refuse_if(!is_one(spent.clone(), |coin| coin.home), Status::HomesDiffer, "the inputs are of different homes")?;
    if body.kind == Kind::Issue {
        let is_one_target = is_one(made.clone(), |coin| (coin.asset, coin.home));
        refuse_if(!is_one_target, Status::IssueTargetsDiffer, "it issues different assets or to different homes")?;
    }
    if !coins.is_empty() && !body.outputs.is_empty() {
        refuse_if(!is_conserved(spent, made), Status::ValueNotConserved, "inputs and outputs differ in value")?;
    }
    Ok(())
}

/// There are as many witnesses as inputs, and only such approvals as count.
fn demand_counts(transaction: &Transaction<'_>) -> Result<(), Refused> {
    let Transaction { body, witnesses, approvals, .. } = transaction;
    // An ordered move has an input and no witness; every other transaction has one witness per input.
    let expected = if body.kind == Kind::Control { 0 } else { body.inputs.len() };
    refuse_if(witnesses.len() != expected, Status::WitnessCountWrong, "there is not one witness for each input")?;
    let is_transfer = body.kind == Kind::Transfer;
    refuse_if(is_transfer && !approvals.is_empty(), Status::ApprovalsNotAllowed, "a transfer has no approvals")?;
    for (place, approval) in approvals.iter().enumerate() {
        let is_second = approvals.iter().take(place).any(|before| before.key == approval.key);
        refuse_if(is_second, Status::ApprovalRepeated, "an officer approves twice")?;
    }
    Ok(())
}

/// Every input's lock is the one that its coin names and is opened. `opened` becomes the keys that do it with their
/// signatures; coins under one key bring the same, which counts once.
fn demand_locks<'a>(
    transaction: &Transaction<'a>,
    lock_ids: &[Bytes32],
    opened: &mut Vec<Opened<'a>>,
) -> Result<(), Refused> {
    let mut has_unknown_path = false;
    let mut is_restricted = false;
    opened.clear();
    let witnesses = transaction.witnesses.iter().zip(lock_ids);
    for (spent, (witness, lock_id)) in transaction.body.inputs.iter().zip(witnesses) {
        let is_named = *lock_id == spent.coin.lock_id;
        refuse_if(!is_named, Status::LockMismatch, "a lock is not the one that its coin names")?;
        is_restricted |= witness.lock.is_restricted();
        match witness.lock.key_for(witness.path) {
            None => has_unknown_path = true,
            Some(key) if opened.contains(&(key, witness.signature)) => {}
            Some(key) => opened.push((key, witness.signature)),
        }
    }
    refuse_if(has_unknown_path, Status::PathUnknown, "a lock has no such path")?;
    refuse_if(
        is_restricted && !is_permitted(transaction),
        Status::RestrictionViolated,
        "a lock does not permit an output",
    )
}

/// Whether every restricted lock permits every output. What leaves the currency would escape all restrictions.
fn is_permitted(transaction: &Transaction<'_>) -> bool {
    let Transaction { body, witnesses, .. } = transaction;
    body.kind != Kind::Redeem
        && body.inputs.iter().zip(witnesses.iter()).all(|(spent, witness)| {
            !witness.lock.is_restricted()
                || body.outputs.iter().all(|output| witness.lock.permits(&output, &spent.coin.lock_id))
        })
}

/// The inputs with their ids; returns which of the submission's they are.
fn push_inputs(body: &Body<'_>, hashes: &Hashes<'_>, into: &mut JudgedSubmission) -> Range<u32> {
    let coins = body.inputs.iter().zip(hashes.inputs);
    extend(&mut into.inputs, coins.map(|(spent, &id)| IdentifiedCoin { id, coin: spent.coin }))
}

/// The rest of what `apply` needs.
fn push(
    transaction: Transaction<'_>,
    hashes: &Hashes<'_>,
    inputs: Range<u32>,
    acceptances: &[Acceptance<'_>],
    into: &mut JudgedSubmission,
) {
    let Transaction { body, witnesses, approvals, .. } = transaction;
    let opens_at_ms = witnesses.iter().map(|witness| witness.lock.opens_at_ms(witness.path)).max().unwrap_or(0);
    let made = body.outputs.iter().zip(hashes.outputs);
    let outputs = extend(&mut into.outputs, made.map(|(coin, &id)| IdentifiedCoin { id, coin }));
    let acceptances = extend(&mut into.acceptances, acceptances.iter().map(JudgedAcceptance::of));
    let approving = extend(&mut into.approving, approvals.iter().map(|approval| approval.key.to_owned()));
    into.transactions.push(JudgedTransaction {
        id: *hashes.id,
        kind: body.kind,
        expiry_ms: body.expiry_ms,
        opens_at_ms,
        serial: body.serial,
        inputs,
        outputs,
        acceptances,
        approving,
        operation: body.operation,
    });
}

/// Append the items; returns where they are. A submission is smaller than 2^32 bytes, and so is each of its lists.
#[allow(clippy::cast_possible_truncation, reason = "see above")]
fn extend<T>(list: &mut Vec<T>, items: impl Iterator<Item = T>) -> Range<u32> {
    let start = list.len() as u32;
    list.extend(items);
    start..list.len() as u32
}
