//! What nobody can guess?

use std::fmt::Write as _;

use ring::rand::SecureRandom as _;
use ring::rand::SystemRandom;

/// Returns a new UUID, version 4: `3f0c7a52-8d2e-4c11-9d6b-6a1f0e2b7c44`.
#[must_use]
pub fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    SystemRandom::new().fill(&mut bytes).expect("the system has random bytes");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&index) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}
