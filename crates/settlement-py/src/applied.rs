//! What a batch did, as Python takes it.

use pyo3::types::PyBytes;
use pyo3::{Py, pyclass};

/// What a batch did, and where the kernel stands after it.
#[pyclass(frozen, get_all, module = "tongbao._native")]
pub struct Applied {
    pub sequence: u64,
    pub time_ms: u64,
    pub rules: u32,
    pub chain_head: Py<PyBytes>,
    pub verdicts: Py<PyBytes>,
    pub created: Py<PyBytes>,
    pub spent: Py<PyBytes>,
    /// Whether the central bank endorsed any of it: nobody else changes what control has set.
    pub by_central_bank: bool,
}
