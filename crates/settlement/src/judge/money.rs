//! Whether the parts of a transaction fit together: no coin twice, one home, no value made or lost.

use crate::coin::Coin;
use crate::encoding::Bytes32;

use super::judged::IdentifiedCoin;

const FEW: usize = 32; // so many are compared with each other faster than they are sorted

/// Whether two of the coins are one.
pub(super) fn has_repeats(coins: &[IdentifiedCoin]) -> bool {
    if coins.len() <= FEW {
        let is_repeated =
            |(place, coin): (usize, &IdentifiedCoin)| coins[..place].iter().any(|each| each.id == coin.id);
        return coins.iter().enumerate().any(is_repeated);
    }
    let mut ids: Vec<&Bytes32> = coins.iter().map(|coin| &coin.id).collect();
    ids.sort_unstable();
    ids.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether `of` says the same of all coins.
pub(super) fn is_one<T: PartialEq>(mut coins: impl Iterator<Item = Coin>, of: impl Fn(&Coin) -> T) -> bool {
    let first = coins.next().map(|coin| of(&coin));
    first.is_none_or(|first| coins.all(|coin| of(&coin) == first))
}

/// Whether the coins have the same value in each asset. Values are below 2^63 and their number below 2^17, so that no
/// sum comes near 2^128.
pub(super) fn is_conserved(
    spent: impl Iterator<Item = Coin> + Clone,
    made: impl Iterator<Item = Coin> + Clone,
) -> bool {
    if is_one(spent.clone().chain(made.clone()), |coin| coin.asset) {
        return sum(spent) == sum(made);
    }
    sums_by_asset(spent) == sums_by_asset(made)
}

fn sum(coins: impl Iterator<Item = Coin>) -> u128 {
    coins.map(|coin| u128::from(coin.value)).sum()
}

fn sums_by_asset(coins: impl Iterator<Item = Coin>) -> Vec<(u32, u128)> {
    let mut values: Vec<(u32, u128)> = coins.map(|coin| (coin.asset, u128::from(coin.value))).collect();
    values.sort_unstable();
    let mut sums: Vec<(u32, u128)> = Vec::new();
    for (asset, value) in values {
        match sums.last_mut() {
            Some((last, sum)) if *last == asset => *sum += value,
            _ => sums.push((asset, value)),
        }
    }
    sums
}
