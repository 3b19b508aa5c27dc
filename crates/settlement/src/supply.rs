//! The Merkle-sum tree over the unspent coins of one asset; `src/tongbao/evidence/supply_tree.py` is the specification.

use sha2::{Digest, Sha512};

use crate::encoding::Bytes32;
use crate::sha256;

/// A row of a snapshot: coin id, asset, home, value.
const COIN_BYTES: usize = 48;
const ROW_BYTES: usize = 40;
const NODE_BYTES: usize = 48;
const SALT_BYTES: usize = 24;
const SPLIT_FROM: usize = 2 * SALT_BYTES;
const LEAVES_MIN: usize = 16;
const BLOCK_LEAVES: usize = 256;
const HMAC_BLOCK_BYTES: usize = 128;
const PART: &[u8] = b"\x15tongbao/supply-part/1";
const NODE: &[u8] = b"\x15tongbao/supply-node/1";

type Row = [u8; ROW_BYTES];
type Node = [u8; NODE_BYTES];

/// A tree as its maker keeps it.
pub struct SupplyTree {
    /// Hash and value of each leaf, ascending.
    pub leaves: Vec<u8>,
    /// The first hash of each block of 256 leaves.
    pub firsts: Vec<u8>,
    /// The levels from the blocks' nodes up to the root.
    pub nodes: Vec<u8>,
}

impl SupplyTree {
    /// The tree over the coins of `asset` among the rows of a snapshot, salted and split by `secret`.
    #[must_use]
    pub fn of(rows: &[u8], asset: u32, secret: &Bytes32) -> Self {
        let drawing = Drawing::by(secret);
        let mut leaves = Vec::new();
        for coin in rows.as_chunks::<COIN_BYTES>().0 {
            if coin[32..36] == asset.to_be_bytes() {
                leaves.extend(drawing.parts_of(coin));
            }
        }
        let count = leaves.len().next_power_of_two().max(LEAVES_MIN);
        leaves.extend((0..(count - leaves.len()) as u64).map(|number| drawing.padding(number)));
        leaves.sort_unstable();
        let blocks = leaves.chunks(BLOCK_LEAVES);
        let firsts = blocks.clone().flat_map(|block| block[0][..32].to_vec()).collect();
        let nodes = levels_over(blocks.map(root_over).collect());
        Self { leaves: leaves.into_flattened(), firsts, nodes: nodes.concat().into_flattened() }
    }
}

/// HMAC with SHA-512 under one key, whose two beginnings are hashed once.
struct Drawing {
    inner: Sha512,
    outer: Sha512,
}

impl Drawing {
    fn by(secret: &Bytes32) -> Self {
        let begun = |pad: u8| {
            let mut block = [pad; HMAC_BLOCK_BYTES];
            block.iter_mut().zip(secret).for_each(|(byte, key)| *byte ^= key);
            Sha512::new().chain_update(block)
        };
        Self { inner: begun(0x36), outer: begun(0x5c) }
    }

    fn draw(&self, message: &[u8]) -> [u8; 64] {
        let inner = self.inner.clone().chain_update(message).finalize();
        self.outer.clone().chain_update(inner).finalize().into()
    }

    fn parts_of(&self, coin: &[u8; COIN_BYTES]) -> [Row; 2] {
        let id = &coin[..32];
        let value = u64::from_be_bytes(number(&coin[40..]));
        let drawn = self.draw(id);
        let split = u128::from_be_bytes(number(&drawn[SPLIT_FROM..])) % (u128::from(value) + 1);
        let first = u64::try_from(split).unwrap_or(value);
        [row(&drawn[..SALT_BYTES], id, first), row(&drawn[SALT_BYTES..SPLIT_FROM], id, value - first)]
    }

    fn padding(&self, place: u64) -> Row {
        let drawn = self.draw(&place.to_be_bytes());
        row(&drawn[..SALT_BYTES], &drawn[32..], 0)
    }
}

fn number<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut found = [0; N];
    found.copy_from_slice(&bytes[..N]);
    found
}

fn row(salt: &[u8], id: &[u8], value: u64) -> Row {
    let mut made = [0; ROW_BYTES];
    let value = value.to_be_bytes();
    made[..32].copy_from_slice(&sha256::of_parts(PART, &[salt, id, &value]));
    made[32..].copy_from_slice(&value);
    made
}

fn node_over([left, right]: &[Node; 2]) -> Node {
    let total = u128::from_be_bytes(number(&left[32..])) + u128::from_be_bytes(number(&right[32..]));
    let mut made = [0; NODE_BYTES];
    made[..32].copy_from_slice(&sha256::of_parts(NODE, &[left, right]));
    made[32..].copy_from_slice(&total.to_be_bytes());
    made
}

/// All levels from a power of two nodes up to the one at the top.
fn levels_over(lowest: Vec<Node>) -> Vec<Vec<Node>> {
    let mut levels = vec![lowest];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let above = below.as_chunks::<2>().0.iter().map(node_over).collect();
        levels.push(above);
    }
    levels
}

fn root_over(block: &[Row]) -> Node {
    let mut level: Vec<Node> = block
        .iter()
        .map(|leaf| {
            let mut node = [0; NODE_BYTES];
            node[..32].copy_from_slice(&leaf[..32]);
            node[40..].copy_from_slice(&leaf[32..]);
            node
        })
        .collect();
    while level.len() > 1 {
        level = level.as_chunks::<2>().0.iter().map(node_over).collect();
    }
    level[0]
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_LEAVES, NODE_BYTES, ROW_BYTES, SupplyTree};

    fn coins(count: u64) -> Vec<u8> {
        (0..count)
            .flat_map(|number| {
                let mut coin = vec![0; 48];
                coin[..8].copy_from_slice(&number.to_be_bytes());
                coin[35] = u8::from(number % 3 == 0);
                coin[40..].copy_from_slice(&(number + 1).to_be_bytes());
                coin
            })
            .collect()
    }

    #[test]
    fn the_root_is_worth_what_the_coins_of_the_asset_are() {
        for count in [0, 1, 9, 200, 900] {
            let tree = SupplyTree::of(&coins(count), 0, &[7; 32]);
            let root = &tree.nodes[tree.nodes.len() - NODE_BYTES..];
            let worth: u64 = (0..count).filter(|number| number % 3 != 0).map(|number| number + 1).sum();

            assert_eq!(root[40..], worth.to_be_bytes(), "{count} coins");
            assert_eq!(root[32..40], [0; 8], "{count} coins");
        }
    }

    #[test]
    fn leaves_ascend_and_each_block_is_named_by_its_first() {
        let tree = SupplyTree::of(&coins(700), 0, &[7; 32]);
        let rows = tree.leaves.as_chunks::<ROW_BYTES>().0;

        assert!(rows.is_sorted());
        assert_eq!(rows.len(), 1024);
        for (block, first) in rows.chunks(BLOCK_LEAVES).zip(tree.firsts.chunks(32)) {
            assert_eq!(block[0][..32], *first);
        }
    }
}
