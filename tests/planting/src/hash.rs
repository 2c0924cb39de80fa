//! FNV-1a in 64 bits: what tells one sample from another. Nobody is meant to be kept out by it.

/// A hash that grows.
#[derive(Clone, Copy)]
pub struct Hash(u64);

impl Hash {
    /// The hash of nothing.
    pub fn new() -> Hash {
        Hash(0xcbf2_9ce4_8422_2325)
    }

    /// Adds bytes, and where they end.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&(bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// The hash, in hexadecimal digits.
    pub fn text(self) -> String {
        format!("{:016x}", self.0)
    }
}
