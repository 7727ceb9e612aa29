//! Does a block of one of git's binary patches unpack to what it says, within bounds?
//!
//! diffy unpacks the blocks when they are applied, and trusts them: a stream that is cut off keeps it busy for ever, and
//! a few bytes may unpack to any length. So each block is checked before diffy sees it.

use std::io::Read;

use flate2::bufread::ZlibDecoder;

use super::apply::TARGET_BYTES_MAX;

/// Base 85 as git writes it.
const DIGITS: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// Tells whether a block is sound: its first line, `literal LENGTH` or `delta LENGTH`, and the lines behind it.
pub(super) fn is_sound(first: &[u8], lines: &[&[u8]]) -> bool {
    let words = std::str::from_utf8(first).ok().and_then(|first| first.split_once(' '));
    let Some((kind, Ok(length))) = words.map(|(kind, length)| (kind, length.parse::<usize>())) else {
        return false;
    };
    if length > TARGET_BYTES_MAX {
        return false;
    }
    let packed: Option<Vec<Vec<u8>>> = lines.iter().map(|line| decoded(line)).collect();
    let packed = packed.unwrap_or_default().concat();
    let mut text = Vec::new();
    let unpacked = ZlibDecoder::new(&packed[..]).take(length as u64 + 1).read_to_end(&mut text);
    // The decoder reads on until its own checksum, so that a stream that is cut off is an error.
    unpacked.is_ok() && text.len() == length && (kind != "delta" || is_bounded(&text))
}

/// Reads one line: a letter for the count of its bytes, then groups of five digits for four bytes each.
pub(super) fn decoded(line: &[u8]) -> Option<Vec<u8>> {
    let (letter, digits) = line.split_first()?;
    let count = match letter {
        b'A'..=b'Z' => usize::from(letter - b'A') + 1,
        b'a'..=b'z' => usize::from(letter - b'a') + 27,
        _ => return None,
    };
    if digits.len() != count.div_ceil(4) * 5 {
        return None;
    }
    let mut bytes = Vec::with_capacity(count + 3);
    for group in digits.chunks(5) {
        let mut value: u64 = 0;
        for digit in group {
            value = value * 85 + DIGITS.iter().position(|known| known == digit)? as u64;
        }
        bytes.extend(u32::try_from(value).ok()?.to_be_bytes());
    }
    bytes.truncate(count);
    Some(bytes)
}

/// Tells whether a delta's instructions write no more than a target may have.
fn is_bounded(delta: &[u8]) -> bool {
    let mut bytes = delta.iter().copied();
    // Two lengths stand first, seven bits to a byte.
    for _ in 0..2 {
        if !bytes.by_ref().any(|byte| byte & 0x80 == 0) {
            return false;
        }
    }
    let mut length = 0;
    while let Some(control) = bytes.next() {
        length += if control & 0x80 == 0 {
            let added = usize::from(control);
            if added > 0 {
                let _ = bytes.nth(added - 1);
            }
            added
        } else {
            let offset = (control & 0x0f).count_ones();
            for _ in 0..offset {
                let _ = bytes.next();
            }
            let mut copied = 0;
            for bit in (0..3).filter(|bit| control & (0x10 << bit) != 0) {
                copied |= usize::from(bytes.next().unwrap_or(0)) << (8 * bit);
            }
            if copied == 0 { 0x1_0000 } else { copied }
        };
        if length > TARGET_BYTES_MAX {
            return false;
        }
    }
    true
}
