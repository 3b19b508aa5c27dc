//! What the kernel remembers besides the unspent coins: totals per asset and home, and what control has set.

use std::collections::{BTreeMap, BTreeSet};

use crate::coin::CURRENCY;
use crate::control::{Authority, FreezeTarget, Officers};
use crate::encoding::Bytes32;
use crate::genesis::Genesis;
use crate::key::{PublicKey, PublicKeyRef};

/// The home of the central bank: it endorses issue and control, institutions endorse transfer and redeem.
pub const CENTRAL_BANK: u32 = 0;

/// A home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Institution {
    /// Its endorser key.
    pub key: PublicKey,
    /// Whether control has stopped it.
    pub suspended: bool,
    /// The home that serves in its place.
    pub successor: Option<u32>,
    /// A second endorser key set by the offices.
    pub substitute: Option<PublicKey>,
}

impl Institution {
    /// A home that endorses with `key`.
    pub const fn new(key: PublicKey) -> Self {
        Self { key, suspended: false, successor: None, substitute: None }
    }

    /// Whether `key` speaks for it now.
    #[inline]
    pub fn is_current(&self, key: PublicKeyRef<'_>) -> bool {
        self.key.as_ref() == key || self.substitute.as_ref().is_some_and(|each| each.as_ref() == key)
    }
}

/// One asset at one home, in the asset's smallest unit, since genesis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Made by issue transactions.
    pub issued: u128,
    /// Ended by redeem transactions.
    pub redeemed: u128,
    /// Came from other homes.
    pub inflow: u128,
    /// Went to other homes.
    pub outflow: u128,
}

impl Totals {
    /// Whether just `value` must be unspent at the home. Sums that a snapshot made up may exceed 128 bits.
    pub const fn has_unspent(&self, value: u128) -> bool {
        let (came, came_over) = self.issued.overflowing_add(self.inflow);
        let (went, went_over) = self.redeemed.overflowing_add(self.outflow);
        let (went, more_over) = went.overflowing_add(value);
        came == went && came_over as u8 == went_over as u8 + more_over as u8
    }
}

/// An asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Whether its coins may move.
    pub active: bool,
    /// Its short name, in ASCII.
    pub code: String,
}

/// All of it; only the kernel changes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// By asset and home.
    pub totals: BTreeMap<(u32, u32), Totals>,
    /// By home.
    pub institutions: BTreeMap<u32, Institution>,
    /// The most that may be issued net of redemption, by asset and home.
    pub quotas: BTreeMap<(u32, u32), u64>,
    /// Officers by authority.
    pub authorities: BTreeMap<Authority, Officers>,
    /// By number.
    pub assets: BTreeMap<u32, Asset>,
    /// Ledger time of the freeze, by target kind and id.
    pub frozen: BTreeMap<(FreezeTarget, Bytes32), u64>,
    /// The last serial, by authority and subject.
    pub serials: BTreeMap<(Authority, Vec<u8>), u64>,
    /// Keys of the registration centre that count.
    pub receipt_keys: BTreeSet<PublicKey>,
    /// The rules version in force.
    pub rules: u32,
    /// After the clock was set back, what would have expired before this stays expired.
    pub expired_before_ms: u64,
}

impl State {
    /// The state at sequence 0.
    pub fn of(genesis: &Genesis) -> Self {
        let mut state = Self { rules: genesis.rules, ..Self::default() };
        state.receipt_keys.extend(genesis.receipt_keys.iter().cloned());
        state.assets.insert(CURRENCY, Asset { active: true, code: genesis.asset_code.clone() });
        state.institutions.insert(CENTRAL_BANK, Institution::new(genesis.central_bank_key.clone()));
        for officers in &genesis.authorities {
            state.authorities.insert(officers.authority, officers.clone());
        }
        for each in &genesis.institutions {
            state.institutions.insert(each.home, Institution::new(each.key.clone()));
            state.quotas.insert((CURRENCY, each.home), each.quota);
        }
        state
    }

    /// The home that serves the coins of `home`: itself or, through successors, another.
    #[inline]
    pub fn serving(&self, home: u32) -> u32 {
        self.succession(home).last().unwrap_or(home)
    }

    /// The home, its successor, the successor's, and so on. They are acyclic.
    pub fn succession(&self, home: u32) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(home), |each| self.institutions.get(each).and_then(|found| found.successor))
    }

    /// Whether an institution that may receive serves `home`. The central bank holds no coins.
    #[inline]
    pub fn is_active(&self, home: u32) -> bool {
        let serving = self.institutions.get(&self.serving(home));
        home != CENTRAL_BANK && serving.is_some_and(|institution| !institution.suspended)
    }

    /// Whether `key` speaks for `home` now.
    pub fn is_current(&self, key: PublicKeyRef<'_>, home: u32) -> bool {
        self.institutions.get(&home).is_some_and(|institution| institution.is_current(key))
    }

    /// Whether coins of the asset may move.
    #[inline]
    pub fn is_active_asset(&self, asset: u32) -> bool {
        self.assets.get(&asset).is_some_and(|each| each.active)
    }

    /// Ledger time since when the coin cannot move.
    pub fn frozen_since_ms(&self, coin_id: &Bytes32, lock_id: &Bytes32) -> Option<u64> {
        let since = |target, id: &Bytes32| self.frozen.get(&(target, *id)).copied();
        [since(FreezeTarget::Coin, coin_id), since(FreezeTarget::Lock, lock_id)].into_iter().flatten().min()
    }

    /// The totals of an asset at a home, to be added to.
    pub fn totals_of(&mut self, asset: u32, home: u32) -> &mut Totals {
        self.totals.entry((asset, home)).or_default()
    }

    /// Issued and redeemed of the asset at all homes that `home` serves.
    pub fn issued_and_redeemed(&self, asset: u32, home: u32) -> (u128, u128) {
        let served = self.institutions.keys().filter(|&&each| self.serving(each) == home);
        let totals = served.filter_map(|&each| self.totals.get(&(asset, each)));
        totals.fold((0, 0), |(issued, redeemed), each| {
            (issued.saturating_add(each.issued), redeemed.saturating_add(each.redeemed))
        })
    }
}
