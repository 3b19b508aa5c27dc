//! `tongbao._native`: bytes in, statuses out. Conversions only; the rules are in `settlement`.

use pyo3::prelude::pymodule;

/// The native kernel of Tongbao.
#[pymodule]
mod _native {}
