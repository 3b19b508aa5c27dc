//! `tongbao._native`: bytes in, statuses out. Conversions only; the rules are in `settlement`.
//!
//! Everything that takes time runs without the interpreter lock, and a panic raises `KernelFailedError`.

#![allow(clippy::needless_pass_by_value, reason = "arguments of functions that Python calls are handed over")]

mod applied;
mod failure;
mod judging;
mod kernel;
mod verifier;
mod writing;

/// The native kernel of Tongbao; `_native.pyi` describes it.
#[pyo3::pymodule]
mod _native {
    /// Counts what this module offers: `tongbao.kernel.native` refuses one that was built for other sources.
    #[pymodule_export]
    const INTERFACE: u32 = 2;
    #[pymodule_export]
    use crate::applied::Applied;
    #[pymodule_export]
    use crate::failure::{BatchInvalidError, KernelFailedError, SnapshotDamagedError};
    #[pymodule_export]
    use crate::judging::{Judged, Judging, judge, judge_many, open_many};
    #[pymodule_export]
    use crate::kernel::{Kernel, SnapshotWriter};
    #[pymodule_export]
    use crate::verifier::{backend_name, verify_batch};
    #[pymodule_export]
    use crate::writing::{Formed, entries_of, form, merged, places_of, receipt_levels, supply_tree};
}
