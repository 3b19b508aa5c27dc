//! Every answer of the kernel. Declaration order is precedence; numbers are permanent and never used again.

/// `Settled`, or the first reason, in the order below, why a transaction did not.
///
/// Up to `ControlAfterMoney` the reasons are found by `judge`, which needs no state; the others by `apply`.
/// Each has a heading in docs/reference/statuses.md and a vector in tests/vectors/kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
#[allow(missing_docs, reason = "docs/reference/statuses.md describes each")]
pub enum Status {
    Settled = 0,

    // Found by judge, of the submission as a whole.
    SubmissionMalformed = 1,
    WrongNetwork = 2,
    SubmissionSignatureInvalid = 3,

    // Found by judge, of one transaction.
    Malformed = 10,
    ValueOutOfRange = 11,
    KindNotForHome = 12,
    TooManyInputs = 13,
    TooManyOutputs = 14,
    InputsMissing = 15,
    InputsNotAllowed = 16,
    OutputsMissing = 17,
    OutputsNotAllowed = 18,
    InputRepeated = 19,
    HomesDiffer = 20,
    IssueTargetsDiffer = 21,
    ValueNotConserved = 22,
    WitnessCountWrong = 23,
    ApprovalsNotAllowed = 24,
    ApprovalRepeated = 25,
    LockMismatch = 26,
    PathUnknown = 27,
    RestrictionViolated = 28,
    SuiteNotActive = 29,
    SignatureInvalid = 30,
    AcceptanceInvalid = 31,
    MoveInputMismatch = 32,
    ControlAfterMoney = 33,

    // Found by apply: who speaks, and when.
    EndorserUnknown = 100,
    EndorserKeyNotCurrent = 101,
    HomeSuspended = 102,
    Expired = 103,
    ExpiryTooFar = 104,
    ApprovalsMissing = 105,
    SerialNotNext = 106,

    // Found by apply, of control.
    InstitutionExists = 110,
    InstitutionUnknown = 111,
    SuccessorInvalid = 112,
    RulesUnknown = 113,
    ReceiptKeyInvalid = 114,
    AlreadyFrozen = 115,
    NotFrozen = 116,
    FreezeTooRecent = 117,
    KeyUnusable = 118,
    KeysUnproven = 119,

    // Found by apply, of money.
    HomeNotServed = 120,
    OutputHomeInactive = 121,
    AssetInactive = 122,
    AcceptanceMissing = 123,
    AcceptanceKeyNotCurrent = 124,
    AcceptanceExpired = 125,
    AcceptanceExceeded = 126,
    LockNotYetOpen = 127,
    InputFrozen = 128,
    InputNotUnspent = 129,
    QuotaExceeded = 130,
}

impl Status {
    /// All of them, in order of precedence.
    pub const ALL: &[Self] = &[
        Self::Settled,
        Self::SubmissionMalformed,
        Self::WrongNetwork,
        Self::SubmissionSignatureInvalid,
        Self::Malformed,
        Self::ValueOutOfRange,
        Self::KindNotForHome,
        Self::TooManyInputs,
        Self::TooManyOutputs,
        Self::InputsMissing,
        Self::InputsNotAllowed,
        Self::OutputsMissing,
        Self::OutputsNotAllowed,
        Self::InputRepeated,
        Self::HomesDiffer,
        Self::IssueTargetsDiffer,
        Self::ValueNotConserved,
        Self::WitnessCountWrong,
        Self::ApprovalsNotAllowed,
        Self::ApprovalRepeated,
        Self::LockMismatch,
        Self::PathUnknown,
        Self::RestrictionViolated,
        Self::SuiteNotActive,
        Self::SignatureInvalid,
        Self::AcceptanceInvalid,
        Self::MoveInputMismatch,
        Self::ControlAfterMoney,
        Self::EndorserUnknown,
        Self::EndorserKeyNotCurrent,
        Self::HomeSuspended,
        Self::Expired,
        Self::ExpiryTooFar,
        Self::ApprovalsMissing,
        Self::SerialNotNext,
        Self::InstitutionExists,
        Self::InstitutionUnknown,
        Self::SuccessorInvalid,
        Self::RulesUnknown,
        Self::ReceiptKeyInvalid,
        Self::AlreadyFrozen,
        Self::NotFrozen,
        Self::FreezeTooRecent,
        Self::KeyUnusable,
        Self::KeysUnproven,
        Self::HomeNotServed,
        Self::OutputHomeInactive,
        Self::AssetInactive,
        Self::AcceptanceMissing,
        Self::AcceptanceKeyNotCurrent,
        Self::AcceptanceExpired,
        Self::AcceptanceExceeded,
        Self::LockNotYetOpen,
        Self::InputFrozen,
        Self::InputNotUnspent,
        Self::QuotaExceeded,
    ];

    /// The permanent number.
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Whether `judge` finds it, so that nothing with it is ever journaled.
    pub const fn is_judged(self) -> bool {
        0 < self.number() && self.number() < Self::EndorserUnknown.number()
    }
}
