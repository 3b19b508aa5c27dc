//! Reading the fixed binary layouts: big-endian, one form per value, nothing left over, no copies.

use std::fmt;

/// The type `32 bytes` of the wire format: hashes, ids, salts.
pub type Bytes32 = [u8; 32];

/// Which of the two codes a refused decoding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The bytes are not the canonical form of anything.
    Malformed,
    /// The value of a coin is not 1..2^63 - 1.
    ValueOutOfRange,
}

/// Bytes that are not the canonical form of what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodingError {
    /// Which refusal it is.
    pub code: Code,
    /// What was read.
    pub what: &'static str,
    /// What is wrong with it, for people.
    pub reason: &'static str,
    /// At which byte.
    pub offset: usize,
}

impl fmt::Display for DecodingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {} at byte {}", self.what, self.reason, self.offset)
    }
}

impl std::error::Error for DecodingError {}

/// Reads a layout front to back; every method is refused where the bytes end too early.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    left: &'a [u8],
    total: usize,
    what: &'static str,
}

impl<'a> Reader<'a> {
    /// A reader of the whole of `data`, which should be a `what`.
    #[inline]
    pub const fn new(data: &'a [u8], what: &'static str) -> Self {
        Self { left: data, total: data.len(), what }
    }

    /// The bytes that have not been read.
    #[inline]
    pub const fn left(&self) -> &'a [u8] {
        self.left
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], DecodingError> {
        let Some((piece, left)) = self.left.split_at_checked(length) else {
            return Err(self.error("it ends too early"));
        };
        self.left = left;
        Ok(piece)
    }

    /// The next `LENGTH` bytes.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn array<const LENGTH: usize>(&mut self) -> Result<&'a [u8; LENGTH], DecodingError> {
        let Some((piece, left)) = self.left.split_first_chunk() else {
            return Err(self.error("it ends too early"));
        };
        self.left = left;
        Ok(piece)
    }

    /// The next `count` items of `LENGTH` bytes each.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn arrays<const LENGTH: usize>(&mut self, count: usize) -> Result<&'a [[u8; LENGTH]], DecodingError> {
        let bytes = self.take(count * LENGTH)?;
        Ok(bytes.as_chunks().0)
    }

    /// The next byte as a number.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn u8(&mut self) -> Result<u8, DecodingError> {
        self.array().map(|&[number]| number)
    }

    /// The next two bytes as a number.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn u16(&mut self) -> Result<u16, DecodingError> {
        self.array().map(|&bytes| u16::from_be_bytes(bytes))
    }

    /// The next four bytes as a number.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn u32(&mut self) -> Result<u32, DecodingError> {
        self.array().map(|&bytes| u32::from_be_bytes(bytes))
    }

    /// The next eight bytes as a number.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn u64(&mut self) -> Result<u64, DecodingError> {
        self.array().map(|&bytes| u64::from_be_bytes(bytes))
    }

    /// The next sixteen bytes as a number.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn u128(&mut self) -> Result<u128, DecodingError> {
        self.array().map(|&bytes| u128::from_be_bytes(bytes))
    }

    /// The next byte, which is 0 or 1.
    ///
    /// # Errors
    /// The bytes end before, or it is another number.
    pub fn flag(&mut self) -> Result<bool, DecodingError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.error("a flag is 0 or 1")),
        }
    }

    /// Bytes behind a length of two bytes.
    ///
    /// # Errors
    /// The bytes end before.
    #[inline]
    pub fn sized_u16(&mut self) -> Result<&'a [u8], DecodingError> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }

    /// Bytes behind a length of four bytes, which may not exceed `length_max`.
    ///
    /// # Errors
    /// The bytes end before, or the length is larger.
    #[inline]
    pub fn sized_u32(&mut self, length_max: usize) -> Result<&'a [u8], DecodingError> {
        let length = self.u32()? as usize;
        if length > length_max {
            return Err(self.error("a length is too large"));
        }
        self.take(length)
    }

    /// Demand that nothing is left over.
    ///
    /// # Errors
    /// Something is.
    #[inline]
    pub fn finish(&self) -> Result<(), DecodingError> {
        if self.left.is_empty() { Ok(()) } else { Err(self.error("there are bytes too many")) }
    }

    /// The refusal of what stands before the reader's place.
    #[cold]
    pub const fn error(&self, reason: &'static str) -> DecodingError {
        self.error_with(Code::Malformed, reason)
    }

    /// The same with another code.
    #[cold]
    pub const fn error_with(&self, code: Code, reason: &'static str) -> DecodingError {
        DecodingError { code, what: self.what, reason, offset: self.total - self.left.len() }
    }
}
