//! Where a column of figures first passes a test.

/// How many figures are looked at together.
const BLOCK: usize = 16;

/// Returns the place of the first value that passes a test.
///
/// Values are looked at in blocks, without a branch for each, so a processor can compare several at once; the test should not
/// branch either.
#[must_use]
pub fn first(values: &[f64], test: impl Fn(f64) -> bool) -> Option<usize> {
    let (blocks, _) = values.as_chunks::<BLOCK>();
    let has_any = |block: &[f64; BLOCK]| block.iter().fold(false, |any, &value| any | test(value));
    let skipped = blocks.iter().take_while(|block| !has_any(block)).count() * BLOCK;
    values[skipped..].iter().position(|&value| test(value)).map(|place| skipped + place)
}
