//! What did the engine save of an image? It goes through a file: its layers come in an order of the engine's own.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::image::digest::Measure;
use crate::image::digest::Measured;
use crate::io::docker::Engine;
use crate::io::files;
use crate::io::progress::Progress;
use crate::workflow::Error as AnyError;
use crate::workflow::image::Error;

/// The largest file of an archive that is not a layer, in bytes.
const TEXT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// An image as an engine saved it.
#[derive(Debug)]
pub struct Saved {
    name: String,
    file: NamedTempFile,
    layers: Vec<Place>,
    /// The image's configuration.
    pub config: Value,
}

/// Where a layer stands in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: u64,
    byte_count: u64,
}

/// What an archive holds, by path.
#[derive(Debug)]
enum Held {
    File(Place),
    Link(String),
}

impl Saved {
    /// Asks the engine for an image. The file is made in `folder`, and gone when the value is.
    ///
    /// # Errors
    ///
    /// Says what the engine or the disk refused, and that the archive cannot be read.
    pub fn take(engine: &Engine, name: &str, folder: &Path, progress: &dyn Progress) -> Result<Self, AnyError> {
        let mut file = files::temporary_file(folder)?;
        engine.save(name, &mut file, progress)?;
        Self::read(name, file).map_err(|source| {
            Error::Saved {
                name: name.to_owned(),
                mend: "save it again; `docker save` shows what the engine gives",
                source,
            }
            .into()
        })
    }

    fn read(name: &str, mut file: NamedTempFile) -> io::Result<Self> {
        file.rewind()?;
        let mut held = BTreeMap::new();
        let mut archive = tar::Archive::new(BufReader::new(file.reopen()?));
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if entry.header().entry_type().is_file() {
                let place = Place { start: entry.raw_file_position(), byte_count: entry.size() };
                held.insert(path, Held::File(place));
            } else if let Some(target) = entry.link_name_bytes() {
                let target = String::from_utf8_lossy(&target).into_owned();
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                held.insert(path.clone(), Held::Link(beside(folder, &target)));
            }
        }
        let place = |path: &str| {
            let mut path = path;
            // Engines write a layer that occurs twice once, and link to it.
            for _ in 0..2 {
                match held.get(path) {
                    Some(Held::File(place)) => return Ok(*place),
                    Some(Held::Link(target)) => path = target,
                    None => break,
                }
            }
            Err(io::Error::other(format!("`{path}` is not in the archive")))
        };
        let text = |path: &str| -> io::Result<Value> {
            let place = place(path)?;
            if place.byte_count > TEXT_BYTES_MAX {
                return Err(io::Error::other(format!("`{path}` is too large")));
            }
            Ok(serde_json::from_reader(part(&file, place)?)?)
        };
        let manifest = text("manifest.json")?;
        let image = &manifest[0];
        let missing = || io::Error::other("`manifest.json` names no configuration and layers");
        let config = text(image["Config"].as_str().ok_or_else(missing)?)?;
        let paths = image["Layers"].as_array().ok_or_else(missing)?;
        let layers = paths.iter().map(|path| place(path.as_str().ok_or_else(missing)?)).collect::<io::Result<_>>()?;
        Ok(Self { name: name.to_owned(), file, layers, config })
    }

    /// Returns how many layers the image has.
    #[must_use]
    pub fn layer_count(&self) -> usize {
        self.layers.len()
    }

    /// Returns a layer's uncompressed archive, counted from the lowest.
    ///
    /// # Errors
    ///
    /// Returns an error when the file cannot be read, and for a compression that is not known.
    pub fn layer(&self, index: usize) -> io::Result<Box<dyn Read>> {
        let place = self.layers.get(index).ok_or_else(|| io::Error::other(format!("there is no layer {index}")))?;
        let mut start = [0; 4];
        let head = part(&self.file, *place)?.read(&mut start)?;
        let layer = part(&self.file, *place)?;
        match &start[..head] {
            // Engines on containerd give layers out as they were pulled.
            [0x1f, 0x8b, ..] => Ok(Box::new(flate2::read::MultiGzDecoder::new(layer))),
            [0x28, 0xb5, 0x2f, 0xfd] => {
                Err(io::Error::other("a layer is compressed with zstd, which hive does not read"))
            }
            _ => Ok(Box::new(layer)),
        }
    }

    /// Measures all layers, and checks that they are those with these diff ids.
    ///
    /// # Errors
    ///
    /// Names the first that is not.
    pub fn measure(&self, diff_ids: &[String]) -> Result<Vec<Measured>, AnyError> {
        let measured: io::Result<Vec<Measured>> = (0..self.layers.len())
            .map(|index| {
                let mut measure = Measure::new(io::sink());
                io::copy(&mut self.layer(index)?, &mut measure)?;
                Ok(measure.finish())
            })
            .collect();
        let measured = measured.map_err(|source| self.unreadable(source))?;
        let found: Vec<&String> = measured.iter().map(|layer| &layer.digest).collect();
        if found.iter().copied().ne(diff_ids) {
            let wrong = found.iter().zip(diff_ids).position(|(found, expected)| *found != expected);
            let place = wrong.unwrap_or(found.len().min(diff_ids.len())) + 1;
            return Err(self.unreadable(io::Error::other(format!("layer {place} is not what its digest says"))));
        }
        Ok(measured)
    }

    /// Returns the error for a file of this image that cannot be read.
    pub(super) fn unreadable(&self, source: io::Error) -> AnyError {
        Error::Saved {
            name: self.name.clone(),
            mend: "the engine's storage may be damaged: remove the image and get it again",
            source,
        }
        .into()
    }
}

/// Returns a part of a file, with a position of its own.
fn part(file: &NamedTempFile, place: Place) -> io::Result<io::Take<BufReader<File>>> {
    let mut part = file.reopen()?;
    part.seek(SeekFrom::Start(place.start))?;
    Ok(BufReader::new(part).take(place.byte_count))
}

/// Returns where a link in a folder leads.
fn beside(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}
