//! Every suite against the shared vectors, alone and in one batch of all.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod suite_vectors;

use signatures::{Item, are_all_valid, is_usable, verify, verify_batch};
use std::collections::BTreeSet;
use suite_vectors::{Case, read};

#[test]
fn every_vector_is_judged_as_it_says() {
    for case in read() {
        assert_eq!(verify(&case.item()), case.is_valid, "{}", case.name);
    }
}

#[test]
fn every_suite_has_valid_vectors_and_others() {
    let cases = read();

    let suites = |is_valid: bool| -> BTreeSet<u8> {
        cases.iter().filter(|case| case.is_valid == is_valid).map(|case| case.suite).collect()
    };

    assert!(cases.len() > 360);
    assert_eq!(suites(true), BTreeSet::from([1, 2, 3, 4]));
    assert_eq!(suites(false), BTreeSet::from([0, 1, 2, 3, 4, 5, 6, 255]));
}

#[test]
fn a_key_is_usable_where_the_vectors_say_so() {
    for case in read() {
        assert_eq!(is_usable(case.suite, &case.key), case.is_usable, "{}", case.name);
    }
}

#[test]
fn a_batch_of_all_gives_each_its_verdict() {
    let cases = read();
    let items: Vec<Item> = cases.iter().map(Case::item).collect();
    let valid: Vec<Item> = cases.iter().filter(|case| case.is_valid).map(Case::item).collect();

    assert_eq!(verify_batch(&items), cases.iter().map(|case| case.is_valid).collect::<Vec<_>>());
    assert!(are_all_valid(&valid));
    assert!(!are_all_valid(&items));
}
