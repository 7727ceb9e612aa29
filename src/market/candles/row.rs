//! The row of a candle file that nothing is odd about, which nearly all are.

/// The powers of ten that a binary float holds exactly.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// As many digits never overflow 64 bits.
const DIGITS_MAX: usize = 18;

/// A row, read.
pub(super) struct Row {
    pub(super) time: i64,
    pub(super) values: [f64; 5],
    /// How many bytes it takes, its line feed included.
    pub(super) byte_count: usize,
}

/// Reads the row that a text begins with; `None` where it is not plain: digits with at most one point between commas, values
/// that one division computes exactly, `columns` fields, a line feed. What is not plain is not wrong, only slower to read.
pub(super) fn plain(text: &[u8], columns: usize) -> Option<Row> {
    let mut numbers = [0.0; 6];
    let mut at = 0;
    for (index, number) in numbers.iter_mut().enumerate() {
        if index > 0 {
            text.get(at).filter(|&&byte| byte == b',')?;
            at += 1;
        }
        (*number, at) = number_at(text, at)?;
    }
    let [time, values @ ..] = numbers;
    #[allow(clippy::cast_possible_truncation, reason = "compared below")]
    let seconds = time as i64;
    if seconds as f64 != time || time > super::LATEST_SECOND {
        return None;
    }
    let behind = &text[at..];
    let end = match behind {
        [b'\n', ..] => 0,
        [b'\r', b'\n', ..] => 1,
        [b',', ..] => behind.iter().position(|&byte| byte == b'\n')?,
        _ => return None,
    };
    let further = behind[..end].split(|&byte| byte == b',').count() - 1;
    (numbers.len() + further == columns).then_some(Row { time: seconds, values, byte_count: at + end + 1 })
}

/// Reads the number that begins at a byte, and returns it with the place of the byte behind it.
fn number_at(text: &[u8], start: usize) -> Option<(f64, usize)> {
    let (mut mantissa, point) = digits(text, start, 0);
    let (mut end, mut places) = (point, 0);
    if text.get(point) == Some(&b'.') {
        (mantissa, end) = digits(text, point + 1, mantissa);
        places = end - point - 1;
    }
    let is_number = point > start && (end == point || places > 0) && end - start <= DIGITS_MAX;
    // Both are exact as floats, so their quotient is the float nearest to the number.
    (is_number && mantissa < 1 << 53).then(|| (mantissa as f64 / POWERS_OF_TEN[places], end))
}

/// Appends the digits from a byte on to a number; returns it with the place of the byte behind them.
fn digits(text: &[u8], start: usize, number: u64) -> (u64, usize) {
    let (mut number, mut end) = (number, start);
    while let Some(&byte) = text.get(end) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        end += 1;
    }
    (number, end)
}
