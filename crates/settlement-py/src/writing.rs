//! What a writer of batches needs besides the kernel: batches in bytes, receipts, entries for an index.

use pyo3::exceptions::PyValueError;
use pyo3::types::{PyBytes, PyBytesMethods};
use pyo3::{Bound, Py, PyResult, Python, pyclass, pyfunction};
use settlement::domain::{Domain, HashKind};
use settlement::forming::{BatchHashes, FormedBatch};
use settlement::supply::SupplyTree;
use settlement::{entries, receipts};

use crate::failure::detached;

/// A batch with its hashes, computed once.
#[pyclass(frozen, module = "tongbao._native")]
pub struct Formed {
    /// Its encoding.
    #[pyo3(get)]
    pub data: Py<PyBytes>,
    /// By which the next batch names it.
    #[pyo3(get)]
    pub chain_head: Py<PyBytes>,
    pub hashes: BatchHashes,
}

/// The batch of these submissions; `start` is its header without the body's hash, the last field.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn form(py: Python<'_>, start: &[u8], submissions: Vec<Bound<'_, PyBytes>>, hash_kind: u8) -> PyResult<Formed> {
    let submissions: Vec<&[u8]> = submissions.iter().map(PyBytesMethods::as_bytes).collect();
    let domain = domain_of(hash_kind)?;
    let formed = detached(py, || FormedBatch::of(start, &submissions, &domain))?;
    let data = PyBytes::new_with(py, formed.encoded_len(), |room| detached(py, || formed.write(room)))?;
    let chain_head = PyBytes::new(py, formed.hashes().chain_head());
    Ok(Formed { data: data.unbind(), chain_head: chain_head.unbind(), hashes: *formed.hashes() })
}

/// The levels of the tree over the verdicts of a batch, leaves first, the hashes of each joined.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn receipt_levels<'py>(
    py: Python<'py>,
    verdicts: &[u8],
    sequence: u64,
    hash_kind: u8,
) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let domain = domain_of(hash_kind)?;
    let levels = detached(py, || receipts::levels(verdicts, sequence, &domain))?;
    Ok(levels.iter().map(|level| PyBytes::new(py, level)).collect())
}

/// The entries of a batch for an index, ascending and joined.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn entries_of<'py>(
    py: Python<'py>,
    sequence: u64,
    verdicts: &[u8],
    created: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let entries = detached(py, || entries::of_batch(sequence, verdicts, created))?;
    Ok(PyBytes::new(py, &entries))
}

/// The entries of all pieces, ascending and joined.
///
/// # Errors
/// This software failed.
#[pyfunction]
pub fn merged<'py>(py: Python<'py>, pieces: Vec<Bound<'py, PyBytes>>) -> PyResult<Bound<'py, PyBytes>> {
    let pieces: Vec<&[u8]> = pieces.iter().map(PyBytesMethods::as_bytes).collect();
    let entries = detached(py, || entries::merged(&pieces))?;
    Ok(PyBytes::new(py, &entries))
}

/// The places that the pieces, each of ascending entries, have under the key of eight bytes.
///
/// # Errors
/// The key has another length.
#[pyfunction]
pub fn places_of(key: &[u8], pieces: Vec<Bound<'_, PyBytes>>) -> PyResult<Vec<u64>> {
    let key = key.try_into().map_err(|_| PyValueError::new_err("a key has 8 bytes"))?;
    Ok(pieces.iter().flat_map(|piece| entries::places_of(key, piece.as_bytes())).collect())
}

/// Batches and receipts are hashed by the ledger's H and nothing else of its domain.
fn domain_of(hash_kind: u8) -> PyResult<Domain> {
    let hash_kind = HashKind::of(hash_kind).ok_or_else(|| PyValueError::new_err("the hash is unknown"))?;
    Ok(Domain::new([0; 32], hash_kind))
}

/// The leaves, first hashes and nodes of the Merkle-sum tree over the coins of an asset, given as rows of a snapshot.
///
/// # Errors
/// The secret has not 32 bytes, or this software failed.
#[pyfunction]
pub fn supply_tree<'py>(py: Python<'py>, rows: &[u8], asset: u32, secret: &[u8]) -> PyResult<[Bound<'py, PyBytes>; 3]> {
    let secret = secret.try_into().map_err(|_| PyValueError::new_err("a secret has 32 bytes"))?;
    let tree = detached(py, || SupplyTree::of(rows, asset, secret))?;
    Ok([&tree.leaves, &tree.firsts, &tree.nodes].map(|bytes| PyBytes::new(py, bytes)))
}
