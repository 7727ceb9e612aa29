//! Base images without a registry, from what stands on this machine: the same files give the same image ID.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::io::Seek as _;
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::PoisonError;

use hive::io::docker::Engine;
use hive::io::files;
use hive::io::progress::NoProgress;
use serde_json::json;
use walkdir::WalkDir;

/// The programs of the small base.
const PROGRAMS: [&str; 12] = ["sh", "cat", "sleep", "ls", "env", "head", "mkdir", "cp", "rm", "touch", "seq", "id"];

/// What of Python's own library is of no use in a container.
const LEFT_OUT: [&str; 7] = ["site-packages", "test", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3"];

/// A base with a shell and a few programs; nothing else.
pub(crate) fn shell(engine: &Engine) -> String {
    obtain(engine, "hive-test/shell:1", Root::with_shell)
}

/// A base with Python 3.12 in `/usr/local`, without packages; `None` where this machine has no such Python.
pub(crate) fn python(engine: &Engine) -> Option<String> {
    let prefix = python_prefix()?;
    Some(obtain(engine, "hive-test/python:3.12", || Root::with_python(&prefix)))
}

/// The base with Python 3.12, with g++ and Python's headers besides, for what is compiled; `None` where this machine has no
/// such Python, or no g++ that came as a package of Debian's.
pub(crate) fn builder(engine: &Engine) -> Option<String> {
    let prefix = python_prefix()?;
    let packages = packages("g++")?;
    Some(obtain(engine, "hive-test/builder:3.12", || {
        let mut root = Root::with_python(&prefix);
        root.tree(&prefix.join("include/python3.12"), "usr/local/include/python3.12", |_| true);
        root.packages(&packages);
        // Hummingbot's `setup.py` asks it for the system.
        root.program(Path::new("/bin/uname"), "bin/uname");
        root
    }))
}

/// Returns the names of an installed package of Debian's and of all that it needs; `None` where it is not installed.
fn packages(name: &str) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        let query = ["-W", "-f", "${Depends}, ${Pre-Depends}", &name];
        let output = Command::new("dpkg-query").args(query).output().ok().filter(|output| output.status.success());
        // Of alternatives, and of what another package provides, only what is installed counts.
        let Some(output) = output else { continue };
        if !found.insert(name) {
            continue;
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names = text.split([',', '|']).filter_map(|entry| entry.trim().split([' ', ':']).next());
        open.extend(names.filter(|name| !name.is_empty() && !found.contains(*name)).map(str::to_owned));
    }
    Some(found).filter(|found| found.len() > 1)
}

