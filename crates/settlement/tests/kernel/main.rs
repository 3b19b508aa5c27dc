//! The state and the table of unspent coins, held to laws and to naive models of themselves.
#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected ends")]

#[path = "../../examples/settle/bytes.rs"]
mod bytes;
mod damage;
mod laws;
#[path = "../../examples/settle/network.rs"]
mod network;
mod snapshots;
mod story;
mod table;
