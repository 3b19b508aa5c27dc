//! The rules as a table: one row per version. Old versions stay, so that old batches can be replayed.

use crate::key::{ED25519, P256, PASSKEY, SM2};

/// A set of suite numbers below 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suites(u64);

impl Suites {
    /// The set of these suites, each below 64.
    pub const fn of(suites: &[u8]) -> Self {
        let mut bits = 0;
        let mut place = 0;
        while place < suites.len() {
            bits |= 1 << suites[place];
            place += 1;
        }
        Self(bits)
    }

    /// Whether the suite is in the set.
    #[inline]
    pub const fn contains(self, suite: u8) -> bool {
        suite < 64 && self.0 >> suite & 1 == 1
    }
}

/// What one version of the rules allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Its number; a batch header names it.
    pub version: u32,
    /// The signature suites that it verifies.
    pub suites: Suites,
    /// How far a batch with money may step beyond the ledger time before it.
    pub batch_step_max_ms: u64,
    /// How far a heartbeat may; on a test network any amount.
    pub heartbeat_step_max_ms: u64,
    /// How many batches the writer may be ahead of what it has applied.
    pub applied_lag_max: u64,
}

impl Rules {
    /// The version, or `None` where this software lacks it.
    pub fn of(version: u32) -> Option<&'static Self> {
        RULES.iter().find(|rules| rules.version == version)
    }
}

/// Every version that this software can execute.
pub const RULES: &[Rules] = &[FIRST, Rules { version: 2, suites: Suites::of(&[ED25519, P256, PASSKEY, SM2]), ..FIRST }];

const FIRST: Rules = Rules {
    version: 1,
    suites: Suites::of(&[ED25519]),
    batch_step_max_ms: 60_000, // a clock that is wrong by more must not expire anybody's payment
    heartbeat_step_max_ms: 86_400_000, // a night and a day of stand-still; more is for officers to confirm
    applied_lag_max: 8,        // a replica that diverges is found within 8 batches
};