/// Returns the folder that Python 3.12 is installed in: what is on the PATH may be a stand-in of pyenv's that runs nothing.
pub(crate) fn python_prefix() -> Option<PathBuf> {
    let named = Command::new("python3.12").args(["-c", "import sys; print(sys.base_prefix)"]).output().ok();
    let named = named.filter(|output| output.status.success());
    if let Some(output) = named {
        return Some(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let shims = env::split_paths(&path).filter(|folder| folder.ends_with("shims"));
    let roots = shims
        .filter_map(|folder| folder.parent().map(Path::to_owned))
        .chain(env::home_dir().map(|home| home.join(".pyenv")));
    roots
        .filter_map(|root| fs::read_dir(root.join("versions")).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .find(|prefix| prefix.join("bin/python3.12").is_file())
}

/// Makes an image once a run, and loads it where the engine does not have exactly it.
pub(crate) fn obtain(engine: &Engine, name: &str, make: impl FnOnce() -> Root) -> String {
    static DONE: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    // Held while an image is made: tests that want the same wait for it.
    let mut done = DONE.lock().unwrap_or_else(PoisonError::into_inner);
    if !done.contains(name) {
        make().load(engine, name);
        done.insert(name.to_owned());
    }
    name.to_owned()
}

/// The files of an image that is to be.
#[derive(Debug, Default)]
pub(crate) struct Root {
    nodes: BTreeMap<String, Node>,
    environment: Vec<String>,
}

#[derive(Debug, Clone)]
enum Node {
    Folder(u32),
    Copy(PathBuf, u32),
    Text(String),
    Link(String),
}

impl Root {
    /// The files of the small base.
    pub(crate) fn with_shell() -> Self {
        let mut root = Self::default();
        for program in PROGRAMS {
            root.program(Path::new("/bin").join(program).as_path(), &format!("bin/{program}"));
        }
        root.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
        root.folder("tmp", 0o1777);
        root
    }

    /// The small base with Python 3.12 besides.
    pub(crate) fn with_python(prefix: &Path) -> Self {
        let mut root = Self::with_shell();
        root.program(&prefix.join("bin/python3.12"), "usr/local/bin/python3.12");
        root.link("usr/local/bin/python3", "python3.12");
        root.link("usr/local/bin/python", "python3.12");
        let library = prefix.join("lib/python3.12");
        root.tree(&library, "usr/local/lib/python3.12", |below| {
            let first = below.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
            let first = first.unwrap_or_default();
            !LEFT_OUT.contains(&first.as_str()) && !first.starts_with("config-") && !below.ends_with("__pycache__")
        });
        root.folder("usr/local/lib/python3.12/site-packages", 0o755);
        for module in fs::read_dir(library.join("lib-dynload")).expect("Python has modules in C").flatten() {
            for library in libraries(&module.path()) {
                let name = library.file_name().expect("a library has a name").to_string_lossy().into_owned();
                root.copy(&library, &format!("{}/{name}", place(&name)));
            }
        }
        root.variable("PATH=/usr/local/bin:/usr/bin:/bin");
        root.variable("LANG=C.UTF-8");
        root
    }

    /// Adds a file with a text.
    pub(crate) fn text(&mut self, path: &str, text: &str) {
        self.add(path, Node::Text(text.to_owned()));
    }

    /// Adds a folder.
    pub(crate) fn folder(&mut self, path: &str, mode: u32) {
        self.add(path, Node::Folder(mode));
    }

    /// Adds a variable to the image's environment.
    pub(crate) fn variable(&mut self, text: &str) {
        self.environment.push(text.to_owned());
    }

    /// Adds a link.
    pub(crate) fn link(&mut self, path: &str, target: &str) {
        self.add(path, Node::Link(target.to_owned()));
    }

    /// Adds a copy of a file of this machine, with what links lead to.
    pub(crate) fn copy(&mut self, from: &Path, path: &str) {
        let real = from.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        let mode = fs::metadata(&real).expect("it was there a moment ago").permissions().mode() & 0o755;
        self.add(path, Node::Copy(real, mode));
    }

    /// Adds a program, or a shared library, with all shared libraries that it needs.
    pub(crate) fn program(&mut self, from: &Path, path: &str) {
        self.copy(from, path);
        for library in libraries(from) {
            let name = library.file_name().expect("a library has a name").to_string_lossy().into_owned();
            self.copy(&library, &format!("{}/{name}", place(&name)));
        }
    }

    /// Adds a folder of this machine; `is_wanted` is asked for each path below it.
    pub(crate) fn tree(&mut self, from: &Path, path: &str, is_wanted: impl Fn(&Path) -> bool) {
        let walk = WalkDir::new(from).sort_by_file_name().into_iter();
        let walk = walk.filter_entry(|entry| is_wanted(entry.path().strip_prefix(from).expect("it is below")));
        for entry in walk {
            let entry = entry.expect("a folder of this machine can be read");
            let below = entry.path().strip_prefix(from).expect("it is below").to_str().expect("names are UTF-8");
            let path = if below.is_empty() { path.to_owned() } else { format!("{path}/{below}") };
            if entry.file_type().is_dir() {
                self.folder(&path, 0o755);
            } else if entry.path_is_symlink() {
                let target = fs::read_link(entry.path()).expect("it is a link");
                self.link(&path, target.to_str().expect("names are UTF-8"));
            } else {
                self.copy(entry.path(), &path);
            }
        }
    }

    /// Adds the files of installed packages of Debian's, without documentation and without what a compiler can do without.
    fn packages(&mut self, names: &BTreeSet<String>) {
        let output = Command::new("dpkg-query").arg("-L").args(names).output().expect("it has just run");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for path in text.lines().filter(|path| path.starts_with('/') && !path.starts_with("/usr/share")) {
            let name = path.rsplit('/').next().unwrap_or_default();
            if ["libasan", "libtsan", "liblsan", "libubsan"].iter().any(|start| name.starts_with(start))
                || name == "lto-dump"
            {
                continue;
            }
            let place = path.trim_start_matches('/');
            match fs::symlink_metadata(path) {
                // Folders come with what is in them, and `/lib` may be a link here and a folder there.
                Ok(found) if found.is_dir() => {}
                Ok(found) if found.is_symlink() && !Path::new(path).is_dir() => {
                    let target = fs::read_link(path).expect("it is a link");
                    self.link(place, target.to_str().expect("names are UTF-8"));
                }
                Ok(found) if found.is_file() => self.copy(Path::new(path), place),
                // A package may list what was never unpacked.
                _ => {}
            }
        }
    }

    fn add(&mut self, path: &str, node: Node) {
        for (end, _) in path.match_indices('/') {
            self.nodes.entry(path[..end].to_owned()).or_insert(Node::Folder(0o755));
        }
        self.nodes.insert(path.to_owned(), node);
    }

    /// Writes the files as one layer: sorted, and without the machine's times and owners.
    fn layer(&self, into: &mut dyn Write) -> io::Result<()> {
        let mut archive = tar::Builder::new(into);
        for (path, node) in &self.nodes {
            let mut header = tar::Header::new_gnu();
            header.set_mtime(0);
            match node {
                Node::Folder(mode) => {
                    header.set_entry_type(tar::EntryType::Directory);
                    header.set_mode(*mode);
                    header.set_size(0);
                    archive.append_data(&mut header, format!("{path}/"), io::empty())?;
                }
                Node::Copy(from, mode) => {
                    let file = fs::File::open(from)?;
                    header.set_mode(*mode);
                    header.set_size(file.metadata()?.len());
                    archive.append_data(&mut header, path, file)?;
                }
                Node::Text(text) => {
                    header.set_mode(0o644);
                    header.set_size(text.len() as u64);
                    archive.append_data(&mut header, path, text.as_bytes())?;
                }
                Node::Link(target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_mode(0o777);
                    header.set_size(0);
                    archive.append_link(&mut header, path, target)?;
                }
            }
        }
        archive.finish()
    }

    /// Loads the files as an image.
    fn load(&self, engine: &Engine, name: &str) {
        let mut layer = tempfile::tempfile().expect("a temporary file");
        self.layer(&mut io::BufWriter::new(&mut layer)).expect("the layer can be written");
        layer.rewind().expect("a file can be read again");
        let (diff_id, size) = digest(&mut layer);
        layer.rewind().expect("a file can be read again");
        let config = json!({
            "architecture": "amd64", "os": "linux", "created": "1970-01-01T00:00:00Z",
            "config": { "Env": self.environment, "Cmd": ["/bin/sh"] },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{diff_id}")] },
            "history": [{ "created": "1970-01-01T00:00:00Z", "created_by": "hive's tests" }],
        });
        let config = serde_json::to_vec(&config).expect("it is JSON");
        let id = format!("sha256:{}", files::sha256_hex(&config));
        if engine.image(name).expect("the engine answers").is_some_and(|facts| facts.id == id) {
            return;
        }
        let names = [format!("{}.json", files::sha256_hex(&config)), format!("{diff_id}/layer.tar")];
        let manifest = json!([{ "Config": names[0], "RepoTags": [name], "Layers": [names[1]] }]).to_string();
        let write = |into: &mut dyn Write| {
            let mut archive = tar::Builder::new(into);
            let mut append = |path: &str, size: u64, content: &mut dyn io::Read| {
                let mut header = tar::Header::new_gnu();
                header.set_mode(0o644);
                header.set_size(size);
                archive.append_data(&mut header, path, content)
            };
            append(&names[0], config.len() as u64, &mut config.as_slice())?;
            append(&names[1], size, &mut layer)?;
            append("manifest.json", manifest.len() as u64, &mut manifest.as_bytes())?;
            archive.finish()
        };
        let loaded = engine.load(write, None, &NoProgress).expect("the engine takes the base");
        assert_eq!(loaded, [name]);
    }
}

/// Returns the folder of a shared library: the loader is named by its path in every program, all else is found.
fn place(name: &str) -> &'static str {
    if name.starts_with("ld-linux") { "lib64" } else { "lib/x86_64-linux-gnu" }
}

/// Returns a file's SHA-256 and its length.
fn digest(file: &mut fs::File) -> (String, u64) {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = io::Read::read(file, &mut buffer).expect("the file can be read");
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        size += count as u64;
    }
    (digest_hex(&hash.finalize()), size)
}

pub(crate) fn digest_hex(digest: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("it is below 16");
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Returns the shared libraries that a program needs, as the loader finds them.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output().expect("`ldd` is part of the C library");
    // A static program has none, and `ldd` says so with a status.
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = text.lines().filter_map(|line| {
        let path = line.split_once("=>").map_or(line, |(_, path)| path).trim();
        path.split(' ').next().filter(|path| path.starts_with('/')).map(PathBuf::from)
    });
    paths.collect()
}
