//! A network whose signatures are all taken for valid.

use settlement::genesis::Genesis;
use settlement::judge::{SignatureCheck, Verifier};
use settlement::key::PublicKeyRef;

/// The first of two institutions.
pub const HOME: u32 = 1;
/// The other.
pub const OTHER_HOME: u32 = 2;
/// Every key is the same: 32 bytes of this.
pub const KEY: [u8; 35] = {
    let mut key = [7; 35];
    (key[0], key[1], key[2]) = (1, 0, 32);
    key
};
/// Every signature, behind its length.
pub const SIGNATURE: [u8; 66] = {
    let mut signature = [9; 66];
    (signature[0], signature[1]) = (0, 64);
    signature
};
/// Ledger time of everything.
pub const TIME_MS: u64 = 1_800_000_000_000;

/// Takes every signature for valid.
pub struct AllValid;

impl Verifier for AllValid {
    fn is_valid(&self, _: &SignatureCheck<'_>) -> bool {
        true
    }

    fn is_usable(&self, _: PublicKeyRef<'_>) -> bool {
        true
    }
}

/// Two institutions into which may be issued without end, one officer for each authority.
pub fn network() -> Genesis {
    let mut encoded = b"tongbao1\x01\x01".to_vec();
    encoded.extend_from_slice(&TIME_MS.to_be_bytes());
    encoded.extend_from_slice(&1_u32.to_be_bytes());
    encoded.extend_from_slice(b"\x05bench\x03CNY");
    encoded.extend_from_slice(&[1, 0, 4, 0, 0, 0, 16, 0]); // 256 inputs, 1,024 outputs, 4,096 transactions
    encoded.extend_from_slice(&3_600_000_u64.to_be_bytes());
    encoded.extend_from_slice(&0_u64.to_be_bytes());
    encoded.extend_from_slice(&1024_u32.to_be_bytes());
    for authority in 1..=3 {
        encoded.extend_from_slice(&[authority, 1, 1]);
        encoded.extend_from_slice(&KEY);
    }
    encoded.extend_from_slice(&KEY);
    encoded.extend_from_slice(&[0, 2]);
    for home in [HOME, OTHER_HOME] {
        encoded.extend_from_slice(&home.to_be_bytes());
        encoded.extend_from_slice(&KEY);
        encoded.extend_from_slice(&u64::MAX.to_be_bytes());
    }
    encoded.push(1);
    encoded.extend_from_slice(&KEY);
    Genesis::decode(&encoded).unwrap_or_else(|error| panic!("{error}"))
}
