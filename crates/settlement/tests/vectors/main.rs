//! Every vector that the reference reads, read by this crate.
#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected ends")]

mod applying;
mod fields;
mod judging;
mod layouts;
mod mutation;
mod reading;
mod zip215;
