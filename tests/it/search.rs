//! The search in blocks, against one value at a time.

use hive::market::search::first;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_find_what_single_looks_find(values in prop::collection::vec(0..60u8, 0..100), limit in 0..60u8) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let limit = f64::from(limit);
        prop_assert_eq!(first(&values, |value| value == limit), values.iter().position(|&value| value == limit));
        prop_assert_eq!(first(&values, |value| value < limit), values.iter().position(|&value| value < limit));
    }
}
