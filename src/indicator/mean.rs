//! How do the libraries add up and average?

/// An exponential average that moves on by one value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Smoothing {
    /// TA-Lib C 0.6: `(x − e)·k + e`.
    Plain { weight: f64 },
    /// TA-Lib C 0.8: the same with one rounding less.
    Fused { weight: f64 },
    /// `pandas_ta_classic`'s MACD: `k·x + (1 − k)·e`.
    Weighted { weight: f64 },
}

impl Smoothing {
    pub(super) fn next(self, average: f64, value: f64) -> f64 {
        match self {
            // A period of 1 is the value itself, without the rounding of the difference.
            Self::Plain { weight } | Self::Fused { weight } if weight == 1.0 => value,
            Self::Plain { weight } => (value - average) * weight + average,
            Self::Fused { weight } => (value - average).mul_add(weight, average),
            Self::Weighted { weight } => weight * value + (1.0 - weight) * average,
        }
    }
}

/// Wilder's average, which moves on by one `n`th of the new value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wilder {
    /// TA-Lib C 0.6: `(e·(n − 1) + x) / n`.
    Plain { n: f64 },
    /// TA-Lib C 0.8's RSI: the same with a multiplication by `1/n` for the division.
    Shared { n: f64, share: f64 },
    /// TA-Lib C 0.8's ATR: `fma(e, a, x·b)` with `a = (n − 1)/n` and `b = 1 − a`, which is not quite `1/n`.
    Fused { keep: f64, take: f64 },
    /// pandas' `ewm(alpha=1/n, adjust=False)`, which divides by the sum of its weights.
    Pandas { keep: f64, take: f64 },
}

impl Wilder {
    pub(super) fn plain(n: usize) -> Self {
        Self::Plain { n: n as f64 }
    }

    pub(super) fn shared(n: usize) -> Self {
        let n = n as f64;
        Self::Shared { n, share: 1.0 / n }
    }

    pub(super) fn fused(n: usize) -> Self {
        let keep = (n as f64 - 1.0) / n as f64;
        Self::Fused { keep, take: 1.0 - keep }
    }

    pub(super) fn pandas(n: usize) -> Self {
        let alpha = 1.0 / n as f64;
        // pandas turns the weight into a centre of mass and back, which may move its last bit.
        let centre = (1.0 - alpha) / alpha;
        let take = 1.0 / (1.0 + centre);
        Self::Pandas { keep: 1.0 - take, take }
    }

    pub(super) fn next(self, average: f64, value: f64) -> f64 {
        match self {
            Self::Plain { n } => (average * (n - 1.0) + value) / n,
            Self::Shared { n, share } => (average * (n - 1.0) + value) * share,
            Self::Fused { keep, take } => average.mul_add(keep, value * take),
            // Equal values are not averaged, which spares them the rounding.
            Self::Pandas { .. } if average == value => average,
            Self::Pandas { keep, take } => (keep * average + take * value) / (keep + take),
        }
    }
}

/// Returns the sum of `term(0..len)` in order.
pub(super) fn sum_in_order(len: usize, term: impl Fn(usize) -> f64) -> f64 {
    (0..len).fold(0.0, |sum, index| sum + term(index))
}

/// Returns the sum of `term(0..len)` in `NumPy`'s order: halves of halves down to 128, and those in eight lanes.
pub(super) fn sum_pairwise(len: usize, term: &impl Fn(usize) -> f64) -> f64 {
    pairwise(0, len, term)
}

fn pairwise(start: usize, len: usize, term: &impl Fn(usize) -> f64) -> f64 {
    if len < 8 {
        return sum_in_order(len, |index| term(start + index));
    }
    if len <= 128 {
        let mut lane: [f64; 8] = std::array::from_fn(|index| term(start + index));
        let whole = len - len % 8;
        for base in (8..whole).step_by(8) {
            for (index, sum) in lane.iter_mut().enumerate() {
                *sum += term(start + base + index);
            }
        }
        let folded = ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
        return (whole..len).fold(folded, |sum, index| sum + term(start + index));
    }
    let half = len / 2 - len / 2 % 8;
    pairwise(start, half, term) + pairwise(start + half, len - half, term)
}

/// pandas' rolling mean: a running sum, with what each addition and each removal rounds away carried along.
#[derive(Debug)]
pub(super) struct RollingMean {
    sum: f64,
    lost_adding: f64,
    lost_removing: f64,
    negative_count: usize,
    previous: f64,
    same_count: usize,
}

impl RollingMean {
    pub(super) fn new() -> Self {
        Self { sum: 0.0, lost_adding: 0.0, lost_removing: 0.0, negative_count: 0, previous: f64::NAN, same_count: 0 }
    }

    pub(super) fn add(&mut self, value: f64) {
        let term = value - self.lost_adding;
        let total = self.sum + term;
        self.lost_adding = total - self.sum - term;
        self.sum = total;
        self.negative_count += usize::from(value.is_sign_negative());
        self.same_count = if value == self.previous { self.same_count + 1 } else { 1 };
        self.previous = value;
    }

    pub(super) fn remove(&mut self, value: f64) {
        let term = -value - self.lost_removing;
        let total = self.sum + term;
        self.lost_removing = total - self.sum - term;
        self.sum = total;
        self.negative_count -= usize::from(value.is_sign_negative());
    }

    /// Returns the mean of the `n` values held.
    pub(super) fn mean(&self, n: usize) -> f64 {
        let mean = self.sum / n as f64;
        if self.same_count >= n {
            self.previous
        } else if (self.negative_count == 0 && mean < 0.0) || (self.negative_count == n && mean > 0.0) {
            // A mean of one sign's values has that sign; what says otherwise is rounding.
            0.0
        } else {
            mean
        }
    }
}
