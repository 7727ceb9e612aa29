//! What does git say about a file beside its text?

use super::name::Name;

/// The lines between `diff --git` and `---`.
#[derive(Debug, Default)]
pub(in crate::patch) struct GitHeader {
    /// The names of the `diff --git` line, where they can be told apart.
    pub(in crate::patch) names: Option<(String, String)>,
    /// Whether the file is new.
    pub(in crate::patch) is_new: bool,
    /// Whether the file goes away.
    pub(in crate::patch) is_deleted: bool,
    /// Where the file moves from and to, without a folder to strip.
    pub(in crate::patch) rename: (Option<String>, Option<String>),
    /// Where the file is copied from and to, without a folder to strip.
    pub(in crate::patch) copy: (Option<String>, Option<String>),
    /// The mode that the file gets, where it changes or the file is new.
    pub(in crate::patch) mode: Option<u32>,
    old_mode: Option<u32>,
}

/// The bits of a mode that tell a regular file from a link or a submodule.
const KIND: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

impl GitHeader {
    pub(super) fn new(line: &[u8]) -> Self {
        Self { names: Name::of_git(&line[b"diff --git ".len()..]), ..Self::default() }
    }

    /// Takes one line in; tells whether it belongs to the header.
    pub(super) fn take(&mut self, line: &[u8]) -> bool {
        let rest = |prefix: &str| line.strip_prefix(prefix.as_bytes());
        if let Some(mode) = rest("old mode ").or(rest("deleted file mode ")) {
            self.old_mode = octal(mode);
            self.is_deleted |= line.starts_with(b"deleted");
        } else if let Some(mode) = rest("new mode ").or(rest("new file mode ")) {
            self.mode = octal(mode);
            self.is_new |= line.starts_with(b"new file");
        } else if let Some(name) = rest("rename from ").or(rest("rename old ")) {
            self.rename.0 = Name::of_line(name);
        } else if let Some(name) = rest("rename to ").or(rest("rename new ")) {
            self.rename.1 = Name::of_line(name);
        } else if let Some(name) = rest("copy from ") {
            self.copy.0 = Name::of_line(name);
        } else if let Some(name) = rest("copy to ") {
            self.copy.1 = Name::of_line(name);
        } else if let Some(index) = rest("index ") {
            self.old_mode = index.rsplit(|byte| *byte == b' ').next().and_then(octal).or(self.old_mode);
        } else {
            return rest("similarity index ").or(rest("dissimilarity index ")).is_some();
        }
        true
    }

    /// Tells whether the header is a change by itself, without hunks.
    pub(in crate::patch) fn changes_more_than_text(&self) -> bool {
        self.is_new || self.is_deleted || self.mode.is_some() || self.rename.1.is_some() || self.copy.1.is_some()
    }

    /// Tells whether the header names the file that it is about.
    pub(super) fn names_file(&self) -> bool {
        let is_whole = |names: &(Option<String>, Option<String>)| names.0.is_some() && names.1.is_some();
        self.names.is_some() || is_whole(&self.rename) || is_whole(&self.copy)
    }

    /// Tells whether the file gets another name, or a copy.
    pub(super) fn moves(&self) -> bool {
        self.rename.1.is_some() || self.copy.1.is_some()
    }

    /// Tells whether the file is a symbolic link or a submodule, through which a patch could write elsewhere.
    pub(super) fn has_special_mode(&self) -> bool {
        [self.mode, self.old_mode].into_iter().flatten().any(|mode| mode & KIND != REGULAR)
    }
}

fn octal(digits: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok()?;
    if text.len() == 6 { u32::from_str_radix(text, 8).ok() } else { None }
}
