//! What stands behind the question mark of a request?

use url::form_urlencoded;

use crate::service::error::Error;

/// The parameters of a request.
#[derive(Debug, Clone)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what stands behind the question mark.
    #[must_use]
    pub fn read(text: Option<&str>) -> Self {
        Self(form_urlencoded::parse(text.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// Returns a parameter; the last one where it is there more than once, and `None` where it is empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().rev().find(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Returns a parameter that is a whole number.
    ///
    /// # Errors
    ///
    /// Refuses what is none, or is out of bounds.
    pub fn number(&self, name: &str, least: u64, most: u64) -> Result<Option<u64>, Error> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        match text.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(Error::parameter(
                name,
                "int_parsing",
                &format!("it has to be a whole number from {least} to {most}"),
            )),
        }
    }
}
