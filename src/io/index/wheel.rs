//! Does a wheel run on a machine?

use std::fmt;

/// An operating system that wheels are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Linux, with glibc or musl.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
    /// Any other: only wheels without compiled parts run there.
    Other,
}

/// The machine and the interpreter that a wheel is to run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The operating system.
    pub os: Os,
    /// The processor, as Rust names it: `x86_64`, `aarch64`.
    pub arch: String,
    /// The version of glibc; `None` for musl and outside Linux.
    pub glibc: Option<(u32, u32)>,
    /// The version of `CPython`, `(3, 12)`.
    pub python: (u32, u32),
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.python;
        write!(formatter, "CPython {major}.{minor} on {}", self.machine())
    }
}

impl Platform {
    /// Returns the machine without the interpreter, `linux x86_64 with glibc 2.36`.
    #[must_use]
    pub fn machine(&self) -> String {
        let arch = &self.arch;
        match (self.os, self.glibc) {
            (Os::Linux, Some((major, minor))) => format!("linux {arch} with glibc {major}.{minor}"),
            (Os::Linux, None) => format!("linux {arch} with musl"),
            (Os::MacOs, _) => format!("macos {arch}"),
            (Os::Windows, _) => format!("windows {arch}"),
            (Os::Other, _) => format!("another system, {arch}"),
        }
    }
}

/// The three tag sets at the end of a wheel's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    /// Interpreters, `cp312`, `py3`.
    pub python: Vec<String>,
    /// Binary interfaces, `cp312`, `abi3`, `none`.
    pub abi: Vec<String>,
    /// Platforms, `manylinux_2_17_x86_64`, `any`.
    pub platform: Vec<String>,
}

impl Tags {
    /// Returns the tags of the last three parts of a wheel's name, each a set joined by dots.
    #[must_use]
    pub fn new([python, abi, platform]: [&str; 3]) -> Self {
        let set = |text: &str| text.split('.').map(str::to_owned).collect();
        Self { python: set(python), abi: set(abi), platform: set(platform) }
    }
}

/// How well a wheel fits, the best first: by interpreter, then by platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    interpreter: u32,
    platform: u32,
}

/// Why a wheel does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The wheel is for other interpreters.
    Interpreter {
        /// The interpreters and binary interfaces, `cp313-cp313`.
        made_for: String,
    },
    /// The wheel needs a newer glibc.
    Glibc {
        /// The version that the wheel needs.
        needed: (u32, u32),
        /// The version that is there.
        found: (u32, u32),
    },
    /// The wheel is for other machines.
    Machine {
        /// The platform tags.
        made_for: String,
    },
    /// The release refuses the Python version.
    RequiresPython {
        /// What the release requires, `>=3.13`.
        required: String,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interpreter { made_for } | Self::Machine { made_for } => {
                write!(formatter, "is for {made_for}")
            }
            Self::Glibc { needed: (major, minor), found: (found_major, found_minor) } => {
                write!(formatter, "needs glibc {major}.{minor}, this machine has {found_major}.{found_minor}")
            }
            Self::RequiresPython { required } => write!(formatter, "requires Python {required}"),
        }
    }
}

/// Returns how well the wheel fits the platform.
///
/// # Errors
///
/// Returns the first [`Misfit`]: the interpreter's before the machine's.
pub fn fit(platform: &Platform, tags: &Tags) -> Result<Rank, Misfit> {
    let interpreter = tags
        .python
        .iter()
        .flat_map(|python| tags.abi.iter().filter_map(|abi| interpreter_rank(platform.python, python, abi)))
        .min()
        .ok_or_else(|| Misfit::Interpreter { made_for: format!("{}-{}", tags.python.join("."), tags.abi.join(".")) })?;
    let platform = tags
        .platform
        .iter()
        .filter_map(|tag| platform_rank(platform, tag))
        .min()
        .ok_or_else(|| machine_misfit(platform, tags))?;
    Ok(Rank { interpreter, platform })
}

/// The order of `packaging.tags`: the exact interface, the stable one (newest first), none, then pure Python.
fn interpreter_rank((major, minor): (u32, u32), python: &str, abi: &str) -> Option<u32> {
    let exact = format!("cp{major}{minor}");
    if python == exact && abi == exact {
        return Some(0);
    }
    if abi == "abi3" {
        let since = python.strip_prefix(&format!("cp{major}"))?.parse().ok()?;
        return (2..=minor).contains(&since).then_some(1 + minor - since);
    }
    if abi != "none" {
        return None;
    }
    if python == exact {
        return Some(100);
    }
    match python.strip_prefix(&format!("py{major}"))? {
        "" => Some(300),
        since => {
            let since: u32 = since.parse().ok()?;
            (since <= minor).then_some(200 + minor - since)
        }
    }
}

fn platform_rank(platform: &Platform, tag: &str) -> Option<u32> {
    if tag == "any" {
        return Some(1000);
    }
    match platform.os {
        Os::Linux => linux_rank(platform, tag),
        Os::MacOs => {
            let arch = if platform.arch == "aarch64" { "arm64" } else { platform.arch.as_str() };
            // Which macOS is running is not asked: wheels name the oldest one that they support, which is old.
            let (_, built_for) = versioned(tag, "macosx_")?;
            (built_for == arch || built_for == "universal2" || (built_for == "universal" && arch == "x86_64"))
                .then_some(100)
        }
        Os::Windows => match (platform.arch.as_str(), tag) {
            ("x86_64", "win_amd64") | ("aarch64", "win_arm64") | ("x86", "win32") => Some(100),
            _ => None,
        },
        Os::Other => None,
    }
}

fn linux_rank(platform: &Platform, tag: &str) -> Option<u32> {
    if tag == format!("linux_{}", platform.arch) {
        return Some(500);
    }
    let Some((major, minor)) = platform.glibc else {
        // Which musl is running is not asked: nearly all wheels are for 1.1 or 1.2, and both still run.
        let (_, arch) = versioned(tag, "musllinux_")?;
        return (arch == platform.arch).then_some(100);
    };
    let ((needed_major, needed_minor), arch) = manylinux(tag)?;
    (arch == platform.arch && needed_major == major && needed_minor <= minor).then(|| 100 + minor - needed_minor)
}

/// Returns the glibc version and the processor of a manylinux tag, the three named ones included.
fn manylinux(tag: &str) -> Option<((u32, u32), &str)> {
    let named = [("manylinux1_", (2, 5)), ("manylinux2010_", (2, 12)), ("manylinux2014_", (2, 17))];
    named
        .into_iter()
        .find_map(|(prefix, version)| Some((version, tag.strip_prefix(prefix)?)))
        .or_else(|| versioned(tag, "manylinux_"))
}

/// Splits `PREFIX_2_17_x86_64` into `(2, 17)` and `x86_64`.
fn versioned<'a>(tag: &'a str, prefix: &str) -> Option<((u32, u32), &'a str)> {
    let mut parts = tag.strip_prefix(prefix)?.splitn(3, '_');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    Some(((major, minor), parts.next()?))
}

/// Returns why no platform tag fits: the lowest glibc that would do, where only that is missing.
fn machine_misfit(platform: &Platform, tags: &Tags) -> Misfit {
    let needed = tags
        .platform
        .iter()
        .filter_map(|tag| manylinux(tag))
        .filter(|(_, arch)| *arch == platform.arch)
        .map(|(version, _)| version)
        .min();
    match (platform.os, platform.glibc, needed) {
        (Os::Linux, Some(found), Some(needed)) => Misfit::Glibc { needed, found },
        _ => Misfit::Machine { made_for: tags.platform.join(".") },
    }
}
