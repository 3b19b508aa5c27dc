//! A row of the table: 48 bytes, just as digest and snapshot list a coin.

use crate::encoding::Bytes32;

/// Bytes of a row: coin id, asset, home, value.
pub const ROW_BYTES: usize = 48;

/// A row as bytes.
pub type RowBytes = [u8; ROW_BYTES];

/// An unspent coin: its id, asset, home and value, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(align(16))]
pub struct Row(RowBytes);

impl Row {
    /// A row of zeros, which is no coin's.
    pub const EMPTY: Self = Self([0; ROW_BYTES]);

    /// The row of a coin.
    #[inline]
    pub fn new(id: &Bytes32, asset: u32, home: u32, value: u64) -> Self {
        let mut bytes = [0; ROW_BYTES];
        bytes[..32].copy_from_slice(id);
        bytes[32..36].copy_from_slice(&asset.to_be_bytes());
        bytes[36..40].copy_from_slice(&home.to_be_bytes());
        bytes[40..].copy_from_slice(&value.to_be_bytes());
        Self(bytes)
    }

    /// The row with these bytes.
    pub const fn from_bytes(bytes: RowBytes) -> Self {
        Self(bytes)
    }

    /// The bytes as digest and snapshot list them.
    #[inline]
    pub const fn as_bytes(&self) -> &RowBytes {
        &self.0
    }

    /// The coin's id.
    #[inline]
    pub fn id(&self) -> &Bytes32 {
        self.field::<0, 32>()
    }

    /// The bucket of the digest in which the coin is: its id's first two bytes.
    #[inline]
    pub fn bucket(&self) -> u16 {
        u16::from_be_bytes(*self.field::<0, 2>())
    }

    /// The coin's asset.
    pub fn asset(&self) -> u32 {
        u32::from_be_bytes(*self.field::<32, 4>())
    }

    /// The coin's home.
    pub fn home(&self) -> u32 {
        u32::from_be_bytes(*self.field::<36, 4>())
    }

    /// The coin's value in the asset's smallest unit.
    pub fn value(&self) -> u64 {
        u64::from_be_bytes(*self.field::<40, 8>())
    }

    #[inline]
    pub(super) fn last_byte(&self) -> u8 {
        self.0[ROW_BYTES - 1]
    }

    #[inline]
    fn field<const AT: usize, const LENGTH: usize>(&self) -> &[u8; LENGTH] {
        const { assert!(AT + LENGTH <= ROW_BYTES) };
        let Some(field) = self.0[AT..].first_chunk() else { unreachable!("the assertion holds") };
        field
    }
}
