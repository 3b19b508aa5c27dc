//! What goes wrong, as exceptions. A panic is one of them: it never ends the process.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::exceptions::PyRuntimeError;
use pyo3::{PyResult, Python, create_exception};

create_exception!(tongbao._native, BatchInvalidError, PyRuntimeError, "A batch that cannot follow: nothing changed.");
create_exception!(tongbao._native, SnapshotDamagedError, PyRuntimeError, "Bytes that are no whole snapshot.");
create_exception!(tongbao._native, KernelFailedError, PyRuntimeError, "A mistake in this software: it must not go on.");

/// What `work` returns; other threads of Python run meanwhile.
///
/// # Errors
/// `KernelFailedError` where it panics.
pub fn detached<T: Send>(py: Python<'_>, work: impl Send + FnOnce() -> T) -> PyResult<T> {
    // Whoever holds what `work` was changing learns from a poisoned lock that it is not to be used again.
    py.detach(|| catch_unwind(AssertUnwindSafe(work)))
        .map_err(|panic| KernelFailedError::new_err(message_of(panic.as_ref())))
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
