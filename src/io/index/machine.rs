//! Which machine is this?

use std::env::consts;
use std::process::Command;

use crate::io::index::wheel::Os;
use crate::io::index::wheel::Platform;

/// Returns this machine with an interpreter of the given version, whether or not one is installed.
#[must_use]
pub fn this_machine(python: (u32, u32)) -> Platform {
    let os = match consts::OS {
        "linux" => Os::Linux,
        "macos" => Os::MacOs,
        "windows" => Os::Windows,
        _ => Os::Other,
    };
    let glibc = match os {
        Os::Linux => glibc(),
        Os::MacOs | Os::Windows | Os::Other => None,
    };
    Platform { os, arch: consts::ARCH.to_owned(), glibc, python }
}

/// Returns the version at the end of what the C library's own tools print, `glibc 2.36` or
/// `ldd (Debian GLIBC 2.36-9+deb12u4) 2.36`; `None` for other C libraries.
#[must_use]
pub fn glibc_version(answer: &str) -> Option<(u32, u32)> {
    let line = answer.lines().next()?;
    let lower = line.to_ascii_lowercase();
    if !lower.contains("glibc") && !lower.contains("gnu libc") {
        return None;
    }
    let (major, minor) = line.split_whitespace().next_back()?.split_once('.')?;
    let digits = minor.split(|letter: char| !letter.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, digits.parse().ok()?))
}

/// Asks the tools because the C library itself can only be asked through unsafe code.
fn glibc() -> Option<(u32, u32)> {
    [("getconf", "GNU_LIBC_VERSION"), ("ldd", "--version")].into_iter().find_map(|(program, argument)| {
        let output = Command::new(program).arg(argument).output().ok()?;
        glibc_version(&String::from_utf8_lossy(&output.stdout))
    })
}
