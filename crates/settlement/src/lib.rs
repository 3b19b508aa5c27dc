//! Which transactions settle, and why not. Pure: no clock, disk, network or dice.
//!
//! `src/tongbao/coin` and `src/tongbao/kernel` are the specification; this crate agrees with them on every input and
//! is fast. Reading order: [`encoding`] and [`domain`] (bytes and hashes), [`coin`], [`lock`], [`transaction`],
//! [`submission`], [`batch`], [`genesis`] (layouts), [`status`], [`rules`], [`judge`] (the stage without state), [`table`]
//! and [`kernel`] (the state, and how batches change it). [`forming`], [`receipts`] and [`entries`] are what a writer of
//! batches needs besides.

pub mod acceptance;
pub mod batch;
pub mod coin;
pub mod control;
pub mod domain;
pub mod encoding;
pub mod entries;
pub mod forming;
pub mod genesis;
pub mod judge;
pub mod kernel;
pub mod key;
pub mod lock;
pub mod many;
pub mod receipts;
pub mod rules;
mod sha256;
pub mod status;
pub mod submission;
pub mod supply;
pub mod table;
pub mod transaction;
