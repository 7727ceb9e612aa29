//! Files (stand-in until merge).
use sha2::Digest as _;
/// Returns the SHA-256 of bytes in hex.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}
