//! How is Hummingbot's wheel compiled in a builder container, for the machine that an image is for?
//!
//! The sources, the packages that it is built with, and the program that builds it are put into a container of the builder
//! image, which has Python and a compiler and no network. What it does there is what it does on this machine.

use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use walkdir::WalkDir;

use crate::io::docker;
use crate::io::docker::Compile;
use crate::io::docker::Engine;
use crate::io::docker::Entry;
use crate::io::docker::Kind;
use crate::io::files;

/// Where everything stands in the container. The paths are part of what is compiled, so they are always the same.
const SOURCES: &str = "hive/sources";
const PACKAGES: &str = "hive/packages";
const PROGRAM: &str = "hive/compile.py";
const OUT: &str = "/hive/out";

/// How long a compilation may take: all of Hummingbot on one slow processor.
const TIMEOUT: Duration = Duration::from_hours(2);

/// Packages in a folder that is not Python's own say what else is to be loaded in `.pth` files: setuptools stands in for
/// `distutils` so.
const SITE: &str = "import site\nsite.addsitedir(\"/hive/packages\")\n";

/// An image that compiles, in an engine.
#[derive(Debug)]
pub struct Builder<'e> {
    engine: &'e Engine,
    image: String,
    id: String,
}

/// What is compiled.
pub(super) struct Order<'o> {
    /// The version of Python, `(3, 12)`.
    pub(super) python: (u32, u32),
    /// The folder of the sources.
    pub(super) sources: &'o Path,
    /// The folder of the packages that it is built with.
    pub(super) packages: &'o Path,
    /// The program that builds.
    pub(super) program: &'o str,
    /// What identifies all that goes in.
    pub(super) inputs: &'o str,
    /// The modules to compile; none for all.
    pub(super) modules: &'o [&'o str],
    /// `NAME=VALUE`, for the program.
    pub(super) environment: &'o [(&'o str, &'o str)],
    /// The folder that gets what it leaves.
    pub(super) out: &'o Path,
}

impl<'e> Builder<'e> {
    /// Takes an image for the builder.
    ///
    /// # Errors
    ///
    /// Returns [`docker::Error::NoImage`] when the engine does not have it.
    pub fn new(engine: &'e Engine, image: &str) -> Result<Self, docker::Error> {
        let facts = engine.image(image)?;
        let facts = facts.ok_or_else(|| docker::Error::NoImage { reference: image.to_owned() })?;
        Ok(Self { engine, image: image.to_owned(), id: facts.id })
    }

    /// Returns the image's ID, which is part of what decides a wheel.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Compiles. The image is taken by its ID: its name may be given away meanwhile.
    pub(super) fn compile(&self, order: &Order<'_>, on_line: &mut dyn FnMut(&str)) -> Result<(), docker::Error> {
        let jobs = self.engine.processor_count()?.to_string();
        let mut command = vec![format!("python{}.{}", order.python.0, order.python.1)];
        command.extend(["-s", "-X", "utf8"].map(str::to_owned));
        command.extend([format!("/{PROGRAM}"), jobs, order.inputs.to_owned(), OUT.to_owned()]);
        command.extend(order.modules.iter().map(|&module| module.to_owned()));
        let mut environment = vec![format!("PYTHONPATH=/{PACKAGES}"), "PYTHONDONTWRITEBYTECODE=1".to_owned()];
        environment.extend(order.environment.iter().map(|(name, value)| format!("{name}={value}")));
        let folder = format!("/{SOURCES}");
        let compile = Compile {
            image: &self.id,
            command,
            environment,
            folder: &folder,
            results: OUT,
            timeout: TIMEOUT,
            memory_bytes: None,
        };
        let named = |error| match error {
            docker::Error::NotCompiled { command, how, mend, tail, .. } => {
                docker::Error::NotCompiled { command, image: self.image.clone(), how, mend, tail }
            }
            docker::Error::NotStarted { command, message, .. } => {
                docker::Error::NotStarted { command, image: self.image.clone(), message }
            }
            other => other,
        };
        let files = |into: &mut dyn Write| pack(order, into);
        self.engine
            .compile(&compile, files, on_line, &mut |entry, content| keep(order.out, entry, content))
            .map_err(named)
    }
}

/// Packs what the container needs.
fn pack(order: &Order<'_>, into: &mut dyn Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(into);
    pack_folder(&mut archive, order.sources, SOURCES)?;
    pack_folder(&mut archive, order.packages, PACKAGES)?;
    for (path, text) in [(format!("{PACKAGES}/sitecustomize.py"), SITE), (PROGRAM.to_owned(), order.program)] {
        let mut header = header(tar::EntryType::Regular, text.len() as u64, 0o644);
        archive.append_data(&mut header, path, text.as_bytes())?;
    }
    archive.finish()
}

/// Packs a folder in the order of its names, with what links lead to.
fn pack_folder(archive: &mut tar::Builder<&mut dyn Write>, from: &Path, to: &str) -> io::Result<()> {
    for entry in WalkDir::new(from).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(io::Error::from)?;
        let path = Path::new(to).join(entry.path().strip_prefix(from).unwrap_or(entry.path()));
        if entry.file_type().is_dir() {
            archive.append_data(&mut header(tar::EntryType::Directory, 0, 0o755), path, io::empty())?;
        } else if entry.file_type().is_file() {
            let metadata = entry.metadata().map_err(io::Error::from)?;
            let mode = if is_executable(&metadata) { 0o755 } else { 0o644 };
            let mut header = header(tar::EntryType::Regular, metadata.len(), mode);
            archive.append_data(&mut header, path, fs::File::open(entry.path())?)?;
        }
    }
    Ok(())
}

fn header(kind: tar::EntryType, size: u64, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(0);
    header
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}

/// Keeps a file that the program has left; what is below a folder is none of it.
fn keep(out: &Path, entry: &Entry, content: &mut dyn Read) -> io::Result<bool> {
    if entry.kind == Kind::File && !entry.path.contains(['/', '\\']) && !entry.path.starts_with('.') {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        files::write_atomic(&out.join(&entry.path), &bytes).map_err(io::Error::other)?;
    }
    Ok(true)
}
