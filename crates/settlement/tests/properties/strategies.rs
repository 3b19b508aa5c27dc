//! Encodings that every decoder must accept, made field by field by docs/reference/wire-format.md.

use proptest::array::uniform32;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::prelude::*;

use crate::encoder::{counted_u8, counted_u16, sized_u8, sized_u16, sized_u32};

type Bytes = BoxedStrategy<Vec<u8>>;

/// The fields one after another.
fn layout(fields: Vec<Bytes>) -> Bytes {
    fields.prop_map(|fields| fields.concat()).boxed()
}

fn just(bytes: &[u8]) -> Bytes {
    Just(bytes.to_vec()).boxed()
}

fn u8s() -> Bytes {
    any::<u8>().prop_map(|number| vec![number]).boxed()
}

fn u16s() -> Bytes {
    (1..=u16::MAX).prop_map(|number| number.to_be_bytes().to_vec()).boxed()
}

fn u32s() -> Bytes {
    (1..=u32::MAX).prop_map(|number| number.to_be_bytes().to_vec()).boxed()
}

fn u64s() -> Bytes {
    (1..=u64::MAX).prop_map(|number| number.to_be_bytes().to_vec()).boxed()
}

fn flag() -> Bytes {
    any::<bool>().prop_map(|flag| vec![u8::from(flag)]).boxed()
}

fn bytes32() -> Bytes {
    uniform32(any::<u8>()).prop_map(|bytes| bytes.to_vec()).boxed()
}

fn some(count: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=count)
}

fn key() -> Bytes {
    let content = prop_oneof![vec(any::<u8>(), 32), vec(any::<u8>(), 1..=80), vec(any::<u8>(), 2048)];
    (prop_oneof![Just(1_u8), any::<u8>()], content)
        .prop_map(|(suite, content)| [vec![suite], sized_u16(&content)].concat())
        .boxed()
}

fn signature() -> Bytes {
    prop_oneof![vec(any::<u8>(), 64), some(100), vec(any::<u8>(), 4096)].prop_map(|content| sized_u16(&content)).boxed()
}

fn coin() -> Bytes {
    let value = (1..1_u64 << 63).prop_map(|value| value.to_be_bytes().to_vec()).boxed();
    layout(vec![u32s(), value, u32s(), bytes32()])
}

fn input() -> Bytes {
    layout(vec![bytes32(), u16s(), coin()])
}

/// A lock of either kind.
pub fn lock() -> Bytes {
    let homes = btree_set(any::<u32>(), 0..=16)
        .prop_map(|homes| counted_u8(homes.into_iter().map(|home| home.to_be_bytes().to_vec())));
    let locks = btree_set(uniform32(any::<u8>()), 0..=16)
        .prop_map(|locks| counted_u8(locks.into_iter().map(|lock| lock.to_vec())));
    let timed = layout(vec![just(&[2]), key(), key(), u64s(), homes.boxed(), locks.boxed(), bytes32()]);
    prop_oneof![layout(vec![just(&[1]), key(), bytes32()]), timed].boxed()
}

/// An acceptance, each lock once per asset.
pub fn acceptance() -> Bytes {
    let locks = btree_map((uniform32(any::<u8>()), any::<u32>()), any::<u64>(), 1..=16).prop_map(|locks| {
        let encode = |((lock, asset), value): (([u8; 32], u32), u64)| {
            [&lock[..], &asset.to_be_bytes(), &value.to_be_bytes()].concat()
        };
        counted_u8(locks.into_iter().map(encode))
    });
    layout(vec![u32s(), bytes32(), u64s(), locks.boxed(), key(), signature()])
}

fn officers(authority: BoxedStrategy<u8>) -> Bytes {
    let keys = btree_set(key(), 1..=32);
    (authority, keys, any::<prop::sample::Index>())
        .prop_map(|(authority, keys, index)| {
            let threshold = u8::try_from(index.index(keys.len()) + 1).unwrap();
            [vec![authority, threshold], counted_u8(keys)].concat()
        })
        .boxed()
}

fn asset_code() -> Bytes {
    "[ -~]{1,16}".prop_map(|code| sized_u8(code.as_bytes())).boxed()
}

