//! Coins by issue, and transfers of them.

use settlement::coin::{Coin, Input};
use settlement::domain::Domain;
use settlement::encoding::Bytes32;
use settlement::kernel::Kernel;

use super::Outcome;
use super::bytes::{Money, id, lock_id, next_batch, submission};
use super::network::{AllValid, HOME};

const COIN_VALUE: u64 = 100;
const OUTPUTS: u16 = 1024; // of one issue
const ISSUES: u64 = 16; // in one batch, once there are many coins
const TRANSFERS: usize = 256; // in one submission
const STRIDE: usize = 7_368_787; // a prime, so that coins are spent in an order that has nothing to do with their age
const MEASURED_FROM: u64 = 100_000; // coins, from which the table's size is looked at

/// Coins that were issued, and how many of them have been spent.
pub struct Coins {
    origins: Vec<Bytes32>,
    coin: Coin,
    spent: usize,
}

impl Coins {
    /// A transfer of the next coin.
    fn transfer(&mut self) -> Vec<u8> {
        let place = self.spent * STRIDE % self.count();
        self.spent += 1;
        let index = u16::try_from(place % usize::from(OUTPUTS)).unwrap_or(0);
        let input = Input { origin: self.origins[place / usize::from(OUTPUTS)], index, coin: self.coin };
        let outputs = [COIN_VALUE / 4, COIN_VALUE - COIN_VALUE / 4].map(|value| Coin { value, ..self.coin });
        Money { inputs: vec![input], outputs: outputs.to_vec(), authorisations: Vec::new() }.transfer()
    }

    fn count(&self) -> usize {
        self.origins.len() * usize::from(OUTPUTS)
    }
}

/// Issue so many coins or a few more; return them, and the table's largest bytes per coin on the way.
pub fn growth(kernel: &mut Kernel, coins: u64) -> Outcome<(Coins, f64)> {
    let coin = Coin { asset: 0, value: COIN_VALUE, home: HOME, lock_id: lock_id(kernel.domain()) };
    let mut issued = Coins { origins: Vec::new(), coin, spent: 0 };
    let mut worst: f64 = 0.0;
    while kernel.unspent_count() < coins {
        // Small steps while each counts.
        let at_once = if kernel.unspent_count() < 10 * MEASURED_FROM { 1 } else { ISSUES };
        let money = Money { outputs: vec![coin; OUTPUTS.into()], ..Money::default() };
        let first = issued.origins.len() as u64 + 1;
        let transactions: Vec<_> = (first..first + at_once).map(|serial| money.issue(serial)).collect();
        issued.origins.extend(transactions.iter().map(|each| id(each, kernel.domain())));
        let batch = next_batch(kernel, &[submission(0, &transactions, kernel.domain())]);
        let applied = kernel.apply(&batch, &[], None, &AllValid)?;
        assert!(applied.statuses().all(|status| status == 0), "an issue did not settle");
        if kernel.unspent_count() >= MEASURED_FROM {
            worst = worst.max(kernel.unspent_bytes() as f64 / kernel.unspent_count() as f64);
        }
    }
    Ok((issued, worst))
}

/// Submissions of transfers.
pub struct Submissions(Vec<Vec<u8>>);

impl Submissions {
    /// Some that transfer coins which have not been spent, so many transactions or as many as there are coins for.
    pub fn of(coins: &mut Coins, transactions: usize, domain: &Domain) -> Self {
        let transactions = transactions.min(coins.count() / 4);
        let submissions = (0..transactions / TRANSFERS).map(|_| {
            let transfers: Vec<_> = (0..TRANSFERS).map(|_| coins.transfer()).collect();
            submission(HOME, &transfers, domain)
        });
        Self(submissions.collect())
    }

    /// Their bytes.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// So many and so many of them, one after another.
    pub fn chunks(&self, count: usize) -> impl Iterator<Item = &[Vec<u8>]> {
        self.0.chunks(count)
    }

    /// How many transactions they have.
    pub fn transactions(&self) -> f64 {
        (self.0.len() * TRANSFERS) as f64
    }
}
