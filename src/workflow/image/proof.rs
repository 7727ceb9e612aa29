//! Proof in the product: are the files in the image those that hive put there?

use serde::Serialize;

use crate::io::docker::Engine;
use crate::io::files;
use crate::recipe::lock::fact;
use crate::workflow::Error as AnyError;
use crate::workflow::image::Error;
use crate::workflow::image::error::Hashes;
use crate::workflow::image::planned::Planned;

/// What was proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// How many files were read back from the image and are what they should be.
    pub file_count: usize,
}

/// Reads the files that the recipe changes back from the image.
///
/// # Errors
///
/// Names the first that is not what it should be.
pub fn prove(engine: &Engine, image: &str, planned: &Planned) -> Result<Proven, AnyError> {
    let opened = engine.look_into(image)?;
    for (path, expected) in &planned.files {
        let found = opened.read(path)?.map(|bytes| files::sha256_hex(&bytes));
        if found != *expected {
            let written =
                |sha256: Option<&String>| sha256.map_or_else(|| "nothing".to_owned(), |hex| fact::sha256(hex));
            let hashes = Hashes { expected: written(expected.as_ref()), found: written(found.as_ref()) };
            let name = planned.name.short();
            return Err(Error::NotInProduct { name, path: path.clone(), hashes }.into());
        }
    }
    Ok(Proven { file_count: planned.files.len() })
}