fn operation() -> Bytes {
    let target = || (1_u8..=2).prop_map(|target| vec![target]).boxed();
    let numbered = |number: u8, fields: Vec<Bytes>| layout([vec![just(&[number])], fields].concat());
    prop_oneof![
        numbered(1, vec![u32s(), key()]),
        numbered(2, vec![u32s(), flag()]),
        numbered(3, vec![u32s(), key()]),
        numbered(4, vec![u32s(), u32s()]),
        numbered(5, vec![u32s(), u32s(), u64s()]),
        numbered(6, vec![officers((1_u8..=3).boxed())]),
        numbered(7, vec![u32s(), flag(), asset_code()]),
        numbered(8, vec![target(), bytes32()]),
        numbered(9, vec![target(), bytes32()]),
        numbered(10, vec![bytes32()]),
        numbered(11, vec![u32s()]),
        numbered(12, vec![u64s()]),
        numbered(13, vec![key(), flag()]),
        numbered(14, vec![u32s(), key()]),
    ]
    .boxed()
}

fn body() -> Bytes {
    let authorisation =
        (any::<u8>(), some(60)).prop_map(|(number, content)| [vec![number], sized_u16(&content)].concat());
    let authorisations = vec(prop_oneof![authorisation, authorised(acceptance())], 0..4).prop_map(counted_u8).boxed();
    let lists = layout(vec![u64s(), bytes32(), counted(input(), 4), counted(coin(), 4), authorisations]);
    let kinds = prop_oneof![
        (just(&[1]), Just(vec![])),
        (just(&[2]), u64s()),
        (just(&[3]), Just(vec![])),
        (just(&[4]), layout(vec![u64s(), operation()])),
    ];
    (kinds, lists).prop_map(|((kind, detail), lists)| [vec![1], kind, lists, detail].concat()).boxed()
}

fn authorised(acceptance: Bytes) -> Bytes {
    acceptance.prop_map(|content| [vec![1], sized_u16(&content)].concat()).boxed()
}

/// Up to `max` items behind their number in two bytes.
fn counted(item: Bytes, max: usize) -> Bytes {
    vec(item, 0..=max).prop_map(counted_u16).boxed()
}

/// A transaction of any kind; its parts need not fit together.
pub fn transaction() -> Bytes {
    let witness = layout(vec![lock(), u8s(), signature()]);
    let approvals = vec(layout(vec![key(), signature()]), 0..3).prop_map(counted_u8).boxed();
    layout(vec![body().prop_map(|body| sized_u32(&body)).boxed(), counted(witness, 3), approvals])
}

/// A submission, whose transactions may be anything.
pub fn submission() -> Bytes {
    let transactions = vec(prop_oneof![transaction(), some(40)], 1..4)
        .prop_map(|each| counted_u16(each.iter().map(|transaction| sized_u32(transaction))));
    layout(vec![bytes32(), u32s(), transactions.boxed(), key(), signature()])
}

/// A batch, whose submissions may be anything.
pub fn batch() -> Bytes {
    let rest = || layout(vec![bytes32(), u64s(), bytes32(), u64s(), u32s(), u64s(), bytes32(), bytes32()]);
    let header = |kind: u8| layout(vec![just(&[1, kind]), rest()]).prop_map(|header| sized_u16(&header)).boxed();
    let submissions = vec(prop_oneof![submission(), some(40)], 1..4)
        .prop_map(|each| counted_u16(each.iter().map(|submission| sized_u32(submission))));
    prop_oneof![layout(vec![header(1), submissions.boxed()]), layout(vec![header(2), just(&[0, 0])])].boxed()
}

/// A genesis.
pub fn genesis() -> Bytes {
    let hash = (1_u8..=2).prop_map(|hash| vec![hash]).boxed();
    let name = "[ -~\u{a0}-\u{2fff}]{1,20}".prop_map(|name| sized_u8(name.as_bytes())).boxed();
    let limits = layout(vec![u16s(), u16s(), u32s(), u64s(), u64s(), u32s()]);
    let authorities = layout((1..=3).map(|authority| officers(Just(authority).boxed())).collect());
    let institutions = btree_map(1..=u32::MAX, (key(), any::<u64>()), 0..5).prop_map(|institutions| {
        let encode = |(home, (key, quota)): (u32, (Vec<u8>, u64))| {
            [&home.to_be_bytes()[..], &key, &quota.to_be_bytes()].concat()
        };
        counted_u16(institutions.into_iter().map(encode))
    });
    let receipt_keys = btree_set(key(), 1..=16).prop_map(counted_u8);
    let head = layout(vec![just(b"tongbao1"), hash, flag(), u64s(), u32s(), name, asset_code(), limits]);
    layout(vec![head, authorities, key(), institutions.boxed(), receipt_keys.boxed()])
}
