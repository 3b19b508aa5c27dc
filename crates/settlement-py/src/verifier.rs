//! The signatures that the kernel trusts.

use pyo3::types::{PyBytes, PyBytesMethods};
use pyo3::{Bound, PyResult, Python, pyfunction};
use settlement::judge::{SignatureCheck, Verifier};
use settlement::key::PublicKeyRef;
use signatures::Item;

use crate::failure::detached;

/// `crates/signatures`, as the kernel asks for it.
pub struct Signatures;

impl Verifier for Signatures {
    fn is_valid(&self, check: &SignatureCheck<'_>) -> bool {
        signatures::verify(&item(check))
    }

    fn are_all_valid(&self, checks: &[SignatureCheck<'_>]) -> bool {
        let items: Vec<Item<'_>> = checks.iter().map(item).collect();
        signatures::are_all_valid(&items)
    }

    fn is_usable(&self, key: PublicKeyRef<'_>) -> bool {
        signatures::is_usable(key.suite, key.key)
    }
}

fn item<'a>(check: &'a SignatureCheck<'_>) -> Item<'a> {
    Item { suite: check.suite, key: check.key, signature: check.signature, message: &check.digest }
}

/// Which code verifies the suite on this machine; None for a suite that this build lacks.
#[pyfunction]
pub fn backend_name(suite: u8) -> Option<&'static str> {
    signatures::backend_name(suite)
}

/// Suite, key, signature and message.
type Signed<'py> = (u8, Bound<'py, PyBytes>, Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// Whether each signature is valid, verified together.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn verify_batch(py: Python<'_>, items: Vec<Signed<'_>>) -> PyResult<Vec<bool>> {
    let items: Vec<Item<'_>> = items
        .iter()
        .map(|(suite, key, signature, message)| Item {
            suite: *suite,
            key: key.as_bytes(),
            signature: signature.as_bytes(),
            message: message.as_bytes(),
        })
        .collect();
    detached(py, || signatures::verify_batch(&items))
}
