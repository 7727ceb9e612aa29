//! Where is a file that a golden names by its hash: in the project as it is, among what hive has kept, or in git's history?

use crate::io::files;
use crate::io::git::revision;
use crate::workflow::Project;
use crate::workflow::side;

/// Returns the bytes of the file that was once at a path and has this SHA-256, in lower-case hex; `None` where they are
/// nowhere to be found.
#[must_use]
pub fn by_hash(project: &Project, path: &str, sha256: &str) -> Option<Vec<u8>> {
    let is_it = |bytes: &Vec<u8>| files::sha256_hex(bytes) == sha256;
    let at = |path: &str| files::read(&project.path(path)).ok().filter(is_it);
    let kept = || at(&side::kept_place(path, sha256));
    at(path).or_else(kept).or_else(|| revision::earlier(&project.root, path, &is_it))
}
