//! How a ladder is configured: a list of spreads and one of amounts.

use crate::controller::config::Error;
use crate::controller::config::Reader;
use crate::executor::ladder::Ladder;
use crate::market::Decimal;

/// Returns each amount's part of their sum; `None` where the sum is zero, which upstream cannot divide by.
#[must_use]
pub fn shares(amounts: &[Decimal]) -> Option<Vec<Decimal>> {
    let total = amounts.iter().fold(Decimal::ZERO, |sum, &amount| Decimal::sum(sum, amount));
    amounts.iter().map(|&amount| Decimal::quotient(amount, total)).collect()
}

/// Reads the ladder of a configuration: a list of spreads and one of amounts.
///
/// # Errors
///
/// Refuses an omitted list, whose default upstream does not parse, lists of two lengths, and amounts of zero in total.
pub(super) fn read(reader: Reader<'_>, spreads: &'static str, amounts: &'static str) -> Result<Ladder, Error> {
    let list = |key: &'static str| -> Result<Vec<Decimal>, Error> {
        let mend = "write the list out: upstream does not parse its default";
        reader.decimals(key)?.ok_or(Error::Omitted { key, mend })
    };
    let (spread_list, amount_list) = (list(spreads)?, list(amounts)?);
    if spread_list.len() != amount_list.len() {
        let (found, expected) = (amount_list.len(), spread_list.len());
        return Err(Error::Length { key: amounts, found, other: spreads, expected });
    }
    let shares = shares(&amount_list).ok_or_else(|| Error::Value {
        key: amounts,
        found: "zero in total".to_owned(),
        expected: "a sum other than zero",
    })?;
    Ok(Ladder::new(&spread_list, &shares, Decimal::ONE))
}
