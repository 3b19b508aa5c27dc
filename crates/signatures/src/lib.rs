//! Signatures by suite: one rule of validity for each, the same whether they are checked singly or in batches.
//!
//! The specification is `src/tongbao/coin` (`suites`, `zip215`, `p256`, `passkey`, `sm2`), and both are held to the same
//! vectors. Nothing here knows a secret, so nothing takes care to run in constant time.
#![forbid(unsafe_code)]

mod ed25519;
mod p256;
mod passkey;
mod residue;
mod search;
mod sm2;
#[cfg(test)]
#[path = "../tests/vectors/mod.rs"]
mod vectors;

/// Suite 1: Ed25519 by ZIP 215; keys of 32 bytes, signatures of 64.
pub const ED25519: u8 = 1;
/// Suite 2: ECDSA on P-256 with SHA-256; keys 04 || x || y, signatures r || s.
pub const P256: u8 = 2;
/// Suite 3: assertions of passkeys; keys name relying party and origin, signatures carry what the browser wrote.
pub const PASSKEY: u8 = 3;
/// Suite 4: SM2 with SM3 and one identity for all keys; keys 04 || x || y, signatures r || s.
pub const SM2: u8 = 4;

/// A signature to be checked.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// The number of the suite that gives key and signature their meaning.
    pub suite: u8,
    /// The key in the suite's own encoding.
    pub key: &'a [u8],
    /// The signature in the suite's own encoding.
    pub signature: &'a [u8],
    /// What was signed; the ledger signs digests of 32 bytes.
    pub message: &'a [u8],
}

/// Whether the signature is valid by the one rule of its suite; false for a suite that has none here.
pub fn verify(item: &Item) -> bool {
    match item.suite {
        ED25519 => ed25519::verify(item),
        P256 => p256::verify(item.key, item.signature, item.message),
        PASSKEY => passkey::verify(item.key, item.signature, item.message),
        SM2 => sm2::verify(item.key, item.signature, item.message),
        _ => false,
    }
}

/// Whether [`verify`] holds for every item, found out together: several times as fast as one after another.
pub fn are_all_valid(items: &[Item]) -> bool {
    let parts = Parts::of(items);
    let is_every_suite_known = parts.ed25519.len() + parts.p256.len() + parts.sm2.len() == items.len();
    is_every_suite_known
        && ed25519::are_all_valid(&parts.choose(&parts.ed25519))
        && parts
            .choose(&parts.p256)
            .iter()
            .map(signed_by_p256)
            .collect::<Option<Vec<_>>>()
            .is_some_and(|signed| p256::verdicts(&signed).all(|is_valid| is_valid))
        && sm2::verdicts(&parts.choose(&parts.sm2)).all(|is_valid| is_valid)
}

/// What [`verify`] says of each item, in their order; a few bad ones among many good ones cost little more than none.
pub fn verify_batch(items: &[Item]) -> Vec<bool> {
    let parts = Parts::of(items);
    let mut verdicts = vec![false; items.len()];
    let ed25519 = search::verdicts(&parts.choose(&parts.ed25519), ed25519::are_all_valid, verify);
    let (places, signed): (Vec<usize>, Vec<p256::Signed>) =
        parts.p256.iter().filter_map(|&place| Some((place, signed_by_p256(&items[place])?))).unzip();
    let sm2 = parts.choose(&parts.sm2);
    let found = ed25519.into_iter().chain(p256::verdicts(&signed)).chain(sm2::verdicts(&sm2));
    for (&place, verdict) in parts.ed25519.iter().chain(&places).chain(&parts.sm2).zip(found) {
        verdicts[place] = verdict;
    }
    verdicts
}

/// The places of items that are checked together; items of other suites have none and are not valid.
struct Parts<'a> {
    items: &'a [Item<'a>],
    ed25519: Vec<usize>,
    p256: Vec<usize>,
    sm2: Vec<usize>,
}

impl<'a> Parts<'a> {
    fn of(items: &'a [Item<'a>]) -> Self {
        let mut parts = Self { items, ed25519: Vec::new(), p256: Vec::new(), sm2: Vec::new() };
        for (place, item) in items.iter().enumerate() {
            match item.suite {
                ED25519 => parts.ed25519.push(place),
                P256 | PASSKEY => parts.p256.push(place),
                SM2 => parts.sm2.push(place),
                _ => {}
            }
        }
        parts
    }

    fn choose(&self, places: &[usize]) -> Vec<Item<'a>> {
        places.iter().map(|&place| self.items[place]).collect()
    }
}

/// What a P-256 key has signed if the item is valid; `None` if it is not, whatever the key has signed.
fn signed_by_p256<'a>(item: &Item<'a>) -> Option<p256::Signed<'a>> {
    match item.suite {
        P256 => Some(p256::Signed { key: item.key, signature: item.signature, message: item.message.into() }),
        _ => passkey::signed(item.key, item.signature, item.message),
    }
}

/// Whether somebody can sign for the key, and not everybody: 32 zero bytes as an Ed25519 key would let anyone.
pub fn is_usable(suite: u8, key: &[u8]) -> bool {
    match suite {
        ED25519 => ed25519::is_usable(key),
        P256 => p256::is_key(key),
        PASSKEY => passkey::is_key(key),
        SM2 => sm2::is_key(key),
        _ => false,
    }
}

/// Which code verifies the suite on this machine, to stand beside every figure; `None` for a suite that has none here.
pub fn backend_name(suite: u8) -> Option<&'static str> {
    match suite {
        ED25519 => Some(ed25519::backend_name()),
        P256 | PASSKEY => Some(p256::backend_name()),
        SM2 => Some(sm2::backend_name()),
        _ => None,
    }
}
