//! The first stage: is this submission well made? Stateless, so it runs in parallel and before ordering.
//!
//! Signatures are checked against the keys that the signed object itself carries; whether those keys are the current
//! ones is for `apply` to say.

mod hashes;
mod judged;
mod money;
mod signatures;
mod transaction;

pub use judged::{IdentifiedCoin, JudgedAcceptance, JudgedSubmission, JudgedTransaction};
pub use signatures::{SignatureCheck, Verifier};

use crate::domain::Domain;
use crate::encoding::DecodingError;
use crate::genesis::Limits;
use crate::rules::Rules;
use crate::status::Status;
use crate::submission::Submission;
use crate::transaction::{Kind, Transaction};
use hashes::{Decoded, Hashing, TOGETHER, Wanted};
use signatures::{Demand, Later, Now};
use transaction::Examination;

/// What `judge` depends on besides the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judging {
    /// Of the network.
    pub domain: Domain,
    /// Genesis's limits.
    pub limits: Limits,
    /// The version in force.
    pub rules: Rules,
}

/// Why a submission was refused whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub status: Status,
    /// The first transaction that has it; `None` where it is the submission itself.
    pub index: Option<usize>,
    /// For people; never part of any verdict.
    pub detail: &'static str,
}

/// The submission, or the first reason why it is refused whole.
///
/// # Errors
/// It is refused.
pub fn judge(submission: &[u8], judging: &Judging, verifier: &dyn Verifier) -> Result<JudgedSubmission, Refusal> {
    examine(submission, judging, &mut Now(verifier))
}

/// What `judge` says of each submission, faster: the signatures of all are verified as one batch.
///
/// Whatever is not well made or does not hold is judged again by `judge`, which names the first reason.
pub fn judge_many(
    submissions: &[&[u8]],
    judging: &Judging,
    verifier: &dyn Verifier,
) -> Vec<Result<JudgedSubmission, Refusal>> {
    let mut demanded = Later::default();
    let examined: Vec<_> = submissions
        .iter()
        .map(|submission| {
            let before = demanded.checks.len();
            let judged = examine(submission, judging, &mut demanded).ok();
            if judged.is_none() {
                demanded.checks.truncate(before);
            }
            (judged, before..demanded.checks.len())
        })
        .collect();
    let all_hold = verifier.are_all_valid(&demanded.checks);
    let hold = |checks| all_hold || verifier.are_all_valid(checks);
    examined
        .into_iter()
        .zip(submissions)
        .map(|((judged, checks), submission)| match judged {
            Some(judged) if hold(&demanded.checks[checks.clone()]) => Ok(judged),
            _ => judge(submission, judging, verifier),
        })
        .collect()
}

/// A submission that has been judged before by these rules, decoded without judging it again.
///
/// # Errors
/// It cannot have been.
pub fn open(data: &[u8], judging: &Judging) -> Result<JudgedSubmission, DecodingError> {
    let submission = Submission::decode(data)?;
    let mut opened = empty(&submission, judging);
    let mut hashing = Hashing::of(&judging.domain, Wanted::Ids);
    let mut encoded = submission.transactions.iter();
    while let Some(some) = some_of(&mut encoded) {
        hashing.hash(&some, &judging.domain);
        for transaction in hashing.each(some) {
            let (transaction, hashes) = transaction?;
            transaction::open(transaction, &hashes, &mut opened)?;
        }
    }
    Ok(opened)
}

/// The place of the first control transaction after one of money.
pub fn first_late_control(kinds: impl IntoIterator<Item = Kind>) -> Option<usize> {
    let mut money = false;
    kinds.into_iter().position(|kind| {
        let late = money && kind == Kind::Control;
        money |= kind != Kind::Control;
        late
    })
}

fn examine<'a>(
    data: &'a [u8],
    judging: &Judging,
    signatures: &mut impl Demand<'a>,
) -> Result<JudgedSubmission, Refusal> {
    let refused = |status, detail| Refusal { status, index: None, detail };
    let submission = Submission::decode(data).map_err(|error| refused(Status::SubmissionMalformed, error.reason))?;
    if submission.transactions.len() > judging.limits.batch_transactions_max as usize {
        return Err(refused(Status::SubmissionMalformed, "it has more transactions than fit into a batch"));
    }
    if *submission.network_id != judging.domain.network_id {
        return Err(refused(Status::WrongNetwork, "the submission names another network"));
    }
    if !judging.rules.suites.contains(submission.key.suite) {
        return Err(refused(Status::SubmissionSignatureInvalid, "the suite is not active"));
    }
    let digest = submission.signing_digest(&judging.domain);
    if !signatures.hold(SignatureCheck::new(submission.key, submission.signature, digest)) {
        return Err(refused(Status::SubmissionSignatureInvalid, "the signature does not hold"));
    }
    let judged = empty(&submission, judging);
    let mut examination = Examination { judging, signatures, judged, opened: Vec::new() };
    let mut hashing = Hashing::of(&judging.domain, Wanted::All);
    let mut encoded = submission.transactions.iter();
    let mut index = 0;
    while let Some(some) = some_of(&mut encoded) {
        hashing.hash(&some, &judging.domain);
        for transaction in hashing.each(some) {
            let refused = |(status, detail)| Refusal { status, index: Some(index), detail };
            examination.examine(transaction).map_err(refused)?;
            index += 1;
        }
    }
    let judged = examination.judged;
    match first_late_control(judged.transactions.iter().map(|each| each.kind)) {
        None => Ok(judged),
        index => {
            Err(Refusal { status: Status::ControlAfterMoney, index, detail: "no batch may have control after money" })
        }
    }
}

/// The next transactions that are hashed together, decoded; `None` after the last.
fn some_of<'a>(encoded: &mut impl Iterator<Item = &'a [u8]>) -> Option<Decoded<'a>> {
    let some: Decoded<'a> = encoded.take(TOGETHER).map(Transaction::decode).collect();
    if some.is_empty() { None } else { Some(some) }
}

fn empty(submission: &Submission<'_>, judging: &Judging) -> JudgedSubmission {
    let count = submission.transactions.len();
    JudgedSubmission::new(submission.home, submission.key, judging.rules.version, count)
}
