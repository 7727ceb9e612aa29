//! What operators and browsers ask for: health, counts, the API's description, and the page.

pub mod health;
pub mod openapi;
pub mod page;
