//! Prices whose digits are computed when they are asked for.

use std::fmt;

use super::Decimal;
use super::Nearest;
use super::Operand;
use super::float;

/// A price, in quote: as it is, or a close times a factor.
///
/// Most orders of a market maker never fill, and 64 bits tell what a close has to be for it: nobody looks at the 28 digits of
/// their prices. Equality is of the numeric value.
#[derive(Debug, Clone, Copy)]
pub struct Price(Form);

#[derive(Debug, Clone, Copy)]
enum Form {
    Exact(Operand),
    Product { reference: f64, factor: Decimal },
}

impl Price {
    /// Returns the price `reference · factor`, rounded to the context; the reference must be finite.
    #[must_use]
    pub fn product(reference: f64, factor: Decimal) -> Self {
        Self(Form::Product { reference, factor })
    }

    /// Returns the price with all its digits.
    #[must_use]
    pub fn operand(self) -> Operand {
        match self.0 {
            Form::Exact(price) => price,
            Form::Product { reference, factor } => Decimal::product(reference, factor).into(),
        }
    }

    /// Returns whether the price is zero, of either sign.
    #[must_use]
    pub fn is_zero(self) -> bool {
        match self.0 {
            Form::Exact(price) => price.is_zero(),
            Form::Product { reference, factor } => reference == 0.0 || factor.is_zero(),
        }
    }

    /// Returns whether the price is greater than zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        match self.0 {
            Form::Exact(price) => price.is_positive(),
            Form::Product { reference, factor } if reference > 0.0 => factor.is_positive(),
            Form::Product { .. } => self.operand().is_positive(),
        }
    }

    /// Returns the binary float nearest to the price, with the side of the price that it is on.
    #[must_use]
    pub fn nearest(self) -> Nearest {
        let estimated = match self.0 {
            Form::Exact(_) => None,
            Form::Product { reference, factor } => float::estimated_product(reference, factor),
        };
        estimated.map_or_else(|| self.operand().nearest(), |(value, order)| Nearest { value, order })
    }

    /// Returns the binary float nearest to the price.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.nearest().value
    }
}

impl From<Operand> for Price {
    fn from(value: Operand) -> Self {
        Self(Form::Exact(value))
    }
}

impl From<Decimal> for Price {
    fn from(value: Decimal) -> Self {
        Operand::from(value).into()
    }
}

impl From<f64> for Price {
    /// Takes the exact value of a finite float.
    fn from(value: f64) -> Self {
        Operand::from(value).into()
    }
}

impl From<Price> for Operand {
    fn from(price: Price) -> Self {
        price.operand()
    }
}

impl PartialEq for Price {
    fn eq(&self, other: &Self) -> bool {
        self.operand() == other.operand()
    }
}

impl fmt::Display for Price {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.operand().fmt(formatter)
    }
}
