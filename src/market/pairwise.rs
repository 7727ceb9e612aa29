//! Sums in the order in which numpy adds, which decides their last bits.

/// Adds floats as numpy's pairwise summation does: blocks of up to 128 in eight lanes, halves added as a tree.
#[must_use]
pub fn sum(values: &[f64]) -> f64 {
    0.0 + block_sum(values)
}

fn block_sum(values: &[f64]) -> f64 {
    const BLOCK: usize = 128;
    let count = values.len();
    if count < 8 {
        return values.iter().fold(-0.0, |sum, value| sum + value);
    }
    if count <= BLOCK {
        let (lanes, rest) = values.as_chunks::<8>();
        let mut sums = lanes[0];
        for lane in &lanes[1..] {
            for (sum, value) in sums.iter_mut().zip(lane) {
                *sum += value;
            }
        }
        let tree = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        return rest.iter().fold(tree, |sum, value| sum + value);
    }
    let half = count / 2;
    let half = half - half % 8;
    block_sum(&values[..half]) + block_sum(&values[half..])
}

/// Returns the mean and the sample standard deviation (n − 1) as pandas computes them; `None` below two values.
#[must_use]
pub fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    let mean = sum(values) / values.len() as f64;
    let squares: Vec<f64> = values.iter().map(|value| (mean - value) * (mean - value)).collect();
    Some((mean, (sum(&squares) / (values.len() - 1) as f64).sqrt()))
}

/// Returns the mean and the sample standard deviation (n − 1) of the values that are numbers, as pandas computes them for a
/// column with gaps: the sums run over the whole column with zeros in the gaps. Both are NaN where they do not exist.
#[must_use]
pub fn mean_and_deviation_of_numbers(values: &[f64]) -> (f64, f64) {
    let filled: Vec<f64> = values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect();
    let count = values.iter().filter(|value| !value.is_nan()).count();
    if count == 0 {
        return (f64::NAN, f64::NAN);
    }
    let mean = sum(&filled) / count as f64;
    let square = |value: &f64| if value.is_nan() { 0.0 } else { (mean - value) * (mean - value) };
    let squares: Vec<f64> = values.iter().map(square).collect();
    let deviation = if count < 2 { f64::NAN } else { (sum(&squares) / (count - 1) as f64).sqrt() };
    (mean, deviation)
}
