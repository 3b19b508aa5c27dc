//! The table against a map of the standard library, and what attackers and time could do to it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use settlement::encoding::Bytes32;
use settlement::table::{BUCKETS, CoinTable, Row, RowBytes};

/// What the table should hold.
type Model = BTreeMap<Bytes32, Row>;

/// An id that scatters `number`, behind `prefix` where there is one.
fn id(prefix: Option<[u8; 2]>, number: u64) -> Bytes32 {
    let mut id = [0; 32];
    for (place, word) in id.chunks_exact_mut(8).enumerate() {
        let scattered =
            (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(13 * u32::try_from(place).unwrap());
        word.copy_from_slice(&(scattered ^ scattered >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9).to_be_bytes());
    }
    if let Some(prefix) = prefix {
        id[..2].copy_from_slice(&prefix);
    }
    id
}

fn row(id: &Bytes32) -> Row {
    Row::new(id, 0, 1, u64::from(id[31]) + 1)
}

fn all_rows(table: &CoinTable) -> Vec<RowBytes> {
    let mut all = Vec::new();
    let mut bucket = 0;
    while bucket < BUCKETS {
        bucket = table.collect_run(bucket, &mut all).end;
    }
    all.sort_unstable();
    all
}

fn rows_of(model: &Model) -> Vec<RowBytes> {
    model.values().map(|row| *row.as_bytes()).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Insert(Bytes32),
    Remove(Bytes32),
}

/// Few different ids, half of them in two buckets, so that steps meet each other and pages split and merge.
fn step() -> impl Strategy<Value = Step> {
    let prefix = prop_oneof![Just(None), Just(Some([0, 0])), Just(Some([0, 1])), Just(Some([255, 255]))];
    let id = (prefix, 0..600_u64).prop_map(|(prefix, number)| id(prefix, number));
    (id, any::<bool>()).prop_map(|(id, inserts)| if inserts { Step::Insert(id) } else { Step::Remove(id) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_table_holds_what_a_map_holds_after_any_steps(steps in prop::collection::vec(step(), 0..3000)) {
        let (mut table, mut model) = (CoinTable::default(), Model::new());
        for step in steps {
            match step {
                Step::Insert(id) => {
                    let is_new = !model.contains_key(&id);
                    model.entry(id).or_insert(row(&id));
                    prop_assert_eq!(table.insert(&row(&id)), is_new);
                }
                Step::Remove(id) => prop_assert_eq!(table.remove(&id), model.remove(&id).is_some()),
            }
        }
        prop_assert_eq!(table.len(), model.len() as u64);
        prop_assert_eq!(all_rows(&table), rows_of(&model));
        for number in 0..600 {
            for prefix in [None, Some([0, 0]), Some([0, 1]), Some([255, 255])] {
                let id = id(prefix, number);
                prop_assert_eq!(table.get(&id), model.get(&id));
                prop_assert_eq!(table.contains(&id), model.contains_key(&id));
            }
        }
    }
}

#[test]
fn each_bucket_has_just_the_coins_with_its_first_two_bytes() {
    let mut table = CoinTable::default();
    for number in 0..5000 {
        table.insert(&row(&id(if number % 2 == 0 { Some([7, 9]) } else { None }, number)));
    }
    let all = all_rows(&table);
    let mut rows = Vec::new();

    for bucket in 0..=u16::MAX {
        table.collect_bucket(bucket, &mut rows);

        let start = all.partition_point(|row| row[..2] < bucket.to_be_bytes()[..]);
        let expected = all[start..].iter().take_while(|row| row[..2] == bucket.to_be_bytes());
        rows.sort_unstable();
        assert!(rows.iter().eq(expected), "bucket {bucket}");
    }
}

#[test]
fn coins_whose_first_bytes_somebody_chose_take_as_much_room_as_others() {
    let (mut chosen, mut fair) = (CoinTable::default(), CoinTable::default());

    for number in 0..200_000 {
        // Three bytes are chosen, as by somebody who tries 2^24 times for each coin.
        let mut ground = id(Some([0xbe, 0xef]), number);
        ground[2] = 0;
        chosen.insert(&row(&ground));
        fair.insert(&row(&id(None, number)));
    }

    assert_eq!(chosen.len(), 200_000);
    assert!(chosen.bytes() < fair.bytes() * 5 / 4, "{} against {}", chosen.bytes(), fair.bytes());
}

#[test]
fn a_coin_never_takes_more_than_a_hundred_bytes_while_the_table_grows() {
    let mut table = CoinTable::default();

    for number in 0..1_000_000 {
        table.insert(&row(&id(None, number)));
        let is_looked_at = number >= 100_000 && number % 1000 == 0;
        assert!(!is_looked_at || table.bytes() as u64 <= 100 * table.len(), "at {number} coins");
    }
}

#[test]
fn a_table_whose_coins_come_and_go_stays_as_large_as_it_was() {
    let mut table = CoinTable::default();
    for number in 0..100_000 {
        table.insert(&row(&id(None, number)));
    }
    let mut bytes = Vec::new();

    for number in 100_000..1_500_000 {
        table.remove(&id(None, number - 100_000));
        table.insert(&row(&id(None, number)));
        if number % 100_000 == 0 {
            bytes.push(table.bytes());
        }
    }

    assert_eq!(table.len(), 100_000);
    assert!(bytes.iter().all(|&size| size <= 100 * 100_000), "{bytes:?}");
}

#[test]
fn an_emptied_table_gives_its_pages_to_the_next_coins() {
    let mut table = CoinTable::default();
    let mut bytes = Vec::new();

    for round in 0..3 {
        let numbers = (0..50_000).map(|number| number + round * 50_000);
        numbers.clone().for_each(|number| assert!(table.insert(&row(&id(Some([3, 3]), number)))));
        bytes.push(table.bytes());
        numbers.for_each(|number| assert!(table.remove(&id(Some([3, 3]), number))));
    }

    assert!(table.is_empty());
    assert!(bytes[2] < bytes[0] * 11 / 10, "{bytes:?}");
}
