//! What stands beside a quilt `series` file?

use std::path::Path;

use walkdir::WalkDir;

/// Returns the files in the folder of a `series` file and below it, relative to that folder, sorted, the file itself left
/// out.
pub(super) fn files(series: &Path) -> Vec<String> {
    let folder = series.parent().unwrap_or(Path::new(""));
    let entries = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file() && entry.path() != series);
    files
        .filter_map(|entry| {
            let below = entry.path().strip_prefix(folder).ok()?;
            let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
            Some(parts?.join("/"))
        })
        .collect()
}
